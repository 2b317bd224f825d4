/*
 * Code that the debugger changes: whatever was translated of it is forgotten, and nothing else is.
 */
#include "chip_rig.h"

#include <sys/resource.h>

#define ADD_1 0x3001u /* adds r0, #1 */
#define ADD_2 0x3002u
#define LOOP  2000u

/* `count` half-words at CODE, two at a time, as a debugger writes them. */
static void fill(struct rig *rig, uint32_t instruction, unsigned count)
{
	for (unsigned i = 0; i < count; i += 2)
		rig_write(rig, CODE + 2 * i, instruction << 16 | instruction);
	rig_write(rig, CODE + 2 * count, 0xbe00be00); /* bkpt 0 */
}

static void runs_what_was_written_last(void **state)
{
	struct rig *rig = *state;
	for (uint32_t round = 1; round < 10; round++) {
		rig_write(rig, CODE, 0xbe003000 | round); /* adds r0, #round; bkpt 0 */
		rig_set_reg(rig, 0, 0);
		rig_go(rig, CODE);
		(void)rig_wait_halt(rig, 1);
		assert_int_equal(rig_reg(rig, 0), round);
	}
}

static void what_lies_ahead_of_a_halt_may_change(void **state)
{
	struct rig *rig = *state;
	fill(rig, ADD_1, LOOP);
	rig_set_reg(rig, 0, 0);
	rig_go(rig, CODE);
	rig_run(rig, 20 * US);
	rig_halt(rig);
	uint32_t pc = rig_reg(rig, PC), done = rig_reg(rig, 0);
	assert_in_range(done, 1, LOOP - 10);
	uint32_t left = (CODE + 2 * LOOP - pc) / 2;
	/* The next instruction, one within reach of the same translation, and the last. */
	rig_write_width(rig, pc, 2, ADD_2);
	rig_write_width(rig, pc + 6, 2, ADD_2);
	rig_write_width(rig, CODE + 2 * LOOP - 2, 2, ADD_2);
	rig_resume(rig);
	(void)rig_wait_halt(rig, 100);
	assert_int_equal(rig_reg(rig, 0), done + left + 3);
}

static void old_code_around_new_stays(void **state)
{
	struct rig *rig = *state;
	fill(rig, ADD_1, 64);
	/* From the front, from the end, in the middle: each time all of it runs. */
	static const uint32_t places[] = {0, 63, 31, 1, 62, 32};
	for (uint32_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		rig_set_reg(rig, 0, 0);
		rig_go(rig, CODE);
		(void)rig_wait_halt(rig, 1);
		assert_int_equal(rig_reg(rig, 0), 64 + i);
		rig_write_width(rig, CODE + 2 * places[i], 2, ADD_2);
	}
}

/* Unicorn could forget everything at once, but then writes the whole gigabyte that it reserved. */
static void writing_data_beside_running_code_costs_nothing(void **state)
{
	struct rig *rig = *state;
	struct rusage before, after;
	RIG_CODE(rig, CODE, ADD_1, 0xe7fd); /* adds r0, #1; b . - 2 */
	rig_go(rig, CODE);
	getrusage(RUSAGE_SELF, &before);
	for (uint32_t i = 0; i < 50000; i++) {
		rig_write(rig, DATA + i % 1024 * 4, i);
		rig_run(rig, US);
	}
	getrusage(RUSAGE_SELF, &after);
	assert_in_range(after.ru_maxrss - before.ru_maxrss, 0, 100 << 10);
}

/* As a stack close to functions in RAM is: within the reach of a translation, but for branches. */
static void writing_data_close_behind_branches_costs_nothing(void **state)
{
	enum { HOPS = 7, HOP = 256 };
	struct rig *rig = *state;
	struct rusage before, after;
	for (uint32_t hop = 0; hop < HOPS - 1; hop++)
		RIG_CODE(rig, CODE + hop * HOP, 0xe07e);       /* b . + HOP */
	RIG_CODE(rig, CODE + (HOPS - 1) * HOP, ADD_1, 0xe4fd); /* adds r0, #1; b CODE */
	rig_set_reg(rig, 0, 0);
	rig_go(rig, CODE);
	getrusage(RUSAGE_SELF, &before);
	for (uint32_t i = 0; i < 50000; i++) {
		rig_write(rig, CODE + HOPS * HOP - 4 * (i % 32 + 1), i);
		rig_run(rig, US);
	}
	getrusage(RUSAGE_SELF, &after);
	rig_halt(rig);
	assert_in_range(rig_reg(rig, 0), 50000, UINT32_MAX);
	assert_in_range(after.ru_maxrss - before.ru_maxrss, 0, 100 << 10);
}

/* A program in RAM between its data and its stack, both of which a debugger writes. */
static void writing_data_on_both_sides_of_code_costs_nothing(void **state)
{
	enum { PLACE = CODE + 0x4000, APART = 0x2000, LENGTH = 512 };
	struct rig *rig = *state;
	struct rusage before, after;
	for (uint32_t i = 0; i < LENGTH; i++)
		rig_write_width(rig, PLACE + 2 * i, 2, ADD_1);
	rig_write_width(rig, PLACE + 2 * LENGTH, 2, 0xe5fe); /* b PLACE */
	rig_set_reg(rig, 0, 0);
	rig_go(rig, PLACE);
	getrusage(RUSAGE_SELF, &before);
	for (uint32_t i = 0; i < 5000; i++) {
		rig_write(rig, PLACE - APART, i);
		rig_write(rig, PLACE + APART, i);
		rig_run(rig, 100 * US);
	}
	getrusage(RUSAGE_SELF, &after);
	rig_halt(rig);
	assert_in_range(rig_reg(rig, 0), 5000 * LENGTH, UINT32_MAX);
	assert_in_range(after.ru_maxrss - before.ru_maxrss, 0, 100 << 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(runs_what_was_written_last),
		RIG_TEST(what_lies_ahead_of_a_halt_may_change),
		RIG_TEST(old_code_around_new_stays),
		RIG_TEST(writing_data_beside_running_code_costs_nothing),
		RIG_TEST(writing_data_close_behind_branches_costs_nothing),
		RIG_TEST(writing_data_on_both_sides_of_code_costs_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
