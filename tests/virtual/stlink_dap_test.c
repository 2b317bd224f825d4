/* DAP registers and access ports (stlink_dap.c). */
#include "bench.h"

#define DP LE16(0xffff)

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

static uint32_t word(const struct bench *bench)
{
	return get_le32(bench->reply + 4);
}

static void debug_port_registers(void **state)
{
	struct bench *bench = *state;
	assert_int_equal(BENCH_STATUS(bench, 8, 0xf2, 0x45, DP, LE16(0)), 0x80);
	assert_int_equal(word(bench), 0x2ba01477);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x46, DP, LE16(0), LE32(0x1e)), 0x80);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x46, DP, LE16(4), LE32(0x50000f00)), 0x80);
	assert_int_equal(BENCH_STATUS(bench, 8, 0xf2, 0x45, DP, LE16(4)), 0x80);
	assert_int_equal(word(bench), 0xf0000f00);
}

static void access_port_registers(void **state)
{
	struct bench *bench = *state;
	assert_int_equal(BENCH_STATUS(bench, 8, 0xf2, 0x45, LE16(0), LE16(0xfc)), 0x80);
	assert_int_equal(word(bench), 0x24770011);
	assert_int_equal(BENCH_STATUS(bench, 8, 0xf2, 0x45, LE16(0), LE16(0xf8)), 0x80);
	assert_int_equal(word(bench), 0xe00ff003);
	assert_int_equal(
		BENCH_STATUS(bench, 2, 0xf2, 0x46, LE16(0), LE16(0), LE32(0x23000012)), 0x80);
	assert_int_equal(
		BENCH_STATUS(bench, 2, 0xf2, 0x46, LE16(0), LE16(4), LE32(FAKE_RAM)), 0x80);
	assert_int_equal(
		BENCH_STATUS(bench, 2, 0xf2, 0x46, LE16(0), LE16(0xc), LE32(0x55aa)), 0x80);
	assert_int_equal(get_le32(fake_chip()->ram), 0x55aa);
	assert_int_equal(BENCH_STATUS(bench, 8, 0xf2, 0x45, LE16(0), LE16(4)), 0x80);
	assert_int_equal(word(bench), FAKE_RAM + 4);
	assert_int_equal(BENCH_STATUS(bench, 8, 0xf2, 0x45, LE16(0), LE16(0x10)), 0x80);
	assert_int_equal(word(bench), 0x55aa);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x46, LE16(0), LE16(0x14), LE32(0x77)), 0x80);
	assert_int_equal(get_le32(fake_chip()->ram + 4), 0x77);
}

static void absent_ports_read_as_zero_up_to_the_highest(void **state)
{
	struct bench *bench = *state;
	for (uint8_t ap = 1; ap <= 8; ap++) {
		assert_int_equal(BENCH_STATUS(bench, 8, 0xf2, 0x45, LE16(ap), LE16(0xfc)), 0x80);
		assert_int_equal(word(bench), 0);
	}
	assert_int_equal(BENCH_STATUS(bench, 8, 0xf2, 0x45, LE16(9), LE16(0xfc)), 0x1d);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x46, LE16(9), LE16(0), LE32(0)), 0x1d);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x4b, 8), 0x80);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x4b, 9), 0x1d);
}

static void old_firmware_has_four_ports(void **state)
{
	(void)state;
	struct bench *bench = bench_create("v21", "V2J29M18", true);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x4b, 3), 0x80);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x4b, 4), 0x1d);
	bench_destroy(bench);
	bench = bench_create("v21", "V2J27M15", true);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x4b, 0), 0x42);
	bench_destroy(bench);
}

static void ports_are_closed_once(void **state)
{
	struct bench *bench = *state;
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x4c, 0), 0x1d);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x4b, 0), 0x80);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x4c, 0), 0x80);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x4c, 0), 0x1d);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x4c, 77), 0x1d);
}

static void j28_always_complains_about_closing(void **state)
{
	(void)state;
	struct bench *bench = bench_create("v21", "V2J28M17", true);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x4b, 0), 0x80);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x4c, 0), 0x1d);
	bench_destroy(bench);
	bench = bench_create("v21", "V2J29M18", true);
	bench_control(bench, "fault close-ap");
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x4b, 0), 0x80);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x4c, 0), 0x1d);
	bench_destroy(bench);
}

static void a_strict_probe_wants_init_ap(void **state)
{
	struct bench *bench = *state;
	bench_control(bench, "fault strict-ap");
	assert_int_equal(bench_memory(bench, 0x07, FAKE_RAM, 4, NULL), ERR_OK);
	assert_int_equal(bench_memory_status(bench), 0x1d);
	assert_int_equal(BENCH_STATUS(bench, 8, 0xf2, 0x36, LE32(FAKE_RAM)), 0x1d);
	assert_int_equal(BENCH_STATUS(bench, 8, 0xf2, 0x45, LE16(0), LE16(0xfc)), 0x1d);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x4b, 0), 0x80);
	assert_int_equal(bench_memory(bench, 0x07, FAKE_RAM, 4, NULL), ERR_OK);
	assert_int_equal(bench_memory_status(bench), 0x80);
	assert_int_equal(BENCH_STATUS(bench, 8, 0xf2, 0x45, LE16(0), LE16(0xfc)), 0x80);
}

/* ---- sticky errors are the host's ---- */

static void a_fault_stays_for_the_host_to_clear(void **state)
{
	struct bench *bench = *state;
	BENCH_ASK(bench, 2, 0xf2, 0x46, LE16(0), LE16(0), LE32(0x23000002));
	BENCH_ASK(bench, 2, 0xf2, 0x46, LE16(0), LE16(4), LE32(0x60000000U));
	assert_int_equal(BENCH_STATUS(bench, 8, 0xf2, 0x45, LE16(0), LE16(0xc)), 0x11);
	assert_int_equal(BENCH_STATUS(bench, 8, 0xf2, 0x45, LE16(0), LE16(0xc)), 0x19);
	assert_int_equal(BENCH_STATUS(bench, 8, 0xf2, 0x45, DP, LE16(0xc)), 0x15);
	assert_int_equal(BENCH_STATUS(bench, 8, 0xf2, 0x45, DP, LE16(4)), 0x80);
	assert_int_equal(word(bench), 0xf0000020);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x46, DP, LE16(0), LE32(0x04)), 0x80);
	assert_int_equal(BENCH_STATUS(bench, 8, 0xf2, 0x45, LE16(0), LE16(0xfc)), 0x80);
}

static void a_posted_write_fails_at_the_next_access(void **state)
{
	struct bench *bench = *state;
	BENCH_ASK(bench, 2, 0xf2, 0x46, LE16(0), LE16(0), LE32(0x23000002));
	BENCH_ASK(bench, 2, 0xf2, 0x46, LE16(0), LE16(4), LE32(0x60000000U));
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x46, LE16(0), LE16(0xc), LE32(1)), 0x80);
	assert_int_equal(BENCH_STATUS(bench, 8, 0xf2, 0x45, DP, LE16(0xc)), 0x15);
}

static void a_memory_command_clears_what_it_meets(void **state)
{
	struct bench *bench = *state;
	BENCH_ASK(bench, 2, 0xf2, 0x46, LE16(0), LE16(0), LE32(0x23000002));
	BENCH_ASK(bench, 2, 0xf2, 0x46, LE16(0), LE16(4), LE32(0x60000000U));
	BENCH_ASK(bench, 2, 0xf2, 0x46, LE16(0), LE16(0xc), LE32(1));
	assert_int_equal(BENCH_STATUS(bench, 8, 0xf2, 0x36, LE32(FAKE_RAM)), 0x19);
	assert_int_equal(BENCH_STATUS(bench, 8, 0xf2, 0x36, LE32(FAKE_RAM)), 0x80);
}

static void a_stalled_bus_is_cured_by_dapabort(void **state)
{
	struct bench *bench = *state;
	fake_chip()->answer = CHIP_WAIT;
	fake_chip()->answer_count = 100000;
	assert_int_equal(BENCH_STATUS(bench, 8, 0xf2, 0x36, LE32(FAKE_RAM)), 0x10);
	assert_int_equal(BENCH_STATUS(bench, 8, 0xf2, 0x45, LE16(0), LE16(0xfc)), 0x10);
	assert_int_equal(BENCH_STATUS(bench, 8, 0xf2, 0x45, DP, LE16(0xc)), 0x14);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x46, DP, LE16(0), LE32(0x01)), 0x80);
	assert_int_equal(BENCH_STATUS(bench, 8, 0xf2, 0x45, LE16(0), LE16(0xfc)), 0x80);
	assert_int_equal(word(bench), 0x24770011);
}

static void the_bank_comes_with_the_register(void **state)
{
	struct bench *bench = *state;
	BENCH_ASK(bench, 2, 0xf2, 0x46, DP, LE16(0x14), LE32(0x40));
	assert_int_equal(BENCH_STATUS(bench, 8, 0xf2, 0x45, DP, LE16(0x14)), 0x80);
	assert_int_equal(word(bench), 0x40);
	assert_int_equal(BENCH_STATUS(bench, 8, 0xf2, 0x45, DP, LE16(0x04)), 0x80);
	assert_int_equal(word(bench), 0xf0000000);
	/* the bank bits of a write to SELECT are masked */
	BENCH_ASK(bench, 2, 0xf2, 0x46, DP, LE16(8), LE32(0x000000f1));
	assert_int_equal(BENCH_STATUS(bench, 8, 0xf2, 0x45, DP, LE16(0x04)), 0x80);
	assert_int_equal(word(bench), 0xf0000000);
	assert_int_equal(BENCH_STATUS(bench, 8, 0xf2, 0x36, LE32(FAKE_RAM)), 0x80);
}

static void powering_down_closes_the_port(void **state)
{
	struct bench *bench = *state;
	BENCH_ASK(bench, 2, 0xf2, 0x46, DP, LE16(4), LE32(0x00000f00));
	assert_int_equal(BENCH_STATUS(bench, 8, 0xf2, 0x45, DP, LE16(4)), 0x80);
	assert_int_equal(word(bench), 0x00000f00);
	assert_int_not_equal(BENCH_STATUS(bench, 8, 0xf2, 0x45, LE16(0), LE16(0xfc)), 0x80);
}

#define DAP_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		DAP_TEST(debug_port_registers),
		DAP_TEST(access_port_registers),
		DAP_TEST(absent_ports_read_as_zero_up_to_the_highest),
		cmocka_unit_test(old_firmware_has_four_ports),
		DAP_TEST(ports_are_closed_once),
		cmocka_unit_test(j28_always_complains_about_closing),
		DAP_TEST(a_strict_probe_wants_init_ap),
		DAP_TEST(a_fault_stays_for_the_host_to_clear),
		DAP_TEST(a_posted_write_fails_at_the_next_access),
		DAP_TEST(a_memory_command_clears_what_it_meets),
		DAP_TEST(a_stalled_bus_is_cured_by_dapabort),
		DAP_TEST(the_bank_comes_with_the_register),
		DAP_TEST(powering_down_closes_the_port),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
