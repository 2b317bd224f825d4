/* Breakpoints and watchpoints on the whole board: where they stop, what they cost, what is seen. */
#include "bench.h"

#define DHCSR     0xE000EDF0u
#define C_DEBUGEN 1u
#define HFSR      0xE000ED2Cu
#define RAM_CODE  0x20001000u

static void add(struct rig *rig, uint32_t address)
{
	assert_int_equal(target_add_breakpoint(rig->target, address), ERR_OK);
}

static void take_away(struct rig *rig, uint32_t address)
{
	assert_int_equal(target_remove_breakpoint(rig->target, address), ERR_OK);
}

static void expect_stop(struct rig *rig, uint32_t address)
{
	struct target_status status = bench_run(rig);
	assert_int_equal(status.reason, TARGET_STOP_BREAKPOINT);
	assert_int_equal(bench_pc(rig), address);
}

/* ---- in flash ---- */

static void stops_at_each_and_leaves_none_out(void **state)
{
	struct rig *rig = *state;
	static const uint32_t at[] = {PROGRAM_LOOP, PROGRAM_LOOP + 2, PROGRAM_LOOP + 4,
		PROGRAM_LOOP + 8, PROGRAM_LEAF, PROGRAM_LEAF + 2};
	for (size_t i = 0; i < COUNT_OF(at); i++)
		add(rig, at[i]);
	for (int round = 0; round < 3; round++)
		for (size_t i = 0; i < COUNT_OF(at); i++)
			expect_stop(rig, at[i]);
}

static void writes_differences_only(void **state)
{
	struct rig *rig = *state;
	add(rig, PROGRAM_LOOP + 4);
	add(rig, PROGRAM_LEAF);
	expect_stop(rig, PROGRAM_LOOP + 4);
	uint64_t before = bench_transfers(rig);
	take_away(rig, PROGRAM_LOOP + 4);
	take_away(rig, PROGRAM_LEAF);
	add(rig, PROGRAM_LOOP + 4);
	add(rig, PROGRAM_LEAF);
	assert_int_equal(bench_transfers(rig), before);
	expect_stop(rig, PROGRAM_LEAF);
	assert_in_range(bench_transfers(rig) - before, 1, 28);
}

static void two_halves_of_a_word_share_a_comparator(void **state)
{
	struct rig *rig = *state;
	for (uint32_t i = 0; i < 12; i++)
		add(rig, PROGRAM_LOOP + 2 * i);
	for (uint32_t i = 0; i < 12; i++)
		expect_stop(rig, PROGRAM_LOOP + 2 * i);
}

static void the_seventh_is_refused_and_removing_one_heals(void **state)
{
	struct rig *rig = *state;
	for (uint32_t i = 0; i < 6; i++)
		add(rig, PROGRAM_LOOP + 4 * i);
	assert_int_equal(target_add_breakpoint(rig->target, PROGRAM_LEAF), ERR_UNSUPPORTED);
	for (uint32_t i = 0; i < 6; i++)
		expect_stop(rig, PROGRAM_LOOP + 4 * i);
	take_away(rig, PROGRAM_LOOP);
	add(rig, PROGRAM_LEAF);
	expect_stop(rig, PROGRAM_LEAF);
}

static void odd_and_unmapped_addresses_are_refused(void **state)
{
	struct rig *rig = *state;
	static const uint32_t bad[] = {PROGRAM_LOOP + 1, 0x08F00000, 0x30000000, 0x2000FFFF,
		0x20010000, 0x40020000, 0xE000ED00, 0xFFFFFFFE};
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_int_equal(target_add_breakpoint(rig->target, bad[i]), ERR_ARGUMENT);
	add(rig, PROGRAM_LEAF);
	expect_stop(rig, PROGRAM_LEAF);
}

static void set_and_removed_at_once_while_the_core_runs(void **state)
{
	struct rig *rig = *state;
	struct target_status status;
	assert_int_equal(target_resume(rig->target), ERR_OK);
	add(rig, PROGRAM_LEAF);
	assert_int_equal(bench_wait(rig).reason, TARGET_STOP_BREAKPOINT);
	assert_int_equal(target_resume(rig->target), ERR_OK);
	take_away(rig, PROGRAM_LEAF);
	assert_int_equal(target_halt(rig->target), ERR_OK);
	assert_int_equal(target_resume(rig->target), ERR_OK);
	probe_sleep_us(rig->probe, 10000);
	assert_int_equal(target_poll(rig->target, &status), ERR_OK);
	assert_int_equal(status.state, TARGET_RUNNING);
}

/* A target that is attached quietly runs without C_DEBUGEN, and then a breakpoint would be a
 * HardFault. */
static void set_in_a_core_that_nobody_debugged(void **state)
{
	struct rig *rig = *state;
	assert_int_equal(target_detach(rig->target), ERR_OK);
	assert_int_equal(target_reattach(rig->target), ERR_OK);
	assert_int_equal(bench_true_word(rig, DHCSR) & C_DEBUGEN, 0);
	add(rig, PROGRAM_LEAF);
	assert_int_equal(bench_wait(rig).reason, TARGET_STOP_BREAKPOINT);
	assert_int_equal(bench_pc(rig), PROGRAM_LEAF);
	assert_int_equal(bench_true_word(rig, HFSR), 0);
}

/* ---- in RAM ---- */

/* adds r0, #1; adds r0, #2; adds r0, #3; b . - 6 */
static const uint8_t ram_code[] = {0x01, 0x30, 0x02, 0x30, 0x03, 0x30, 0xFB, 0xE7};

static void put_ram_code(struct rig *rig)
{
	assert_int_equal(
		target_write_memory(rig->target, RAM_CODE, ram_code, sizeof(ram_code)), ERR_OK);
	bench_set(rig, TARGET_PC, RAM_CODE);
	bench_set(rig, TARGET_R0, 0);
}

static void in_ram_it_is_a_bkpt_that_no_reader_sees(void **state)
{
	struct rig *rig = *state;
	put_ram_code(rig);
	add(rig, RAM_CODE + 2);
	add(rig, RAM_CODE + 4);
	expect_stop(rig, RAM_CODE + 2);
	assert_int_equal(bench_true_word(rig, RAM_CODE), 0xBE003001);
	assert_int_equal(bench_word(rig, RAM_CODE), 0x30023001);
	for (size_t i = 0; i < sizeof(ram_code); i++) {
		uint8_t byte;
		assert_int_equal(
			target_read_memory(rig->target, RAM_CODE + (uint32_t)i, &byte, 1), ERR_OK);
		assert_int_equal(byte, ram_code[i]);
	}
	expect_stop(rig, RAM_CODE + 4);
	expect_stop(rig, RAM_CODE + 2);
	assert_int_equal(bench_register(rig, TARGET_R0), 1 + 2 + 3 + 1);

	take_away(rig, RAM_CODE + 2);
	expect_stop(rig, RAM_CODE + 4);
	assert_int_equal(bench_true_word(rig, RAM_CODE), 0x30023001);
}

static void what_is_written_over_a_bkpt_is_the_code(void **state)
{
	struct rig *rig = *state;
	static const uint8_t other[] = {0x0A, 0x30, 0x14, 0x30}; /* adds r0, #10; adds r0, #20 */
	put_ram_code(rig);
	add(rig, RAM_CODE + 2);
	expect_stop(rig, RAM_CODE + 2);
	assert_int_equal(target_write_memory(rig->target, RAM_CODE, other, sizeof(other)), ERR_OK);
	assert_int_equal(bench_word(rig, RAM_CODE), 0x3014300A);
	assert_int_equal(bench_true_word(rig, RAM_CODE), 0xBE00300A);
	expect_stop(rig, RAM_CODE + 2);
	assert_int_equal(bench_register(rig, TARGET_R0), 1 + 20 + 3 + 10);
}

static void detaching_takes_every_bkpt_out_of_ram(void **state)
{
	struct rig *rig = *state;
	put_ram_code(rig);
	add(rig, RAM_CODE + 2);
	expect_stop(rig, RAM_CODE + 2);
	assert_int_equal(target_detach(rig->target), ERR_OK);
	assert_int_equal(bench_true_word(rig, RAM_CODE), 0x30023001);
}

static void is_written_anew_where_the_firmware_copied_over_it(void **state)
{
	struct rig *rig = *state;
	put_ram_code(rig);
	add(rig, RAM_CODE + 2);
	add(rig, RAM_CODE + 4);
	expect_stop(rig, RAM_CODE + 2);
	(void)rig_control(rig, "word 0x%08x 0x30023001", RAM_CODE);
	(void)rig_control(rig, "word 0x%08x 0xE7FB3003", RAM_CODE + 4);
	expect_stop(rig, RAM_CODE + 4);
	expect_stop(rig, RAM_CODE + 2);
}

/* ---- watchpoints ---- */

static void watch(struct rig *rig, enum target_watch kind, uint32_t address, uint32_t size)
{
	assert_int_equal(target_add_watchpoint(rig->target, kind, address, size), ERR_OK);
}

static void tell_kind_and_address(void **state)
{
	struct rig *rig = *state;
	static const enum target_watch kinds[] = {
		TARGET_WATCH_WRITE, TARGET_WATCH_READ, TARGET_WATCH_ACCESS};
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		watch(rig, kinds[i], PROGRAM_COUNT, 4);
		struct target_status status = bench_run(rig);
		assert_int_equal(status.reason, TARGET_STOP_WATCHPOINT);
		assert_true(status.watched);
		assert_int_equal(status.watch, kinds[i]);
		assert_int_equal(status.watch_address, PROGRAM_COUNT);
		assert_int_equal(
			target_remove_watchpoint(rig->target, kinds[i], PROGRAM_COUNT, 4), ERR_OK);
	}
}

static void watch_ranges_up_to_32_kb(void **state)
{
	struct rig *rig = *state;
	for (uint32_t size = 1; size <= 32768; size *= 2) {
		watch(rig, TARGET_WATCH_WRITE, PROGRAM_COUNT & ~(size - 1), size);
		assert_int_equal(bench_run(rig).reason, TARGET_STOP_WATCHPOINT);
		assert_int_equal(target_remove_watchpoint(rig->target, TARGET_WATCH_WRITE,
					 PROGRAM_COUNT & ~(size - 1), size),
			ERR_OK);
	}
}

static void impossible_watchpoints_are_refused(void **state)
{
	struct rig *rig = *state;
	static const struct {
		uint32_t address, size;
	} bad[] = {{PROGRAM_COUNT, 0}, {PROGRAM_COUNT, 3}, {PROGRAM_COUNT + 2, 4},
		{0x20000000, 65536}, {PROGRAM_COUNT, 0x80000000}};
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_int_equal(target_add_watchpoint(rig->target, TARGET_WATCH_WRITE,
					 bad[i].address, bad[i].size),
			ERR_ARGUMENT);
	for (uint32_t i = 0; i < 4; i++)
		watch(rig, TARGET_WATCH_WRITE, 0x20004000 + 4 * i, 4);
	assert_int_equal(target_add_watchpoint(rig->target, TARGET_WATCH_WRITE, PROGRAM_COUNT, 4),
		ERR_UNSUPPORTED);
	assert_int_equal(
		target_remove_watchpoint(rig->target, TARGET_WATCH_WRITE, 0x20004000, 4), ERR_OK);
	watch(rig, TARGET_WATCH_WRITE, PROGRAM_COUNT, 4);
	assert_int_equal(bench_run(rig).reason, TARGET_STOP_WATCHPOINT);
}

static void a_step_over_a_store_meets_a_watchpoint(void **state)
{
	struct rig *rig = *state;
	struct target_status status;
	add(rig, PROGRAM_LOOP + 28); /* str r1, [r4] */
	expect_stop(rig, PROGRAM_LOOP + 28);
	watch(rig, TARGET_WATCH_WRITE, PROGRAM_COUNT, 4);
	assert_int_equal(target_step(rig->target), ERR_OK);
	target_get_stop(rig->target, &status);
	assert_int_equal(status.reason, TARGET_STOP_WATCHPOINT);
	assert_int_equal(status.watch_address, PROGRAM_COUNT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BENCH_TEST(stops_at_each_and_leaves_none_out),
		BENCH_TEST_OLD(stops_at_each_and_leaves_none_out),
		BENCH_TEST(writes_differences_only),
		BENCH_TEST(two_halves_of_a_word_share_a_comparator),
		BENCH_TEST(the_seventh_is_refused_and_removing_one_heals),
		BENCH_TEST(odd_and_unmapped_addresses_are_refused),
		BENCH_TEST(set_in_a_core_that_nobody_debugged),
		BENCH_TEST(set_and_removed_at_once_while_the_core_runs),
		BENCH_TEST(in_ram_it_is_a_bkpt_that_no_reader_sees),
		BENCH_TEST_OLD(in_ram_it_is_a_bkpt_that_no_reader_sees),
		BENCH_TEST(what_is_written_over_a_bkpt_is_the_code),
		BENCH_TEST(detaching_takes_every_bkpt_out_of_ram),
		BENCH_TEST(is_written_anew_where_the_firmware_copied_over_it),
		BENCH_TEST(tell_kind_and_address),
		BENCH_TEST_OLD(tell_kind_and_address),
		BENCH_TEST(watch_ranges_up_to_32_kb),
		BENCH_TEST(impossible_watchpoints_are_refused),
		BENCH_TEST(a_step_over_a_store_meets_a_watchpoint),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
