/*
 * The rig of tests/flash with a program to debug in its flash: for tests of run control.
 *
 * The core is halted at the program's reset vector. A check that fails, fails the test.
 */
#ifndef TESTS_DEBUG_BENCH_H
#define TESTS_DEBUG_BENCH_H

#include "program.h"
#include "tests/flash/rig.h"

/* With the board's default probe, which knows batches; or with this firmware. */
void bench_start(struct rig *rig, const char *firmware);
void bench_start_v3(struct rig *rig);
void bench_start_with(struct rig *rig, const struct target_options *target);

/* cmocka fixtures: *state is a struct rig that is started; the second has no batches. */
int bench_setup(void **state);
int bench_setup_old(void **state);
int bench_teardown(void **state);
#define BENCH_TEST(function) cmocka_unit_test_setup_teardown(function, bench_setup, bench_teardown)
#define BENCH_TEST_OLD(function) \
	cmocka_unit_test_setup_teardown(function, bench_setup_old, bench_teardown)

uint32_t bench_register(struct rig *rig, enum target_register which);
void bench_set(struct rig *rig, enum target_register which, uint32_t value);
uint32_t bench_pc(struct rig *rig);

/* Resumes; polls until the core has halted, for a second of modelled time. */
struct target_status bench_run(struct rig *rig);

/* The poll alone. */
struct target_status bench_wait(struct rig *rig);

/* One step, which must end as one. */
void bench_step(struct rig *rig);

/* A word as the debugger sees it, and as it is. */
uint32_t bench_word(struct rig *rig, uint32_t address);
uint32_t bench_true_word(struct rig *rig, uint32_t address);
void bench_write(struct rig *rig, uint32_t address, uint32_t value);

/* USB transfers that the board has counted. */
uint64_t bench_transfers(struct rig *rig);

/* Starts SysTick, with interrupts, every `cycles`; the program counts in PROGRAM_TICKS. */
void bench_start_ticks(struct rig *rig, uint32_t cycles);

#endif
