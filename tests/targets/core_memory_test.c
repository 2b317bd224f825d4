/* What is read ahead at a stop: a help, and never a failure of its own. */
#include "core.h"
#include "cortexm_registers.h"
#include "fake_probe.h"
#include "tests/prelude.h"

#define HOLE      (FAKE_RAM + 0x80) /* nothing is there, though the map says so */
#define FAKE_LOCK 0x40023C10u

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

/* Behind a stop the stack is read in a batch with what is wanted of the core. */
static void a_stack_that_meets_a_hole_keeps_no_code_away(void **state)
{
	static const struct family family = {.lock_register = FAKE_LOCK, .lock_bit = 1};
	struct device flashed = device;
	struct core *core = *state;
	uint8_t data[4];
	flashed.family = &family;
	core->device = &flashed;
	core->file_valid = true;
	core->file[SELECTOR_SP] = HOLE & ~63u;
	core->file[SELECTOR_PC] = FAKE_RAM + 0x1000;
	fake_probe_fail(core->probe, HOLE, ERR_TARGET_FAULT);
	assert_int_equal(core_prefetch(core), ERR_TARGET_FAULT);
	size_t before = fake_probe_count(core->probe);
	assert_int_equal(core_read_memory(core, FAKE_RAM + 0x1000, data, 4), ERR_OK);
	assert_int_equal(fake_probe_count(core->probe), before);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_second_look_costs_nothing),
		TEST(what_lies_before_a_hole_can_be_read),
		TEST(other_failures_are_not_tried_twice),
		TEST(a_stack_that_meets_a_hole_keeps_no_code_away),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
