/* The SWD clock: always the fastest that is no faster than asked. */
#include "probe/stlink_speed.h"

#include <stdio.h>

#include "opened_probe.h"
#include "probe/stlink.h"
#include "tests/prelude.h"

static void v2_clocks_are_rounded_down(void **state)
{
	(void)state;
	static const struct {
		unsigned asked, khz, divisor;
	} rows[] = {
		{100000, 4000, 0},
		{4000, 4000, 0},
		{3999, 1800, 1},
		{2000, 1800, 1},
		{1800, 1800, 1},
		{1799, 1200, 2},
		{1000, 950, 3},
		{500, 480, 7},
		{240, 240, 15},
		{125, 125, 31},
		{100, 100, 40},
		{50, 50, 79},
		{25, 25, 158},
		{24, 15, 265},
		{5, 5, 798},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct stlink_clock *clock = stlink_v2_clock(rows[i].asked);
		assert_non_null(clock);
		assert_int_equal(clock->khz, rows[i].khz);
		assert_int_equal(clock->divisor, rows[i].divisor);
	}
	assert_null(stlink_v2_clock(4));
	assert_null(stlink_v2_clock(0));
}

static void v2_table_descends(void **state)
{
	(void)state;
	const struct stlink_clock *last = stlink_v2_clock(1000000);

	for (unsigned khz = last->khz; khz >= 5; khz--) {
		const struct stlink_clock *clock = stlink_v2_clock(khz);
		assert_true(clock->khz <= khz);
		assert_true(clock->divisor >= last->divisor);
		assert_true(clock->measured_khz <= last->measured_khz);
		/* The loop takes about a quarter of a microsecond a turn on top of its frame. */
		if (clock->divisor > 1)
			assert_in_range(
				clock->measured_khz, clock->khz * 95 / 100, clock->khz * 105 / 100);
		last = clock;
	}
}

static void v3_clocks_are_rounded_down(void **state)
{
	(void)state;
	static const uint32_t list[] = {24000, 8000, 3300, 1000, 200, 50, 5};

	assert_int_equal(stlink_v3_clock(list, COUNT_OF(list), 24000), 24000);
	assert_int_equal(stlink_v3_clock(list, COUNT_OF(list), 23999), 8000);
	assert_int_equal(stlink_v3_clock(list, COUNT_OF(list), 4000), 3300);
	assert_int_equal(stlink_v3_clock(list, COUNT_OF(list), 5), 5);
	assert_int_equal(stlink_v3_clock(list, COUNT_OF(list), 4), 0);
	assert_int_equal(stlink_v3_clock(list, 0, 24000), 0);
}

static void a_word_takes_46_clocks_and_a_v3_at_least_6_us(void **state)
{
	(void)state;
	assert_int_equal(stlink_word_ns(1000, 2), 46000);
	assert_int_equal(stlink_word_ns(2360, 2), 46000000 / 2360);
	assert_int_equal(stlink_word_ns(24000, 3), 6300);
	assert_int_equal(stlink_word_ns(3300, 3), 46000000 / 3300);
	assert_int_equal(stlink_word_ns(5, 3), 9200000);
}

/* ---- V2 on the wire ---- */

static void v2_sets_a_divisor_of_16_bits(void **state)
{
	(void)state;
	static const struct {
		unsigned asked, actual;
		const char *command;
	} rows[] = {
		{4000, 4000, "F2 43 00 00"},
		{2000, 1800, "F2 43 01 00"},
		{950, 950, "F2 43 03 00"},
		{20, 15, "F2 43 09 01"},
		{5, 5, "F2 43 1E 03"},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct script *script;
		struct probe *probe = opened_probe(&script, "V2J25S4");
		unsigned khz = 0;

		script_expect_in(script, rows[i].command, "80 00");
		script_expect_in(script, "F2 30 A3", "80 00");
		assert_int_equal(probe_enter(probe, rows[i].asked, &khz), ERR_OK);
		assert_int_equal(khz, rows[i].actual);
		close_probe(script, probe, true);
	}
}

static void too_slow_is_refused_before_anything_is_sent(void **state)
{
	(void)state;
	static const struct {
		const char *firmware;
		unsigned khz;
	} rows[] = {{"V2J37M26", 4}, {"V2J21S4", 1799}, {"V2J14S4", 950}, {"V2J37M26", 0}};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct script *script;
		struct probe *probe = opened_probe(&script, rows[i].firmware);

		assert_int_equal(probe_enter(probe, rows[i].khz, NULL), ERR_UNSUPPORTED);
		close_probe(script, probe, false);
	}
}

static void old_firmware_has_one_clock(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = opened_probe(&script, "V2J21S4");
	unsigned khz = 0;

	script_expect_in(script, "F2 30 A3", "80 00");
	assert_int_equal(probe_enter(probe, 4000, &khz), ERR_OK);
	assert_int_equal(khz, 1800);
	close_probe(script, probe, true);
}

static void a_refused_divisor_is_an_error(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = opened_probe(&script, "V2J37M26");

	script_expect_in(script, "F2 43 00 00", "41 00");
	assert_int_equal(probe_enter(probe, 4000, NULL), ERR_UNSUPPORTED);
	close_probe(script, probe, false);
}

/* ---- V3 on the wire ---- */

/* An answer of GET_COM_FREQ. */
static void expect_list(
	struct script *script, uint8_t status, const uint32_t *khz, size_t count, size_t claimed)
{
	uint8_t reply[52] = {status};

	reply[8] = (uint8_t)claimed;
	for (size_t i = 0; i < count; i++) {
		reply[12 + 4 * i] = (uint8_t)khz[i];
		reply[13 + 4 * i] = (uint8_t)(khz[i] >> 8);
	}
	script_expect_read(script, "F2 62 00", sizeof(reply), reply, sizeof(reply));
}

static const uint32_t full_list[] = {24000, 8000, 3300, 1000, 200, 50, 5};
static const uint32_t slowed_list[] = {21333, 8000, 3300, 1000, 200, 50, 5};

static void expect_set(struct script *script, unsigned asked_khz, unsigned actual_khz)
{
	char command[40], reply[40];

	snprintf(command, sizeof(command), "F2 61 00 00 %02x %02x 00 00", asked_khz & 0xFF,
		asked_khz >> 8);
	snprintf(reply, sizeof(reply), "80 00 00 00 %02x %02x 00 00", actual_khz & 0xFF,
		actual_khz >> 8);
	script_expect_in(script, command, reply);
}

static void expect_v3_enter(struct script *script)
{
	script_expect_in(script, "F2 30 A3", "80 00");
	script_expect_in(script, "F2 4B 00", "80 00");
	script_expect_in(script, "F2 53", "CB 04");
}

static void v3_chooses_from_the_probes_list(void **state)
{
	(void)state;
	static const struct {
		unsigned asked, actual;
	} rows[] = {{24000, 24000}, {100000, 24000}, {4000, 3300}, {1800, 1000}, {5, 5}};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct script *script;
		struct probe *probe = opened_probe(&script, "V3J7M2");
		unsigned khz = 0;

		expect_list(script, 0x80, full_list, 7, 7);
		expect_set(script, rows[i].actual, rows[i].actual);
		expect_v3_enter(script);
		assert_int_equal(probe_enter(probe, rows[i].asked, &khz), ERR_OK);
		assert_int_equal(khz, rows[i].actual);
		close_probe(script, probe, true);
	}
}

/* What stands behind the last clock is padding. */
static void a_list_may_end_with_its_last_clock_and_no_sooner(void **state)
{
	(void)state;
	static const uint8_t reply[52] = {[0] = 0x80, [8] = 2, [12] = 0xC0, 0x5D, [16] = 200};
	static const struct {
		size_t size;
		enum err err;
	} rows[] = {{20, ERR_OK}, {19, ERR_PROBE_PROTOCOL}, {11, ERR_PROBE_PROTOCOL},
		{1, ERR_PROBE_PROTOCOL}};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct script *script;
		struct probe *probe = opened_probe(&script, "V3J7M2");
		bool good = rows[i].err == ERR_OK;

		script_expect_read(script, "F2 62 00", sizeof(reply), reply, rows[i].size);
		if (good) {
			expect_set(script, 200, 200);
			expect_v3_enter(script);
		}
		assert_int_equal(probe_enter(probe, 4000, NULL), rows[i].err);
		close_probe(script, probe, good);
	}
}

static void v3_refuses_too_slow(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = opened_probe(&script, "V3J7M2");

	expect_list(script, 0x80, full_list, 7, 7);
	assert_int_equal(probe_enter(probe, 4, NULL), ERR_UNSUPPORTED);
	close_probe(script, probe, false);
}

/* At 1 kHz a command that moves all registers may take half a minute. */
static void a_clock_that_no_probe_has_is_refused(void **state)
{
	(void)state;
	static const unsigned answers[] = {0, 1, 4, 8000};
	struct script *script;
	struct probe *probe = opened_probe(&script, "V3J7M2");

	for (size_t i = 0; i < COUNT_OF(answers); i++) {
		expect_list(script, 0x80, full_list, 7, 7);
		expect_set(script, 3300, answers[i]);
		assert_int_equal(probe_enter(probe, 4000, NULL), ERR_PROBE_PROTOCOL);
	}
	close_probe(script, probe, false);
}

static void a_list_of_no_or_too_many_clocks_makes_no_sense(void **state)
{
	(void)state;
	static const size_t claims[] = {0, 11, 255};

	for (size_t i = 0; i < COUNT_OF(claims); i++) {
		struct script *script;
		struct probe *probe = opened_probe(&script, "V3J7M2");

		expect_list(script, 0x80, full_list, 7, claims[i]);
		assert_int_equal(probe_enter(probe, 4000, NULL), ERR_PROBE_PROTOCOL);
		close_probe(script, probe, false);
	}
}

static void a_slowed_down_probe_is_sped_up_when_that_helps(void **state)
{
	(void)state;
	static const char *const answers[] = {"40 00 00 00 00 00 00 00", "80 00 00 00 00 00 00 00"};

	for (size_t i = 0; i < COUNT_OF(answers); i++) {
		struct script *script;
		struct probe *probe = opened_probe(&script, "V3J7M2");
		unsigned khz = 0;

		expect_list(script, 0x80, slowed_list, 7, 7);
		script_expect_in(script, "F2 63 01", answers[i]);
		expect_list(script, 0x80, full_list, 7, 7);
		expect_set(script, 24000, 24000);
		expect_v3_enter(script);
		assert_int_equal(probe_enter(probe, 24000, &khz), ERR_OK);
		assert_int_equal(khz, 24000);
		close_probe(script, probe, true);
	}
}

static void a_probe_that_will_not_be_sped_up_is_used_as_it_is(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = opened_probe(&script, "V3J1M1");
	unsigned khz = 0;

	expect_list(script, 0x80, slowed_list, 7, 7);
	script_expect_failure(script, "F2 63 01", ERR_USB_STALL);
	script_expect_drain(script, ERR_OK);
	expect_list(script, 0x80, slowed_list, 7, 7);
	expect_set(script, 21333, 21333);
	script_expect_in(script, "F2 30 A3", "80 00");
	script_expect_in(script, "F2 4B 00", "80 00");
	assert_int_equal(probe_enter(probe, 24000, &khz), ERR_OK);
	assert_int_equal(khz, 21333);
	close_probe(script, probe, true);
}

static void a_probe_is_not_sped_up_without_need(void **state)
{
	(void)state;
	static const struct {
		const char *firmware;
		unsigned asked, actual;
	} rows[] = {
		{"V3J7M2", 8000, 8000},     /* fast enough as it is */
		{"V4J5B1P5", 24000, 21333}, /* other hardware */
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct script *script;
		struct probe *probe = opened_probe(&script, rows[i].firmware);
		unsigned khz = 0;

		expect_list(script, 0x80, slowed_list, 7, 7);
		expect_set(script, rows[i].actual, rows[i].actual);
		expect_v3_enter(script);
		assert_int_equal(probe_enter(probe, rows[i].asked, &khz), ERR_OK);
		assert_int_equal(khz, rows[i].actual);
		close_probe(script, probe, true);
	}
}

static void a_probe_is_not_sped_up_in_debug_mode(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = entered_probe(&script, "V3J7M2");

	expect_list(script, 0x80, slowed_list, 7, 7);
	expect_set(script, 21333, 21333);
	script_expect_in(script, "F2 30 A3", "80 00");
	script_expect_in(script, "F2 4B 00", "80 00");
	assert_int_equal(probe_enter(probe, 24000, NULL), ERR_OK);
	close_probe(script, probe, true);
}

static void blocks_are_no_longer_than_100_ms(void **state)
{
	(void)state;
	static const struct {
		const char *firmware;
		unsigned khz;
		size_t block;
	} rows[] = {
		{"V2J37M26", 4000, 6144},
		{"V2J37M26", 1800, 6144},
		{"V2J37M26", 480, 4 * (size_t)(100000000 / (46000000 / 484))},
		{"V2J37M26", 5, 40},
		{"V2J31M21", 4000, 1024},
		{"V2J31M21", 5, 40},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct script *script;
		struct probe *probe = entered_probe(&script, rows[i].firmware);
		char command[20];

		snprintf(command, sizeof(command), "F2 43 %02x %02x",
			stlink_v2_clock(rows[i].khz)->divisor & 0xFF,
			stlink_v2_clock(rows[i].khz)->divisor >> 8);
		script_expect_in(script, command, "80 00");
		script_expect_in(script, "F2 30 A3", "80 00");
		script_expect_in(script, "F2 4B 00", "80 00");
		assert_int_equal(probe_enter(probe, rows[i].khz, NULL), ERR_OK);
		assert_int_equal(probe_block_size(probe), rows[i].block);
		close_probe(script, probe, true);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(v2_clocks_are_rounded_down),
		cmocka_unit_test(v2_table_descends),
		cmocka_unit_test(v3_clocks_are_rounded_down),
		cmocka_unit_test(a_word_takes_46_clocks_and_a_v3_at_least_6_us),
		cmocka_unit_test(v2_sets_a_divisor_of_16_bits),
		cmocka_unit_test(too_slow_is_refused_before_anything_is_sent),
		cmocka_unit_test(old_firmware_has_one_clock),
		cmocka_unit_test(a_refused_divisor_is_an_error),
		cmocka_unit_test(v3_chooses_from_the_probes_list),
		cmocka_unit_test(v3_refuses_too_slow),
		cmocka_unit_test(a_clock_that_no_probe_has_is_refused),
		cmocka_unit_test(a_list_of_no_or_too_many_clocks_makes_no_sense),
		cmocka_unit_test(a_slowed_down_probe_is_sped_up_when_that_helps),
		cmocka_unit_test(a_list_may_end_with_its_last_clock_and_no_sooner),
		cmocka_unit_test(a_probe_that_will_not_be_sped_up_is_used_as_it_is),
		cmocka_unit_test(a_probe_is_not_sped_up_without_need),
		cmocka_unit_test(a_probe_is_not_sped_up_in_debug_mode),
		cmocka_unit_test(blocks_are_no_longer_than_100_ms),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
