/* Core registers, debug registers, reset (stlink_core.c). */
#include "bench.h"

#define CPUID 0xe000ed00U

static int setup(void **state)
{
	*state = bench_create("v21", NULL, true);
	return 0;
}

static int teardown(void **state)
{
	bench_destroy(*state);
	return 0;
}

static void idcodes(void **state)
{
	struct bench *bench = *state;
	assert_int_equal(BENCH_STATUS(bench, 12, 0xf2, 0x31), 0x80);
	assert_int_equal(bench->reply[1], 0);
	assert_int_equal(get_le32(bench->reply + 4), 0x2ba01477);
	fake_chip()->dp_dead = true;
	assert_int_equal(BENCH_STATUS(bench, 12, 0xf2, 0x31), 0x09);
}

static void registers_go_through_dcrsr(void **state)
{
	struct bench *bench = *state;
	assert_int_equal(BENCH_STATUS(bench, 8, 0xf2, 0x33, 15), 0x80);
	assert_int_equal(get_le32(bench->reply + 4), 0x100f);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x34, 3, LE32(0xcafe0003)), 0x80);
	assert_int_equal(fake_chip()->core[3], 0xcafe0003);
	assert_int_equal(BENCH_STATUS(bench, 8, 0xf2, 0x33, 0x5f), 0x80);
	assert_int_equal(get_le32(bench->reply + 4), 0x105f);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x34, 0x21, LE32(0x03000000)), 0x80);
	assert_int_equal(fake_chip()->core[0x21], 0x03000000);
}

static void fpu_registers_need_j15(void **state)
{
	(void)state;
	struct bench *bench = bench_create("v2", "V2J14S4", true);
	assert_int_equal(BENCH_STATUS(bench, 8, 0xf2, 0x33, 0x1f), 0x80);
	assert_int_equal(BENCH_STATUS(bench, 8, 0xf2, 0x33, 0x20), 0x08);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x34, 0x40, LE32(1)), 0x08);
	assert_int_equal(fake_chip()->core[0x40], 0x1040);
	bench_destroy(bench);
}

static void all_registers_come_in_selector_order(void **state)
{
	struct bench *bench = *state;
	assert_int_equal(BENCH_STATUS(bench, 88, 0xf2, 0x3a), 0x80);
	for (unsigned i = 0; i <= 20; i++)
		assert_int_equal(get_le32(bench->reply + 4 + 4 * (size_t)i), 0x1000 + i);
}

static void a_slow_core_is_waited_for(void **state)
{
	struct bench *bench = *state;
	fake_chip()->busy_core = 7;
	assert_int_equal(BENCH_STATUS(bench, 8, 0xf2, 0x33, 2), 0x80);
	assert_int_equal(get_le32(bench->reply + 4), 0x1002);
	fake_chip()->busy_core = 1000;
	assert_int_equal(BENCH_STATUS(bench, 8, 0xf2, 0x33, 2), 0x01);
	assert_int_equal(BENCH_STATUS(bench, 88, 0xf2, 0x3a), 0x01);
}

static void debug_registers_are_any_word(void **state)
{
	struct bench *bench = *state;
	assert_int_equal(BENCH_STATUS(bench, 8, 0xf2, 0x36, LE32(CPUID)), 0x80);
	assert_int_equal(get_le32(bench->reply + 4), 0x410fc241);
	assert_int_equal(
		BENCH_STATUS(bench, 2, 0xf2, 0x35, LE32(FAKE_RAM + 8), LE32(0x12345678)), 0x80);
	assert_int_equal(get_le32(fake_chip()->ram + 8), 0x12345678);
	assert_int_equal(BENCH_STATUS(bench, 8, 0xf2, 0x36, LE32(FAKE_RAM + 8)), 0x80);
	assert_int_equal(get_le32(bench->reply + 4), 0x12345678);
}

static void bad_addresses_have_their_status(void **state)
{
	struct bench *bench = *state;
	assert_int_equal(BENCH_STATUS(bench, 8, 0xf2, 0x36, LE32(0x60000000U)), 0x11);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x35, LE32(0x60000000U), LE32(0)), 0x11);
	assert_int_equal(BENCH_STATUS(bench, 8, 0xf2, 0x36, LE32(FAKE_RAM + 2)), 0x0a);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x35, LE32(FAKE_RAM + 1), LE32(0)), 0x0a);
	assert_int_equal(BENCH_STATUS(bench, 8, 0xf2, 0x36, LE32(FAKE_RAM)), 0x80);
}

static void an_access_port_must_be_open(void **state)
{
	struct bench *bench = *state;
	assert_int_equal(BENCH_STATUS(bench, 8, 0xf2, 0x36, LE32(FAKE_RAM), 1), 0x1d);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x35, LE32(FAKE_RAM), LE32(7), 200), 0x1d);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x4b, 1), 0x80);
	assert_int_equal(BENCH_STATUS(bench, 8, 0xf2, 0x36, LE32(FAKE_RAM), 1), 0x80);
	assert_int_equal(get_le32(bench->reply + 4), 0);
}

static void reset_asks_through_aircr(void **state)
{
	struct bench *bench = *state;
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x32), 0x80);
	assert_int_equal(fake_chip()->aircr, 0x05fa0004);
}

#define CORE_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(idcodes),
		CORE_TEST(registers_go_through_dcrsr),
		cmocka_unit_test(fpu_registers_need_j15),
		CORE_TEST(all_registers_come_in_selector_order),
		CORE_TEST(a_slow_core_is_waited_for),
		CORE_TEST(debug_registers_are_any_word),
		CORE_TEST(bad_addresses_have_their_status),
		CORE_TEST(an_access_port_must_be_open),
		CORE_TEST(reset_asks_through_aircr),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
