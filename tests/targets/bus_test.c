/* The latched bus: order, latching, deferred reads, cancelling, deadlines. */
#include "bus.h"
#include "fake_probe.h"
#include "tests/prelude.h"

#define REGISTER 0x40020000u

static int setup(void **state)
{
	*state = fake_probe_create();
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	fake_probe_destroy(*state);
	return 0;
}

static void keeps_the_order_and_makes_one_batch(void **state)
{
	struct bus bus;
	bus_begin(&bus, *state, NULL, NULL);
	fake_probe_set_word(*state, REGISTER, 7);
	struct bus_later before = bus_read_later(&bus, REGISTER);
	bus_write(&bus, REGISTER, 8);
	struct bus_later after = bus_read_later(&bus, REGISTER);
	assert_int_equal(fake_probe_count(*state), 0);
	bus_flush(&bus);
	assert_int_equal(fake_probe_batches(*state), 1);
	assert_int_equal(bus_value(&bus, before), 7);
	assert_int_equal(bus_value(&bus, after), 8);
	assert_int_equal(bus_end(&bus), ERR_OK);
}

static void a_write_now_comes_behind_what_is_queued_and_alone(void **state)
{
	struct bus bus;
	bus_begin(&bus, *state, NULL, NULL);
	bus_write(&bus, REGISTER, 1);
	bus_write_now(&bus, REGISTER, 2);
	assert_int_equal(fake_probe_count(*state), 2);
	assert_int_equal(fake_probe_batches(*state), 1);
	assert_int_equal(fake_probe_access(*state, 0)->value, 1);
	assert_int_equal(fake_probe_access(*state, 1)->value, 2);
	assert_int_equal(bus_end(&bus), ERR_OK);
}

static void the_first_failure_latches(void **state)
{
	struct bus bus;
	bus_begin(&bus, *state, NULL, NULL);
	fake_probe_set_word(*state, REGISTER + 4, 0xFFFFFFFF);
	fake_probe_fail(*state, REGISTER, ERR_TARGET_FAULT);
	bus_write_now(&bus, REGISTER, 1);
	size_t count = fake_probe_count(*state);
	assert_int_equal(bus_read(&bus, REGISTER + 4), 0);
	bus_write_now(&bus, REGISTER + 4, 5);
	bus_fail(&bus, ERR_CANCELLED);
	assert_int_equal(fake_probe_count(*state), count);
	assert_int_equal(bus_end(&bus), ERR_TARGET_FAULT);
}

static void the_end_flushes(void **state)
{
	struct bus bus;
	bus_begin(&bus, *state, NULL, NULL);
	bus_write(&bus, REGISTER, 9);
	assert_int_equal(bus_end(&bus), ERR_OK);
	assert_int_equal(fake_probe_word(*state, REGISTER), 9);
}

static void polling_ends_with_the_wanted_value(void **state)
{
	struct bus bus;
	bus_begin(&bus, *state, NULL, NULL);
	fake_probe_set_word(*state, REGISTER, 0x30);
	assert_true(bus_poll(&bus, REGISTER, 0xF0, 0x30, 1000));
	assert_int_equal(bus_end(&bus), ERR_OK);
}

static void polling_ends_at_the_deadline(void **state)
{
	struct bus bus;
	bus_begin(&bus, *state, NULL, NULL);
	assert_false(bus_poll(&bus, REGISTER, 1, 1, 1000));
	/* A read takes 100 us here: ten before the deadline, one last look at it. */
	assert_int_equal(fake_probe_count(*state), 11);
	assert_int_equal(bus_end(&bus), ERR_TARGET_TIMEOUT);
}

static bool cancel_on_third(void *context)
{
	int *calls = context;
	return ++*calls == 3;
}

static void a_yield_can_cancel_between_blocks(void **state)
{
	int calls = 0;
	struct bus bus;
	uint8_t data[8 * 1024] = {0};
	bus_begin(&bus, *state, cancel_on_third, &calls);
	bus_write_block(&bus, FAKE_RAM, data, sizeof(data));
	assert_int_equal(fake_probe_count(*state), 3);
	assert_int_equal(calls, 3);
	assert_int_equal(bus_end(&bus), ERR_CANCELLED);
}

static void blocks_are_cut_where_the_probe_says(void **state)
{
	struct bus bus;
	uint8_t data[2500 & ~3];
	bus_begin(&bus, *state, NULL, NULL);
	bus_read_block(&bus, FAKE_RAM + 16, data, sizeof(data));
	assert_int_equal(fake_probe_count(*state), 3);
	assert_int_equal(fake_probe_access(*state, 1)->address, FAKE_RAM + 16 + 1024);
	assert_int_equal(fake_probe_access(*state, 2)->size, sizeof(data) - 2048);
	assert_int_equal(bus_end(&bus), ERR_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			keeps_the_order_and_makes_one_batch, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_write_now_comes_behind_what_is_queued_and_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(the_first_failure_latches, setup, teardown),
		cmocka_unit_test_setup_teardown(the_end_flushes, setup, teardown),
		cmocka_unit_test_setup_teardown(
			polling_ends_with_the_wanted_value, setup, teardown),
		cmocka_unit_test_setup_teardown(polling_ends_at_the_deadline, setup, teardown),
		cmocka_unit_test_setup_teardown(a_yield_can_cancel_between_blocks, setup, teardown),
		cmocka_unit_test_setup_teardown(
			blocks_are_cut_where_the_probe_says, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
