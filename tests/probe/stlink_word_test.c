/* Single words (stlink_memory.c): their commands, and when a write is repeated. */
#include "opened_probe.h"
#include "tests/prelude.h"

static void a_word_is_one_command(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = entered_probe(&script, "V2J37M26");
	uint32_t value = 0;
	uint8_t bytes[4];

	script_expect_in(script, "F2 36 F0 ED 00 E0", "80 00 00 00 03 00 03 01");
	assert_int_equal(probe_read_word(probe, 0xE000EDF0, &value), ERR_OK);
	assert_int_equal(value, 0x01030003);
	script_expect_in(script, "F2 35 F0 ED 00 E0 03 00 5F A0", "80 00");
	assert_int_equal(probe_write_word(probe, 0xE000EDF0, 0xA05F0003), ERR_OK);
	/* Four aligned bytes are a word, too. */
	script_expect_in(script, "F2 36 04 00 00 20", "80 00 00 00 11 22 33 44");
	assert_int_equal(probe_read(probe, 4, 0x20000004, bytes, 4), ERR_OK);
	assert_memory_equal(bytes, "\x11\x22\x33\x44", 4);
	script_expect_in(script, "F2 35 08 00 00 20 11 22 33 44", "80 00");
	assert_int_equal(probe_write(probe, 4, 0x20000008, bytes, 4), ERR_OK);
	close_probe(script, probe, true);
}

static void a_word_write_that_was_refused_is_made_again(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = entered_probe(&script, "V2J37M26");

	script_expect_in(script, "F2 35 F0 ED 00 E0 03 00 5F A0", "10 00");
	script_expect_in(script, "F2 35 F0 ED 00 E0 03 00 5F A0", "80 00");
	assert_int_equal(probe_write_word(probe, 0xE000EDF0, 0xA05F0003), ERR_OK);
	/* A register that reads back otherwise is no failure. */
	script_expect_in(script, "F2 35 F0 ED 00 E0 03 00 5F A0", "0D 00");
	assert_int_equal(probe_write_word(probe, 0xE000EDF0, 0xA05F0003), ERR_OK);
	close_probe(script, probe, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_word_is_one_command),
		cmocka_unit_test(a_word_write_that_was_refused_is_made_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
