/*
 * What is left behind on the board: nothing. The private peripheral bus and DBGMCU are compared
 * word by word, from the board's side, before and after a session.
 */
#include <stdlib.h>
#include <string.h>

#include "bench.h"

#define DHCSR     0xE000EDF0u
#define DBGMCU_CR 0xE0042004u
#define APB1_FZ   0xE0042008u
#define APB2_FZ   0xE004200Cu
#define DEMCR     0xE000EDFCu
#define MON_EN    0x10000u /* of DEMCR */
#define TIM4_CCR1 0x40000834u
#define RCC_APB1  0x40023840u
#define TIM4EN    (1u << 2)
#define RAM_CODE  0x20001000u
#define WORDS_MAX 8192u
#define C_BITS    0xFu     /* of DHCSR: what a debugger sets */
#define S_HALT    0x20000u /* of DHCSR */

static const struct block {
	uint32_t start, end;
} blocks[] = {
	{0xE0000E00, 0xE0000E84},                           /* ITM */
	{0xE0001000, 0xE0001004},                           /* DWT, without its counters */
	{0xE0001020, 0xE0001060}, {0xE0002000, 0xE0002028}, /* FPB */
	{0xE000E010, 0xE000E018},                           /* SysTick, without the counter */
	{0xE000E100, 0xE000E500},                           /* NVIC */
	{0xE000ED00, 0xE000ED40},                           /* SCB */
	{0xE000ED88, 0xE000EDF0},                           /* CPACR, MPU */
	{DHCSR, 0xE000EE00},                                /* debug */
	{0xE000EF34, 0xE000EF40},                           /* FPU */
	{0xE0040000, 0xE0040010},                           /* TPIU */
	{0xE0042000, 0xE0042010},                           /* DBGMCU */
};

struct dump {
	size_t count;
	uint32_t address[WORDS_MAX], value[WORDS_MAX];
};

static uint32_t settled(uint32_t address, uint32_t value)
{
	return address == DHCSR ? value & C_BITS : value;
}

static struct dump *take_dump(struct rig *rig)
{
	struct dump *dump = calloc(1, sizeof(*dump));
	assert_non_null(dump);
	for (size_t i = 0; i < COUNT_OF(blocks); i++) {
		for (uint32_t at = blocks[i].start; at < blocks[i].end; at += 4) {
			dump->address[dump->count] = at;
			dump->value[dump->count++] = settled(at, bench_true_word(rig, at));
		}
	}
	return dump;
}

/* Frees both. */
static void expect_same(struct dump *before, struct dump *after)
{
	assert_int_equal(after->count, before->count);
	for (size_t i = 0; i < before->count; i++)
		if (after->value[i] != before->value[i])
			fail_msg("%08X was %08X and is %08X", before->address[i], before->value[i],
				after->value[i]);
	free(before);
	free(after);
}

static bool is_halted(struct rig *rig)
{
	return bench_true_word(rig, DHCSR) & S_HALT;
}

static uint64_t instructions(struct rig *rig)
{
	return rig_book(rig, "instructions");
}

static void expect_running(struct rig *rig)
{
	uint64_t before = instructions(rig);
	(void)rig_control(rig, "run 1");
	assert_true(instructions(rig) > before);
	assert_false(is_halted(rig));
}

/* A board that runs the program and has been left alone. */
static void start(struct rig *rig, const struct target_options *options)
{
	bench_start_with(rig, options);
	assert_int_equal(target_detach(rig->target), ERR_OK);
	expect_running(rig);
}

/* Everything that a debugger sets. */
static void debug_busily(struct rig *rig)
{
	static const uint8_t code[] = {0x01, 0x30, 0x02, 0x30};
	struct target *target = rig->target;
	assert_int_equal(target_halt(target), ERR_OK);
	for (uint32_t i = 0; i < 6; i++)
		assert_int_equal(target_add_breakpoint(target, PROGRAM_LOOP + 4 * i), ERR_OK);
	assert_int_equal(target_write_memory(target, RAM_CODE, code, sizeof(code)), ERR_OK);
	assert_int_equal(target_add_breakpoint(target, RAM_CODE + 2), ERR_OK);
	for (uint32_t i = 0; i < 4; i++)
		assert_int_equal(target_add_watchpoint(
					 target, TARGET_WATCH_ACCESS, PROGRAM_COUNT + 4 * i, 4),
			ERR_OK);
	(void)bench_run(rig);
	(void)bench_run(rig);
	assert_int_equal(target_step(target), ERR_OK);
}

static void expect_clean_session(void (*debug)(struct rig *rig))
{
	static const struct target_options options;
	struct rig rig;
	start(&rig, &options);
	struct dump *before = take_dump(&rig);
	assert_int_equal(target_attach(rig.target), ERR_OK);
	debug(&rig);
	assert_int_equal(target_detach(rig.target), ERR_OK);
	expect_same(before, take_dump(&rig));
	expect_running(&rig);
	rig_stop(&rig);
}

static void nothing_is_left_of_a_busy_session(void **state)
{
	(void)state;
	expect_clean_session(debug_busily);
}

static void leave_running(struct rig *rig)
{
	debug_busily(rig);
	for (uint32_t i = 0; i < 6; i++)
		assert_int_equal(
			target_remove_breakpoint(rig->target, PROGRAM_LOOP + 4 * i), ERR_OK);
	for (uint32_t i = 0; i < 4; i++)
		assert_int_equal(target_remove_watchpoint(rig->target, TARGET_WATCH_ACCESS,
					 PROGRAM_COUNT + 4 * i, 4),
			ERR_OK);
	assert_int_equal(target_resume(rig->target), ERR_OK);
}

static void nothing_is_left_when_the_core_runs(void **state)
{
	(void)state;
	expect_clean_session(leave_running);
}

static void reset_in_between(struct rig *rig)
{
	debug_busily(rig);
	assert_int_equal(target_reset(rig->target, true), ERR_OK);
}

static void nothing_is_left_after_a_reset(void **state)
{
	(void)state;
	expect_clean_session(reset_in_between);
}

/* Neither halts nor resets; only DBGMCU knows of it. */
static void attaching_lets_the_core_run(void **state)
{
	static const struct target_options options;
	struct rig rig;
	(void)state;
	start(&rig, &options);
	uint64_t resets = rig_book(&rig, "resets");
	assert_int_equal(target_attach(rig.target), ERR_OK);
	expect_running(&rig);
	assert_int_equal(bench_true_word(&rig, DHCSR) & C_BITS, 0);
	assert_int_equal(bench_true_word(&rig, APB1_FZ), 0x1800);
	assert_int_equal(bench_true_word(&rig, APB2_FZ), 0);
	assert_int_equal(rig_book(&rig, "resets"), resets);
	assert_int_equal(target_detach(rig.target), ERR_OK);
	assert_int_equal(bench_true_word(&rig, APB1_FZ), 0);
	rig_stop(&rig);
}

/* ---- what is found is put back, not what is tidy ---- */

static void settings_of_the_firmware_are_kept(void **state)
{
	static const struct target_options options;
	struct rig rig;
	(void)state;
	start(&rig, &options);
	(void)rig_control(&rig, "word 0xE0042004 0x00000021"); /* DBG_SLEEP, TRACE_IOEN */
	(void)rig_control(&rig, "word 0xE0042008 0x00000401");
	(void)rig_control(&rig, "word 0xE000EDFC 0x01000000"); /* TRCENA */
	(void)rig_control(&rig, "word 0xE0001000 0x00000001"); /* CYCCNTENA */
	struct dump *before = take_dump(&rig);
	assert_int_equal(target_attach(rig.target), ERR_OK);
	debug_busily(&rig);
	assert_int_equal(target_detach(rig.target), ERR_OK);
	expect_same(before, take_dump(&rig));
	rig_stop(&rig);
}

/* A debugger that was killed left the core in debug mode, with its breakpoints. */
static void what_another_debugger_left_goes_too(void **state)
{
	static const struct target_options options;
	struct rig rig;
	(void)state;
	start(&rig, &options);
	struct dump *before = take_dump(&rig);
	(void)rig_control(&rig, "word 0xE000EDF0 0xA05F0001");
	(void)rig_control(&rig, "word 0xE000EDFC 0x010007F1");
	(void)rig_control(&rig, "word 0xE0002000 0x00000003");
	(void)rig_control(&rig, "word 0xE0002008 0xC8000281");
	assert_int_equal(target_attach(rig.target), ERR_OK);
	for (uint32_t i = 0; i < 6; i++)
		assert_int_equal(target_add_breakpoint(rig.target, PROGRAM_LOOP + 4 * i), ERR_OK);
	assert_int_equal(target_halt(rig.target), ERR_OK);
	(void)bench_run(&rig);
	assert_int_equal(target_detach(rig.target), ERR_OK);
	expect_same(before, take_dump(&rig));
	expect_running(&rig);
	rig_stop(&rig);
}

/* Nor does it stop whoever comes after it. */
static void what_another_debugger_watched_stops_nobody(void **state)
{
	static const struct target_options options;
	struct rig rig;
	(void)state;
	start(&rig, &options);
	struct dump *before = take_dump(&rig);
	(void)rig_control(&rig, "word 0xE000EDF0 0xA05F0003");
	(void)rig_control(&rig, "word 0xE000EDFC 0x01000000");
	(void)rig_control(&rig, "word 0xE0001028 0x00000007");
	(void)rig_control(&rig, "word 0xE0001020 0x%08X", PROGRAM_COUNT);
	(void)rig_control(&rig, "word 0xE0001024 0x00000004");
	assert_int_equal(target_attach(rig.target), ERR_OK);
	assert_int_equal(target_halt(rig.target), ERR_OK);
	assert_int_equal(target_resume(rig.target), ERR_OK);
	expect_running(&rig);
	assert_int_equal(target_detach(rig.target), ERR_OK);
	(void)rig_control(&rig, "word 0xE0001020 0"); /* it may stay where it watches nothing */
	(void)rig_control(&rig, "word 0xE0001024 0");
	expect_same(before, take_dump(&rig));
	rig_stop(&rig);
}

/* The program that counts cycles was loaded, or came to it, after the debugger had come. */
static void cycles_that_are_counted_go_on(void **state)
{
	struct rig *rig = *state;
	assert_int_equal(
		target_add_watchpoint(rig->target, TARGET_WATCH_ACCESS, 0x2000F000, 4), ERR_OK);
	(void)rig_control(rig, "word 0xE000EDFC 0x01000000");
	(void)rig_control(rig, "word 0xE0001000 0x00000001");
	bench_step(rig);
	assert_int_equal(target_detach(rig->target), ERR_OK);
	assert_int_equal(bench_true_word(rig, 0xE000EDFC), 0x01000000);
	assert_int_equal(bench_true_word(rig, 0xE0001028), 0);
}

static void without_a_count_the_trace_unit_is_off_again(void **state)
{
	struct rig *rig = *state;
	assert_int_equal(
		target_add_watchpoint(rig->target, TARGET_WATCH_ACCESS, 0x2000F000, 4), ERR_OK);
	bench_step(rig);
	assert_int_equal(target_detach(rig->target), ERR_OK);
	assert_int_equal(bench_true_word(rig, 0xE000EDFC), 0);
}

/* The firmware's watchdog, of 100 ms, while somebody looks at a breakpoint for a minute. */
static void a_watchdog_does_not_bite_at_a_breakpoint(void **state)
{
	static const struct target_options options;
	struct rig rig;
	(void)state;
	bench_start_with(&rig, &options);
	(void)rig_control(&rig, "fault iwdg sw 100ms");
	assert_int_equal(target_add_breakpoint(rig.target, PROGRAM_LEAF), ERR_OK);
	assert_int_equal(bench_run(&rig).reason, TARGET_STOP_BREAKPOINT);
	uint64_t resets = rig_book(&rig, "resets");
	(void)rig_control(&rig, "run 60000");
	assert_int_equal(rig_book(&rig, "resets"), resets);
	assert_int_equal(bench_pc(&rig), PROGRAM_LEAF);
	assert_int_equal(target_detach(rig.target), ERR_OK);
	(void)rig_control(&rig, "run 1000");
	assert_true(rig_book(&rig, "resets") > resets); /* it was armed */
	rig_stop(&rig);
}

/* The monitor's enable bit is the firmware's, which may have set it since the core was let go. */
static void what_the_firmware_does_to_demcr_stays(void **state)
{
	static const struct target_options options;
	struct rig rig;
	(void)state;
	bench_start_with(&rig, &options);
	bench_step(&rig); /* from here on DEMCR is known, until the core runs */
	assert_int_equal(target_resume(rig.target), ERR_OK);
	(void)rig_control(&rig, "word 0x%08x 0x%08x", DEMCR, bench_true_word(&rig, DEMCR) | MON_EN);
	assert_int_equal(target_halt(rig.target), ERR_OK);
	assert_int_equal(target_detach(rig.target), ERR_OK);
	assert_int_equal(bench_true_word(&rig, DEMCR), MON_EN);
	rig_stop(&rig);
}

static void what_the_user_writes_to_demcr_stays(void **state)
{
	static const struct target_options options;
	static const uint8_t mon_en[] = {0, 0, 1, 0};
	struct rig rig;
	(void)state;
	bench_start_with(&rig, &options);
	bench_step(&rig);
	assert_int_equal(target_write_memory(rig.target, DEMCR, mon_en, sizeof(mon_en)), ERR_OK);
	assert_int_equal(target_detach(rig.target), ERR_OK);
	assert_int_equal(bench_true_word(&rig, DEMCR), MON_EN);
	rig_stop(&rig);
}

static uint64_t leaving_costs(struct rig *rig)
{
	uint64_t before = bench_transfers(rig);
	assert_int_equal(target_detach(rig->target), ERR_OK);
	return bench_transfers(rig) - before;
}

/* Behind a step, and where it was read ahead, all that is wanted is known: one batch, and EXIT. */
static void leaving_costs_5_transfers_or_7_where_nothing_was_read_ahead(void **state)
{
	static const struct target_options options;
	struct rig rig;
	(void)state;
	bench_start_with(&rig, &options);
	assert_int_equal(target_add_breakpoint(rig.target, PROGRAM_LEAF), ERR_OK);
	assert_int_equal(bench_run(&rig).reason, TARGET_STOP_BREAKPOINT);
	assert_int_equal(leaving_costs(&rig), 7);
	assert_int_equal(target_attach(rig.target), ERR_OK);
	assert_int_equal(target_halt(rig.target), ERR_OK);
	assert_int_equal(target_prefetch(rig.target), ERR_OK);
	assert_int_equal(leaving_costs(&rig), 5);
	assert_int_equal(target_attach(rig.target), ERR_OK);
	assert_int_equal(target_halt(rig.target), ERR_OK);
	bench_step(&rig);
	assert_int_equal(leaving_costs(&rig), 5);
	expect_running(&rig);
	rig_stop(&rig);
}

static void fail_once(struct rig *rig)
{
	assert_int_equal(target_halt(rig->target), ERR_OK);
	assert_int_equal(target_add_breakpoint(rig->target, PROGRAM_LEAF), ERR_OK);
	assert_int_equal(bench_run(rig).reason, TARGET_STOP_BREAKPOINT);
	bench_step(rig);
	(void)rig_control(rig, "fault swd-fault");
}

static void nothing_is_left_when_the_batch_fails(void **state)
{
	(void)state;
	expect_clean_session(fail_once);
}

/* ---- how it is left ---- */

static void leave_as(struct rig *rig, enum target_exit on_exit)
{
	const struct target_options options = {.on_exit = on_exit};
	bench_start_with(rig, &options);
	bench_set(rig, TARGET_PC, PROGRAM_SHORT_LOOP);
	bench_step(rig);
	assert_int_equal(target_detach(rig->target), ERR_OK);
}

static void is_left_halted_on_demand(void **state)
{
	struct rig rig;
	(void)state;
	leave_as(&rig, TARGET_EXIT_HALT);
	assert_true(is_halted(&rig));
	assert_int_equal(bench_true_word(&rig, 0xE000EDFC), 0);
	rig_stop(&rig);
}

static void is_left_reset_on_demand(void **state)
{
	struct rig rig;
	(void)state;
	leave_as(&rig, TARGET_EXIT_RESET);
	expect_running(&rig);
	assert_int_equal(bench_true_word(&rig, DHCSR) & C_BITS, 0);
	rig_stop(&rig);
}

static void timers_stand_still_on_demand(void **state)
{
	const struct target_options options = {.freeze_timers = true};
	struct rig rig;
	(void)state;
	start(&rig, &options);
	assert_int_equal(target_attach(rig.target), ERR_OK);
	assert_int_equal(bench_true_word(&rig, APB1_FZ) & 0xF, 0xF);         /* TIM2-5 */
	assert_int_equal(bench_true_word(&rig, APB2_FZ) & 0x70001, 0x70001); /* TIM1, TIM9-11 */
	assert_int_equal(target_detach(rig.target), ERR_OK);
	assert_int_equal(bench_true_word(&rig, APB1_FZ), 0);
	assert_int_equal(bench_true_word(&rig, APB2_FZ), 0);
	rig_stop(&rig);
}

/* ---- words while it is halted ---- */

static void words_are_written_at_a_halt_and_undone(void **state)
{
	const struct target_options options = {
		.on_halt = {{TIM4_CCR1, 0}, {0x20003000, 0x55}}, .on_halt_count = 2};
	struct rig rig;
	(void)state;
	bench_start_with(&rig, &options);
	struct target *target = rig.target;
	assert_int_equal(bench_true_word(&rig, 0x20003000), 0x55);
	assert_int_equal(target_resume(target), ERR_OK);
	(void)rig_control(&rig, "word 0x%08x 0x%08x", RCC_APB1, TIM4EN);
	(void)rig_control(&rig, "word 0x%08x 1234", TIM4_CCR1);
	(void)rig_control(&rig, "word 0x20003000 77");
	for (int i = 0; i < 3; i++) {
		assert_int_equal(target_halt(target), ERR_OK);
		assert_int_equal(bench_true_word(&rig, TIM4_CCR1), 0);
		assert_int_equal(bench_true_word(&rig, 0x20003000), 0x55);
		assert_int_equal(target_step(target), ERR_OK);
		assert_int_equal(bench_true_word(&rig, TIM4_CCR1), 0);
		assert_int_equal(target_resume(target), ERR_OK);
		assert_int_equal(bench_true_word(&rig, TIM4_CCR1), 1234);
		assert_int_equal(bench_true_word(&rig, 0x20003000), 77);
	}
	/* a stop that nobody asked for, and leaving */
	assert_int_equal(target_add_breakpoint(target, PROGRAM_LEAF), ERR_OK);
	(void)bench_wait(&rig);
	assert_int_equal(bench_true_word(&rig, TIM4_CCR1), 0);
	assert_int_equal(target_detach(target), ERR_OK);
	assert_int_equal(bench_true_word(&rig, TIM4_CCR1), 1234);
	rig_stop(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_left_of_a_busy_session),
		cmocka_unit_test(nothing_is_left_when_the_core_runs),
		cmocka_unit_test(nothing_is_left_after_a_reset),
		cmocka_unit_test(attaching_lets_the_core_run),
		cmocka_unit_test(settings_of_the_firmware_are_kept),
		cmocka_unit_test(what_another_debugger_left_goes_too),
		cmocka_unit_test(what_another_debugger_watched_stops_nobody),
		BENCH_TEST(cycles_that_are_counted_go_on),
		BENCH_TEST(without_a_count_the_trace_unit_is_off_again),
		cmocka_unit_test(a_watchdog_does_not_bite_at_a_breakpoint),
		cmocka_unit_test(what_the_firmware_does_to_demcr_stays),
		cmocka_unit_test(what_the_user_writes_to_demcr_stays),
		cmocka_unit_test(leaving_costs_5_transfers_or_7_where_nothing_was_read_ahead),
		cmocka_unit_test(nothing_is_left_when_the_batch_fails),
		cmocka_unit_test(is_left_halted_on_demand),
		cmocka_unit_test(is_left_reset_on_demand),
		cmocka_unit_test(timers_stand_still_on_demand),
		cmocka_unit_test(words_are_written_at_a_halt_and_undone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
