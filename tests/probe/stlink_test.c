/* Opening and closing: identity, modes, stale data, reset and retry, what is refused. */
#include <string.h>

#include "opened_probe.h"
#include "probe/stlink.h"
#include "tests/prelude.h"

static void open_fails(struct script *script, enum err expected)
{
	struct probe *probe = NULL;

	assert_int_equal(probe_open(script_wire(script), &probe), expected);
	assert_null(probe);
	script_finish(script);
}

static void opening_tells_who_it_is(void **state)
{
	(void)state;
	static const struct {
		const char *firmware, *model;
		unsigned khz;
		bool has_batches;
	} rows[] = {
		{"V2J14S4", "ST-LINK/V2", 1800, false},
		{"V2J21S4", "ST-LINK/V2", 1800, false},
		{"V2J25S7", "ST-LINK/V2", 4000, false},
		{"V2J27M15", "ST-LINK/V2-1", 4000, false},
		{"V2J28M16", "ST-LINK/V2-1", 4000, false},
		{"V2J31M21", "ST-LINK/V2-1", 4000, false},
		{"V2J37M26", "ST-LINK/V2-1", 4000, true},
		{"V3J1M1", "STLINK-V3", 24000, false},
		{"V3J3M2", "STLINK-V3", 24000, true},
		{"V3J7M2", "STLINK-V3", 24000, true},
		{"V3J17M10", "STLINK-V3", 24000, true},
		{"V4J5B1P5", "STLINK-V3PWR", 24000, true},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct script *script;
		struct probe *probe = opened_probe(&script, rows[i].firmware);
		const struct probe_info *info = probe_info(probe);

		assert_string_equal(info->firmware, rows[i].firmware);
		assert_string_equal(info->model, rows[i].model);
		assert_string_equal(info->serial, "066EFF373535503457062922");
		assert_string_equal(info->path, "1-2.3");
		assert_int_equal(info->default_speed_khz, rows[i].khz);
		assert_int_equal(info->has_batches, rows[i].has_batches);
		/* Closing what was never entered says nothing to the probe. */
		close_probe(script, probe, false);
	}
}

static void modes_are_left(void **state)
{
	(void)state;
	static const struct {
		const char *mode, *exit;
	} rows[] = {
		{"01 00", NULL}, {"02 00", "F2 21"}, {"03 00", "F4 01"}, {"04 00", NULL},
		{"07 00", NULL}, /* unheard of */
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct script *script = script_create(0x374B);
		struct probe *probe;

		script_expect_identify(script, "V2J37M26");
		script_expect_in(script, "F5", rows[i].mode);
		if (rows[i].exit)
			script_expect(script, rows[i].exit);
		assert_int_equal(probe_open(script_wire(script), &probe), ERR_OK);
		close_probe(script, probe, false);
	}
}

static void dfu_mode_is_left_and_checked(void **state)
{
	(void)state;
	struct script *script = script_create(0x3748);
	struct probe *probe;

	script_expect_identify(script, "V2J37S7");
	script_expect_in(script, "F5", "00 00");
	script_expect(script, "F3 07");
	script_expect_in(script, "F5", "01 00");
	assert_int_equal(probe_open(script_wire(script), &probe), ERR_OK);
	close_probe(script, probe, false);
}

static void a_probe_stuck_in_dfu_mode_is_reset_then_given_up(void **state)
{
	(void)state;
	struct script *script = script_create(0x3748);

	for (int attempt = 0; attempt < 2; attempt++) {
		if (attempt)
			script_expect_reset(script, ERR_OK);
		script_expect_identify(script, "V2J37S7");
		script_expect_in(script, "F5", "00 00");
		script_expect(script, "F3 07");
		script_expect_in(script, "F5", "00 00");
	}
	open_fails(script, ERR_PROBE_PROTOCOL);
}

/* The reply of a killed program that draining did not catch. */
static void a_version_without_ids_costs_a_reset(void **state)
{
	(void)state;
	struct script *script = script_create(0x374B);
	struct probe *probe;
	uint64_t sleep_us = 0;

	script_expect_drain(script, ERR_OK);
	script_expect_in(script, "F1", "80 00 00 00 DE AD");
	script_expect_reset(script, ERR_OK);
	script_expect_open(script, "V2J37M26");
	assert_int_equal(probe_open(script_wire(script), &probe), ERR_OK);
	assert_int_equal(script_take_sleeps(script, &sleep_us, 1), 1);
	assert_int_equal(sleep_us, 500000);
	close_probe(script, probe, false);
}

static void a_short_version_costs_a_reset(void **state)
{
	(void)state;
	struct script *script = script_create(0x374B);
	struct probe *probe;
	const uint8_t short_reply[2] = {0x29, 0x5A};

	script_expect_drain(script, ERR_OK);
	script_expect_read(script, "F1", 6, short_reply, 2);
	script_expect_reset(script, ERR_OK);
	script_expect_open(script, "V2J37M26");
	assert_int_equal(probe_open(script_wire(script), &probe), ERR_OK);
	close_probe(script, probe, false);
}

static void usb_errors_at_open_cost_a_reset(void **state)
{
	(void)state;
	static const enum err errors[] = {ERR_USB_TIMEOUT, ERR_USB_STALL, ERR_USB_IO};

	for (size_t i = 0; i < COUNT_OF(errors); i++) {
		struct script *script = script_create(0x374B);
		struct probe *probe;

		script_expect_drain(script, ERR_OK);
		script_expect_failure(script, "F1", errors[i]);
		script_expect_reset(script, ERR_OK);
		script_expect_open(script, "V2J37M26");
		assert_int_equal(probe_open(script_wire(script), &probe), ERR_OK);
		close_probe(script, probe, false);
	}
}

static void there_is_only_one_reset(void **state)
{
	(void)state;
	struct script *script = script_create(0x374B);

	script_expect_drain(script, ERR_OK);
	script_expect_failure(script, "F1", ERR_USB_TIMEOUT);
	script_expect_reset(script, ERR_OK);
	script_expect_drain(script, ERR_OK);
	script_expect_failure(script, "F1", ERR_USB_TIMEOUT);
	open_fails(script, ERR_USB_TIMEOUT);
}

static void a_reset_that_fails_ends_it(void **state)
{
	(void)state;
	struct script *script = script_create(0x374B);

	script_expect_drain(script, ERR_USB_IO);
	script_expect_reset(script, ERR_USB_GONE);
	open_fails(script, ERR_USB_GONE);
}

static void an_unplugged_probe_is_not_reset(void **state)
{
	(void)state;
	static const char *const commands[] = {"F1", "F5"};

	for (size_t i = 0; i < COUNT_OF(commands); i++) {
		struct script *script = script_create(0x374B);

		if (i == 0)
			script_expect_drain(script, ERR_OK);
		else
			script_expect_identify(script, "V2J37M26");
		script_expect_failure(script, commands[i], ERR_USB_GONE);
		open_fails(script, ERR_USB_GONE);
	}
}

static void v1_and_loaders_are_refused_unasked(void **state)
{
	(void)state;
	static const uint16_t pids[] = {0x3744, 0x374D, 0x3755};

	for (size_t i = 0; i < COUNT_OF(pids); i++)
		open_fails(script_create(pids[i]), ERR_UNSUPPORTED);
}

static void v1_firmware_behind_another_id_is_refused(void **state)
{
	(void)state;
	struct script *script = script_create(0x3748);

	script_expect_drain(script, ERR_OK);
	script_expect_in(script, "F1", "12 C4 83 04 48 37"); /* V1 J11 */
	open_fails(script, ERR_UNSUPPORTED);
}

static void a_probe_without_j_is_refused(void **state)
{
	(void)state;
	struct script *script = script_create(0x374B);

	script_expect_drain(script, ERR_OK);
	script_expect_in(script, "F1", "25 87 83 04 4B 37"); /* STM8: M22 S7 */
	open_fails(script, ERR_UNSUPPORTED);

	script = script_create(0x374E);
	script_expect_drain(script, ERR_OK);
	script_expect_in(script, "F1", "30 00 83 04 4E 37");
	script_expect_in(script, "FB", "03 00 00 02 00 00 00 00 83 04 4E 37");
	open_fails(script, ERR_UNSUPPORTED);
}

static void an_extended_version_without_ids_costs_a_reset(void **state)
{
	(void)state;
	struct script *script = script_create(0x374E);
	struct probe *probe;

	script_expect_drain(script, ERR_OK);
	script_expect_in(script, "F1", "30 00 83 04 4E 37");
	script_expect_in(script, "FB", "00 00 00 00 00 00 00 00 00 00 00 00");
	script_expect_reset(script, ERR_OK);
	script_expect_open(script, "V3J7M2");
	assert_int_equal(probe_open(script_wire(script), &probe), ERR_OK);
	close_probe(script, probe, false);
}

static void closing_leaves_debug_mode(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = entered_probe(&script, "V2J37M26");

	assert_true(probe_plugged(probe));
	close_probe(script, probe, true);
	probe_close(NULL);
}

static void closing_an_unplugged_probe_says_nothing(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = entered_probe(&script, "V2J37M26");
	uint32_t value;

	script_expect_failure(script, "F2 36 00 00 00 20", ERR_USB_GONE);
	assert_int_equal(probe_read_word(probe, 0x20000000, &value), ERR_USB_GONE);
	assert_false(probe_plugged(probe));
	close_probe(script, probe, false);
}

/* ---- looking without touching ---- */

static void looking_asks_version_mode_and_voltage(void **state)
{
	(void)state;
	struct script *script = script_create(0x374B);
	char firmware[24];
	unsigned millivolts;

	script_expect_identify(script, "V2J37M26");
	script_expect_in(script, "F5", "02 00"); /* debug mode is not left */
	script_expect_in(script, "F7", "D4 05 00 00 0D 08 00 00");
	assert_int_equal(stlink_look(script_wire(script), firmware, &millivolts), ERR_OK);
	assert_string_equal(firmware, "V2J37M26");
	assert_int_equal(millivolts, 2400 * 0x80D / 0x5D4);
	usb_close(script_wire(script));
	script_finish(script);
}

static void looking_asks_no_voltage_in_dfu_mode(void **state)
{
	(void)state;
	struct script *script = script_create(0x3748);
	char firmware[24];
	unsigned millivolts = 1;

	script_expect_identify(script, "V2J37S7");
	script_expect_in(script, "F5", "00 00");
	assert_int_equal(stlink_look(script_wire(script), firmware, &millivolts), ERR_OK);
	assert_int_equal(millivolts, 0);
	usb_close(script_wire(script));
	script_finish(script);
}

static void looking_never_resets(void **state)
{
	(void)state;
	struct script *script = script_create(0x3748);
	char firmware[24] = "x";
	unsigned millivolts;

	script_expect_drain(script, ERR_OK);
	script_expect_failure(script, "F1", ERR_USB_TIMEOUT);
	assert_int_equal(stlink_look(script_wire(script), firmware, &millivolts), ERR_USB_TIMEOUT);
	assert_string_equal(firmware, "");
	usb_close(script_wire(script));
	script_finish(script);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opening_tells_who_it_is),
		cmocka_unit_test(modes_are_left),
		cmocka_unit_test(dfu_mode_is_left_and_checked),
		cmocka_unit_test(a_probe_stuck_in_dfu_mode_is_reset_then_given_up),
		cmocka_unit_test(a_version_without_ids_costs_a_reset),
		cmocka_unit_test(a_short_version_costs_a_reset),
		cmocka_unit_test(usb_errors_at_open_cost_a_reset),
		cmocka_unit_test(there_is_only_one_reset),
		cmocka_unit_test(a_reset_that_fails_ends_it),
		cmocka_unit_test(an_unplugged_probe_is_not_reset),
		cmocka_unit_test(v1_and_loaders_are_refused_unasked),
		cmocka_unit_test(v1_firmware_behind_another_id_is_refused),
		cmocka_unit_test(a_probe_without_j_is_refused),
		cmocka_unit_test(an_extended_version_without_ids_costs_a_reset),
		cmocka_unit_test(closing_leaves_debug_mode),
		cmocka_unit_test(closing_an_unplugged_probe_says_nothing),
		cmocka_unit_test(looking_asks_version_mode_and_voltage),
		cmocka_unit_test(looking_asks_no_voltage_in_dfu_mode),
		cmocka_unit_test(looking_never_resets),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
