/* Several accesses in one command: layout, splits, the way without. */
#include "batch_script.h"
#include "opened_probe.h"
#include "tests/prelude.h"

static void a_batch_has_the_proven_form(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = proved_probe(&script, "V2J37M26");
	struct probe_item three[] = {
		{.address = 0xE000EDF0},
		{.address = 0xE000EDF4, .value = 15, .write = true},
		{.address = 0xE000EDF8},
	};
	size_t done = 0;

	script_expect_out(script, "F2 51 05 00 00 00",
		"05 03 01 02 03 00 00 00 00 00 00 00 F0 ED 00 E0 F4 ED 00 E0 0F 00 00 00 "
		"F8 ED 00 E0");
	script_expect_in(script, "F2 52",
		"00 00 00 00 03 00 03 00 00 00 00 00 00 00 00 00 C4 01 00 08 "
		"80 00 00 00 80 00 00 00 80 00 00 00 80 00 00 00 80 00 00 00");
	assert_int_equal(probe_batch(probe, three, 3, &done), ERR_OK);
	assert_int_equal(done, 3);
	assert_int_equal(three[0].value, 0x00030003);
	assert_int_equal(three[1].value, 15);
	assert_int_equal(three[2].value, 0x080001C4);
	close_probe(script, probe, true);
}

static void nothing_is_no_command(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = entered_probe(&script, "V2J37M26");
	size_t done = 7;

	assert_int_equal(probe_batch(probe, items, 0, &done), ERR_OK);
	assert_int_equal(done, 0);
	close_probe(script, probe, true);
}

static void one_or_two_go_as_words(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = entered_probe(&script, "V2J37M26");
	struct probe_item two[] = {
		{.address = 0x20000000},
		{.address = 0x20000004, .value = 5, .write = true},
	};

	script_expect_in(script, "F2 36 00 00 00 20", "80 00 00 00 01 00 00 00");
	script_expect_in(script, "F2 35 04 00 00 20 05 00 00 00", "80 00");
	assert_int_equal(probe_batch(probe, two, 2, NULL), ERR_OK);
	assert_int_equal(two[0].value, 1);
	close_probe(script, probe, true);
}

static void without_the_command_all_go_as_words(void **state)
{
	(void)state;
	static const char *const firmware[] = {"V2J31M21", "V2J14S4", "V3J1M1"};

	for (size_t k = 0; k < COUNT_OF(firmware); k++) {
		struct script *script;
		struct probe *probe = entered_probe(&script, firmware[k]);
		size_t done;

		make_items(4);
		script_expect_in(script, "F2 36 00 00 00 20", "80 00 00 00 FF FF FF DF");
		script_expect_in(script, "F2 36 04 00 00 20", "80 00 00 00 FB FF FF DF");
		script_expect_in(script, "F2 35 08 00 00 20 02 00 DE C0", "80 00");
		script_expect_in(script, "F2 36 0C 00 00 20", "80 00 00 00 F3 FF FF DF");
		assert_int_equal(probe_batch(probe, items, 4, &done), ERR_OK);
		assert_int_equal(done, 4);
		assert_values(4);
		close_probe(script, probe, true);
	}
}

/* 64 codes on a V2: one for the port, 63 for items; here 4 codes for 3 items. */
static void a_v2_splits_at_64_codes(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = proved_probe(&script, "V2J37M26");
	size_t done;

	make_items(100);
	/* 47 items: 62 codes; the 48th is a write and would need two */
	build(&expected, items, 47);
	assert_int_equal(expected.codes, 63);
	expect_batch(script, &expected);
	build(&expected, items + 47, 47);
	assert_int_equal(expected.codes, 64);
	expect_batch(script, &expected);
	build(&expected, items + 94, 6);
	expect_batch(script, &expected);
	assert_int_equal(probe_batch(probe, items, 100, &done), ERR_OK);
	assert_int_equal(done, 100);
	assert_values(100);
	close_probe(script, probe, true);
}

static void a_v3_takes_1227_codes(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = proved_probe(&script, "V3J7M2");
	size_t done;

	for (size_t i = 0; i < 1228; i++)
		items[i] = (struct probe_item){.address = 0x20000000 + 4 * (uint32_t)i};
	build(&expected, items, 1226);
	assert_int_equal(expected.codes, 1227);
	assert_int_equal(expected.size, 6136);
	expect_batch(script, &expected);
	script_expect_in(script, "F2 36 28 13 00 20", "80 00 00 00 D7 EC FF DF");
	script_expect_in(script, "F2 36 2C 13 00 20", "80 00 00 00 D3 EC FF DF");
	assert_int_equal(probe_batch(probe, items, 1228, &done), ERR_OK);
	assert_int_equal(done, 1228);
	assert_values(1228);
	close_probe(script, probe, true);
}

/* No V2 is known to take more than 64. */
static void a_probe_that_claims_more_is_not_believed(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = opened_probe(&script, "V2J37M26");

	script_expect_in(script, "F2 43 00 00", "80 00");
	script_expect_in(script, "F2 30 A3", "80 00");
	script_expect_in(script, "F2 4B 00", "80 00");
	script_expect_in(script, "F2 53", "FF FF");
	assert_int_equal(probe_enter(probe, 4000, NULL), ERR_OK);
	expect_proof(script);
	make_items(100);
	build(&expected, items, 47);
	expect_batch(script, &expected);
	build(&expected, items + 47, 47);
	expect_batch(script, &expected);
	build(&expected, items + 94, 6);
	expect_batch(script, &expected);
	assert_int_equal(probe_batch(probe, items, 100, NULL), ERR_OK);
	close_probe(script, probe, true);
}

static void a_maximum_too_small_to_use_means_words(void **state)
{
	(void)state;
	/* the last two are statuses: command error, unknown command */
	static const char *const answers[] = {"00 00", "02 00", "08 00", "42 00"};

	for (size_t k = 0; k < COUNT_OF(answers); k++) {
		struct script *script;
		struct probe *probe = opened_probe(&script, "V2J37M26");

		script_expect_in(script, "F2 43 00 00", "80 00");
		script_expect_in(script, "F2 30 A3", "80 00");
		script_expect_in(script, "F2 4B 00", "80 00");
		script_expect_in(script, "F2 53", answers[k]);
		assert_int_equal(probe_enter(probe, 4000, NULL), ERR_OK);
		make_items(3);
		script_expect_in(script, "F2 36 00 00 00 20", "80 00 00 00 00 00 00 00");
		script_expect_in(script, "F2 36 04 00 00 20", "80 00 00 00 00 00 00 00");
		script_expect_in(script, "F2 35 08 00 00 20 02 00 DE C0", "80 00");
		assert_int_equal(probe_batch(probe, items, 3, NULL), ERR_OK);
		close_probe(script, probe, true);
	}
}

static void a_probe_that_refuses_batches_is_served_with_words(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = entered_probe(&script, "V2J37M26");
	size_t done = 0;

	make_items(3);
	expect_single_cpuid(script);
	script_expect_failure(script, "F2 51 04", ERR_USB_STALL);
	script_expect_drain(script, ERR_OK);
	for (int i = 0; i < 3; i++)
		expect_single_cpuid(script);
	for (int i = 0; i < 2; i++) {
		script_expect_in(script, "F2 36 00 00 00 20", "80 00 00 00 FF FF FF DF");
		script_expect_in(script, "F2 36 04 00 00 20", "80 00 00 00 FB FF FF DF");
		script_expect_in(script, "F2 35 08 00 00 20 02 00 DE C0", "80 00");
		assert_int_equal(probe_batch(probe, items, 3, &done), ERR_OK);
		assert_int_equal(done, 3);
		assert_values(3);
	}
	assert_false(probe_info(probe)->has_batches);
	close_probe(script, probe, true);
}

static void a_slow_clock_makes_short_batches(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = opened_probe(&script, "V2J37M26");

	script_expect_in(script, "F2 43 28 00", "80 00"); /* 100 kHz, 98 in truth */
	script_expect_in(script, "F2 30 A3", "80 00");
	script_expect_in(script, "F2 4B 00", "80 00");
	script_expect_in(script, "F2 53", "40 00");
	assert_int_equal(probe_enter(probe, 100, NULL), ERR_OK);
	expect_proof(script);
	make_items(60);
	for (size_t i = 0; i < 60; i++)
		items[i].write = false;
	/* 213 accesses in 100 ms, 3 to a code */
	build(&expected, items, 60);
	expect_batch(script, &expected);
	assert_int_equal(probe_batch(probe, items, 60, NULL), ERR_OK);

	script_expect_in(script, "F2 43 4F 00", "80 00"); /* 50 kHz: 108 accesses */
	script_expect_in(script, "F2 30 A3", "80 00");
	script_expect_in(script, "F2 4B 00", "80 00");
	assert_int_equal(probe_enter(probe, 50, NULL), ERR_OK);
	build(&expected, items, 35);
	expect_batch(script, &expected);
	build(&expected, items + 35, 25);
	expect_batch(script, &expected);
	assert_int_equal(probe_batch(probe, items, 60, NULL), ERR_OK);
	close_probe(script, probe, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_batch_has_the_proven_form),
		cmocka_unit_test(nothing_is_no_command),
		cmocka_unit_test(one_or_two_go_as_words),
		cmocka_unit_test(without_the_command_all_go_as_words),
		cmocka_unit_test(a_v2_splits_at_64_codes),
		cmocka_unit_test(a_v3_takes_1227_codes),
		cmocka_unit_test(a_probe_that_claims_more_is_not_believed),
		cmocka_unit_test(a_maximum_too_small_to_use_means_words),
		cmocka_unit_test(a_probe_that_refuses_batches_is_served_with_words),
		cmocka_unit_test(a_slow_clock_makes_short_batches),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
