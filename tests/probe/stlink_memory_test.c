/* Blocks: command bytes, limits and splits, the status after each, what is repeated. */
#include <stdio.h>
#include <string.h>

#include "opened_probe.h"
#include "probe/stlink.h"
#include "tests/prelude.h"

#define STATUS2_OK "80 00 00 00 00 00 00 00 00 00 00 00"

static uint8_t pattern[20000], buffer[20000];

static int fill_pattern(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(pattern); i++)
		pattern[i] = (uint8_t)(i * 7 + (i >> 8));
	memset(buffer, 0, sizeof(buffer));
	return 0;
}

/* The bytes of a memory command. */
static const char *memory_command(uint8_t operation, uint32_t address, size_t size)
{
	static char text[60];

	snprintf(text, sizeof(text), "F2 %02x %02x %02x %02x %02x %02x %02x", operation,
		address & 0xFF, address >> 8 & 0xFF, address >> 16 & 0xFF, address >> 24,
		(unsigned)size & 0xFF, (unsigned)size >> 8);
	return text;
}

static void expect_read(
	struct script *script, uint8_t operation, uint32_t address, size_t offset, size_t size)
{
	/* One byte comes with a second, meaningless one. */
	size_t asked = size == 1 ? 2 : size;
	script_expect_read(script, memory_command(operation, address + (uint32_t)offset, size),
		asked, pattern + offset, asked);
}

static void expect_write(
	struct script *script, uint8_t operation, uint32_t address, size_t offset, size_t size)
{
	script_expect_write(script, memory_command(operation, address + (uint32_t)offset, size),
		pattern + offset, size);
}

static void expect_ok(struct script *script)
{
	script_expect_in(script, "F2 3E", STATUS2_OK);
}

static void transfers_are_counted(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = entered_probe(&script, "V2J37M26");
	uint64_t before = probe_transfers(probe);
	uint32_t value;

	script_expect_in(script, "F2 36 F0 ED 00 E0", "80 00 00 00 03 00 03 01");
	assert_int_equal(probe_read_word(probe, 0xE000EDF0, &value), ERR_OK);
	assert_int_equal(probe_transfers(probe) - before, 2);
	expect_read(script, 0x07, 0x20000000, 0, 64);
	expect_ok(script);
	assert_int_equal(probe_read(probe, 4, 0x20000000, buffer, 64), ERR_OK);
	assert_int_equal(probe_transfers(probe) - before, 6);
	script_expect(script, "F2 21"); /* without a data phase */
	assert_int_equal(probe_leave(probe), ERR_OK);
	assert_int_equal(probe_transfers(probe) - before, 7);
	close_probe(script, probe, false);
}

/* ---- blocks ---- */

static void long_blocks_are_split_at_6144(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = entered_probe(&script, "V2J37M26");
	const uint32_t base = 0x20000204;

	assert_int_equal(probe_block_size(probe), 6144);
	expect_read(script, 0x07, base, 0, 6144);
	expect_ok(script);
	expect_read(script, 0x07, base, 6144, 6144);
	expect_ok(script);
	expect_read(script, 0x07, base, 12288, 8);
	expect_ok(script);
	assert_int_equal(probe_read(probe, 4, base, buffer, 12296), ERR_OK);
	assert_memory_equal(buffer, pattern, 12296);

	expect_write(script, 0x08, base, 0, 6144);
	expect_ok(script);
	expect_write(script, 0x08, base, 6144, 1000);
	expect_ok(script);
	assert_int_equal(probe_write(probe, 4, base, pattern, 7144), ERR_OK);
	close_probe(script, probe, true);
}

static void a_rest_of_one_word_goes_as_a_word(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = entered_probe(&script, "V2J37M26");
	char reply[40], command[40];

	expect_read(script, 0x07, 0x20000000, 0, 6144);
	expect_ok(script);
	snprintf(reply, sizeof(reply), "80 00 00 00 %02x %02x %02x %02x", pattern[6144],
		pattern[6145], pattern[6146], pattern[6147]);
	script_expect_in(script, "F2 36 00 18 00 20", reply);
	assert_int_equal(probe_read(probe, 4, 0x20000000, buffer, 6148), ERR_OK);
	assert_memory_equal(buffer, pattern, 6148);

	expect_write(script, 0x08, 0x20000000, 0, 6144);
	expect_ok(script);
	snprintf(command, sizeof(command), "F2 35 00 18 00 20 %02x %02x %02x %02x", pattern[6144],
		pattern[6145], pattern[6146], pattern[6147]);
	script_expect_in(script, command, "80 00");
	assert_int_equal(probe_write(probe, 4, 0x20000000, pattern, 6148), ERR_OK);
	close_probe(script, probe, true);
}

static void old_firmware_is_kept_within_a_kilobyte(void **state)
{
	(void)state;
	static const char *const firmware[] = {"V2J15S4", "V2J31M21", "V3J1M1"};

	for (size_t i = 0; i < COUNT_OF(firmware); i++) {
		struct script *script;
		struct probe *probe = entered_probe(&script, firmware[i]);
		const uint32_t base = 0x200003F0;

		assert_int_equal(probe_block_size(probe), 1024);
		expect_read(script, 0x07, base, 0, 16);
		expect_ok(script);
		expect_read(script, 0x07, base, 16, 1024);
		expect_ok(script);
		expect_read(script, 0x07, base, 1040, 960);
		expect_ok(script);
		assert_int_equal(probe_read(probe, 4, base, buffer, 2000), ERR_OK);
		assert_memory_equal(buffer, pattern, 2000);

		expect_write(script, 0x08, base, 0, 16);
		expect_ok(script);
		expect_write(script, 0x08, base, 16, 24);
		expect_ok(script);
		assert_int_equal(probe_write(probe, 4, base, pattern, 40), ERR_OK);

		expect_write(script, 0x0D, 0x200003FD, 0, 3);
		expect_ok(script);
		expect_write(script, 0x0D, 0x200003FD, 3, 2);
		expect_ok(script);
		assert_int_equal(probe_write(probe, 1, 0x200003FD, pattern, 5), ERR_OK);
		close_probe(script, probe, true);
	}
}

static void newer_firmware_crosses_a_kilobyte(void **state)
{
	(void)state;
	static const char *const firmware[] = {"V2J32M22", "V3J2M1", "V4J5B1P5"};

	for (size_t i = 0; i < COUNT_OF(firmware); i++) {
		struct script *script;
		struct probe *probe = entered_probe(&script, firmware[i]);

		expect_read(script, 0x07, 0x200003F0, 0, 2000);
		expect_ok(script);
		assert_int_equal(probe_read(probe, 4, 0x200003F0, buffer, 2000), ERR_OK);
		close_probe(script, probe, true);
	}
}

static void byte_blocks_keep_the_firmwares_limit(void **state)
{
	(void)state;
	static const struct {
		const char *firmware;
		size_t read, write;
	} rows[] = {
		{"V2J28M16", 64, 64},
		{"V2J37M26", 64, 64},
		{"V3J3M2", 64, 64},
		{"V3J7M2", 128, 512},
		{"V3J17M10", 128, 512},
		{"V4J5B1P5", 128, 512},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct script *script;
		struct probe *probe = entered_probe(&script, rows[i].firmware);
		const uint32_t base = 0x20000000;

		expect_read(script, 0x0C, base, 0, rows[i].read);
		expect_ok(script);
		expect_read(script, 0x0C, base, rows[i].read, 3);
		expect_ok(script);
		assert_int_equal(probe_read(probe, 1, base, buffer, rows[i].read + 3), ERR_OK);
		assert_memory_equal(buffer, pattern, rows[i].read + 3);

		expect_write(script, 0x0D, base, 0, rows[i].write);
		expect_ok(script);
		expect_write(script, 0x0D, base, rows[i].write, 1);
		expect_ok(script);
		assert_int_equal(probe_write(probe, 1, base, pattern, rows[i].write + 1), ERR_OK);
		close_probe(script, probe, true);
	}
}

/* The probe sends two; asking for one overflows, and has been seen to hang a probe. */
static void one_byte_is_asked_for_as_two(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = entered_probe(&script, "V2J37M26");
	uint8_t two[2] = {0, 0xEE};
	const uint8_t one[1] = {0x5A};

	expect_read(script, 0x0C, 0x20000003, 0, 1);
	expect_ok(script);
	two[0] = 0xFF;
	assert_int_equal(probe_read(probe, 1, 0x20000003, two, 1), ERR_OK);
	assert_int_equal(two[0], pattern[0]);
	assert_int_equal(two[1], 0xEE); /* the caller's second byte is not ours */

	/* A probe that leaves the second away is fine as well. */
	script_expect_read(script, "F2 0C 03 00 00 20 01", 2, one, 1);
	expect_ok(script);
	assert_int_equal(probe_read(probe, 1, 0x20000003, two, 1), ERR_OK);
	assert_int_equal(two[0], 0x5A);
	close_probe(script, probe, true);
}

static void odd_sizes_go_as_they_are(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = entered_probe(&script, "V2J37M26");

	expect_read(script, 0x0C, 0x20000001, 0, 63);
	expect_ok(script);
	assert_int_equal(probe_read(probe, 1, 0x20000001, buffer, 63), ERR_OK);
	assert_memory_equal(buffer, pattern, 63);
	expect_write(script, 0x0D, 0x20000001, 0, 7);
	expect_ok(script);
	assert_int_equal(probe_write(probe, 1, 0x20000001, pattern, 7), ERR_OK);
	close_probe(script, probe, true);
}

static void halfwords_go_from_j26_on(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = entered_probe(&script, "V2J26M15");

	expect_read(script, 0x47, 0x20000002, 0, 2);
	expect_ok(script);
	assert_int_equal(probe_read(probe, 2, 0x20000002, buffer, 2), ERR_OK);
	expect_write(script, 0x48, 0x200003FE, 0, 2);
	expect_ok(script);
	expect_write(script, 0x48, 0x200003FE, 2, 6);
	expect_ok(script);
	assert_int_equal(probe_write(probe, 2, 0x200003FE, pattern, 8), ERR_OK);
	close_probe(script, probe, true);

	probe = entered_probe(&script, "V2J25S4");
	assert_int_equal(probe_read(probe, 2, 0x40020002, buffer, 2), ERR_PROBE_OLD);
	assert_int_equal(probe_write(probe, 2, 0x40020002, pattern, 2), ERR_PROBE_OLD);
	close_probe(script, probe, true);
}

static void before_j26_halfwords_of_memory_go_as_bytes(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = entered_probe(&script, "V2J25S4");

	expect_read(script, 0x0C, 0x20000002, 0, 2);
	expect_ok(script);
	assert_int_equal(probe_read(probe, 2, 0x20000002, buffer, 2), ERR_OK);
	expect_write(script, 0x0D, 0x200003FE, 0, 2);
	expect_ok(script);
	expect_write(script, 0x0D, 0x200003FE, 2, 6);
	expect_ok(script);
	assert_int_equal(probe_write(probe, 2, 0x200003FE, pattern, 8), ERR_OK);
	close_probe(script, probe, true);
}

/* The pc of a core without a program: there is nothing to be had with newer firmware either. */
static void before_j26_nothing_is_told_of_where_nothing_is(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = entered_probe(&script, "V2J25S4");

	expect_read(script, 0x0C, 0xFFFFFFFE, 0, 2);
	script_expect_in(script, "F2 3E", "11 00 00 00 00 00 00 00 00 00 00 00");
	script_expect_in(script, "F2 45 FF FF 04 00", "80 00 00 00 20 00 00 F0");
	script_expect_in(script, "F2 46 FF FF 00 00 1E 00 00 00", "80 00");
	assert_int_equal(probe_read(probe, 2, 0xFFFFFFFE, buffer, 2), ERR_TARGET_FAULT);
	close_probe(script, probe, true);
}

static void a_slow_clock_makes_short_blocks(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = opened_probe(&script, "V2J25S4");

	script_expect_in(script, "F2 43 1E 03", "80 00");
	script_expect_in(script, "F2 30 A3", "80 00");
	assert_int_equal(probe_enter(probe, 5, NULL), ERR_OK);
	/* 46 clocks at 5 kHz are 9.2 ms: ten accesses in 100 ms, of any width */
	expect_read(script, 0x07, 0x20000000, 0, 40);
	expect_ok(script);
	expect_read(script, 0x07, 0x20000000, 40, 8);
	expect_ok(script);
	assert_int_equal(probe_read(probe, 4, 0x20000000, buffer, 48), ERR_OK);
	expect_write(script, 0x0D, 0x20000000, 0, 10);
	expect_ok(script);
	expect_write(script, 0x0D, 0x20000000, 10, 5);
	expect_ok(script);
	assert_int_equal(probe_write(probe, 1, 0x20000000, pattern, 15), ERR_OK);
	close_probe(script, probe, true);
}

/* ---- status ---- */

static void old_firmware_has_the_short_status(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = entered_probe(&script, "V2J14S4");

	expect_read(script, 0x07, 0x20000000, 0, 8);
	script_expect_in(script, "F2 3B", "80 00");
	assert_int_equal(probe_read(probe, 4, 0x20000000, buffer, 8), ERR_OK);
	expect_read(script, 0x07, 0x20000000, 0, 8);
	script_expect_in(script, "F2 3B", "01 00");
	assert_int_equal(probe_read(probe, 4, 0x20000000, buffer, 8), ERR_TARGET_FAULT);
	close_probe(script, probe, true);
}

static void a_fault_in_any_block_ends_it(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = entered_probe(&script, "V2J37M26");

	expect_read(script, 0x07, 0x20000000, 0, 6144);
	expect_ok(script);
	expect_read(script, 0x07, 0x20000000, 6144, 6144);
	script_expect_in(script, "F2 3E", "11 00 00 00 00 20 00 20 00 00 00 00");
	script_expect_in(script, "F2 45 FF FF 04 00", "80 00 00 00 20 00 00 F0");
	script_expect_in(script, "F2 46 FF FF 00 00 1E 00 00 00", "80 00");
	assert_int_equal(
		probe_read(probe, 4, 0x20000000, buffer, (size_t)3 * 6144), ERR_TARGET_FAULT);
	close_probe(script, probe, true);
}

static void a_busy_block_read_is_repeated_as_a_whole(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = entered_probe(&script, "V2J37M26");
	uint64_t sleeps[4];

	expect_read(script, 0x07, 0x40023800, 0, 16);
	script_expect_in(script, "F2 3E", "10 00 00 00 00 38 02 40 00 00 00 00");
	expect_read(script, 0x07, 0x40023800, 0, 16);
	script_expect_in(script, "F2 3E", "14 00 00 00 00 38 02 40 00 00 00 00");
	expect_read(script, 0x07, 0x40023800, 0, 16);
	expect_ok(script);
	assert_int_equal(probe_read(probe, 4, 0x40023800, buffer, 16), ERR_OK);
	assert_int_equal(script_take_sleeps(script, sleeps, 4), 2);
	assert_int_equal(sleeps[0], 1000);
	assert_int_equal(sleeps[1], 2000);
	close_probe(script, probe, true);
}

static void a_busy_block_write_is_repeated_only_in_sram(void **state)
{
	(void)state;
	static const struct {
		uint32_t address;
		bool again;
	} rows[] = {
		{0x20000000, true},
		{0x3FFFFFF0, true},
		{0x1FFFFFF0, false}, /* option bytes, flash, OTP */
		{0x08000000, false},
		{0x40000000, false}, /* peripherals: a FIFO takes the first words twice */
		{0xE0000000, false},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct script *script;
		struct probe *probe = entered_probe(&script, "V2J37M26");

		expect_write(script, 0x08, rows[i].address, 0, 16);
		script_expect_in(script, "F2 3E", "10 00 00 00 00 00 00 00 00 00 00 00");
		if (rows[i].again) {
			expect_write(script, 0x08, rows[i].address, 0, 16);
			expect_ok(script);
		}
		assert_int_equal(probe_write(probe, 4, rows[i].address, pattern, 16),
			rows[i].again ? ERR_OK : ERR_TARGET_WAIT);
		close_probe(script, probe, true);
	}
}

static void a_block_that_stays_busy_is_given_up(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = entered_probe(&script, "V3J7M2");

	for (int i = 0; i < 10; i++) {
		expect_read(script, 0x07, 0x20000000, 0, 8);
		/* From the second time on a V3 may call it a fault. */
		script_expect_in(script, "F2 3E",
			i ? "11 00 00 00 00 00 00 20 00 00 00 00"
			  : "10 00 00 00 00 00 00 20 00 00 00 00");
	}
	uint64_t start = probe_now_us(probe);
	assert_int_equal(probe_read(probe, 4, 0x20000000, buffer, 8), ERR_TARGET_WAIT);
	assert_int_equal(probe_now_us(probe) - start, 300000);
	close_probe(script, probe, true);
}

static void a_short_block_is_judged_by_its_status_first(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = entered_probe(&script, "V2J37M26");

	script_expect_read(script, "F2 07 00 00 00 20 10", 16, pattern, 12);
	script_expect_in(script, "F2 3E", "05 00 00 00 00 00 00 00 00 00 00 00");
	assert_int_equal(probe_read(probe, 4, 0x20000000, buffer, 16), ERR_TARGET_NO_LINK);

	script_expect_read(script, "F2 07 00 00 00 20 10", 16, pattern, 12);
	expect_ok(script);
	assert_int_equal(probe_read(probe, 4, 0x20000000, buffer, 16), ERR_PROBE_PROTOCOL);
	script_expect_drain(script, ERR_OK);
	close_probe(script, probe, true);
}

static void a_usb_error_in_either_command_is_told(void **state)
{
	(void)state;
	static const enum err errors[] = {ERR_USB_TIMEOUT, ERR_USB_STALL, ERR_USB_IO, ERR_USB_GONE};

	for (size_t i = 0; i < COUNT_OF(errors); i++) {
		for (int phase = 0; phase < 2; phase++) {
			struct script *script;
			struct probe *probe = entered_probe(&script, "V2J37M26");

			if (phase == 0) {
				script_expect_failure(script, "F2 08 00 00 00 20 10", errors[i]);
			} else {
				expect_write(script, 0x08, 0x20000000, 0, 16);
				script_expect_failure(script, "F2 3E", errors[i]);
			}
			assert_int_equal(probe_write(probe, 4, 0x20000000, pattern, 16), errors[i]);
			bool gone = errors[i] == ERR_USB_GONE;
			if (!gone)
				script_expect_drain(script, ERR_OK);
			close_probe(script, probe, !gone);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(transfers_are_counted),
		cmocka_unit_test(long_blocks_are_split_at_6144),
		cmocka_unit_test(a_rest_of_one_word_goes_as_a_word),
		cmocka_unit_test(old_firmware_is_kept_within_a_kilobyte),
		cmocka_unit_test(newer_firmware_crosses_a_kilobyte),
		cmocka_unit_test(byte_blocks_keep_the_firmwares_limit),
		cmocka_unit_test(one_byte_is_asked_for_as_two),
		cmocka_unit_test(odd_sizes_go_as_they_are),
		cmocka_unit_test(halfwords_go_from_j26_on),
		cmocka_unit_test(before_j26_halfwords_of_memory_go_as_bytes),
		cmocka_unit_test(before_j26_nothing_is_told_of_where_nothing_is),
		cmocka_unit_test(a_slow_clock_makes_short_blocks),
		cmocka_unit_test(old_firmware_has_the_short_status),
		cmocka_unit_test(a_fault_in_any_block_ends_it),
		cmocka_unit_test(a_busy_block_read_is_repeated_as_a_whole),
		cmocka_unit_test(a_busy_block_write_is_repeated_only_in_sram),
		cmocka_unit_test(a_block_that_stays_busy_is_given_up),
		cmocka_unit_test(a_short_block_is_judged_by_its_status_first),
		cmocka_unit_test(a_usb_error_in_either_command_is_told),
	};
	return cmocka_run_group_tests(tests, fill_pattern, NULL);
}
