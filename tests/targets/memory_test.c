/* Access widths: a peripheral sees exactly what was asked, RAM is read in whole words. */
#include <string.h>

#include "fake_probe.h"
#include "memory.h"
#include "tests/prelude.h"

#define PERIPHERAL 0x40004400u

static const struct device device = {
	.map = {{TARGET_RAM, FAKE_RAM, FAKE_RAM_SIZE, 0, "SRAM"},
		{TARGET_RAM, 0x40000000, 0x20000000, 0, "peripherals"}},
	.map_count = 2,
};

static int setup(void **state)
{
	*state = fake_probe_create();
	for (unsigned i = 0; i < FAKE_RAM_SIZE; i++)
		fake_probe_ram(*state)[i] = (uint8_t)(i * 7 + i / 256);
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	fake_probe_destroy(*state);
	return 0;
}

static void expect(void **state, size_t index, unsigned width, uint32_t address, size_t size)
{
	const struct fake_access *access = fake_probe_access(*state, index);
	assert_int_equal(access->width, width);
	assert_int_equal(access->address, address);
	assert_int_equal(access->size, size);
}

static void an_aligned_access_keeps_its_width(void **state)
{
	static const unsigned widths[] = {1, 2, 4};
	uint8_t data[4];
	for (size_t i = 0; i < 3; i++) {
		unsigned width = widths[i];
		fake_probe_forget(*state);
		assert_int_equal(memory_read(*state, &device, PERIPHERAL, data, width), ERR_OK);
		assert_int_equal(memory_write(*state, PERIPHERAL, data, width), ERR_OK);
		assert_int_equal(fake_probe_count(*state), 2);
		expect(state, 0, width, PERIPHERAL, width);
		expect(state, 1, width, PERIPHERAL, width);
	}
}

static void a_peripheral_is_never_read_wider_than_asked(void **state)
{
	uint8_t data[11];
	assert_int_equal(memory_read(*state, &device, PERIPHERAL + 1, data, sizeof(data)), ERR_OK);
	assert_int_equal(fake_probe_count(*state), 3);
	expect(state, 0, 1, PERIPHERAL + 1, 1);
	expect(state, 1, 2, PERIPHERAL + 2, 2);
	expect(state, 2, 4, PERIPHERAL + 4, 8);
}

static void ram_is_read_in_whole_words(void **state)
{
	uint8_t data[101];
	for (uint32_t head = 0; head < 4; head++) {
		for (size_t size = 5; size <= sizeof(data); size += 13) {
			fake_probe_forget(*state);
			memset(data, 0, sizeof(data));
			assert_int_equal(
				memory_read(*state, &device, FAKE_RAM + head, data, size), ERR_OK);
			assert_int_equal(fake_probe_count(*state), 1);
			assert_int_equal(fake_probe_access(*state, 0)->width, 4);
			assert_memory_equal(data, fake_probe_ram(*state) + head, size);
		}
	}
}

static void the_end_of_ram_is_not_passed(void **state)
{
	uint8_t data[7];
	uint32_t last = FAKE_RAM + FAKE_RAM_SIZE - 7;
	assert_int_equal(memory_read(*state, &device, last, data, 7), ERR_OK);
	expect(state, 0, 4, last & ~3u, 8);
	assert_memory_equal(data, fake_probe_ram(*state) + FAKE_RAM_SIZE - 7, 7);
}

static void an_odd_write_touches_no_neighbour(void **state)
{
	uint8_t before[32], data[13];
	for (uint32_t head = 0; head < 4; head++) {
		memcpy(before, fake_probe_ram(*state), sizeof(before));
		memset(data, 0xA5, sizeof(data));
		assert_int_equal(memory_write(*state, FAKE_RAM + head, data, sizeof(data)), ERR_OK);
		memset(before + head, 0xA5, sizeof(data));
		assert_memory_equal(fake_probe_ram(*state), before, sizeof(before));
	}
}

static void a_fault_is_told(void **state)
{
	uint8_t data[64];
	fake_probe_fail(*state, FAKE_RAM + 40, ERR_TARGET_FAULT);
	assert_int_equal(memory_read(*state, &device, FAKE_RAM, data, 64), ERR_TARGET_FAULT);
	assert_int_equal(memory_write(*state, FAKE_RAM, data, 64), ERR_TARGET_FAULT);
	assert_int_equal(memory_read(*state, &device, FAKE_RAM, data, 40), ERR_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_aligned_access_keeps_its_width, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_peripheral_is_never_read_wider_than_asked, setup, teardown),
		cmocka_unit_test_setup_teardown(ram_is_read_in_whole_words, setup, teardown),
		cmocka_unit_test_setup_teardown(the_end_of_ram_is_not_passed, setup, teardown),
		cmocka_unit_test_setup_teardown(an_odd_write_touches_no_neighbour, setup, teardown),
		cmocka_unit_test_setup_teardown(a_fault_is_told, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
