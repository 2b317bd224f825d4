/* Dispatch, mode rules and fault switches of the firmware (stlink_firmware.c, stlink_commands.c).
 */
#include <string.h>

#include "bench.h"
#include "stlink_commands.h"

/* Every debug command that is known, by what it needs. */
static const uint8_t in_debug_mode_only[] = {0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x3a, 0x3b, 0x3e,
	0x40, 0x41, 0x42, 0x45, 0x46, 0x4b, 0x4c, 0x51, 0x52, 0x53, 0x07, 0x08, 0x0c, 0x0d, 0x47,
	0x48, 0x50, 0x54};
static const uint8_t before_enter_too[] = {0x3c, 0x43, 0x56};

static bool writes(uint8_t code)
{
	return code == 0x08 || code == 0x0d || code == 0x48 || code == 0x50 || code == 0x51;
}

static enum err try_code(struct bench *bench, uint8_t code)
{
	/* a length of 4 where memory commands have it, one item where RW_MISC has its count */
	uint8_t command[USB_COMMAND_SIZE] = {0xf2, code, 0, 0, 0, 0, 4};
	uint8_t bytes[8] = {0};
	if (code == 0x51)
		command[2] = 1;
	if (!writes(code))
		return bench_command(bench, command, sizeof command, 128);
	struct usb_data data = {.direction = USB_OUT, .data = bytes, .size = code == 0x51 ? 8 : 4};
	return usb_command(bench->usb, command, &data, BENCH_TIMEOUT_MS);
}

static void debug_commands_stall_before_enter(void **state)
{
	(void)state;
	struct bench *bench = bench_create("v21", NULL, false);
	for (size_t i = 0; i < sizeof in_debug_mode_only; i++)
		if (try_code(bench, in_debug_mode_only[i]) != ERR_USB_STALL)
			fail_msg("command %02x did not stall", in_debug_mode_only[i]);
	for (size_t i = 0; i < sizeof before_enter_too; i++)
		if (try_code(bench, before_enter_too[i]) == ERR_USB_STALL)
			fail_msg("command %02x stalled", before_enter_too[i]);
	assert_int_equal(fake_chip()->reads + fake_chip()->writes, 0);
	BENCH_ASK(bench, 6, 0xf1);
	bench_destroy(bench);
}

static void debug_commands_answer_after_enter(void **state)
{
	(void)state;
	struct bench *bench = bench_create("v21", NULL, true);
	for (size_t i = 0; i < sizeof in_debug_mode_only; i++) {
		enum err err = try_code(bench, in_debug_mode_only[i]);
		if (err == ERR_USB_STALL && in_debug_mode_only[i] != 0x52)
			fail_msg("command %02x stalled", in_debug_mode_only[i]);
	}
	bench_destroy(bench);
}

static void nothing_but_identity_works_in_dfu_mode(void **state)
{
	(void)state;
	struct bench *bench = bench_create("v2", NULL, false);
	BENCH_ASK(bench, 6, 0xf1);
	BENCH_ASK(bench, 2, 0xf5);
	for (size_t i = 0; i < sizeof before_enter_too; i++)
		assert_int_equal(try_code(bench, before_enter_too[i]), ERR_USB_STALL);
	assert_int_equal(try_code(bench, 0x99), ERR_USB_STALL);
	BENCH_ASK(bench, 0, 0xf2, 0x21); /* has no reply, so it is without effect */
	BENCH_ASK(bench, 6, 0xf1);
	bench_destroy(bench);
}

static void unknown_commands_are_told(void **state)
{
	(void)state;
	struct bench *bench = bench_create("v21", NULL, true);
	static const uint8_t unknown[] = {0x00, 0x37, 0x49, 0x4a, 0x55, 0x61, 0x99, 0xff};
	for (size_t i = 0; i < sizeof unknown; i++) {
		assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, unknown[i]), 0x42);
		assert_int_equal(bench->reply[1], 0);
	}
	assert_int_equal(BENCH_TRY(bench, 6, 0x12), ERR_USB_STALL);
	assert_int_equal(BENCH_TRY(bench, 6, 0xf3, 0x09), ERR_USB_STALL);
	assert_int_equal(bench->board->firmware.unknown_commands, 10);
	bench_destroy(bench);
}

static void old_firmware_lacks_what_it_lacks(void **state)
{
	(void)state;
	static const struct {
		uint8_t code;
		unsigned since;
	} rows[] = {{0x40, 13}, {0x3e, 15}, {0x43, 22}, {0x45, 24}, {0x47, 26}, {0x50, 26},
		{0x4b, 28}, {0x53, 32}, {0x54, 32}, {0x56, 36}};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		for (unsigned step = 0; step < 2; step++) {
			char version[16];
			snprintf(version, sizeof version, "V2J%uS4", rows[i].since - 1 + step);
			struct bench *bench = bench_create("v2", version, true);
			uint64_t unknown = bench->board->firmware.unknown_commands;
			(void)try_code(bench, rows[i].code);
			assert_int_equal(
				bench->board->firmware.unknown_commands - unknown, 1 - step);
			bench_destroy(bench);
		}
	}
}

static void voltage_needs_j13(void **state)
{
	(void)state;
	struct bench *bench = bench_create("v21", "V2J12M1", false);
	assert_int_equal(BENCH_TRY(bench, 8, 0xf7), ERR_USB_STALL);
	bench_destroy(bench);
}

static void commands_are_counted_by_name(void **state)
{
	(void)state;
	struct bench *bench = bench_create("v21", NULL, true);
	for (int i = 0; i < 3; i++)
		BENCH_ASK(bench, 8, 0xf2, 0x36, LE32(FAKE_RAM));
	for (size_t i = 0; firmware_command_name(i); i++) {
		uint64_t counted = bench->board->firmware.counts[i];
		if (strcmp(firmware_command_name(i), "READDEBUGREG") == 0)
			assert_int_equal(counted, 3);
		else if (strcmp(firmware_command_name(i), "READMEM_32BIT") == 0)
			assert_int_equal(counted, 0);
	}
	bench_destroy(bench);
}

/* ---- fault switches ---- */

static void a_status_takes_the_commands_place(void **state)
{
	(void)state;
	struct bench *bench = bench_create("v21", NULL, true);
	bench_control(bench, "fault status 10 x2");
	BENCH_ASK(bench, 2, 0xf5); /* has no status: not concerned */
	unsigned writes_before = fake_chip()->writes;
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x35, LE32(FAKE_RAM), LE32(1)), 0x10);
	assert_int_equal(fake_chip()->writes, writes_before);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x4b, 0), 0x10);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x35, LE32(FAKE_RAM), LE32(1)), 0x80);
	bench_destroy(bench);
}

static void a_status_is_kept_for_memory_commands(void **state)
{
	(void)state;
	struct bench *bench = bench_create("v21", NULL, true);
	bench_control(bench, "fault status 19 on READMEM_32BIT");
	assert_int_equal(bench_memory(bench, 0x07, FAKE_RAM + 64, 16, NULL), ERR_OK);
	BENCH_ASK(bench, 12, 0xf2, 0x3e);
	assert_int_equal(bench->reply[0], 0x19);
	assert_int_equal(get_le32(bench->reply + 4), FAKE_RAM + 64);
	bench_control(bench, "fault status 18 on WRITEMEM_32BIT");
	assert_int_equal(bench_memory(bench, 0x08, FAKE_RAM, 4, (const uint8_t *)"abcd"), ERR_OK);
	assert_int_equal(bench_memory_status(bench), 0x18);
	assert_int_equal(fake_chip()->ram[0], 0);
	bench_destroy(bench);
}

static void enter_can_be_made_to_fail(void **state)
{
	(void)state;
	struct bench *bench = bench_create("v21", NULL, false);
	bench_control(bench, "fault status 05 on ENTER");
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x30, 0xa3), 0x05);
	BENCH_ASK(bench, 2, 0xf5);
	assert_int_equal(bench->reply[0], 1);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x30, 0xa3), 0x80);
	bench_destroy(bench);
}

static void stalls_happen_in_the_data_phase(void **state)
{
	(void)state;
	struct bench *bench = bench_create("v21", NULL, true);
	bench_control(bench, "fault usb-stall");
	assert_int_equal(BENCH_TRY(bench, 6, 0xf1), ERR_USB_STALL);
	BENCH_ASK(bench, 6, 0xf1);
	bench_control(bench, "fault usb-stall on WRITEMEM_32BIT");
	assert_int_equal(
		bench_memory(bench, 0x08, FAKE_RAM, 4, (const uint8_t *)"abcd"), ERR_USB_STALL);
	assert_int_equal(fake_chip()->ram[0], 0);
	BENCH_ASK(bench, 6, 0xf1);
	bench_destroy(bench);
}

static void a_swallowed_command_is_not_done(void **state)
{
	(void)state;
	struct bench *bench = bench_create("v21", NULL, true);
	bench_control(bench, "fault usb-timeout on WRITEDEBUGREG");
	assert_int_equal(BENCH_TRY(bench, 2, 0xf2, 0x35, LE32(FAKE_RAM), LE32(1)), ERR_USB_TIMEOUT);
	assert_int_equal(fake_chip()->ram[0], 0);
	bench_control(bench, "fault lost-reply on WRITEDEBUGREG");
	assert_int_equal(BENCH_TRY(bench, 2, 0xf2, 0x35, LE32(FAKE_RAM), LE32(1)), ERR_USB_TIMEOUT);
	assert_int_equal(fake_chip()->ram[0], 1);
	BENCH_ASK(bench, 6, 0xf1);
	bench_destroy(bench);
}

static void replies_can_be_short_or_garbage(void **state)
{
	(void)state;
	struct bench *bench = bench_create("v21", NULL, true);
	bench_control(bench, "fault short-reply 3");
	assert_int_equal(BENCH_TRY(bench, 6, 0xf1), ERR_OK);
	assert_int_equal(bench->received, 3);
	bench_control(bench, "fault short-reply 0");
	assert_int_equal(BENCH_TRY(bench, 6, 0xf1), ERR_OK);
	assert_int_equal(bench->received, 0);
	bench_control(bench, "fault garbled-reply");
	BENCH_ASK(bench, 12, 0xf2, 0x31);
	assert_int_not_equal(get_le32(bench->reply + 4), 0x2ba01477);
	bench_destroy(bench);
}

static void a_delay_is_modelled_time(void **state)
{
	(void)state;
	struct bench *bench = bench_create("v21", NULL, true);
	bench_control(bench, "fault delay 300");
	uint64_t start = board_now_ns(bench->board);
	BENCH_ASK(bench, 6, 0xf1);
	assert_in_range(board_now_ns(bench->board) - start, 300000000, 301000000);
	bench_control(bench, "fault delay 2000");
	assert_int_equal(BENCH_TRY(bench, 6, 0xf1), ERR_USB_TIMEOUT);
	/* and the late reply is still there, stale */
	assert_int_equal(BENCH_TRY(bench, 2, 0xf5), ERR_USB_IO);
	assert_int_equal(bench->usb->ops->drain(bench->usb), ERR_OK);
	BENCH_ASK(bench, 2, 0xf5);
	bench_destroy(bench);
}

static void chaos_is_survived_and_repeatable(void **state)
{
	(void)state;
	unsigned outcomes[2][ERR_COUNT] = {{0}};
	for (int round = 0; round < 2; round++) {
		struct bench *bench = bench_create("v21", NULL, true);
		bench_control(bench, "fault chaos 0.2 seed 42");
		for (int i = 0; i < 300; i++)
			outcomes[round][BENCH_TRY(bench, 8, 0xf2, 0x36, LE32(FAKE_RAM))]++;
		bench_control(bench, "fault none");
		assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x30, 0xa3), 0x80);
		assert_int_equal(BENCH_STATUS(bench, 8, 0xf2, 0x36, LE32(FAKE_RAM)), 0x80);
		bench_destroy(bench);
	}
	assert_memory_equal(outcomes[0], outcomes[1], sizeof outcomes[0]);
	assert_true(outcomes[0][ERR_USB_STALL] > 0);
	assert_true(outcomes[0][ERR_USB_TIMEOUT] > 0);
	assert_true(outcomes[0][ERR_OK] > 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(debug_commands_stall_before_enter),
		cmocka_unit_test(debug_commands_answer_after_enter),
		cmocka_unit_test(nothing_but_identity_works_in_dfu_mode),
		cmocka_unit_test(unknown_commands_are_told),
		cmocka_unit_test(old_firmware_lacks_what_it_lacks),
		cmocka_unit_test(voltage_needs_j13),
		cmocka_unit_test(commands_are_counted_by_name),
		cmocka_unit_test(a_status_takes_the_commands_place),
		cmocka_unit_test(a_status_is_kept_for_memory_commands),
		cmocka_unit_test(enter_can_be_made_to_fail),
		cmocka_unit_test(stalls_happen_in_the_data_phase),
		cmocka_unit_test(a_swallowed_command_is_not_done),
		cmocka_unit_test(replies_can_be_short_or_garbage),
		cmocka_unit_test(a_delay_is_modelled_time),
		cmocka_unit_test(chaos_is_survived_and_repeatable),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
