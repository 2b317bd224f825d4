/* Steps where interrupts switch threads: the step's own thread comes back late, or never, or
 * another one passes where it stands. */
#include <string.h>

#include "bench.h"

#define ICSR      0xE000ED04u
#define PENDSVSET (1u << 28)
#define VTOR      0xE000ED08u
#define VECTORS   0x20002000u
#define HANDLER   0x20001000u
#define NEXT      0x20003000u /* where the handler `swap` keeps the psp of the other thread */
#define STACK_A   0x20004000u
#define STACK_B   0x20005000u
#define HERE      PROGRAM_SHORT_LOOP

static const uint8_t forever[] = {0xFE, 0xE7};

/* Counts for 0.6 s, and returns. */
static const uint8_t late[] = {0x01, 0x48, 0x01, 0x38, 0xFD, 0xD1, 0x70, 0x47, 0x00, 0xD4, 0x30, 0};

/* Exchanges psp with the word at NEXT, and returns. */
static const uint8_t swap[] = {0x03, 0x49, 0xEF, 0xF3, 0x09, 0x80, 0x0A, 0x68, 0x08, 0x60, 0x82,
	0xF3, 0x09, 0x88, 0x70, 0x47, 0x00, 0x30, 0x00, 0x20};

/* Stands at HERE, with PendSV pending and this handler for it. */
static void wait_with(struct rig *rig, const uint8_t *handler, size_t size)
{
	bench_start(rig, "V2J37M26");
	for (uint32_t i = 0; i < 16; i++)
		bench_write(rig, VECTORS + 4 * i, bench_word(rig, PROGRAM_START + 4 * i));
	bench_write(rig, VECTORS + 4 * 14, HANDLER | 1);
	bench_write(rig, VTOR, VECTORS);
	assert_int_equal(target_write_memory(rig->target, HANDLER, handler, size), ERR_OK);
	bench_set(rig, TARGET_PC, HERE);
	bench_write(rig, ICSR, PENDSVSET);
}

static enum target_run_state look(struct rig *rig, struct target_status *status)
{
	assert_int_equal(target_poll(rig->target, status), ERR_OK);
	return status->state;
}

static void begin_step(struct rig *rig)
{
	struct target_status status;
	bool running = false;
	assert_int_equal(target_step_range(rig->target, HERE, HERE + 2, &running), ERR_OK);
	assert_true(running);
	assert_int_equal(look(rig, &status), TARGET_RUNNING);
}

static void a_thread_that_stays_away_can_be_given_up(void **state)
{
	struct rig rig;
	(void)state;
	wait_with(&rig, forever, sizeof(forever));
	begin_step(&rig);
	assert_int_equal(target_halt(rig.target), ERR_OK);
	assert_int_equal(bench_pc(&rig), HANDLER);
	bench_step(&rig); /* nothing is left of it */
	assert_int_equal(bench_pc(&rig), HANDLER);
	rig_stop(&rig);
}

static void a_thread_that_comes_back_late_is_waited_for(void **state)
{
	struct target_status status;
	struct rig rig;
	(void)state;
	wait_with(&rig, late, sizeof(late));
	begin_step(&rig);
	status = bench_wait(&rig);
	assert_int_equal(status.reason, TARGET_STOP_STEP);
	assert_int_equal(bench_pc(&rig), HERE);
	bench_step(&rig);
	assert_int_equal(bench_pc(&rig), HERE + 2);
	rig_stop(&rig);
}

/* Who wants one step, and the core halted after it, has it halted where it is then. */
static void a_single_step_ends_in_any_case(void **state)
{
	struct target_status status;
	struct rig rig;
	(void)state;
	wait_with(&rig, forever, sizeof(forever));
	assert_int_equal(target_step(rig.target), ERR_OK);
	assert_int_equal(look(&rig, &status), TARGET_HALTED);
	assert_int_equal(bench_pc(&rig), HANDLER);
	rig_stop(&rig);
}

static void another_thread_that_passes_is_not_this_one(void **state)
{
	static const uint32_t frame[8] = {[6] = HERE, [7] = 1u << 24};
	struct target_status status;
	struct rig rig;
	(void)state;
	wait_with(&rig, swap, sizeof(swap));
	bench_set(&rig, TARGET_PSP, STACK_A);
	bench_set(&rig, TARGET_CONTROL, 2);
	bench_write(&rig, NEXT, STACK_B - sizeof(frame));
	for (uint32_t i = 0; i < COUNT_OF(frame); i++)
		bench_write(&rig, STACK_B - sizeof(frame) + 4 * i, frame[i]);
	begin_step(&rig);
	for (int i = 0; i < 5; i++)
		assert_int_equal(look(&rig, &status), TARGET_RUNNING);
	(void)rig_control(&rig, "word 0xE000ED04 0x10000000");
	status = bench_wait(&rig);
	assert_int_equal(status.reason, TARGET_STOP_STEP);
	assert_int_equal(bench_pc(&rig), HERE);
	assert_int_equal(bench_register(&rig, TARGET_SP), STACK_A);
	rig_stop(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_thread_that_stays_away_can_be_given_up),
		cmocka_unit_test(a_thread_that_comes_back_late_is_waited_for),
		cmocka_unit_test(a_single_step_ends_in_any_case),
		cmocka_unit_test(another_thread_that_passes_is_not_this_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
