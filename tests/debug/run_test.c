/* Run control on the whole board: steps of every kind, interrupts, stops and how soon they are
 * seen. */
#include "bench.h"

#define RAM_CODE 0x20001000u

#define ICSR 0xE000ED04u

/* ---- steps ---- */

static void step_from(struct rig *rig, uint32_t from, uint32_t to)
{
	bench_set(rig, TARGET_PC, from);
	bench_step(rig);
	assert_int_equal(bench_pc(rig), to);
}

static void steps_one_instruction(void **state)
{
	struct rig *rig = *state;
	bench_set(rig, TARGET_R0, 0);
	for (uint32_t i = 1; i <= 12; i++)
		step_from(rig, PROGRAM_LOOP + 2 * (i - 1), PROGRAM_LOOP + 2 * i);
	assert_int_equal(bench_register(rig, TARGET_R0), 78);
	step_from(rig, PROGRAM_LOOP + 30, PROGRAM_LEAF);
	bench_step(rig);
	bench_step(rig);
	assert_int_equal(bench_pc(rig), PROGRAM_LOOP + 34);
}

static void steps_over_wfi(void **state)
{
	struct rig *rig = *state;
	step_from(rig, PROGRAM_WFI_HERE, PROGRAM_WFI_HERE + 2);
	bench_step(rig);
	assert_int_equal(bench_pc(rig), PROGRAM_WFI_HERE + 4);
}

static void steps_into_svc_and_out_of_its_handler(void **state)
{
	struct rig *rig = *state;
	uint32_t before = bench_register(rig, TARGET_R0 + 6);
	step_from(rig, PROGRAM_SVC_HERE, PROGRAM_SVC_HANDLER);
	bench_step(rig);
	bench_step(rig);
	assert_int_equal(bench_pc(rig), PROGRAM_SVC_HERE + 2);
	assert_int_equal(bench_register(rig, TARGET_XPSR) & 0x1FF, 0);
	assert_int_equal(bench_register(rig, TARGET_R0 + 6), before + 1);
}

static void goes_on_behind_a_bkpt_of_the_program(void **state)
{
	struct rig *rig = *state;
	bench_set(rig, TARGET_PC, PROGRAM_BKPT_HERE);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(bench_run(rig).reason, TARGET_STOP_BREAKPOINT);
		assert_int_equal(bench_pc(rig), PROGRAM_BKPT_HERE);
	}
	bench_step(rig);
	assert_int_equal(bench_pc(rig), PROGRAM_BKPT_HERE + 2);
	bench_step(rig);
	assert_int_equal(bench_pc(rig), PROGRAM_BKPT_HERE + 4);
}

static void an_exclusive_sequence_is_one_step(void **state)
{
	struct rig *rig = *state;
	bench_set(rig, TARGET_R0 + 4, PROGRAM_COUNT);
	bench_write(rig, PROGRAM_COUNT, 41);
	step_from(rig, PROGRAM_EXCLUSIVE, PROGRAM_EXCLUSIVE + 10);
	assert_int_equal(bench_word(rig, PROGRAM_COUNT), 42);
	assert_int_equal(bench_register(rig, TARGET_R0 + 2), 0);
}

static void a_breakpoint_under_the_core_does_not_hold_a_step(void **state)
{
	struct rig *rig = *state;
	for (uint32_t i = 0; i < 6; i++)
		assert_int_equal(target_add_breakpoint(rig->target, PROGRAM_LOOP + 4 * i), ERR_OK);
	bench_set(rig, TARGET_PC, PROGRAM_LOOP);
	for (uint32_t i = 1; i <= 12; i++) {
		bench_step(rig);
		assert_int_equal(bench_pc(rig), PROGRAM_LOOP + 2 * i);
	}
}

/* ---- interrupts ---- */

static void expect_ticks(struct rig *rig, uint64_t steps, uint32_t cycles)
{
	uint32_t ticks = bench_word(rig, PROGRAM_TICKS), expected = (uint32_t)(steps / cycles);
	if (ticks + 1 < expected || ticks > expected + 1)
		fail_msg("%u ticks in %u steps of a cycle, every %u", ticks, (unsigned)steps,
			cycles);
}

/* The handlers run between steps, each at its time, and are not seen. */
static void ten_thousand_steps_show_no_handler_and_lose_no_tick(void **state)
{
	struct rig *rig = *state;
	bench_start_ticks(rig, 2000);
	bench_set(rig, TARGET_R0 + 1, 1000000);
	bench_set(rig, TARGET_PC, PROGRAM_SHORT_LOOP);
	for (uint32_t i = 0; i < 10000; i++) {
		bench_step(rig);
		assert_in_range(bench_pc(rig), PROGRAM_SHORT_LOOP, PROGRAM_SHORT_LOOP + 10);
		assert_int_equal(bench_register(rig, TARGET_XPSR) & 0x1FF, 0);
	}
	expect_ticks(rig, 10000, 2000);
}

/* No comparator reaches code in RAM. */
static void nor_do_steps_in_ram(void **state)
{
	struct rig *rig = *state;
	static const uint8_t loop[] = {
		0x01, 0x30, 0x01, 0x31, 0xFC, 0xE7}; /* adds; adds; b . - 4 */
	bench_start_ticks(rig, 500);
	assert_int_equal(target_write_memory(rig->target, RAM_CODE, loop, sizeof(loop)), ERR_OK);
	bench_set(rig, TARGET_PC, RAM_CODE);
	for (uint32_t i = 0; i < 2500; i++) {
		bench_step(rig);
		assert_in_range(bench_pc(rig), RAM_CODE, RAM_CODE + 4);
	}
	expect_ticks(rig, 2500, 500);
	for (size_t i = 0; i < sizeof(loop); i++) {
		uint8_t byte;
		rig_peek(rig, RAM_CODE + (uint32_t)i, &byte, 1);
		assert_int_equal(byte, loop[i]);
	}
}

static void steps_may_be_let_into_handlers(void **state)
{
	struct rig *rig = *state;
	target_let_steps_in(rig->target, true);
	bench_write(rig, ICSR, 1u << 26);
	bench_set(rig, TARGET_PC, PROGRAM_LOOP);
	bench_step(rig);
	assert_int_equal(bench_pc(rig), PROGRAM_SYSTICK);
	target_let_steps_in(rig->target, false);
	bench_step(rig);
	assert_int_equal(bench_pc(rig), PROGRAM_SYSTICK + 2);
}

static void steps_out_of_a_handler(void **state)
{
	struct rig *rig = *state;
	assert_int_equal(target_add_breakpoint(rig->target, PROGRAM_SYSTICK), ERR_OK);
	bench_start_ticks(rig, 2000);
	bench_set(rig, TARGET_PC, PROGRAM_LOOP);
	assert_int_equal(bench_run(rig).reason, TARGET_STOP_BREAKPOINT);
	for (int i = 0; i < 5; i++)
		bench_step(rig);
	assert_int_equal(bench_register(rig, TARGET_XPSR) & 0x1FF, 0);
	assert_in_range(bench_pc(rig), PROGRAM_LOOP, PROGRAM_LEAF + 2);
}

/* What pends is kept out by PRIMASK; the steps go on, and it comes when it may. */
static void a_critical_section_is_stepped_through(void **state)
{
	struct rig *rig = *state;
	bench_write(rig, PROGRAM_TICKS, 0);
	step_from(rig, PROGRAM_MASKED, PROGRAM_MASKED + 2);
	bench_write(rig, ICSR, 1u << 26);
	for (uint32_t i = 2; i <= 4; i++) {
		bench_step(rig);
		assert_int_equal(bench_pc(rig), PROGRAM_MASKED + 2 * i);
	}
	assert_int_equal(bench_word(rig, PROGRAM_TICKS), 0);
	bench_step(rig);
	bench_step(rig);
	assert_int_equal(bench_word(rig, PROGRAM_TICKS), 1);
}

static void a_breakpoint_in_a_handler_stops_a_step(void **state)
{
	struct rig *rig = *state;
	struct target_status status;
	assert_int_equal(target_add_breakpoint(rig->target, PROGRAM_SYSTICK), ERR_OK);
	bench_write(rig, ICSR, 1u << 26);
	bench_set(rig, TARGET_PC, PROGRAM_LOOP);
	assert_int_equal(target_step(rig->target), ERR_OK);
	target_get_stop(rig->target, &status);
	assert_int_equal(status.reason, TARGET_STOP_BREAKPOINT);
	assert_int_equal(bench_pc(rig), PROGRAM_SYSTICK);
}

static void a_resume_lets_in_what_waited(void **state)
{
	struct rig *rig = *state;
	bench_write(rig, PROGRAM_TICKS, 0);
	bench_set(rig, TARGET_PC, PROGRAM_LOOP);
	bench_step(rig);
	bench_write(rig, ICSR, 1u << 26);
	assert_int_equal(target_add_breakpoint(rig->target, PROGRAM_LEAF), ERR_OK);
	assert_int_equal(bench_run(rig).reason, TARGET_STOP_BREAKPOINT);
	assert_int_equal(bench_word(rig, PROGRAM_TICKS), 1);
}

/* ---- ranges ---- */

static struct target_status step_range(struct rig *rig, uint32_t start, uint32_t end, bool runs)
{
	bool running;
	struct target_status status;
	assert_int_equal(target_step_range(rig->target, start, end, &running), ERR_OK);
	assert_int_equal(running, runs);
	if (running)
		return bench_wait(rig);
	target_get_stop(rig->target, &status);
	return status;
}

static void a_range_is_run_to_its_exits(void **state)
{
	struct rig *rig = *state;
	bench_set(rig, TARGET_PC, PROGRAM_LOOP);
	struct target_status status = step_range(rig, PROGRAM_LOOP, PROGRAM_LOOP + 20, true);
	assert_int_equal(status.reason, TARGET_STOP_STEP);
	assert_int_equal(bench_pc(rig), PROGRAM_LOOP + 20);
	/* into the function that it calls */
	status = step_range(rig, PROGRAM_LOOP, PROGRAM_LOOP + 36, true);
	assert_int_equal(status.reason, TARGET_STOP_STEP);
	assert_int_equal(bench_pc(rig), PROGRAM_LEAF);
	/* where the next instruction leaves it, who knows where to, there is nothing to run to */
	bench_set(rig, TARGET_PC, PROGRAM_LEAF + 2);
	status = step_range(rig, PROGRAM_LEAF, PROGRAM_LEAF + 4, false);
	assert_int_equal(status.reason, TARGET_STOP_STEP);
	assert_int_equal(bench_pc(rig), PROGRAM_LOOP + 34);
}

static void handlers_do_not_end_a_range(void **state)
{
	struct rig *rig = *state;
	bench_start_ticks(rig, 200);
	bench_set(rig, TARGET_R0 + 1, 5000);
	bench_set(rig, TARGET_PC, PROGRAM_SHORT_LOOP);
	struct target_status status =
		step_range(rig, PROGRAM_SHORT_LOOP, PROGRAM_SHORT_LOOP + 6, true);
	assert_int_equal(status.reason, TARGET_STOP_STEP);
	assert_int_equal(bench_pc(rig), PROGRAM_SHORT_LOOP + 6);
	assert_true(bench_word(rig, PROGRAM_TICKS) > 50);
	assert_int_equal(bench_register(rig, TARGET_R0 + 1), 0);
}

static void without_a_free_comparator_a_range_is_stepped(void **state)
{
	struct rig *rig = *state;
	for (uint32_t i = 0; i < 6; i++)
		assert_int_equal(target_add_breakpoint(rig->target, 0x08000280 + 4 * i), ERR_OK);
	bench_set(rig, TARGET_PC, PROGRAM_LOOP);
	struct target_status status = step_range(rig, PROGRAM_LOOP, PROGRAM_LOOP + 20, false);
	assert_int_equal(status.reason, TARGET_STOP_STEP);
	assert_int_equal(bench_pc(rig), PROGRAM_LOOP + 2);
}

static void a_breakpoint_ends_a_range(void **state)
{
	struct rig *rig = *state;
	assert_int_equal(target_add_breakpoint(rig->target, PROGRAM_LOOP + 10), ERR_OK);
	bench_set(rig, TARGET_PC, PROGRAM_LOOP);
	struct target_status status = step_range(rig, PROGRAM_LOOP, PROGRAM_LOOP + 20, true);
	assert_int_equal(status.reason, TARGET_STOP_BREAKPOINT);
	assert_int_equal(bench_pc(rig), PROGRAM_LOOP + 10);
	/* and its exits are forgotten */
	assert_int_equal(target_remove_breakpoint(rig->target, PROGRAM_LOOP + 10), ERR_OK);
	assert_int_equal(target_add_breakpoint(rig->target, PROGRAM_LEAF), ERR_OK);
	assert_int_equal(bench_run(rig).reason, TARGET_STOP_BREAKPOINT);
	assert_int_equal(bench_pc(rig), PROGRAM_LEAF);
}

static void an_endless_range_can_be_halted(void **state)
{
	struct rig *rig = *state;
	bool running;
	struct target_status status;
	bench_set(rig, TARGET_R0 + 1, 0xFFFFFFFF);
	bench_set(rig, TARGET_PC, PROGRAM_SHORT_LOOP);
	assert_int_equal(target_step_range(
				 rig->target, PROGRAM_SHORT_LOOP, PROGRAM_SHORT_LOOP + 6, &running),
		ERR_OK);
	assert_true(running);
	assert_int_equal(target_halt(rig->target), ERR_OK);
	target_get_stop(rig->target, &status);
	assert_int_equal(status.reason, TARGET_STOP_REQUEST);
	/* it runs past what was the exit */
	bench_set(rig, TARGET_R0 + 1, 1);
	assert_int_equal(target_resume(rig->target), ERR_OK);
	probe_sleep_us(rig->probe, 5000);
	assert_int_equal(target_poll(rig->target, &status), ERR_OK);
	assert_int_equal(status.state, TARGET_RUNNING);
}

/* ---- how soon ---- */

static void a_halt_takes_less_than_3_ms(void **state)
{
	struct rig *rig = *state;
	for (unsigned i = 0; i < 20; i++) {
		assert_int_equal(target_resume(rig->target), ERR_OK);
		probe_sleep_us(rig->probe, 1000 + 137 * i);
		uint64_t before = probe_now_us(rig->probe);
		assert_int_equal(target_halt(rig->target), ERR_OK);
		(void)bench_pc(rig);
		assert_in_range(probe_now_us(rig->probe) - before, 0, 3000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BENCH_TEST(steps_one_instruction),
		BENCH_TEST_OLD(steps_one_instruction),
		BENCH_TEST(steps_over_wfi),
		BENCH_TEST_OLD(steps_over_wfi),
		BENCH_TEST(steps_into_svc_and_out_of_its_handler),
		BENCH_TEST(goes_on_behind_a_bkpt_of_the_program),
		BENCH_TEST(an_exclusive_sequence_is_one_step),
		BENCH_TEST(a_breakpoint_under_the_core_does_not_hold_a_step),
		BENCH_TEST(ten_thousand_steps_show_no_handler_and_lose_no_tick),
		BENCH_TEST_OLD(ten_thousand_steps_show_no_handler_and_lose_no_tick),
		BENCH_TEST(nor_do_steps_in_ram),
		BENCH_TEST(steps_may_be_let_into_handlers),
		BENCH_TEST(steps_out_of_a_handler),
		BENCH_TEST(a_critical_section_is_stepped_through),
		BENCH_TEST(a_breakpoint_in_a_handler_stops_a_step),
		BENCH_TEST(a_resume_lets_in_what_waited),
		BENCH_TEST(a_range_is_run_to_its_exits),
		BENCH_TEST_OLD(a_range_is_run_to_its_exits),
		BENCH_TEST(handlers_do_not_end_a_range),
		BENCH_TEST(without_a_free_comparator_a_range_is_stepped),
		BENCH_TEST(a_breakpoint_ends_a_range),
		BENCH_TEST(an_endless_range_can_be_halted),
		BENCH_TEST(a_halt_takes_less_than_3_ms),
		BENCH_TEST_OLD(a_halt_takes_less_than_3_ms),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
