/* What is read ahead at a stop: a help, and never a failure of its own. */
#include "core.h"
#include "fake_probe.h"
#include "tests/prelude.h"

#define HOLE (FAKE_RAM + 0x80) /* nothing is there, though the map says so */

static const struct device device = {
	.map = {{TARGET_RAM, FAKE_RAM, FAKE_RAM_SIZE, 0, "SRAM"}},
	.map_count = 1,
};

static int setup(void **state)
{
	static struct core core;
	core = (struct core){.probe = fake_probe_create(), .device = &device, .halted = true};
	if (!core.probe)
		return -1;
	fake_probe_ram(core.probe)[0x10] = 0x5A;
	*state = &core;
	return 0;
}

static int teardown(void **state)
{
	struct core *core = *state;
	fake_probe_destroy(core->probe);
	return 0;
}

static void a_second_look_costs_nothing(void **state)
{
	struct core *core = *state;
	uint8_t data[4];
	assert_int_equal(core_read_memory(core, FAKE_RAM + 0x10, data, 4), ERR_OK);
	assert_int_equal(fake_probe_count(core->probe), 1);
	assert_int_equal(core_read_memory(core, FAKE_RAM + 0x14, data, 4), ERR_OK);
	assert_int_equal(fake_probe_count(core->probe), 1);
}

static void what_lies_before_a_hole_can_be_read(void **state)
{
	struct core *core = *state;
	uint8_t data[4] = {0};
	fake_probe_fail(core->probe, HOLE, ERR_TARGET_FAULT);
	assert_int_equal(core_read_memory(core, FAKE_RAM + 0x10, data, 4), ERR_OK);
	assert_int_equal(data[0], 0x5A);
	assert_int_equal(core_read_memory(core, HOLE - 2, data, 4), ERR_TARGET_FAULT);
}

static void other_failures_are_not_tried_twice(void **state)
{
	struct core *core = *state;
	uint8_t data[4];
	fake_probe_fail(core->probe, HOLE, ERR_USB_GONE);
	assert_int_equal(core_read_memory(core, FAKE_RAM + 0x10, data, 4), ERR_USB_GONE);
	assert_int_equal(fake_probe_count(core->probe), 1);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_second_look_costs_nothing),
		TEST(what_lies_before_a_hole_can_be_read),
		TEST(other_failures_are_not_tried_twice),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
