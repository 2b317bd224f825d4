/* The opcodes of the agent's bytecode: what each does, and the table. Pure. */
#include "agent_machine.h"

#include "agent_print.h"
#include "probe/bytes.h"

/* ---- arithmetic: on 64 bits, as gdb has it ---- */

static uint64_t add(uint64_t a, uint64_t b)
{
	return a + b;
}

static uint64_t subtract(uint64_t a, uint64_t b)
{
	return a - b;
}

static uint64_t multiply(uint64_t a, uint64_t b)
{
	return a * b;
}

/* The smallest number divided by -1 has no result that C allows: as a negation it has. */
static uint64_t divide_signed(uint64_t a, uint64_t b)
{
	return b == UINT64_MAX ? 0 - a : (uint64_t)((int64_t)a / (int64_t)b);
}

static uint64_t divide_unsigned(uint64_t a, uint64_t b)
{
	return a / b;
}

static uint64_t remain_signed(uint64_t a, uint64_t b)
{
	return b == UINT64_MAX ? 0 : (uint64_t)((int64_t)a % (int64_t)b);
}

static uint64_t remain_unsigned(uint64_t a, uint64_t b)
{
	return a % b;
}

/* A shift by more than there are bits leaves none of them. */
static uint64_t shift_left(uint64_t a, uint64_t b)
{
	return b < 64 ? a << b : 0;
}

static uint64_t shift_right_unsigned(uint64_t a, uint64_t b)
{
	return b < 64 ? a >> b : 0;
}

static uint64_t shift_right_signed(uint64_t a, uint64_t b)
{
	uint64_t sign = a >> 63 ? UINT64_MAX : 0;

	return b < 64 ? (a ^ sign) >> b ^ sign : sign;
}

static uint64_t bit_and(uint64_t a, uint64_t b)
{
	return a & b;
}

static uint64_t bit_or(uint64_t a, uint64_t b)
{
	return a | b;
}

static uint64_t bit_xor(uint64_t a, uint64_t b)
{
	return a ^ b;
}

static uint64_t equal(uint64_t a, uint64_t b)
{
	return a == b;
}

static uint64_t less_signed(uint64_t a, uint64_t b)
{
	return (int64_t)a < (int64_t)b;
}

static uint64_t less_unsigned(uint64_t a, uint64_t b)
{
	return a < b;
}

static uint64_t logical_not(uint64_t a, uint64_t operand)
{
	(void)operand;
	return !a;
}

static uint64_t bit_not(uint64_t a, uint64_t operand)
{
	(void)operand;
	return ~a;
}

static uint64_t zero_extend(uint64_t a, uint64_t bits)
{
	return bits < 64 ? a & ((UINT64_C(1) << bits) - 1) : a;
}

static uint64_t sign_extend(uint64_t a, uint64_t bits)
{
	if (bits == 0 || bits >= 64)
		return a;
	uint64_t sign = UINT64_C(1) << (bits - 1);
	return (zero_extend(a, bits) ^ sign) - sign;
}

/* ---- the stack ---- */

static void push(struct machine *machine, uint64_t value)
{
	machine->stack[machine->depth++] = value;
}

static uint64_t pop(struct machine *machine)
{
	return machine->stack[--machine->depth];
}

static enum agent_fault constant(struct machine *machine, uint64_t operand)
{
	push(machine, operand);
	return AGENT_GOOD;
}

static enum agent_fault duplicate(struct machine *machine, uint64_t operand)
{
	(void)operand;
	push(machine, machine->stack[machine->depth - 1]);
	return AGENT_GOOD;
}

static enum agent_fault discard(struct machine *machine, uint64_t operand)
{
	(void)operand;
	(void)pop(machine);
	return AGENT_GOOD;
}

static enum agent_fault swap(struct machine *machine, uint64_t operand)
{
	uint64_t b = pop(machine), a = pop(machine);

	(void)operand;
	push(machine, b);
	push(machine, a);
	return AGENT_GOOD;
}

/* a b c => c a b */
static enum agent_fault rotate(struct machine *machine, uint64_t operand)
{
	uint64_t c = pop(machine), b = pop(machine), a = pop(machine);

	(void)operand;
	push(machine, c);
	push(machine, a);
	push(machine, b);
	return AGENT_GOOD;
}

/* 0 is the top. */
static enum agent_fault pick(struct machine *machine, uint64_t operand)
{
	if (operand >= machine->depth)
		return AGENT_UNDERFLOW;
	push(machine, machine->stack[machine->depth - 1 - operand]);
	return AGENT_GOOD;
}

/* ---- the target ---- */

static enum agent_fault read_register(struct machine *machine, uint64_t operand)
{
	const struct agent *agent = machine->agent;
	uint64_t value;

	if (agent->read_register(agent->context, (unsigned)operand, &value))
		return AGENT_REGISTER;
	push(machine, value);
	return AGENT_GOOD;
}

static enum agent_fault read_memory(struct machine *machine, size_t size)
{
	const struct agent *agent = machine->agent;
	uint8_t bytes[8] = {0};

	if (machine->reads++ == AGENT_READS_MAX || agent->is_late(agent->context))
		return AGENT_ENDLESS;
	if (agent->read_memory(agent->context, (uint32_t)pop(machine), bytes, size))
		return AGENT_MEMORY;
	push(machine, get_le32(bytes) | (uint64_t)get_le32(bytes + 4) << 32);
	return AGENT_GOOD;
}

static enum agent_fault read_byte(struct machine *machine, uint64_t operand)
{
	(void)operand;
	return read_memory(machine, 1);
}

static enum agent_fault read_halfword(struct machine *machine, uint64_t operand)
{
	(void)operand;
	return read_memory(machine, 2);
}

static enum agent_fault read_word(struct machine *machine, uint64_t operand)
{
	(void)operand;
	return read_memory(machine, 4);
}

static enum agent_fault read_doubleword(struct machine *machine, uint64_t operand)
{
	(void)operand;
	return read_memory(machine, 8);
}

/* ---- control ---- */

static enum agent_fault jump(struct machine *machine, uint64_t operand)
{
	machine->pc = operand;
	return AGENT_GOOD;
}

static enum agent_fault jump_if(struct machine *machine, uint64_t operand)
{
	if (pop(machine))
		machine->pc = operand;
	return AGENT_GOOD;
}

static enum agent_fault end(struct machine *machine, uint64_t operand)
{
	(void)operand;
	machine->ended = true;
	return AGENT_GOOD;
}

/* The operand is the number of arguments; the format follows it. On the stack, from its top: a
 * function and a channel, which mean nothing here, and the arguments, the first one uppermost. */
static enum agent_fault print(struct machine *machine, uint64_t operand)
{
	const uint8_t *format = machine->code + machine->pc;
	uint64_t arguments[AGENT_STACK_MAX];

	machine->pc += 2 + (size_t)get_be16(format);
	if (machine->depth < 2 + operand)
		return AGENT_UNDERFLOW;
	if (machine->prints++ == AGENT_PRINTS_MAX)
		return AGENT_ENDLESS;
	machine->depth -= 2;
	for (size_t i = 0; i < operand; i++)
		arguments[i] = pop(machine);
	return agent_print(machine->agent, (const char *)format + 2, arguments);
}

/* ---- the table ---- */

#define UNARY(name, operand, function)                   \
	{                                                \
		name, operand, 1, 1, .unary = (function) \
	}
#define BINARY(name, function)                      \
	{                                           \
		name, 0, 2, 1, .binary = (function) \
	}
#define DIVISION(name, function)                      \
	{                                             \
		name, 0, 2, 1, .division = (function) \
	}
#define REFUSED(text, bytes)                       \
	{                                          \
		.name = (text), .operand = (bytes) \
	}

static const struct opcode opcodes[] = {
	[0x01] = REFUSED("float", 0),
	[0x02] = BINARY("add", add),
	[0x03] = BINARY("sub", subtract),
	[0x04] = BINARY("mul", multiply),
	[0x05] = DIVISION("div_signed", divide_signed),
	[0x06] = DIVISION("div_unsigned", divide_unsigned),
	[0x07] = DIVISION("rem_signed", remain_signed),
	[0x08] = DIVISION("rem_unsigned", remain_unsigned),
	[0x09] = BINARY("lsh", shift_left),
	[0x0a] = BINARY("rsh_signed", shift_right_signed),
	[0x0b] = BINARY("rsh_unsigned", shift_right_unsigned),
	[0x0c] = REFUSED("trace", 0),
	[0x0d] = REFUSED("trace_quick", 1),
	[0x0e] = UNARY("log_not", 0, logical_not),
	[0x0f] = BINARY("bit_and", bit_and),
	[0x10] = BINARY("bit_or", bit_or),
	[0x11] = BINARY("bit_xor", bit_xor),
	[0x12] = UNARY("bit_not", 0, bit_not),
	[0x13] = BINARY("equal", equal),
	[0x14] = BINARY("less_signed", less_signed),
	[0x15] = BINARY("less_unsigned", less_unsigned),
	[0x16] = UNARY("ext", 1, sign_extend),
	[0x17] = {"ref8", 0, 1, 1, .operation = read_byte},
	[0x18] = {"ref16", 0, 1, 1, .operation = read_halfword},
	[0x19] = {"ref32", 0, 1, 1, .operation = read_word},
	[0x1a] = {"ref64", 0, 1, 1, .operation = read_doubleword},
	[0x1b] = REFUSED("ref_float", 0),
	[0x1c] = REFUSED("ref_double", 0),
	[0x1d] = REFUSED("ref_long_double", 0),
	[0x1e] = REFUSED("l_to_d", 0),
	[0x1f] = REFUSED("d_to_l", 0),
	[AGENT_IF_GOTO] = {"if_goto", 2, 1, 0, .operation = jump_if},
	[AGENT_GOTO] = {"goto", 2, 0, 0, .operation = jump},
	[0x22] = {"const8", 1, 0, 1, .operation = constant},
	[0x23] = {"const16", 2, 0, 1, .operation = constant},
	[0x24] = {"const32", 4, 0, 1, .operation = constant},
	[0x25] = {"const64", 8, 0, 1, .operation = constant},
	[0x26] = {"reg", 2, 0, 1, .operation = read_register},
	[AGENT_END] = {"end", 0, 0, 0, .operation = end},
	[0x28] = {"dup", 0, 1, 2, .operation = duplicate},
	[0x29] = {"pop", 0, 1, 0, .operation = discard},
	[0x2a] = UNARY("zero_ext", 1, zero_extend),
	[0x2b] = {"swap", 0, 2, 2, .operation = swap},
	[0x2c] = REFUSED("getv", 2),
	[0x2d] = REFUSED("setv", 2),
	[0x2e] = REFUSED("tracev", 2),
	[0x2f] = REFUSED("tracenz", 0),
	[0x30] = REFUSED("trace16", 2),
	[0x32] = {"pick", 1, 0, 1, .operation = pick},
	[0x33] = {"rot", 0, 3, 3, .operation = rotate},
	[AGENT_PRINTF] = {"printf", 1, 2, 0, .operation = print},
};

const struct opcode *agent_opcode(uint8_t number)
{
	size_t count = sizeof(opcodes) / sizeof(opcodes[0]);
	return number < count && opcodes[number].name ? &opcodes[number] : NULL;
}
