/* Every status code: what it is to us, and what is done about it. */
#include "probe/stlink_status.h"

#include "opened_probe.h"
#include "tests/prelude.h"

enum after { NOTHING, AGAIN, CLEAR };

static const struct {
	uint8_t code;
	enum err err;
	enum after after;
} rows[] = {
	{0x80, ERR_OK, NOTHING},
	{0x0D, ERR_OK, NOTHING},
	{0x81, ERR_TARGET_FAULT, CLEAR},
	{0x01, ERR_TARGET_FAULT, CLEAR},
	{0x0C, ERR_TARGET_FAULT, CLEAR},
	{0x11, ERR_TARGET_FAULT, CLEAR},
	{0x15, ERR_TARGET_FAULT, CLEAR},
	{0x18, ERR_TARGET_FAULT, CLEAR},
	{0x19, ERR_TARGET_FAULT, CLEAR},
	{0x10, ERR_TARGET_WAIT, AGAIN},
	{0x14, ERR_TARGET_WAIT, AGAIN},
	{0x04, ERR_TARGET_NO_LINK, NOTHING},
	{0x05, ERR_TARGET_NO_LINK, NOTHING},
	{0x09, ERR_TARGET_NO_LINK, NOTHING},
	{0x0B, ERR_TARGET_NO_LINK, NOTHING},
	{0x12, ERR_TARGET_NO_LINK, CLEAR},
	{0x13, ERR_TARGET_NO_LINK, CLEAR},
	{0x16, ERR_TARGET_NO_LINK, CLEAR},
	{0x17, ERR_TARGET_NO_LINK, CLEAR},
	{0x1A, ERR_TARGET_NO_LINK, CLEAR},
	{0x02, ERR_PROBE_PROTOCOL, NOTHING},
	{0x03, ERR_PROBE_PROTOCOL, NOTHING},
	{0x06, ERR_PROBE_PROTOCOL, NOTHING},
	{0x07, ERR_PROBE_PROTOCOL, NOTHING},
	{0x08, ERR_PROBE_PROTOCOL, NOTHING},
	{0x0E, ERR_PROBE_PROTOCOL, NOTHING},
	{0x1D, ERR_PROBE_PROTOCOL, NOTHING},
	{0x29, ERR_PROBE_PROTOCOL, NOTHING},
	{0x40, ERR_PROBE_PROTOCOL, NOTHING},
	{0x0A, ERR_ARGUMENT, NOTHING},
	{0x20, ERR_UNSUPPORTED, NOTHING},
	{0x41, ERR_UNSUPPORTED, NOTHING},
	{0x42, ERR_PROBE_OLD, NOTHING},
};

static void every_code_has_its_error(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct stlink_status *status = stlink_status_find(rows[i].code);
		assert_int_equal(status->code, rows[i].code);
		assert_int_equal(status->err, rows[i].err);
		assert_non_null(status->name);
	}
}

static void unknown_codes_are_errors(void **state)
{
	(void)state;
	for (unsigned code = 0; code < 256; code++) {
		bool known = false;
		for (size_t i = 0; i < COUNT_OF(rows); i++)
			known = known || rows[i].code == code;
		if (!known)
			assert_int_equal(
				stlink_status_find((uint8_t)code)->err, ERR_PROBE_PROTOCOL);
	}
}

static void expect_read(struct script *script, uint8_t code)
{
	const uint8_t reply[8] = {code, 0, 0, 0, 0x78, 0x56, 0x34, 0x12};
	script_expect_read(script, "F2 36 00 00 00 20", 8, reply, 8);
}

/* The whole way: status byte in a reply, to error code, with what happens on the wire. */
static void a_word_read_handles_every_code(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct script *script;
		struct probe *probe = entered_probe(&script, "V2J37M26");
		uint32_t value = 0;

		expect_read(script, rows[i].code);
		if (rows[i].after == CLEAR) {
			script_expect_in(script, "F2 45 FF FF 04 00", "80 00 00 00 20 00 00 F0");
			script_expect_in(script, "F2 46 FF FF 00 00 1E 00 00 00", "80 00");
		} else if (rows[i].after == AGAIN) {
			expect_read(script, 0x80);
		}
		enum err expected = rows[i].after == AGAIN ? ERR_OK : rows[i].err;
		assert_int_equal(probe_read_word(probe, 0x20000000, &value), expected);
		if (!expected)
			assert_int_equal(value, 0x12345678);
		close_probe(script, probe, true);
	}
}

static void old_firmware_has_nothing_to_clear_with(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = entered_probe(&script, "V2J21S4");
	uint32_t value;

	expect_read(script, 0x11);
	assert_int_equal(probe_read_word(probe, 0x20000000, &value), ERR_TARGET_FAULT);
	close_probe(script, probe, true);
}

static void a_clearing_that_fails_changes_nothing(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = entered_probe(&script, "V2J37M26");
	uint32_t value;

	expect_read(script, 0x11);
	script_expect_in(script, "F2 45 FF FF 04 00", "11 00 00 00 00 00 00 00");
	script_expect_in(script, "F2 46 FF FF 00 00 1E 00 00 00", "15 00");
	assert_int_equal(probe_read_word(probe, 0x20000000, &value), ERR_TARGET_FAULT);
	close_probe(script, probe, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_code_has_its_error),
		cmocka_unit_test(unknown_codes_are_errors),
		cmocka_unit_test(a_word_read_handles_every_code),
		cmocka_unit_test(old_firmware_has_nothing_to_clear_with),
		cmocka_unit_test(a_clearing_that_fails_changes_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
