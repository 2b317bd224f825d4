/*
 * What debugging costs: USB transfers from the board's own books, and modelled time, for what gdb
 * 13 really sends. The limits are those of the project.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "session.h"

#define PC 15u
#define SP 13u
#define LR 14u

/* gdb reads the words around pc and lr, by twos and fours, again and again, then a line of stack.
 */
static void read_as_gdb(struct session_log *log, uint32_t pc, uint32_t sp, uint32_t lr)
{
	const uint32_t around[] = {pc, pc - 2, pc - 4, pc + 2, lr & ~1u, (lr & ~1u) - 4};
	for (int again = 0; again < 3; again++)
		for (size_t i = 0; i < COUNT_OF(around); i++)
			session_ask(log, "m%x,%u", around[i], again ? 2u : 4u);
	session_ask(log, "m%x,40", sp & ~0x3Fu);
}

/* Until gdb has read all it wants; the core must have stopped at `stops_at`. */
static uint64_t cost_of_go(struct session_log *log, const char *packet, uint32_t stops_at)
{
	uint64_t before = bench_transfers(&log->rig);
	session_go(log, packet);
	uint32_t pc = session_register(log, PC), sp = session_register(log, SP);
	assert_int_equal(pc, stops_at);
	read_as_gdb(log, pc, sp, session_register(log, LR));
	return bench_transfers(&log->rig) - before;
}

static uint32_t pc_of(struct session_log *log)
{
	return session_register(log, PC);
}

/* gdb takes all breakpoints away at a stop, and sets them again before it goes on. */
static void stop_at(struct session_log *log, uint32_t address, uint32_t lr)
{
	assert_string_equal(session_ask(log, "Pe=%08x", __builtin_bswap32(lr)), "OK");
	assert_string_equal(session_ask(log, "Z1,%x,2", address), "OK");
	session_go(log, "vCont;c");
	assert_int_equal(pc_of(log), address);
	assert_non_null(strstr(log->reply, "hwbreak:;"));
	uint32_t sp = session_register(log, SP);
	assert_string_equal(session_ask(log, "z1,%x,2", address), "OK");
	read_as_gdb(log, address, sp, lr);
}

static void stop_in_loop(struct session_log *log)
{
	stop_at(log, 0x08000108, PROGRAM_LOOP + 0x23);
}

static void expect_steps(struct session_log *log, uint64_t most)
{
	stop_in_loop(log);
	for (uint32_t i = 1; i <= 8; i++) {
		uint64_t cost = cost_of_go(log, "vCont;s:1;c", 0x08000108 + 2 * i);
		print_message("stepi: %u transfers\n", (unsigned)cost);
		assert_in_range(cost, 1, most);
	}
}

static void a_stepi_costs_12_transfers(void **state)
{
	expect_steps(*state, 12);
}

static void a_stepi_costs_24_without_batches(void **state)
{
	expect_steps(*state, 24);
}

/* Through a function that saves registers of the FPU; gdb asks for the two that hold its arguments.
 */
static void expect_fpu_steps(struct session_log *log, uint64_t most)
{
	static const uint32_t way[] = {
		0x08000260, 0x08000262, 0x08000266, 0x0800026A, 0x0800026E, 0x0800025C, 0x08000258};
	session_expect(log, "Me000ed88,4:0000f000", "OK"); /* CPACR */
	session_expect(log, "Pf=5c020008", "OK");
	stop_at(log, PROGRAM_FPU_CALLER, PROGRAM_FPU_CALLER + 5);
	for (size_t round = 0; round < 3; round++)
		for (size_t i = 0; i < COUNT_OF(way); i++) {
			uint64_t before = bench_transfers(&log->rig);
			cost_of_go(log, "vCont;s:1;c", way[i]);
			assert_int_equal(strlen(session_ask(log, "p20")), 16);
			uint64_t cost = bench_transfers(&log->rig) - before;
			print_message("stepi with the FPU: %u transfers\n", (unsigned)cost);
			assert_in_range(cost, 1, most);
		}
}

static void a_stepi_that_shows_floats_costs_12_transfers(void **state)
{
	expect_fpu_steps(*state, 12);
}

static void a_stepi_that_shows_floats_costs_24_without_batches(void **state)
{
	expect_fpu_steps(*state, 24);
}

/* Ten instructions in a straight line. */
static void expect_next(struct session_log *log, uint64_t most)
{
	stop_in_loop(log);
	uint64_t cost = cost_of_go(log, "vCont;r8000108,800011c:1;c", 0x0800011C);
	print_message("next over 10 instructions: %u transfers\n", (unsigned)cost);
	assert_in_range(cost, 1, most);
}

static void a_next_over_10_instructions_costs_24(void **state)
{
	expect_next(*state, 24);
}

static void a_next_costs_24_without_batches(void **state)
{
	expect_next(*state, 24);
}

/* With every comparator in use it goes in steps, which is what the project's limit is for. */
static void fill_comparators(struct session_log *log)
{
	for (unsigned i = 0; i < 6; i++)
		assert_string_equal(session_ask(log, "Z1,%x,2", 0x08000280 + 4 * i), "OK");
}

static void a_next_in_steps_costs_100(void **state)
{
	struct session_log *log = *state;
	stop_in_loop(log);
	fill_comparators(log);
	uint64_t cost = cost_of_go(log, "vCont;r8000108,800011c:1;c", 0x0800011C);
	print_message("next in steps: %u transfers\n", (unsigned)cost);
	assert_in_range(cost, 1, 100);
}

static void examining_256_words_costs_12(void **state)
{
	struct session_log *log = *state;
	static const uint32_t starts[] = {0x20004000, 0x20006034, 0x08000104};
	stop_in_loop(log);
	for (size_t i = 0; i < COUNT_OF(starts); i++) {
		uint64_t before = bench_transfers(&log->rig);
		for (uint32_t j = 0; j < 256; j++)
			assert_int_equal(strlen(session_ask(log, "m%x,4", starts[i] + 4 * j)), 8);
		uint64_t cost = bench_transfers(&log->rig) - before;
		print_message("x/256xw: %u transfers\n", (unsigned)cost);
		assert_in_range(cost, 0, 12);
	}
}

/* From the poll that sees the stop to the reply; the memory that is read ahead comes behind it. */
static void reason_and_registers_cost_6(void **state)
{
	struct session_log *log = *state;
	struct target_status status;
	struct target *target = log->rig.target;
	assert_int_equal(target_add_breakpoint(target, PROGRAM_LEAF), ERR_OK);
	assert_int_equal(target_resume(target), ERR_OK);
	probe_sleep_us(log->rig.probe, 1000);
	uint64_t before = bench_transfers(&log->rig);
	assert_int_equal(target_poll(target, &status), ERR_OK);
	assert_int_equal(status.reason, TARGET_STOP_BREAKPOINT);
	for (unsigned i = 0; i <= TARGET_CONTROL; i++)
		(void)bench_register(&log->rig, (enum target_register)i);
	assert_in_range(bench_transfers(&log->rig) - before, 1, 6);
}

/* ---- time ---- */

static void ctrl_c_is_answered_within_3_ms(void **state)
{
	struct session_log *log = *state;
	for (unsigned i = 0; i < 30; i++) {
		session_ask(log, "vCont;c");
		assert_false(session_wait(log, 3000 + 4137 * i));
		uint64_t before = probe_now_us(log->rig.probe);
		session_interrupt(log);
		assert_true(strncmp(log->reply, "T02", 3) == 0);
		assert_in_range(log->replied_us - before, 1, 3000);
	}
}

static int by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return x < y ? -1 : x > y;
}

/* The program runs for a while, longer each time, and then into a BKPT: when is known. */
static void a_hit_is_told_within_5_ms_in_the_median_and_8_at_worst(void **state)
{
	struct session_log *log = *state;
	struct rig *rig = &log->rig;
	uint64_t taken[101];
	session_expect(log, "Z1,8000236,2", "OK"); /* behind the loop: one instruction a cycle */
	for (unsigned i = 0; i < COUNT_OF(taken); i++) {
		/* 16 MHz: i * 0.6 ms and some, so that both paces of the poll are met */
		uint32_t rounds = 3000 + 3217 * i;
		session_ask(log, "P1=%08x", __builtin_bswap32(rounds));
		session_ask(log, "Pf=30020008");
		uint64_t start = probe_now_us(rig->probe);
		session_go(log, "vCont;c");
		assert_int_equal(pc_of(log), 0x08000236);
		uint64_t ran_us = (uint64_t)rounds * 3 / 16;
		taken[i] = log->replied_us - start - ran_us;
	}
	qsort(taken, COUNT_OF(taken), sizeof(taken[0]), by_size);
	print_message("hit to reply: median %u us, worst %u us (with the resume)\n",
		(unsigned)taken[50], (unsigned)taken[100]);
	assert_in_range(taken[50], 1, 5000);
	assert_in_range(taken[100], 1, 8000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SESSION_TEST(a_stepi_costs_12_transfers),
		SESSION_TEST_OLD(a_stepi_costs_24_without_batches),
		SESSION_TEST(a_stepi_that_shows_floats_costs_12_transfers),
		SESSION_TEST_OLD(a_stepi_that_shows_floats_costs_24_without_batches),
		SESSION_TEST(a_next_over_10_instructions_costs_24),
		SESSION_TEST_OLD(a_next_costs_24_without_batches),
		SESSION_TEST(a_next_in_steps_costs_100),
		SESSION_TEST(examining_256_words_costs_12),
		SESSION_TEST_OLD(examining_256_words_costs_12),
		SESSION_TEST(reason_and_registers_cost_6),
		SESSION_TEST_OLD(reason_and_registers_cost_6),
		SESSION_TEST(ctrl_c_is_answered_within_3_ms),
		SESSION_TEST_OLD(ctrl_c_is_answered_within_3_ms),
		SESSION_TEST(a_hit_is_told_within_5_ms_in_the_median_and_8_at_worst),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
