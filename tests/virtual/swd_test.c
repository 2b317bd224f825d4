/* Transfers, retries, status codes and costs of the probe's SWD driver (swd.c). */
#include "bench.h"
#include "stlink_status.h"
#include "swd.h"
#include "swd_memory.h"

static int setup(void **state)
{
	*state = bench_create("v21", NULL, true);
	return 0;
}

static int teardown(void **state)
{
	bench_destroy(*state);
	return 0;
}

static struct swd *swd_of(void **state)
{
	return &((struct bench *)*state)->board->swd;
}

static void a_word_costs_46_clocks(void **state)
{
	struct swd *swd = swd_of(state);
	uint32_t value;
	assert_int_equal(swd_read_word(swd, 0, FAKE_RAM, &value), STATUS_OK);
	uint64_t words = swd->transfers;
	uint64_t ns = swd->time->spent_ns[TIME_SWD];
	swd->khz = 2360;
	assert_int_equal(swd_read_word(swd, 0, FAKE_RAM, &value), STATUS_OK);
	/* TAR, DRW, RDBUFF: SELECT and CSW are as they should be */
	assert_int_equal(swd->transfers - words, 3);
	assert_int_equal(swd->time->spent_ns[TIME_SWD] - ns, 3 * (46000000 / 2360));
}

static void a_v3_feeds_the_wire_no_faster_than_it_can(void **state)
{
	struct bench *bench = *state;
	bench_destroy(bench);
	*state = bench = bench_create("v3", NULL, true);
	struct swd *swd = &bench->board->swd;
	uint32_t value;
	swd->khz = 24000;
	assert_int_equal(swd_read_word(swd, 0, FAKE_RAM, &value), STATUS_OK);
	uint64_t ns = swd->time->spent_ns[TIME_SWD];
	assert_int_equal(swd_read_word(swd, 0, FAKE_RAM, &value), STATUS_OK);
	assert_int_equal(swd->time->spent_ns[TIME_SWD] - ns, 3 * 6300);
	swd->khz = 1000;
	ns = swd->time->spent_ns[TIME_SWD];
	assert_int_equal(swd_read_word(swd, 0, FAKE_RAM, &value), STATUS_OK);
	assert_int_equal(swd->time->spent_ns[TIME_SWD] - ns, 3 * 46000);
}

static void a_short_wait_is_ridden_out(void **state)
{
	struct swd *swd = swd_of(state);
	uint32_t value;
	put_le32(fake_chip()->ram, 0x01020304);
	fake_chip()->answer = CHIP_WAIT;
	fake_chip()->answer_count = 5; /* the access itself and four times RDBUFF */
	assert_int_equal(swd_read_word(swd, 0, FAKE_RAM, &value), STATUS_OK);
	assert_int_equal(value, 0x01020304);
	assert_int_equal(swd->waits, 4);
}

static void a_long_wait_becomes_status_10(void **state)
{
	struct swd *swd = swd_of(state);
	uint32_t value;
	fake_chip()->answer = CHIP_WAIT;
	fake_chip()->answer_count = 11;
	assert_int_equal(swd_read_word(swd, 0, FAKE_RAM, &value), STATUS_AP_WAIT);
	/* The access is still on the bus, and in the way of the next one. */
	assert_int_equal(swd_read_word(swd, 0, FAKE_RAM, &value), STATUS_AP_WAIT);
	assert_int_equal(swd_read_word(swd, 0, FAKE_RAM, &value), STATUS_OK);
}

static void a_fault_is_told_and_cleared(void **state)
{
	struct swd *swd = swd_of(state);
	uint32_t value;
	assert_int_equal(swd_read_word(swd, 0, 0x60000000, &value), STATUS_AP_FAULT);
	assert_int_equal(swd_write_word(swd, 0, 0x60000000, 1), STATUS_AP_FAULT);
	assert_int_equal(swd_read_word(swd, 0, FAKE_RAM, &value), STATUS_OK);
}

static void an_error_left_by_others_is_status_19(void **state)
{
	struct swd *swd = swd_of(state);
	uint32_t value;
	swd->dap->ctrl_stat |= STAT_STICKYERR;
	assert_int_equal(swd_read_word(swd, 0, FAKE_RAM, &value), STATUS_AP_STICKY);
	assert_int_equal(swd_read_word(swd, 0, FAKE_RAM, &value), STATUS_OK);
}

static void a_write_with_bad_parity_is_status_18(void **state)
{
	struct swd *swd = swd_of(state);
	uint32_t value;
	swd->dap->ctrl_stat |= STAT_WDATAERR;
	assert_int_equal(swd_read_word(swd, 0, FAKE_RAM, &value), STATUS_AP_WDATA);
	assert_int_equal(swd_read_word(swd, 0, FAKE_RAM, &value), STATUS_OK);
}

static void a_silent_target_is_status_16_and_enter_says_09(void **state)
{
	struct swd *swd = swd_of(state);
	uint32_t value;
	fake_chip()->dp_dead = true;
	assert_int_equal(swd_read_word(swd, 0, FAKE_RAM, &value), STATUS_DP_ERROR);
	assert_int_equal(swd_connect(swd, &value), STATUS_NO_IDCODE);
	fake_chip()->dp_dead = false;
	assert_int_equal(swd_connect(swd, &value), STATUS_OK);
	assert_int_equal(value, 0x2ba01477);
	assert_int_equal(swd_read_word(swd, 0, FAKE_RAM, &value), STATUS_OK);
}

static void connecting_powers_the_debug_domain_up(void **state)
{
	struct swd *swd = swd_of(state);
	swd->dap->ctrl_stat = STAT_STICKYERR;
	assert_int_equal(swd_connect(swd, NULL), STATUS_OK);
	assert_int_equal(swd->dap->ctrl_stat, STAT_CDBGPWRUPREQ | STAT_CSYSPWRUPREQ);
}

static void a_bad_link_errs_above_its_limit_only(void **state)
{
	struct bench *bench = *state;
	struct swd *swd = swd_of(state);
	uint32_t value;
	unsigned errors = 0;
	bench_control(bench, "fault link-ber 0.005 above 1000");
	swd->khz = 960;
	for (int i = 0; i < 200; i++)
		assert_int_equal(swd_read_word(swd, 0, FAKE_RAM, &value), STATUS_OK);
	swd->khz = 1553;
	for (int i = 0; i < 200; i++)
		errors += swd_write_word(swd, 0, FAKE_RAM, (uint32_t)i) != STATUS_OK;
	assert_in_range(errors, 20, 190);
	bench_control(bench, "fault none");
	assert_int_equal(swd_connect(swd, NULL), STATUS_OK);
	assert_int_equal(swd_read_word(swd, 0, FAKE_RAM, &value), STATUS_OK);
}

static void a_garbled_link_never_delivers_wrong_words(void **state)
{
	struct bench *bench = *state;
	struct swd *swd = swd_of(state);
	put_le32(fake_chip()->ram, 0x5aa55aa5);
	bench_control(bench, "fault link-ber 0.003");
	for (int i = 0; i < 500; i++) {
		uint32_t value = 0;
		if (swd_read_word(swd, 0, FAKE_RAM, &value) == STATUS_OK)
			assert_int_equal(value, 0x5aa55aa5);
	}
}

static void injected_acknowledges_are_those_of_the_switch(void **state)
{
	struct bench *bench = *state;
	struct swd *swd = swd_of(state);
	uint32_t value;
	bench_control(bench, "fault swd-wait x4");
	assert_int_equal(swd_read_word(swd, 0, FAKE_RAM, &value), STATUS_OK);
	bench_control(bench, "fault swd-wait x5");
	assert_int_equal(swd_read_word(swd, 0, FAKE_RAM, &value), STATUS_AP_WAIT);
	bench_control(bench, "fault swd-fault skip 1");
	assert_int_equal(swd_read_word(swd, 0, FAKE_RAM, &value), STATUS_AP_FAULT);
	bench_control(bench, "fault swd-silent x1");
	assert_int_equal(swd_read_word(swd, 0, FAKE_RAM, &value), STATUS_DP_ERROR);
	assert_int_equal(swd_read_word(swd, 0, FAKE_RAM, &value), STATUS_OK);
}

#define SWD_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SWD_TEST(a_word_costs_46_clocks),
		SWD_TEST(a_v3_feeds_the_wire_no_faster_than_it_can),
		SWD_TEST(a_short_wait_is_ridden_out),
		SWD_TEST(a_long_wait_becomes_status_10),
		SWD_TEST(a_fault_is_told_and_cleared),
		SWD_TEST(an_error_left_by_others_is_status_19),
		SWD_TEST(a_write_with_bad_parity_is_status_18),
		SWD_TEST(a_silent_target_is_status_16_and_enter_says_09),
		SWD_TEST(connecting_powers_the_debug_domain_up),
		SWD_TEST(a_bad_link_errs_above_its_limit_only),
		SWD_TEST(a_garbled_link_never_delivers_wrong_words),
		SWD_TEST(injected_acknowledges_are_those_of_the_switch),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
