/* Version, mode, voltage, ENTER, EXIT, NRST (stlink_session.c). */
#include <string.h>

#include "bench.h"

static void assert_reply(const struct bench *bench, const uint8_t *bytes, size_t size)
{
	assert_int_equal(bench->received, size);
	assert_memory_equal(bench->reply, bytes, size);
}

#define ASSERT_REPLY(bench, ...) \
	assert_reply(bench, (const uint8_t[]){__VA_ARGS__}, sizeof(const uint8_t[]){__VA_ARGS__})

static void version_words_are_those_of_the_reference(void **state)
{
	(void)state;
	struct bench *bench = bench_create("v2", "V2J37S7", false);
	BENCH_ASK(bench, 6, 0xf1);
	ASSERT_REPLY(bench, 0x29, 0x47, 0x83, 0x04, 0x48, 0x37);
	bench_destroy(bench);
	bench = bench_create("v21", "V2J37M26", false);
	BENCH_ASK(bench, 6, 0xf1);
	ASSERT_REPLY(bench, 0x29, 0x5a, 0x83, 0x04, 0x4b, 0x37);
	bench_destroy(bench);
	bench = bench_create("v3", "V3J7M3", false);
	BENCH_ASK(bench, 6, 0xf1);
	ASSERT_REPLY(bench, 0x30, 0x00, 0x83, 0x04, 0x4e, 0x37);
	BENCH_ASK(bench, 12, 0xfb);
	ASSERT_REPLY(bench, 3, 0, 7, 3, 0, 0, 0, 0, 0x83, 0x04, 0x4e, 0x37);
	bench_destroy(bench);
	bench = bench_create("v3pwr", "V4J5B1P5", false);
	BENCH_ASK(bench, 6, 0xf1);
	ASSERT_REPLY(bench, 0x40, 0x00, 0x83, 0x04, 0x57, 0x37);
	BENCH_ASK(bench, 12, 0xfb);
	ASSERT_REPLY(bench, 4, 0, 5, 0, 1, 5, 0, 0, 0x83, 0x04, 0x57, 0x37);
	bench_destroy(bench);
}

static void a_v2_has_no_extended_version(void **state)
{
	(void)state;
	struct bench *bench = bench_create("v2", NULL, false);
	assert_int_equal(BENCH_TRY(bench, 12, 0xfb), ERR_USB_STALL);
	BENCH_ASK(bench, 6, 0xf1);
	bench_destroy(bench);
}

static void modes_follow_enter_and_exit(void **state)
{
	(void)state;
	struct bench *bench = bench_create("v21", NULL, false);
	BENCH_ASK(bench, 2, 0xf5);
	ASSERT_REPLY(bench, 1, 0);
	BENCH_ASK(bench, 2, 0xf2, 0x30, 0xa3);
	ASSERT_REPLY(bench, 0x80, 0);
	BENCH_ASK(bench, 2, 0xf5);
	ASSERT_REPLY(bench, 2, 0);
	BENCH_ASK(bench, 0, 0xf2, 0x21);
	BENCH_ASK(bench, 2, 0xf5);
	ASSERT_REPLY(bench, 1, 0);
	bench_destroy(bench);
}

static void a_fresh_v2_waits_in_dfu_mode(void **state)
{
	(void)state;
	struct bench *bench = bench_create("v2", NULL, false);
	BENCH_ASK(bench, 2, 0xf5);
	ASSERT_REPLY(bench, 0, 0);
	assert_int_equal(BENCH_TRY(bench, 8, 0xf7), ERR_USB_STALL);
	assert_int_equal(BENCH_TRY(bench, 2, 0xf2, 0x30, 0xa3), ERR_USB_STALL);
	BENCH_ASK(bench, 0, 0xf4, 0x01); /* not in SWIM mode: without effect */
	BENCH_ASK(bench, 2, 0xf5);
	ASSERT_REPLY(bench, 0, 0);
	BENCH_ASK(bench, 0, 0xf3, 0x07);
	BENCH_ASK(bench, 2, 0xf5);
	ASSERT_REPLY(bench, 1, 0);
	bench_destroy(bench);
}

static void swim_mode_is_left_by_its_own_command(void **state)
{
	(void)state;
	struct bench *bench = bench_create("v21", NULL, false);
	bench_control(bench, "fault mode 3");
	BENCH_ASK(bench, 0, 0xf3, 0x07);
	BENCH_ASK(bench, 2, 0xf5);
	ASSERT_REPLY(bench, 3, 0);
	assert_int_equal(BENCH_TRY(bench, 2, 0xf2, 0x30, 0xa3), ERR_USB_STALL);
	BENCH_ASK(bench, 0, 0xf4, 0x01);
	BENCH_ASK(bench, 2, 0xf5);
	ASSERT_REPLY(bench, 1, 0);
	bench_destroy(bench);
}

static double volts(const struct bench *bench)
{
	return 2 * 1.2 * get_le32(bench->reply + 4) / get_le32(bench->reply);
}

static void voltage_is_that_of_the_target(void **state)
{
	(void)state;
	struct bench *bench = bench_create("v21", NULL, false);
	BENCH_ASK(bench, 8, 0xf7);
	assert_in_range((int)(volts(bench) * 1000), 3295, 3305);
	bench_control(bench, "vdd 1800");
	BENCH_ASK(bench, 8, 0xf7);
	assert_in_range((int)(volts(bench) * 1000), 1795, 1805);
	bench_control(bench, "power off");
	BENCH_ASK(bench, 8, 0xf7);
	assert_int_equal(get_le32(bench->reply + 4), 0);
	assert_int_not_equal(get_le32(bench->reply), 0);
	bench_destroy(bench);
}

static void a_clone_has_no_reference(void **state)
{
	(void)state;
	struct bench *bench = bench_create("v21", NULL, false);
	bench_control(bench, "fault voltage-zero");
	BENCH_ASK(bench, 8, 0xf7);
	assert_int_equal(get_le32(bench->reply), 0);
	bench_control(bench, "fault voltage-zero off");
	BENCH_ASK(bench, 8, 0xf7);
	assert_int_not_equal(get_le32(bench->reply), 0);
	bench_destroy(bench);
}

/* ---- ENTER ---- */

static void enter_takes_swd_only(void **state)
{
	(void)state;
	struct bench *bench = bench_create("v21", NULL, false);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x30, 0x00), 0x04);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x30, 0xa4), 0x04);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x30, 0x77), 0x08);
	BENCH_ASK(bench, 2, 0xf5);
	ASSERT_REPLY(bench, 1, 0);
	bench_destroy(bench);
}

static void enter_without_a_target_is_status_09(void **state)
{
	(void)state;
	struct bench *bench = bench_create("v21", NULL, false);
	bench_control(bench, "power off");
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x30, 0xa3), 0x09);
	BENCH_ASK(bench, 2, 0xf5);
	ASSERT_REPLY(bench, 1, 0);
	bench_control(bench, "power on");
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x30, 0xa3), 0x80);
	bench_destroy(bench);
}

static void power_loss_ends_the_connection_until_enter(void **state)
{
	(void)state;
	struct bench *bench = bench_create("v21", NULL, true);
	bench_control(bench, "power off");
	assert_int_equal(BENCH_STATUS(bench, 8, 0xf2, 0x36, LE32(FAKE_RAM)), 0x16);
	bench_control(bench, "power on");
	assert_int_equal(BENCH_STATUS(bench, 8, 0xf2, 0x36, LE32(FAKE_RAM)), 0x16);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x30, 0xa3), 0x80);
	assert_int_equal(BENCH_STATUS(bench, 8, 0xf2, 0x36, LE32(FAKE_RAM)), 0x80);
	bench_destroy(bench);
}

static void enter_again_needs_a_newer_v3(void **state)
{
	(void)state;
	struct bench *bench = bench_create("v3", "V3J4M2", true);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x30, 0xa3), 0x0e);
	bench_destroy(bench);
	bench = bench_create("v3", "V3J5M2", true);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x30, 0xa3), 0x80);
	bench_destroy(bench);
	bench = bench_create("v21", "V2J26M15", true);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x30, 0xa3), 0x80);
	bench_destroy(bench);
}

static void a_deaf_probe_hears_again_after_a_reset(void **state)
{
	(void)state;
	struct bench *bench = bench_create("v3", NULL, false);
	bench_control(bench, "fault deaf-enter");
	bench_control(bench, "power off");
	assert_int_equal(BENCH_TRY(bench, 2, 0xf2, 0x30, 0xa3), ERR_USB_TIMEOUT);
	assert_int_equal(BENCH_TRY(bench, 6, 0xf1), ERR_USB_TIMEOUT);
	assert_int_equal(bench->usb->ops->reset(bench->usb), ERR_OK);
	BENCH_ASK(bench, 6, 0xf1);
	bench_destroy(bench);
}

/* ---- NRST ---- */

static void nrst_works_before_enter_and_is_remembered(void **state)
{
	(void)state;
	struct bench *bench = bench_create("v21", NULL, false);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x3c, 0), 0x80);
	assert_true(fake_chip()->nrst_low);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x30, 0xa3), 0x80);
	assert_true(fake_chip()->nrst_low);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x3c, 1), 0x80);
	assert_false(fake_chip()->nrst_low);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x3c, 3), 0x08);
	bench_destroy(bench);
}

static void a_pulse_is_low_for_a_while(void **state)
{
	(void)state;
	struct bench *bench = bench_create("v21", NULL, false);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x3c, 2), 0x80);
	assert_int_equal(fake_chip()->nrst_falls, 1);
	assert_false(fake_chip()->nrst_low);
	assert_true(fake_chip()->nrst_low_ns >= 20000);
	bench_destroy(bench);
}

static void exit_releases_nrst_and_closes_ports(void **state)
{
	(void)state;
	struct bench *bench = bench_create("v21", NULL, true);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x4b, 1), 0x80);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x3c, 0), 0x80);
	BENCH_ASK(bench, 0, 0xf2, 0x21);
	assert_false(fake_chip()->nrst_low);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x30, 0xa3), 0x80);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x4c, 1), 0x1d);
	bench_destroy(bench);
}

static void the_wire_of_nrst_can_be_off_or_shorted(void **state)
{
	(void)state;
	struct bench *bench = bench_create("v21", NULL, false);
	bench_control(bench, "nrst open");
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x3c, 0), 0x80);
	assert_false(fake_chip()->nrst_low);
	bench_control(bench, "nrst wired");
	assert_true(fake_chip()->nrst_low);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x3c, 1), 0x80);
	bench_control(bench, "nrst low");
	assert_true(fake_chip()->nrst_low);
	bench_control(bench, "nrst wired");
	assert_false(fake_chip()->nrst_low);
	bench_destroy(bench);
}

static void board_identifiers_are_none(void **state)
{
	(void)state;
	struct bench *bench = bench_create("v21", "V2J36M26", false);
	BENCH_ASK(bench, 128, 0xf2, 0x56);
	assert_int_equal(bench->reply[0], 0x80);
	for (int i = 1; i < 128; i++)
		assert_int_equal(bench->reply[i], 0);
	bench_destroy(bench);
	bench = bench_create("v21", "V2J35M26", false);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x56), 0x42);
	bench_destroy(bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(version_words_are_those_of_the_reference),
		cmocka_unit_test(a_v2_has_no_extended_version),
		cmocka_unit_test(modes_follow_enter_and_exit),
		cmocka_unit_test(a_fresh_v2_waits_in_dfu_mode),
		cmocka_unit_test(swim_mode_is_left_by_its_own_command),
		cmocka_unit_test(voltage_is_that_of_the_target),
		cmocka_unit_test(a_clone_has_no_reference),
		cmocka_unit_test(enter_takes_swd_only),
		cmocka_unit_test(enter_without_a_target_is_status_09),
		cmocka_unit_test(power_loss_ends_the_connection_until_enter),
		cmocka_unit_test(enter_again_needs_a_newer_v3),
		cmocka_unit_test(a_deaf_probe_hears_again_after_a_reset),
		cmocka_unit_test(nrst_works_before_enter_and_is_remembered),
		cmocka_unit_test(a_pulse_is_low_for_a_while),
		cmocka_unit_test(exit_releases_nrst_and_closes_ports),
		cmocka_unit_test(the_wire_of_nrst_can_be_off_or_shorted),
		cmocka_unit_test(board_identifiers_are_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
