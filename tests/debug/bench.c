/* A program on a whole virtual board, to debug: see bench.h. */
#include "bench.h"

#include <stdlib.h>
#include <string.h>

#include "probe/bytes.h"

#define SYST_CSR  0xE000E010u
#define SYST_RVR  0xE000E014u
#define SYST_CVR  0xE000E018u
#define POLL_US   1000u
#define POLLS_MAX 1000u

static void start(struct rig *rig, const struct rig_options *options)
{
	rig_start(rig, options);
	assert_int_equal(rig_load(rig, 0, program, sizeof(program), NULL), ERR_OK);
	assert_int_equal(bench_pc(rig), PROGRAM_RESET);
}

void bench_start(struct rig *rig, const char *firmware)
{
	start(rig, &(struct rig_options){.board = {.firmware = firmware}});
}

void bench_start_v3(struct rig *rig)
{
	start(rig, &(struct rig_options){.board = {.probe = "v3"}});
}

void bench_start_with(struct rig *rig, const struct target_options *target)
{
	start(rig, &(struct rig_options){.target = *target});
}

static int setup(void **state, const char *firmware)
{
	*state = calloc(1, sizeof(struct rig));
	if (!*state)
		return -1;
	bench_start(*state, firmware);
	return 0;
}

int bench_setup(void **state)
{
	return setup(state, NULL);
}

int bench_setup_old(void **state)
{
	return setup(state, "V2J26M15");
}

int bench_teardown(void **state)
{
	rig_stop(*state);
	free(*state);
	return 0;
}

uint32_t bench_register(struct rig *rig, enum target_register which)
{
	uint32_t value = 0;
	assert_int_equal(target_read_register(rig->target, which, &value), ERR_OK);
	return value;
}

void bench_set(struct rig *rig, enum target_register which, uint32_t value)
{
	assert_int_equal(target_write_register(rig->target, which, value), ERR_OK);
}

uint32_t bench_pc(struct rig *rig)
{
	return bench_register(rig, TARGET_PC);
}

struct target_status bench_wait(struct rig *rig)
{
	struct target_status status = {0};
	for (unsigned i = 0; i < POLLS_MAX; i++) {
		assert_int_equal(target_poll(rig->target, &status), ERR_OK);
		if (status.state == TARGET_HALTED)
			return status;
		probe_sleep_us(rig->probe, POLL_US);
	}
	fail_msg("the core does not stop");
	return status;
}

struct target_status bench_run(struct rig *rig)
{
	assert_int_equal(target_resume(rig->target), ERR_OK);
	return bench_wait(rig);
}

void bench_step(struct rig *rig)
{
	struct target_status status;
	assert_int_equal(target_step(rig->target), ERR_OK);
	target_get_stop(rig->target, &status);
	assert_int_equal(status.reason, TARGET_STOP_STEP);
}

uint32_t bench_word(struct rig *rig, uint32_t address)
{
	uint8_t bytes[4];
	assert_int_equal(target_read_memory(rig->target, address, bytes, sizeof(bytes)), ERR_OK);
	return get_le32(bytes);
}

uint32_t bench_true_word(struct rig *rig, uint32_t address)
{
	const char *answer = rig_control(rig, "word 0x%08x", address);
	const char *value = strstr(answer, "\"value\":");
	assert_non_null(value);
	return (uint32_t)strtoul(value + strlen("\"value\":"), NULL, 10);
}

void bench_write(struct rig *rig, uint32_t address, uint32_t value)
{
	uint8_t bytes[4];
	put_le32(bytes, value);
	assert_int_equal(target_write_memory(rig->target, address, bytes, sizeof(bytes)), ERR_OK);
}

uint64_t bench_transfers(struct rig *rig)
{
	return rig_book(rig, "usb_out") + rig_book(rig, "usb_in");
}

void bench_start_ticks(struct rig *rig, uint32_t cycles)
{
	bench_write(rig, PROGRAM_TICKS, 0);
	bench_write(rig, SYST_RVR, cycles - 1);
	bench_write(rig, SYST_CVR, 0);
	bench_write(rig, SYST_CSR, 7);
}
