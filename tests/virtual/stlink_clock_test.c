/* Clock settings (stlink_clock.c) against the tables of the open drivers. */
#include "bench.h"

static unsigned khz(const struct bench *bench)
{
	return bench->board->swd.khz;
}

static void v2_divisors_run_at_the_measured_clock(void **state)
{
	(void)state;
	static const unsigned rows[][2] = {
		{0, 2360}, {1, 1553}, {2, 1230}, {3, 960}, {7, 484}, {15, 245}, {31, 123}};
	struct bench *bench = bench_create("v21", NULL, false);
	assert_int_equal(khz(bench), 1553);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x43, LE16(rows[i][0])), 0x80);
		assert_int_equal(khz(bench), rows[i][1]);
	}
	bench_destroy(bench);
}

static void other_divisors_are_near_their_nominal_clock(void **state)
{
	(void)state;
	static const unsigned rows[][2] = {{5, 650}, {9, 400}, {10, 360}, {25, 150}, {40, 100},
		{79, 50}, {158, 25}, {265, 15}, {798, 5}};
	struct bench *bench = bench_create("v21", NULL, false);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x43, LE16(rows[i][0])), 0x80);
		assert_in_range(khz(bench) * 100, rows[i][1] * 80, rows[i][1] * 105);
	}
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x43, LE16(0xffff)), 0x80);
	assert_true(khz(bench) > 0);
	bench_destroy(bench);
}

static void the_setting_survives_sessions_but_not_the_plug(void **state)
{
	(void)state;
	struct bench *bench = bench_create("v21", NULL, true);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x43, 3), 0x80);
	BENCH_ASK(bench, 0, 0xf2, 0x21);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x30, 0xa3), 0x80);
	assert_int_equal(khz(bench), 960);
	usb_close(bench->usb);
	bench->usb = board_wire(bench->board);
	assert_int_equal(khz(bench), 1553);
	bench_destroy(bench);
}

static void v3_lists_its_frequencies(void **state)
{
	(void)state;
	static const unsigned list[] = {24000, 8000, 3300, 1000, 200, 50, 5};
	struct bench *bench = bench_create("v3", NULL, false);
	for (uint8_t wire = 0; wire < 2; wire++) {
		BENCH_ASK(bench, 52, 0xf2, 0x62, wire);
		assert_int_equal(bench->reply[0], 0x80);
		assert_int_equal(get_le32(bench->reply + 8), 7);
		for (size_t i = 0; i < 7; i++)
			assert_int_equal(get_le32(bench->reply + 12 + 4 * i), list[i]);
		assert_int_equal(get_le32(bench->reply + 40), 0);
	}
	assert_int_equal(BENCH_STATUS(bench, 52, 0xf2, 0x62, 2), 0x08);
	bench_destroy(bench);
}

static void v3_rounds_down(void **state)
{
	(void)state;
	static const unsigned rows[][2] = {{24000, 24000}, {50000, 24000}, {23999, 8000},
		{4000, 3300}, {1800, 1000}, {5, 5}, {49, 5}};
	struct bench *bench = bench_create("v3", NULL, false);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(BENCH_STATUS(bench, 8, 0xf2, 0x61, 0, 0, LE32(rows[i][0])), 0x80);
		assert_int_equal(get_le32(bench->reply + 4), rows[i][1]);
		assert_int_equal(khz(bench), rows[i][1]);
		BENCH_ASK(bench, 52, 0xf2, 0x62, 0);
		assert_int_equal(get_le32(bench->reply + 4), rows[i][1]);
	}
	assert_int_equal(BENCH_STATUS(bench, 8, 0xf2, 0x61, 0, 0, LE32(4)), 0x08);
	assert_int_equal(khz(bench), 5);
	assert_int_equal(BENCH_STATUS(bench, 8, 0xf2, 0x61, 9, 0, LE32(4000)), 0x08);
	bench_destroy(bench);
}

static void jtag_has_a_setting_of_its_own(void **state)
{
	(void)state;
	struct bench *bench = bench_create("v3", NULL, false);
	assert_int_equal(BENCH_STATUS(bench, 8, 0xf2, 0x61, 0, 0, LE32(8000)), 0x80);
	assert_int_equal(BENCH_STATUS(bench, 8, 0xf2, 0x61, 1, 0, LE32(200)), 0x80);
	assert_int_equal(khz(bench), 8000);
	BENCH_ASK(bench, 52, 0xf2, 0x62, 1);
	assert_int_equal(get_le32(bench->reply + 4), 200);
	bench_destroy(bench);
}

static void a_slower_core_lowers_the_top_entry(void **state)
{
	(void)state;
	struct bench *bench = bench_create("v3", NULL, false);
	assert_int_equal(BENCH_STATUS(bench, 8, 0xf2, 0x63, 1), 0x80);
	assert_int_equal(BENCH_STATUS(bench, 8, 0xf2, 0x63, 2), 0x40);
	assert_int_equal(BENCH_STATUS(bench, 8, 0xf2, 0x61, 0, 0, LE32(24000)), 0x80);
	assert_int_equal(get_le32(bench->reply + 4), 21333);
	assert_int_equal(BENCH_STATUS(bench, 8, 0xf2, 0x63, 1), 0x40);
	assert_int_equal(BENCH_STATUS(bench, 8, 0xf2, 0x63, 3), 0x08);
	bench_destroy(bench);
}

static void each_generation_knows_its_own_commands_only(void **state)
{
	(void)state;
	struct bench *bench = bench_create("v3", NULL, false);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x43, 1), 0x42);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x44, 4), 0x42);
	bench_destroy(bench);
	bench = bench_create("v21", NULL, false);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x61, 0), 0x42);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x44, LE16(256)), 0x80);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x44, LE16(0)), 0x08);
	bench_destroy(bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(v2_divisors_run_at_the_measured_clock),
		cmocka_unit_test(other_divisors_are_near_their_nominal_clock),
		cmocka_unit_test(the_setting_survives_sessions_but_not_the_plug),
		cmocka_unit_test(v3_lists_its_frequencies),
		cmocka_unit_test(v3_rounds_down),
		cmocka_unit_test(jtag_has_a_setting_of_its_own),
		cmocka_unit_test(a_slower_core_lowers_the_top_entry),
		cmocka_unit_test(each_generation_knows_its_own_commands_only),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
