/* Core registers, by command and by hand. */
#include <stdio.h>
#include <string.h>

#include "opened_probe.h"
#include "tests/prelude.h"

static void a_register_is_one_command(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = entered_probe(&script, "V2J37M26");
	uint32_t value = 0;

	script_expect_in(script, "F2 33 0F", "80 00 00 00 C4 01 00 08");
	assert_int_equal(probe_read_register(probe, 15, &value), ERR_OK);
	assert_int_equal(value, 0x080001C4);
	script_expect_in(script, "F2 34 10 00 00 00 01", "80 00");
	assert_int_equal(probe_write_register(probe, 16, 0x01000000), ERR_OK);
	/* S31 and FPSCR */
	script_expect_in(script, "F2 33 5F", "80 00 00 00 00 00 80 3F");
	assert_int_equal(probe_read_register(probe, 0x5F, &value), ERR_OK);
	assert_int_equal(value, 0x3F800000);
	script_expect_in(script, "F2 34 21 78 56 34 12", "80 00");
	assert_int_equal(probe_write_register(probe, 0x21, 0x12345678), ERR_OK);
	close_probe(script, probe, true);
}

static void registers_report_their_status(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = entered_probe(&script, "V2J37M26");
	uint32_t value;

	script_expect_in(script, "F2 33 00", "05 00 00 00 00 00 00 00");
	assert_int_equal(probe_read_register(probe, 0, &value), ERR_TARGET_NO_LINK);
	script_expect_in(script, "F2 34 00 01", "10 00");
	script_expect_in(script, "F2 34 00 01", "05 00");
	assert_int_equal(probe_write_register(probe, 0, 1), ERR_TARGET_NO_LINK);
	close_probe(script, probe, true);
}

static void all_registers_are_one_command_of_88_bytes(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = entered_probe(&script, "V2J37M26");
	uint32_t values[PROBE_CORE_REGISTERS];
	uint8_t reply[88] = {0x80, 0, 0xAA, 0x55};

	for (size_t i = 0; i < PROBE_CORE_REGISTERS; i++) {
		reply[4 + 4 * i] = (uint8_t)i;
		reply[7 + 4 * i] = (uint8_t)(0xF0 + i);
	}
	script_expect_read(script, "F2 3A", sizeof(reply), reply, sizeof(reply));
	assert_int_equal(probe_read_registers(probe, values), ERR_OK);
	for (unsigned i = 0; i < PROBE_CORE_REGISTERS; i++)
		assert_int_equal(values[i], (0xF0u + i) << 24 | i);

	/* An older layout without status would be four bytes shorter. */
	script_expect_read(script, "F2 3A", sizeof(reply), reply, 84);
	assert_int_equal(probe_read_registers(probe, values), ERR_PROBE_PROTOCOL);
	script_expect_drain(script, ERR_OK);

	reply[0] = 0x81;
	script_expect_read(script, "F2 3A", sizeof(reply), reply, sizeof(reply));
	script_expect_in(script, "F2 45 FF FF 04 00", "80 00 00 00 00 00 00 F0");
	script_expect_in(script, "F2 46 FF FF 00 00 1E 00 00 00", "80 00");
	assert_int_equal(probe_read_registers(probe, values), ERR_TARGET_FAULT);
	close_probe(script, probe, true);
}

static void expect_one_by_one(struct script *script)
{
	for (unsigned i = 0; i < PROBE_CORE_REGISTERS; i++) {
		char command[16], reply[32];
		snprintf(command, sizeof(command), "F2 33 %02X", i);
		snprintf(reply, sizeof(reply), "80 00 00 00 %02X 00 00 F0", i);
		if (i != 19)
			script_expect_in(script, command, reply);
	}
}

static void without_the_command_all_registers_are_read_one_by_one(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = entered_probe(&script, "V2J37M26");
	static const uint8_t refusal[] = {0x42, 0x00};
	uint32_t values[PROBE_CORE_REGISTERS];

	script_expect_read(script, "F2 3A", 88, refusal, sizeof(refusal));
	for (int round = 0; round < 2; round++) {
		memset(values, 0xFF, sizeof(values));
		expect_one_by_one(script);
		assert_int_equal(probe_read_registers(probe, values), ERR_OK);
		for (unsigned i = 0; i < PROBE_CORE_REGISTERS; i++)
			assert_int_equal(values[i], i == 19 ? 0 : 0xF0000000u + i);
	}
	close_probe(script, probe, true);
}

/* ---- before J15 the FPU's go through DCRSR and DCRDR ---- */

#define READY     "80 00 00 00 03 00 03 00"
#define NOT_READY "80 00 00 00 03 00 02 00"

static void fpu_registers_of_old_firmware_are_read_by_hand(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = entered_probe(&script, "V2J14S4");
	uint32_t value = 0;

	script_expect_in(script, "F2 35 F4 ED 00 E0 40 00 00 00", "80 00");
	script_expect_in(script, "F2 36 F0 ED 00 E0", NOT_READY);
	script_expect_in(script, "F2 36 F0 ED 00 E0", READY);
	script_expect_in(script, "F2 36 F8 ED 00 E0", "80 00 00 00 00 00 80 3F");
	assert_int_equal(probe_read_register(probe, 0x40, &value), ERR_OK);
	assert_int_equal(value, 0x3F800000);
	/* The others have their command at any age. */
	script_expect_in(script, "F2 33 14", "80 00 00 00 01 00 00 02");
	assert_int_equal(probe_read_register(probe, 20, &value), ERR_OK);
	assert_int_equal(value, 0x02000001);
	close_probe(script, probe, true);
}

static void fpu_registers_of_old_firmware_are_written_by_hand(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = entered_probe(&script, "V2J14S4");

	script_expect_in(script, "F2 35 F8 ED 00 E0 78 56 34 12", "80 00");
	script_expect_in(script, "F2 35 F4 ED 00 E0 21 00 01 00", "80 00");
	script_expect_in(script, "F2 36 F0 ED 00 E0", READY);
	assert_int_equal(probe_write_register(probe, 0x21, 0x12345678), ERR_OK);
	close_probe(script, probe, true);
}

static void a_core_that_never_gets_ready_is_a_time_out(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = entered_probe(&script, "V2J14S4");
	uint32_t value;

	script_set_command_us(script, 40000);
	script_expect_in(script, "F2 35 F4 ED 00 E0 40 00 00 00", "80 00");
	for (int i = 0; i < 2; i++)
		script_expect_in(script, "F2 36 F0 ED 00 E0", NOT_READY);
	assert_int_equal(probe_read_register(probe, 0x40, &value), ERR_TARGET_TIMEOUT);
	close_probe(script, probe, true);
}

static void a_transfer_by_hand_stops_at_its_first_error(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = entered_probe(&script, "V2J14S4");
	uint32_t value;

	script_expect_in(script, "F2 35 F4 ED 00 E0 40 00 00 00", "05 00");
	assert_int_equal(probe_read_register(probe, 0x40, &value), ERR_TARGET_NO_LINK);
	script_expect_in(script, "F2 35 F8 ED 00 E0 01 00 00 00", "05 00");
	assert_int_equal(probe_write_register(probe, 0x40, 1), ERR_TARGET_NO_LINK);
	close_probe(script, probe, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_register_is_one_command),
		cmocka_unit_test(registers_report_their_status),
		cmocka_unit_test(all_registers_are_one_command_of_88_bytes),
		cmocka_unit_test(without_the_command_all_registers_are_read_one_by_one),
		cmocka_unit_test(fpu_registers_of_old_firmware_are_read_by_hand),
		cmocka_unit_test(fpu_registers_of_old_firmware_are_written_by_hand),
		cmocka_unit_test(a_core_that_never_gets_ready_is_a_time_out),
		cmocka_unit_test(a_transfer_by_hand_stops_at_its_first_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
