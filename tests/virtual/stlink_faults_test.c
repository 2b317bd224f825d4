/* The language and the counting of the fault switches (stlink_faults.c). */
#include "bench.h"
#include "stlink_faults.h"

static void events_strike_once_and_conditions_stay(void **state)
{
	(void)state;
	struct stlink_faults faults;
	stlink_faults_init(&faults);
	assert_int_equal(stlink_faults_set(&faults, "usb-stall"), FAULTS_SET);
	assert_int_equal(stlink_faults_set(&faults, "voltage-zero"), FAULTS_SET);
	assert_non_null(stlink_faults_strike(&faults, FAULT_USB_STALL, "ENTER"));
	assert_null(stlink_faults_strike(&faults, FAULT_USB_STALL, "ENTER"));
	for (int i = 0; i < 100; i++)
		assert_non_null(stlink_faults_strike(&faults, FAULT_VOLTAGE_ZERO, NULL));
	assert_int_equal(stlink_faults_set(&faults, "voltage-zero off"), FAULTS_SET);
	assert_null(stlink_faults_strike(&faults, FAULT_VOLTAGE_ZERO, NULL));
}

static void counts_skips_and_names_are_obeyed(void **state)
{
	(void)state;
	struct stlink_faults faults;
	stlink_faults_init(&faults);
	assert_int_equal(stlink_faults_set(&faults, "status 1d on INIT_AP skip 1 x2"), FAULTS_SET);
	assert_null(stlink_faults_strike(&faults, FAULT_STATUS, "ENTER"));
	assert_null(stlink_faults_strike(&faults, FAULT_STATUS, NULL));
	assert_null(stlink_faults_strike(&faults, FAULT_STATUS, "INIT_AP"));
	for (int i = 0; i < 2; i++) {
		const struct fault *fault = stlink_faults_strike(&faults, FAULT_STATUS, "INIT_AP");
		assert_non_null(fault);
		assert_int_equal(fault->value, 0x1d);
	}
	assert_null(stlink_faults_strike(&faults, FAULT_STATUS, "INIT_AP"));
}

static void zero_strikes_means_no_end(void **state)
{
	(void)state;
	struct stlink_faults faults;
	stlink_faults_init(&faults);
	assert_int_equal(stlink_faults_set(&faults, "swd-wait x0"), FAULTS_SET);
	for (int i = 0; i < 1000; i++)
		assert_non_null(stlink_faults_strike(&faults, FAULT_SWD_WAIT, NULL));
}

static void wrong_lines_change_nothing(void **state)
{
	(void)state;
	static const char *const wrong[] = {"", "   ", "status", "status 123", "status zz",
		"status 10 on", "status 10 x", "status 10 11", "delay -1", "link-ber",
		"link-ber -1", "link-ber x", "tar-wrap 1000", "usb-stall 3", "chaos nan",
		"status 10 on A_NAME_THAT_IS_MUCH_TOO_LONG_TO_BE_A_COMMAND", "none x2 x3 x4"};
	struct stlink_faults faults;
	stlink_faults_init(&faults);
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		if (stlink_faults_set(&faults, wrong[i]) == FAULTS_SET)
			fail_msg("'%s' was taken", wrong[i]);
		for (int id = 0; id < FAULT_COUNT; id++)
			assert_false(faults.all[id].on);
	}
	assert_int_equal(stlink_faults_set(&faults, "vdd-droop erase:2"), FAULTS_UNKNOWN);
}

static void none_switches_everything_off(void **state)
{
	(void)state;
	struct stlink_faults faults;
	stlink_faults_init(&faults);
	assert_int_equal(stlink_faults_set(&faults, "strict-ap"), FAULTS_SET);
	assert_int_equal(stlink_faults_set(&faults, "chaos 0.5"), FAULTS_SET);
	assert_int_equal(stlink_faults_set(&faults, "none"), FAULTS_SET);
	for (int id = 0; id < FAULT_COUNT; id++)
		assert_false(faults.all[id].on);
}

static void rates_become_chances(void **state)
{
	(void)state;
	struct stlink_faults faults;
	stlink_faults_init(&faults);
	assert_int_equal(stlink_faults_set(&faults, "chaos 0.25"), FAULTS_SET);
	assert_int_equal(faults.all[FAULT_CHAOS].value, 0x40000000);
	assert_int_equal(stlink_faults_set(&faults, "link-ber 1e-3 above 1000"), FAULTS_SET);
	assert_in_range(faults.all[FAULT_LINK_BER].value, 0x0bc00000, 0x0bd00000); /* 46 bits */
	assert_int_equal(faults.all[FAULT_LINK_BER].above_khz, 1000);
	assert_int_equal(stlink_faults_set(&faults, "link-ber 1"), FAULTS_SET);
	assert_true(stlink_faults_chance(&faults, faults.all[FAULT_LINK_BER].value));
	assert_false(stlink_faults_chance(&faults, 0));
}

static void the_same_seed_gives_the_same_sequence(void **state)
{
	(void)state;
	struct stlink_faults a;
	struct stlink_faults b;
	stlink_faults_init(&a);
	stlink_faults_init(&b);
	assert_int_equal(stlink_faults_set(&a, "chaos 0.5 seed 7"), FAULTS_SET);
	assert_int_equal(stlink_faults_set(&b, "chaos 0.5 seed 7"), FAULTS_SET);
	uint32_t first = stlink_faults_random(&a);
	assert_int_equal(stlink_faults_random(&b), first);
	assert_int_equal(stlink_faults_set(&b, "chaos 0.5 seed 8"), FAULTS_SET);
	assert_int_not_equal(stlink_faults_random(&b), first);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_strike_once_and_conditions_stay),
		cmocka_unit_test(counts_skips_and_names_are_obeyed),
		cmocka_unit_test(zero_strikes_means_no_end),
		cmocka_unit_test(wrong_lines_change_nothing),
		cmocka_unit_test(none_switches_everything_off),
		cmocka_unit_test(rates_become_chances),
		cmocka_unit_test(the_same_seed_gives_the_same_sequence),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
