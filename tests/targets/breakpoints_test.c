/* FPB comparators: sharing, lazy writing, running out. Values from ARMv7-M ARM C1.11. */
#include "breakpoints.h"
#include "fake_probe.h"
#include "tests/prelude.h"

#define FP_CTRL  0xE0002000u
#define FP_COMP0 0xE0002008u
#define NOWHERE  1u
#define SIX_CODE 0x00000260u /* reset value on a Cortex-M4: 6 code, 2 literal comparators */

static struct breakpoints points;
static struct bus bus;

static int setup(void **state)
{
	*state = fake_probe_create();
	if (!*state)
		return -1;
	points = (struct breakpoints){0};
	fake_probe_set_word(*state, FP_CTRL, SIX_CODE);
	bus_begin(&bus, *state, NULL, NULL);
	breakpoints_probe(&points, &bus, true);
	breakpoints_sync(&points, &bus, NOWHERE);
	bus_flush(&bus);
	fake_probe_forget(*state);
	return 0;
}

static int teardown(void **state)
{
	int result = (int)bus_end(&bus);
	fake_probe_destroy(*state);
	return result;
}

static uint32_t comparator(void **state, unsigned n)
{
	return fake_probe_word(*state, FP_COMP0 + 4 * n);
}

static void counts_the_code_comparators(void **state)
{
	assert_int_equal(points.available, 6);
	fake_probe_set_word(*state, FP_CTRL, 0x00001260);
	breakpoints_probe(&points, &bus, true);
	assert_int_equal(points.available, 16);
}

static void writes_only_at_sync_and_only_differences(void **state)
{
	assert_int_equal(breakpoints_add(&points, 0x08000100), ERR_OK);
	bus_flush(&bus);
	assert_int_equal(fake_probe_count(*state), 0);
	breakpoints_sync(&points, &bus, NOWHERE);
	bus_flush(&bus);
	assert_int_equal(fake_probe_count(*state), 2);
	assert_int_equal(comparator(state, 0), 0x48000101);
	assert_int_equal(fake_probe_word(*state, FP_CTRL), 3);

	breakpoints_remove(&points, 0x08000100);
	assert_int_equal(breakpoints_add(&points, 0x08000100), ERR_OK);
	breakpoints_sync(&points, &bus, NOWHERE);
	bus_flush(&bus);
	assert_int_equal(fake_probe_count(*state), 2);
}

static void two_halves_of_a_word_share_a_comparator(void **state)
{
	assert_int_equal(breakpoints_add(&points, 0x08000102), ERR_OK);
	breakpoints_sync(&points, &bus, NOWHERE);
	bus_flush(&bus);
	assert_int_equal(comparator(state, 0), 0x88000101);
	assert_int_equal(breakpoints_add(&points, 0x08000100), ERR_OK);
	breakpoints_sync(&points, &bus, NOWHERE);
	bus_flush(&bus);
	assert_int_equal(comparator(state, 0), 0xC8000101);
	assert_int_equal(comparator(state, 1), 0);

	breakpoints_remove(&points, 0x08000102);
	assert_true(breakpoints_has(&points, 0x08000100));
	assert_false(breakpoints_has(&points, 0x08000102));
	breakpoints_sync(&points, &bus, NOWHERE);
	bus_flush(&bus);
	assert_int_equal(comparator(state, 0), 0x48000101);
}

static void the_seventh_is_refused_and_a_removal_heals(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 6; i++)
		assert_int_equal(breakpoints_add(&points, 0x08000000 + 4 * i), ERR_OK);
	assert_int_equal(breakpoints_add(&points, 0x08000100), ERR_UNSUPPORTED);
	assert_false(breakpoints_has(&points, 0x08000100));
	assert_int_equal(breakpoints_add(&points, 0x08000002), ERR_OK);
	breakpoints_remove(&points, 0x08000010);
	assert_int_equal(breakpoints_add(&points, 0x08000100), ERR_OK);
}

static void adding_twice_is_one(void **state)
{
	assert_int_equal(breakpoints_add(&points, 0x08000100), ERR_OK);
	assert_int_equal(breakpoints_add(&points, 0x08000100), ERR_OK);
	breakpoints_remove(&points, 0x08000100);
	breakpoints_sync(&points, &bus, NOWHERE);
	bus_flush(&bus);
	assert_int_equal(comparator(state, 0), 0);
}

static void comparators_reach_code_only(void **state)
{
	(void)state;
	assert_int_equal(breakpoints_add(&points, 0x20000000), ERR_UNSUPPORTED);
	assert_int_equal(breakpoints_add(&points, 0x08000101), ERR_UNSUPPORTED);
	assert_int_equal(breakpoints_add(&points, 0x1FFFFFFE), ERR_OK);
}

static void the_excepted_one_comes_back_with_the_next_sync(void **state)
{
	assert_int_equal(breakpoints_add(&points, 0x08000100), ERR_OK);
	assert_int_equal(breakpoints_add(&points, 0x08000200), ERR_OK);
	breakpoints_sync(&points, &bus, 0x08000100);
	bus_flush(&bus);
	assert_int_equal(comparator(state, 0), 0);
	assert_int_equal(comparator(state, 1), 0x48000201);
	breakpoints_sync(&points, &bus, NOWHERE);
	bus_flush(&bus);
	assert_int_equal(comparator(state, 0), 0x48000101);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(counts_the_code_comparators, setup, teardown),
		cmocka_unit_test_setup_teardown(
			writes_only_at_sync_and_only_differences, setup, teardown),
		cmocka_unit_test_setup_teardown(
			two_halves_of_a_word_share_a_comparator, setup, teardown),
		cmocka_unit_test_setup_teardown(
			the_seventh_is_refused_and_a_removal_heals, setup, teardown),
		cmocka_unit_test_setup_teardown(adding_twice_is_one, setup, teardown),
		cmocka_unit_test_setup_teardown(comparators_reach_code_only, setup, teardown),
		cmocka_unit_test_setup_teardown(
			the_excepted_one_comes_back_with_the_next_sync, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
