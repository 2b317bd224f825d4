/* The agent's bytecode: the check and the machine. Pure. */
#include "agent.h"

#include <string.h>

#include "agent_machine.h"
#include "agent_print.h"
#include "probe/bytes.h"

/* Most significant byte first, whatever the target's order. */
static uint64_t read_operand(const uint8_t *at, unsigned size)
{
	uint64_t value = 0;

	while (size-- > 0)
		value = value << 8 | *at++;
	return value;
}

/* ---- the check ---- */

static bool is_refused(const struct opcode *opcode)
{
	return !opcode->unary && !opcode->binary && !opcode->division && !opcode->operation;
}

/* The format that follows a printf's operand: two bytes of length, then so many, the last a 0. */
static enum agent_fault check_format(const uint8_t *at, size_t left, unsigned arguments)
{
	if (left < 2 || left - 2 < get_be16(at))
		return AGENT_TRUNCATED;
	size_t size = get_be16(at);
	const char *format = (const char *)at + 2;
	if (!size || memchr(format, '\0', size) != format + size - 1)
		return AGENT_FORMAT;
	bool fits = arguments <= AGENT_STACK_MAX && agent_print_count(format) == (int)arguments;
	return fits ? AGENT_GOOD : AGENT_FORMAT;
}

/* The bytecode at *at; moves *at to the next one. */
static enum agent_fault check_one(const uint8_t *code, size_t size, size_t *at)
{
	const struct opcode *opcode = agent_opcode(code[*at]);

	if (!opcode)
		return AGENT_UNKNOWN;
	if (is_refused(opcode))
		return AGENT_REFUSED;
	if (size - *at - 1 < opcode->operand)
		return AGENT_TRUNCATED;
	bool is_printf = code[*at] == AGENT_PRINTF;
	unsigned arguments = is_printf ? code[*at + 1] : 0;
	*at += 1 + opcode->operand;
	if (!is_printf)
		return AGENT_GOOD;
	enum agent_fault fault = check_format(code + *at, size - *at, arguments);
	if (!fault)
		*at += 2 + (size_t)get_be16(code + *at);
	return fault;
}

enum agent_fault agent_check(const uint8_t *code, size_t size)
{
	bool begins[AGENT_CODE_MAX] = {false};
	uint8_t last = 0;

	if (!size || size > AGENT_CODE_MAX)
		return AGENT_EMPTY;
	for (size_t at = 0; at < size;) {
		begins[at] = true;
		last = code[at];
		enum agent_fault fault = check_one(code, size, &at);
		if (fault)
			return fault;
	}
	for (size_t at = 0; at < size; at++) {
		if (!begins[at] || (code[at] != AGENT_GOTO && code[at] != AGENT_IF_GOTO))
			continue;
		size_t to = get_be16(code + at + 1);
		if (to >= size || !begins[to])
			return AGENT_JUMP;
	}
	/* Behind any other there would have to be one more. */
	return last == AGENT_END || last == AGENT_GOTO ? AGENT_GOOD : AGENT_TRUNCATED;
}

/* ---- the machine ---- */

static enum agent_fault compute(
	struct machine *machine, const struct opcode *opcode, uint64_t operand)
{
	uint64_t *stack = machine->stack;

	if (opcode->unary) {
		uint64_t *top = &stack[machine->depth - 1];
		*top = opcode->unary(*top, operand);
		return AGENT_GOOD;
	}
	uint64_t b = stack[--machine->depth];
	uint64_t *top = &stack[machine->depth - 1];
	if (opcode->division && !b)
		return AGENT_DIVISION;
	*top = opcode->division ? opcode->division(*top, b) : opcode->binary(*top, b);
	return AGENT_GOOD;
}

static enum agent_fault step(struct machine *machine)
{
	const struct opcode *opcode = agent_opcode(machine->code[machine->pc]);
	uint64_t operand = read_operand(machine->code + machine->pc + 1, opcode->operand);

	if (machine->depth < opcode->pops)
		return AGENT_UNDERFLOW;
	if (machine->depth - opcode->pops + opcode->pushes > AGENT_STACK_MAX)
		return AGENT_OVERFLOW;
	machine->pc += 1 + opcode->operand;
	if (opcode->operation)
		return opcode->operation(machine, operand);
	return compute(machine, opcode, operand);
}

enum agent_fault agent_run(
	const struct agent *agent, const uint8_t *code, size_t size, int64_t *value)
{
	struct machine machine = {.agent = agent, .code = code};

	enum agent_fault fault = agent_check(code, size);
	for (unsigned steps = 0; !fault && !machine.ended; steps++)
		fault = steps == AGENT_STEPS_MAX ? AGENT_ENDLESS : step(&machine);
	*value = !fault && machine.depth ? (int64_t)machine.stack[machine.depth - 1] : 0;
	return fault;
}

const char *agent_fault_text(enum agent_fault fault)
{
	static const char *const texts[AGENT_FAULTS] = {
		[AGENT_GOOD] = "nothing is wrong with it",
		[AGENT_EMPTY] = "it is empty or too long",
		[AGENT_TRUNCATED] = "it is cut off",
		[AGENT_UNKNOWN] = "it holds an unknown bytecode",
		[AGENT_REFUSED] = "it holds a bytecode for tracing or floating point",
		[AGENT_JUMP] = "it jumps out of itself",
		[AGENT_FORMAT] = "its printf format is not understood",
		[AGENT_OVERFLOW] = "its stack overflows",
		[AGENT_UNDERFLOW] = "its stack underflows",
		[AGENT_DIVISION] = "it divides by zero",
		[AGENT_REGISTER] = "it needs a register that cannot be read",
		[AGENT_MEMORY] = "it needs memory that cannot be read",
		[AGENT_ENDLESS] = "it comes to no end",
	};

	return fault < AGENT_FAULTS ? texts[fault] : "";
}
