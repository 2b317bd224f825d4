/* Into and out of debug mode, the reset line, DPIDR, the target's voltage. */
#include "opened_probe.h"
#include "probe/stlink.h"
#include "tests/prelude.h"

static void entering_follows_the_firmware(void **state)
{
	(void)state;
	static const char *const firmware[] = {"V2J14S4", "V2J21S4", "V2J25S4", "V2J27M15",
		"V2J28M16", "V2J31M21", "V2J37M26", "V3J1M1", "V3J3M2", "V3J7M2", "V3J17M10",
		"V4J5B1P5"};

	/* The conversations are in opened_probe.c. */
	for (size_t i = 0; i < COUNT_OF(firmware); i++) {
		struct script *script;
		struct probe *probe = entered_probe(&script, firmware[i]);
		close_probe(script, probe, true);
	}
}

static void under_reset_nrst_is_pulled_again_after_enter(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = opened_probe(&script, "V2J37M26");

	script_expect_in(script, "F2 3C 00", "80 00");
	assert_int_equal(probe_drive_nrst(probe, true), ERR_OK);
	script_expect_in(script, "F2 43 00 00", "80 00");
	script_expect_in(script, "F2 30 A3", "80 00");
	script_expect_in(script, "F2 3C 00", "80 00");
	script_expect_in(script, "F2 4B 00", "80 00");
	script_expect_in(script, "F2 53", "40 00");
	assert_int_equal(probe_enter(probe, 4000, NULL), ERR_OK);
	script_expect_in(script, "F2 3C 01", "80 00");
	assert_int_equal(probe_drive_nrst(probe, false), ERR_OK);
	/* Released, it is not pulled by the next ENTER. */
	script_expect_in(script, "F2 43 00 00", "80 00");
	script_expect_in(script, "F2 30 A3", "80 00");
	script_expect_in(script, "F2 4B 00", "80 00");
	assert_int_equal(probe_enter(probe, 4000, NULL), ERR_OK);
	close_probe(script, probe, true);
}

static void nrst_is_judged_only_in_debug_mode(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = opened_probe(&script, "V2J25S4");

	script_expect_in(script, "F2 3C 00", "81 00");
	assert_int_equal(probe_drive_nrst(probe, true), ERR_OK);
	script_expect_in(script, "F2 43 00 00", "80 00");
	script_expect_in(script, "F2 30 A3", "80 00");
	script_expect_in(script, "F2 3C 00", "81 00");
	script_expect_in(script, "F2 45 FF FF 04 00", "80 00 00 00 00 00 00 F0");
	script_expect_in(script, "F2 46 FF FF 00 00 1E 00 00 00", "80 00");
	assert_int_equal(probe_enter(probe, 4000, NULL), ERR_TARGET_FAULT);
	close_probe(script, probe, true);
}

static void a_usb_error_while_pulling_nrst_is_told(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = opened_probe(&script, "V2J37M26");

	script_expect_failure(script, "F2 3C 00", ERR_USB_GONE);
	assert_int_equal(probe_drive_nrst(probe, true), ERR_USB_GONE);
	close_probe(script, probe, false);
}

static void entering_again_needs_no_exit(void **state)
{
	(void)state;
	static const char *const firmware[] = {"V2J25S4", "V2J37M26", "V3J7M2", "V4J5B1P5"};

	for (size_t i = 0; i < COUNT_OF(firmware); i++) {
		struct script *script;
		struct probe *probe = entered_probe(&script, firmware[i]);

		if (firmware[i][1] == '2') {
			script_expect_in(script, "F2 43 01 00", "80 00");
		} else {
			uint8_t list[52] = {0x80, [8] = 1, [12] = 0xE8, 0x03};
			script_expect_read(script, "F2 62 00", 52, list, 52);
			script_expect_in(script, "F2 61 00 00 E8 03", "80 00 00 00 E8 03 00 00");
		}
		script_expect_in(script, "F2 30 A3", "80 00");
		if (i > 0)
			script_expect_in(script, "F2 4B 00", "80 00");
		assert_int_equal(probe_enter(probe, 1800, NULL), ERR_OK);
		close_probe(script, probe, true);
	}
}

static void an_early_v3_is_left_before_it_is_entered_again(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = entered_probe(&script, "V3J3M2");
	uint8_t list[52] = {0x80, [8] = 1, [12] = 0xE8, 0x03};

	script_expect_in(script, "F2 3C 00", "80 00");
	assert_int_equal(probe_drive_nrst(probe, true), ERR_OK);
	script_expect_read(script, "F2 62 00", 52, list, 52);
	script_expect_in(script, "F2 61 00 00 E8 03", "80 00 00 00 E8 03 00 00");
	script_expect(script, "F2 21");
	script_expect_in(script, "F2 3C 00", "80 00"); /* EXIT released it */
	script_expect_in(script, "F2 30 A3", "80 00");
	script_expect_in(script, "F2 3C 00", "80 00");
	script_expect_in(script, "F2 4B 00", "80 00");
	assert_int_equal(probe_enter(probe, 1800, NULL), ERR_OK);
	close_probe(script, probe, true);
}

static void a_target_that_does_not_answer_is_no_link(void **state)
{
	(void)state;
	static const char *const statuses[] = {"09 00", "05 00", "16 00"};

	for (size_t i = 0; i < COUNT_OF(statuses); i++) {
		struct script *script;
		struct probe *probe = opened_probe(&script, "V2J37M26");

		script_expect_in(script, "F2 43 00 00", "80 00");
		script_expect_in(script, "F2 30 A3", statuses[i]);
		assert_int_equal(probe_enter(probe, 4000, NULL), ERR_TARGET_NO_LINK);
		close_probe(script, probe, true); /* what ENTER began is undone */
	}
}

static void enter_is_retried_while_the_port_is_busy(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = opened_probe(&script, "V2J25S4");

	script_expect_in(script, "F2 43 00 00", "80 00");
	script_expect_in(script, "F2 30 A3", "14 00");
	script_expect_in(script, "F2 30 A3", "14 00");
	script_expect_in(script, "F2 30 A3", "80 00");
	assert_int_equal(probe_enter(probe, 4000, NULL), ERR_OK);
	close_probe(script, probe, true);
}

static void a_missing_init_ap_is_no_error(void **state)
{
	(void)state;
	static const char *const statuses[] = {"1D 00", "42 00"};

	for (size_t i = 0; i < COUNT_OF(statuses); i++) {
		struct script *script;
		struct probe *probe = opened_probe(&script, "V2J28M16");

		script_expect_in(script, "F2 43 00 00", "80 00");
		script_expect_in(script, "F2 30 A3", "80 00");
		script_expect_in(script, "F2 4B 00", statuses[i]);
		assert_int_equal(probe_enter(probe, 4000, NULL), ERR_OK);
		close_probe(script, probe, true);
	}
}

static void a_refused_init_ap_is_no_error(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = opened_probe(&script, "V2J28M16");

	script_expect_in(script, "F2 43 00 00", "80 00");
	script_expect_in(script, "F2 30 A3", "80 00");
	script_expect_failure(script, "F2 4B 00", ERR_USB_STALL);
	assert_int_equal(probe_enter(probe, 4000, NULL), ERR_OK);
	script_expect_drain(script, ERR_OK);
	close_probe(script, probe, true);
}

static void a_refused_voltage_is_unknown_and_not_asked_again(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = entered_probe(&script, "V2J28M16");
	unsigned millivolts = 1;

	script_expect_failure(script, "F7", ERR_USB_STALL);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(probe_read_voltage(probe, &millivolts), ERR_OK);
		assert_int_equal(millivolts, 0);
	}
	script_expect_drain(script, ERR_OK);
	close_probe(script, probe, true);
}

static void other_failures_of_init_ap_are_told(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = opened_probe(&script, "V2J28M16");

	script_expect_in(script, "F2 43 00 00", "80 00");
	script_expect_in(script, "F2 30 A3", "80 00");
	script_expect_in(script, "F2 4B 00", "10 00");
	script_expect_in(script, "F2 4B 00", "05 00");
	assert_int_equal(probe_enter(probe, 4000, NULL), ERR_TARGET_NO_LINK);
	close_probe(script, probe, true);
}

static void batches_are_given_up_where_the_firmware_does_not_size_them(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = opened_probe(&script, "V2J37M26");

	script_expect_in(script, "F2 43 00 00", "80 00");
	script_expect_in(script, "F2 30 A3", "80 00");
	script_expect_in(script, "F2 4B 00", "80 00");
	script_expect_failure(script, "F2 53", ERR_USB_STALL);
	assert_int_equal(probe_enter(probe, 4000, NULL), ERR_OK);
	assert_false(probe_info(probe)->has_batches);
	script_expect_drain(script, ERR_OK);
	close_probe(script, probe, true);
}

static void unplugging_shows_in_every_phase_of_entering(void **state)
{
	(void)state;
	static const char *const commands[] = {
		"F2 43 00 00", "F2 30 A3", "F2 3C 00", "F2 4B 00", "F2 53"};

	for (size_t broken = 0; broken < COUNT_OF(commands); broken++) {
		struct script *script;
		struct probe *probe = opened_probe(&script, "V2J37M26");

		script_expect_in(script, "F2 3C 00", "80 00");
		assert_int_equal(probe_drive_nrst(probe, true), ERR_OK);
		for (size_t i = 0; i < broken; i++)
			script_expect_in(script, commands[i], "80 00");
		script_expect_failure(script, commands[broken], ERR_USB_GONE);
		assert_int_equal(probe_enter(probe, 4000, NULL), ERR_USB_GONE);
		assert_false(probe_plugged(probe));
		close_probe(script, probe, false);
	}
}

static void leaving_lets_go_of_everything(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = entered_probe(&script, "V2J37M26");

	script_expect(script, "F2 21");
	assert_int_equal(probe_leave(probe), ERR_OK);
	assert_int_equal(probe_leave(probe), ERR_OK); /* once is enough */
	close_probe(script, probe, false);
}

static void leaving_releases_nrst_that_was_pulled_alone(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = opened_probe(&script, "V2J37M26");

	script_expect_in(script, "F2 3C 00", "80 00");
	assert_int_equal(probe_drive_nrst(probe, true), ERR_OK);
	script_expect_in(script, "F2 3C 01", "80 00");
	script_expect(script, "F2 21");
	assert_int_equal(probe_leave(probe), ERR_OK);
	/* EXIT forgot NRST: the next ENTER does not pull it. */
	script_expect_enter(script, "V2J37M26");
	assert_int_equal(probe_enter(probe, 4000, NULL), ERR_OK);
	close_probe(script, probe, true);
}

static void dpidr_is_the_second_word(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = entered_probe(&script, "V2J37M26");
	uint32_t dpidr = 0;

	script_expect_in(script, "F2 31", "80 00 00 00 77 14 A0 2B 00 00 00 00");
	assert_int_equal(probe_read_dpidr(probe, &dpidr), ERR_OK);
	assert_int_equal(dpidr, 0x2BA01477);
	script_expect_in(script, "F2 31", "09 00 00 00 00 00 00 00 00 00 00 00");
	assert_int_equal(probe_read_dpidr(probe, &dpidr), ERR_TARGET_NO_LINK);
	close_probe(script, probe, true);
}

/* What had to be cleared to go on is told the next time that somebody asks, once. */
static void ctrl_stat_tells_of_what_was_cleared(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = entered_probe(&script, "V2J37M26");
	uint32_t value = 0;

	script_expect_in(script, "F2 45 FF FF 04 00", "80 00 00 00 40 00 00 F0");
	assert_int_equal(probe_read_ctrl_stat(probe, &value), ERR_OK);
	assert_int_equal(value, 0xF0000040);
	/* READDEBUGREG faults; CTRL/STAT is read, ABORT written */
	script_expect_in(script, "F2 36 00 ED 00 E0", "11 00 00 00 00 00 00 00");
	script_expect_in(script, "F2 45 FF FF 04 00", "80 00 00 00 A0 00 00 F0");
	script_expect_in(script, "F2 46 FF FF 00 00 1E", "80 00");
	assert_int_equal(probe_read_word(probe, 0xE000ED00, &value), ERR_TARGET_FAULT);
	script_expect_in(script, "F2 45 FF FF 04 00", "80 00 00 00 40 00 00 F0");
	assert_int_equal(probe_read_ctrl_stat(probe, &value), ERR_OK);
	assert_int_equal(value, 0xF00000E0);
	script_expect_in(script, "F2 45 FF FF 04 00", "80 00 00 00 40 00 00 F0");
	assert_int_equal(probe_read_ctrl_stat(probe, &value), ERR_OK);
	assert_int_equal(value, 0xF0000040);
	close_probe(script, probe, true);

	probe = entered_probe(&script, "V2J23M16");
	assert_int_equal(probe_read_ctrl_stat(probe, &value), ERR_PROBE_OLD);
	close_probe(script, probe, true);
}

/* ---- voltage ---- */

static void voltage_is_twice_the_reading_over_the_reference(void **state)
{
	(void)state;
	static const struct {
		const char *reply;
		unsigned millivolts;
	} rows[] = {
		{"D4 05 00 00 0D 08 00 00", 3313}, /* 1492 for 1.2 V, 2061 */
		{"D4 05 00 00 00 00 00 00", 1},    /* no power, which is not the same as unknown */
		{"00 00 00 00 0D 08 00 00", 0},    /* a clone without reference */
		{"00 00 00 00 00 00 00 00", 0},
		{"01 00 00 00 FF 0F 00 00", 0}, /* nothing that could be */
		{"FF FF FF FF FF FF FF FF", 2400},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct script *script;
		struct probe *probe = opened_probe(&script, "V2J37M26");
		unsigned millivolts = 1;

		script_expect_in(script, "F7", rows[i].reply);
		assert_int_equal(probe_read_voltage(probe, &millivolts), ERR_OK);
		assert_in_range(millivolts, rows[i].millivolts,
			rows[i].millivolts + (rows[i].millivolts ? 3 : 0));
		close_probe(script, probe, false);
	}
}

static void firmware_before_j13_cannot_tell_the_voltage(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = opened_probe(&script, "V2J11S1");
	unsigned millivolts = 1;

	assert_int_equal(probe_read_voltage(probe, &millivolts), ERR_OK);
	assert_int_equal(millivolts, 0);
	close_probe(script, probe, false);
}

static void half_a_voltage_is_none(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = opened_probe(&script, "V2J37M26");
	const uint8_t half[4] = {0xD4, 0x05};
	unsigned millivolts = 1;

	script_expect_read(script, "F7", 8, half, 4);
	assert_int_equal(probe_read_voltage(probe, &millivolts), ERR_PROBE_PROTOCOL);
	assert_int_equal(millivolts, 0);
	close_probe(script, probe, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entering_follows_the_firmware),
		cmocka_unit_test(under_reset_nrst_is_pulled_again_after_enter),
		cmocka_unit_test(nrst_is_judged_only_in_debug_mode),
		cmocka_unit_test(a_usb_error_while_pulling_nrst_is_told),
		cmocka_unit_test(entering_again_needs_no_exit),
		cmocka_unit_test(an_early_v3_is_left_before_it_is_entered_again),
		cmocka_unit_test(a_target_that_does_not_answer_is_no_link),
		cmocka_unit_test(enter_is_retried_while_the_port_is_busy),
		cmocka_unit_test(a_missing_init_ap_is_no_error),
		cmocka_unit_test(a_refused_init_ap_is_no_error),
		cmocka_unit_test(a_refused_voltage_is_unknown_and_not_asked_again),
		cmocka_unit_test(other_failures_of_init_ap_are_told),
		cmocka_unit_test(batches_are_given_up_where_the_firmware_does_not_size_them),
		cmocka_unit_test(unplugging_shows_in_every_phase_of_entering),
		cmocka_unit_test(leaving_lets_go_of_everything),
		cmocka_unit_test(leaving_releases_nrst_that_was_pulled_alone),
		cmocka_unit_test(dpidr_is_the_second_word),
		cmocka_unit_test(ctrl_stat_tells_of_what_was_cleared),
		cmocka_unit_test(voltage_is_twice_the_reading_over_the_reference),
		cmocka_unit_test(firmware_before_j13_cannot_tell_the_voltage),
		cmocka_unit_test(half_a_voltage_is_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
