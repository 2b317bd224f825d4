/*
 * The agent's bytecode: each opcode, the expressions that gdb 13 makes of C, and what is wrong with
 * the rest. Numbers are those of the manual's appendix F.
 */
#include "server/gdb/agent.h"

#include <stdlib.h>
#include <string.h>

#include "tests/prelude.h"

/* A target of 256 bytes at `base`, whose byte at n is n, and 16 registers of 0x100 + n. */
struct world {
	uint32_t base;
	unsigned reads, late_after; /* of 0: never */
	char printed[4096];
	size_t printed_size;
};

static enum err world_register(void *context, unsigned number, uint64_t *value)
{
	(void)context;
	*value = 0x100 + number;
	return number < 16 ? ERR_OK : ERR_ARGUMENT;
}

static enum err world_memory(void *context, uint32_t address, void *data, size_t size)
{
	struct world *world = context;
	uint32_t offset = address - world->base;

	world->reads++;
	if (address < world->base || offset + size > 256)
		return ERR_TARGET_FAULT;
	for (size_t i = 0; i < size; i++)
		((uint8_t *)data)[i] = (uint8_t)(offset + i);
	return ERR_OK;
}

static void world_print(void *context, const char *text, size_t size)
{
	struct world *world = context;

	assert_true(world->printed_size + size < sizeof(world->printed));
	memcpy(world->printed + world->printed_size, text, size);
	world->printed_size += size;
}

static bool world_is_late(void *context)
{
	const struct world *world = context;
	return world->late_after && world->reads >= world->late_after;
}

static struct world world;

static enum agent_fault run(const uint8_t *code, size_t size, int64_t *value)
{
	const struct agent agent = {
		&world, world_register, world_memory, world_print, world_is_late};

	world = (struct world){.base = 0x20000000, .late_after = world.late_after};
	/* a copy of exactly its size: reading beyond it is seen by the address sanitizer */
	uint8_t *copy = malloc(size ? size : 1);
	assert_non_null(copy);
	memcpy(copy, code, size);
	enum agent_fault fault = agent_run(&agent, copy, size, value);
	free(copy);
	return fault;
}

#define BYTES(...) (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})

static void must_give(int64_t expected, const uint8_t *code, size_t size)
{
	int64_t value;

	assert_int_equal(agent_check(code, size), AGENT_GOOD);
	enum agent_fault fault = run(code, size, &value);
	if (fault)
		fail_msg("bytecode 0x%02x: %s", code[0], agent_fault_text(fault));
	assert_true(value == expected);
}

static void must_fail(enum agent_fault expected, const uint8_t *code, size_t size)
{
	int64_t value = -1;

	assert_string_equal(agent_fault_text(run(code, size, &value)), agent_fault_text(expected));
	assert_int_equal(value, 0);
}

/* Such a fault is seen before anything runs. */
static void must_be_refused(enum agent_fault expected, const uint8_t *code, size_t size)
{
	assert_int_equal(agent_check(code, size), expected);
	must_fail(expected, code, size);
}

#define VALUE(expected, ...)   must_give(expected, BYTES(__VA_ARGS__))
#define FAULT(expected, ...)   must_fail(expected, BYTES(__VA_ARGS__))
#define REFUSED(expected, ...) must_be_refused(expected, BYTES(__VA_ARGS__))

/* const64 a, const64 b, opcode, end */
static void must_compute(uint8_t opcode, int64_t a, int64_t b, int64_t expected)
{
	uint8_t code[20] = {0x25};

	for (int i = 0; i < 8; i++) {
		code[1 + i] = (uint8_t)((uint64_t)a >> (56 - 8 * i));
		code[10 + i] = (uint8_t)((uint64_t)b >> (56 - 8 * i));
	}
	code[9] = 0x25;
	code[18] = opcode;
	code[19] = 0x27;
	must_give(expected, code, sizeof(code));
}

static void arithmetic(void **state)
{
	(void)state;
	must_compute(0x02, 5, -7, -2);
	must_compute(0x03, 5, 7, -2);
	must_compute(0x04, -5, 7, -35);
	must_compute(0x05, -7, 2, -3);
	must_compute(0x06, -1, 2, INT64_MAX);
	must_compute(0x07, -7, 2, -1);
	must_compute(0x08, -1, 10, 5); /* 2^64 - 1 */
	must_compute(0x09, 1, 40, INT64_C(1) << 40);
	must_compute(0x0a, -16, 2, -4);
	must_compute(0x0b, -1, 60, 15);
	must_compute(0x0f, 12, 10, 8);
	must_compute(0x10, 12, 10, 14);
	must_compute(0x11, 12, 10, 6);
	must_compute(0x13, 5, 5, 1);
	must_compute(0x13, 5, 6, 0);
	must_compute(0x14, -1, 0, 1);
	must_compute(0x14, 0, -1, 0);
	must_compute(0x15, -1, 0, 0);
	must_compute(0x15, 0, -1, 1);
}

/* Where C itself would have no answer. */
static void arithmetic_at_its_limits(void **state)
{
	(void)state;
	must_compute(0x02, INT64_MAX, 1, INT64_MIN);
	must_compute(0x04, INT64_MAX, 2, -2);
	must_compute(0x05, INT64_MIN, -1, INT64_MIN);
	must_compute(0x07, INT64_MIN, -1, 0);
	must_compute(0x09, 1, 64, 0);
	must_compute(0x09, 1, -1, 0);
	must_compute(0x0a, -1, 64, -1);
	must_compute(0x0a, 1, 1000, 0);
	must_compute(0x0b, -1, 64, 0);
	for (uint8_t opcode = 0x05; opcode <= 0x08; opcode++)
		FAULT(AGENT_DIVISION, 0x22, 1, 0x22, 0, opcode, 0x27);
}

static void extension(void **state)
{
	(void)state;
	VALUE(-1, 0x22, 0xff, 0x16, 8, 0x27);
	VALUE(0x7f, 0x22, 0x7f, 0x16, 8, 0x27);
	VALUE(-1, 0x22, 0x07, 0x16, 3, 0x27);
	VALUE(0xff, 0x22, 0xff, 0x16, 64, 0x27);
	VALUE(0xff, 0x22, 0xff, 0x16, 255, 0x27);
	VALUE(0xff, 0x22, 0xff, 0x16, 0, 0x27);
	VALUE(0x0f, 0x22, 0xff, 0x2a, 4, 0x27);
	VALUE(0, 0x22, 0xff, 0x2a, 0, 0x27);
	VALUE(0xff, 0x22, 0xff, 0x2a, 64, 0x27);
	VALUE(0, 0x22, 5, 0x0e, 0x27);
	VALUE(1, 0x22, 0, 0x0e, 0x27);
	VALUE(-6, 0x22, 5, 0x12, 0x27);
}

static void constants_and_registers(void **state)
{
	(void)state;
	VALUE(0x12, 0x22, 0x12, 0x27);
	VALUE(0x1234, 0x23, 0x12, 0x34, 0x27);
	VALUE(0x12345678, 0x24, 0x12, 0x34, 0x56, 0x78, 0x27);
	VALUE(0x123456789abcdef0, 0x25, 0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0, 0x27);
	VALUE(0x10d, 0x26, 0, 13, 0x27);
	FAULT(AGENT_REGISTER, 0x26, 0, 99, 0x27);
	FAULT(AGENT_REGISTER, 0x26, 0xff, 0xff, 0x27);
}

static void memory(void **state)
{
	(void)state;
	VALUE(0x05, 0x24, 0x20, 0, 0, 5, 0x17, 0x27);
	VALUE(0x0605, 0x24, 0x20, 0, 0, 5, 0x18, 0x27);
	VALUE(0x08070605, 0x24, 0x20, 0, 0, 5, 0x19, 0x27);
	VALUE(0x0c0b0a0908070605, 0x24, 0x20, 0, 0, 5, 0x1a, 0x27);
	/* unsigned, and an address has 32 bits */
	VALUE(0xff, 0x25, 1, 2, 3, 4, 0x20, 0, 0, 0xff, 0x17, 0x27);
	FAULT(AGENT_MEMORY, 0x24, 0x20, 0, 0, 0xff, 0x18, 0x27);
	FAULT(AGENT_MEMORY, 0x22, 0, 0x19, 0x27);
}

static void the_stack(void **state)
{
	(void)state;
	VALUE(4, 0x22, 2, 0x28, 0x02, 0x27);             /* dup */
	VALUE(1, 0x22, 1, 0x22, 2, 0x29, 0x27);          /* pop */
	VALUE(1, 0x22, 1, 0x22, 2, 0x2b, 0x27);          /* swap */
	VALUE(2, 0x22, 1, 0x22, 2, 0x22, 3, 0x33, 0x27); /* rot: 3 1 2 */
	VALUE(3, 0x22, 1, 0x22, 2, 0x22, 3, 0x33, 0x29, 0x29, 0x27);
	VALUE(3, 0x22, 1, 0x22, 2, 0x22, 3, 0x32, 0, 0x27); /* pick */
	VALUE(1, 0x22, 1, 0x22, 2, 0x22, 3, 0x32, 2, 0x27);
	FAULT(AGENT_UNDERFLOW, 0x22, 1, 0x32, 1, 0x27);
	FAULT(AGENT_UNDERFLOW, 0x22, 1, 0x32, 255, 0x27);
	VALUE(0, 0x27); /* nothing is false */
}

/* Every opcode that pops, on a stack that is too short by one. */
static void underflow(void **state)
{
	static const uint8_t two[] = {0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b,
		0x0f, 0x10, 0x11, 0x13, 0x14, 0x15, 0x2b};
	static const uint8_t one[] = {0x0e, 0x12, 0x17, 0x18, 0x19, 0x1a, 0x28, 0x29};

	(void)state;
	for (size_t i = 0; i < sizeof(two); i++)
		FAULT(AGENT_UNDERFLOW, 0x22, 1, two[i], 0x27);
	for (size_t i = 0; i < sizeof(one); i++)
		FAULT(AGENT_UNDERFLOW, one[i], 0x27);
	FAULT(AGENT_UNDERFLOW, 0x16, 8, 0x27);
	FAULT(AGENT_UNDERFLOW, 0x2a, 8, 0x27);
	FAULT(AGENT_UNDERFLOW, 0x20, 0, 3, 0x27);
	FAULT(AGENT_UNDERFLOW, 0x22, 1, 0x22, 1, 0x33, 0x27);
	FAULT(AGENT_UNDERFLOW, 0x22, 1, 0x34, 0, 0, 1, 0, 0x27);
	FAULT(AGENT_UNDERFLOW, 0x22, 1, 0x22, 1, 0x34, 1, 0, 3, '%', 'd', 0, 0x27);
}

static void overflow(void **state)
{
	enum { FULL = 2 * AGENT_STACK_MAX };
	uint8_t code[FULL + 2];

	(void)state;
	memset(code, 0x22, sizeof(code));
	code[FULL] = 0x27;
	must_give(0x22, code, FULL + 1);
	code[FULL] = 0x28; /* dup */
	code[FULL + 1] = 0x27;
	must_fail(AGENT_OVERFLOW, code, FULL + 2);
	/* a loop that only pushes */
	FAULT(AGENT_OVERFLOW, 0x22, 1, 0x21, 0, 0);
}

static void jumps(void **state)
{
	(void)state;
	VALUE(7, 0x21, 0, 6, 0x22, 8, 0x27, 0x22, 7, 0x27);
	VALUE(7, 0x22, 1, 0x20, 0, 8, 0x22, 8, 0x27, 0x22, 7, 0x27);
	VALUE(8, 0x22, 0, 0x20, 0, 8, 0x22, 8, 0x27, 0x22, 7, 0x27);
	/* into an operand, behind the end, to the end itself */
	REFUSED(AGENT_JUMP, 0x21, 0, 4, 0x22, 0x27, 0x27);
	REFUSED(AGENT_JUMP, 0x21, 0, 3);
	REFUSED(AGENT_JUMP, 0x22, 1, 0x20, 0xff, 0xff, 0x27);
	/* for ever; and a loop of ten turns */
	FAULT(AGENT_ENDLESS, 0x21, 0, 0);
	VALUE(0, 0x22, 10, 0x22, 1, 0x03, 0x28, 0x20, 0, 2, 0x27);
}

static void an_endless_loop_of_reads_ends_sooner(void **state)
{
	(void)state;
	FAULT(AGENT_ENDLESS, 0x24, 0x20, 0, 0, 0, 0x17, 0x29, 0x21, 0, 0);
	assert_int_equal(world.reads, AGENT_READS_MAX);
	world.late_after = 5;
	FAULT(AGENT_ENDLESS, 0x24, 0x20, 0, 0, 0, 0x17, 0x29, 0x21, 0, 0);
	assert_int_equal(world.reads, 5);
	world.late_after = 0;
}

static void what_is_cut_off(void **state)
{
	static const uint8_t code[] = {0x22, 1, 0x23, 1, 2, 0x24, 1, 2, 3, 4, 0x25, 1, 2, 3, 4, 5,
		6, 7, 8, 0x26, 0, 1, 0x16, 8, 0x34, 0, 0, 2, 'a', 0, 0x20, 0, 0, 0x27};

	(void)state;
	assert_int_equal(agent_check(code, sizeof(code)), AGENT_GOOD);
	assert_int_equal(agent_check(code, 0), AGENT_EMPTY);
	for (size_t size = 1; size < sizeof(code); size++) {
		/* a copy of exactly that size */
		int64_t value;
		assert_int_equal(run(code, size, &value), AGENT_TRUNCATED);
	}
}

static void what_is_refused(void **state)
{
	static const uint8_t tracing[] = {
		0x01, 0x0c, 0x0d, 0x1b, 0x1c, 0x1d, 0x1e, 0x1f, 0x2c, 0x2d, 0x2e, 0x2f, 0x30};

	(void)state;
	for (size_t i = 0; i < sizeof(tracing); i++)
		REFUSED(AGENT_REFUSED, tracing[i], 0, 0, 0x27);
	REFUSED(AGENT_UNKNOWN, 0x00, 0x27);
	REFUSED(AGENT_UNKNOWN, 0x31, 0x27);
	for (unsigned opcode = 0x35; opcode < 0x100; opcode++)
		REFUSED(AGENT_UNKNOWN, (uint8_t)opcode, 0x27);
}

static void what_is_too_long(void **state)
{
	uint8_t code[AGENT_CODE_MAX + 1];

	(void)state;
	memset(code, 0x27, sizeof(code));
	assert_int_equal(agent_check(code, AGENT_CODE_MAX), AGENT_GOOD);
	assert_int_equal(agent_check(code, AGENT_CODE_MAX + 1), AGENT_EMPTY);
}

/* What gdb 13 makes of `$r0 == 0x100 && $sp > 0x20000000`. */
static void a_condition_as_gdb_makes_it(void **state)
{
	static const uint8_t code[] = {0x26, 0, 0, 0x2a, 32, 0x23, 1, 0, 0x2a, 32, 0x13, 0x20, 0,
		17, 0x21, 0, 40, 0x26, 0, 13, 0x2a, 32, 0x24, 0x20, 0, 0, 0, 0x2b, 0x15, 0x20, 0,
		35, 0x21, 0, 40, 0x22, 1, 0x21, 0, 42, 0x22, 0, 0x27};

	(void)state;
	must_give(0, code, sizeof(code));
}

/* dprintf main,"%d and %d\n",1,2: arguments last to first, then channel and function. */
static void a_printf_as_gdb_makes_it(void **state)
{
	(void)state;
	VALUE(0, 0x22, 2, 0x22, 1, 0x22, 0, 0x22, 0, 0x34, 2, 0, 12, '%', 'd', ' ', 'a', 'n', 'd',
		' ', '%', 'd', '\\', 'n', 0, 0x27);
	assert_string_equal(world.printed, "1 and 2\n");
}

static void a_bad_printf(void **state)
{
	(void)state;
	/* too few arguments, too many, a format that is none, no 0, a 0 in the midst */
	REFUSED(AGENT_FORMAT, 0x34, 0, 0, 3, '%', 'd', 0, 0x27);
	REFUSED(AGENT_FORMAT, 0x34, 2, 0, 3, '%', 'd', 0, 0x27);
	REFUSED(AGENT_FORMAT, 0x34, 1, 0, 3, '%', 'n', 0, 0x27);
	REFUSED(AGENT_FORMAT, 0x34, 0, 0, 2, 'a', 'b', 0x27);
	REFUSED(AGENT_FORMAT, 0x34, 0, 0, 3, 'a', 0, 0, 0x27);
	REFUSED(AGENT_FORMAT, 0x34, 0, 0, 0, 0x27);
	REFUSED(AGENT_TRUNCATED, 0x34, 0, 0, 3, 'a', 0);
	REFUSED(AGENT_TRUNCATED, 0x34, 0, 0xff, 0xff, 'a', 0, 0x27);
	REFUSED(AGENT_TRUNCATED, 0x34, 0, 0);
	/* for ever: only so much is printed */
	FAULT(AGENT_ENDLESS, 0x22, 0, 0x28, 0x34, 0, 0, 2, 'a', 0, 0x21, 0, 0);
	assert_int_equal(world.printed_size, AGENT_PRINTS_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arithmetic),
		cmocka_unit_test(arithmetic_at_its_limits),
		cmocka_unit_test(extension),
		cmocka_unit_test(constants_and_registers),
		cmocka_unit_test(memory),
		cmocka_unit_test(the_stack),
		cmocka_unit_test(underflow),
		cmocka_unit_test(overflow),
		cmocka_unit_test(jumps),
		cmocka_unit_test(an_endless_loop_of_reads_ends_sooner),
		cmocka_unit_test(what_is_cut_off),
		cmocka_unit_test(what_is_refused),
		cmocka_unit_test(what_is_too_long),
		cmocka_unit_test(a_condition_as_gdb_makes_it),
		cmocka_unit_test(a_printf_as_gdb_makes_it),
		cmocka_unit_test(a_bad_printf),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
