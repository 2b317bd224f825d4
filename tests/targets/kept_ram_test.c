/* RAM that a debugger has written comes back after a load; what could not be read stays alone. */
#include <string.h>

#include "core.h"
#include "fake_probe.h"
#include "kept_ram.h"
#include "tests/prelude.h"

#define FIRST (FAKE_RAM + 0x100)
#define LAST  (FAKE_RAM + 0x1FC)
#define SIZE  ((size_t)(LAST + 4 - FIRST))

static const struct device device = {
	.map = {{TARGET_RAM, FAKE_RAM, FAKE_RAM_SIZE, 0, "SRAM"}},
	.map_count = 1,
};

/* A debugger has written two words. */
static int setup(void **state)
{
	static const uint8_t word[] = {1, 2, 3, 4};
	static struct core core;
	core = (struct core){.probe = fake_probe_create(), .device = &device, .halted = true};
	if (!core.probe)
		return -1;
	*state = &core;
	return core_write_memory(&core, FIRST, word, 4) || core_write_memory(&core, LAST, word, 4)
		       ? -1
		       : 0;
}

static int teardown(void **state)
{
	struct core *core = *state;
	fake_probe_destroy(core->probe);
	return 0;
}

static void what_was_written_comes_back(void **state)
{
	struct core *core = *state;
	struct kept_ram kept = {0};
	uint8_t before[SIZE], *ram = fake_probe_ram(core->probe) + (FIRST - FAKE_RAM);
	memcpy(before, ram, SIZE);
	assert_int_equal(kept_ram_save(&kept, core), ERR_OK);
	memset(ram, 0xEE, SIZE + 1);
	assert_int_equal(kept_ram_restore(&kept, core), ERR_OK);
	assert_memory_equal(ram, before, SIZE);
	assert_int_equal(ram[SIZE], 0xEE);
	assert_null(kept.bytes);
}

static void what_could_not_be_read_is_not_written(void **state)
{
	struct core *core = *state;
	struct kept_ram kept = {0};
	fake_probe_fail(core->probe, FIRST + 0x80, ERR_TARGET_FAULT);
	assert_int_equal(kept_ram_save(&kept, core), ERR_TARGET_FAULT);
	fake_probe_fail(core->probe, 0, ERR_OK);
	fake_probe_forget(core->probe);
	assert_int_equal(kept_ram_restore(&kept, core), ERR_OK);
	assert_int_equal(fake_probe_count(core->probe), 0);
	assert_null(kept.bytes);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_written_comes_back),
		TEST(what_could_not_be_read_is_not_written),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
