/* Every chip of the table: sectors fill the flash, the map is in order, special numberings hold. */
#include <string.h>

#include "family.h"
#include "stm32f4_chips.h"
#include "tests/prelude.h"

struct part {
	uint16_t dev_id;
	unsigned flash_kb;
	bool two_banks;
	size_t sectors;
	unsigned last_number;
	uint8_t last_code;
};

/* Last sector and its SNB code by hand from the reference manuals' tables. */
static const struct part parts[] = {
	{0x413, 512, false, 8, 7, 7},
	{0x413, 1024, false, 12, 11, 11},
	{0x419, 1024, false, 12, 11, 11},
	{0x419, 1024, true, 16, 19, 0x17},
	{0x419, 2048, true, 24, 23, 0x1B},
	{0x423, 128, false, 5, 4, 4},
	{0x423, 256, false, 6, 5, 5},
	{0x433, 384, false, 7, 6, 6},
	{0x433, 512, false, 8, 7, 7},
	{0x431, 256, false, 6, 5, 5},
	{0x431, 512, false, 8, 7, 7},
	{0x458, 64, false, 4, 3, 3},
	{0x458, 128, false, 5, 4, 4},
	{0x441, 512, false, 8, 7, 7},
	{0x441, 1024, false, 12, 11, 11},
	{0x463, 1024, false, 12, 11, 11},
	{0x463, 1536, false, 16, 15, 15},
	{0x421, 256, false, 6, 5, 5},
	{0x421, 512, false, 8, 7, 7},
	{0x434, 512, false, 8, 7, 7},
	{0x434, 1024, true, 16, 19, 0x17},
	{0x434, 2048, true, 24, 23, 0x1B},
};

static void describe(const struct part *part, struct device *device)
{
	memset(device, 0, sizeof(*device));
	const struct stm32f4_chip *chip = stm32f4_find_chip(part->dev_id);
	assert_non_null(chip);
	stm32f4_describe(chip, part->flash_kb, part->two_banks, device);
}

static void sectors_fill_the_flash(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		struct device device;
		describe(&parts[i], &device);
		uint32_t next = 0x08000000;
		for (size_t s = 0; s < device.sector_count; s++) {
			assert_int_equal(device.sectors[s].start, next);
			next += device.sectors[s].size;
		}
		assert_int_equal(next, 0x08000000 + parts[i].flash_kb * 1024);
		assert_int_equal(device.sector_count, parts[i].sectors);
		const struct flash_sector *last = &device.sectors[device.sector_count - 1];
		assert_int_equal(last->number, parts[i].last_number);
		assert_int_equal(last->code, parts[i].last_code);
	}
}

static void the_map_is_in_order_and_flash_regions_are_whole_sectors(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		struct device device;
		describe(&parts[i], &device);
		uint64_t end = 0;
		uint32_t flash = 0;
		for (size_t r = 0; r < device.map_count; r++) {
			const struct target_region *region = &device.map[r];
			assert_true(region->start >= end);
			end = (uint64_t)region->start + region->size;
			assert_true(end <= 0x100000000ull);
			if (region->kind != TARGET_FLASH)
				continue;
			assert_int_equal(region->size % region->sector_size, 0);
			flash += region->size;
		}
		assert_int_equal(flash, device.flash_size);
	}
}

static void an_address_finds_its_sector_and_region(void **state)
{
	(void)state;
	struct device device;
	describe(&(struct part){.dev_id = 0x423, .flash_kb = 256}, &device);
	assert_int_equal(device_sector_at(&device, 0x0800FFFF)->number, 3);
	assert_int_equal(device_sector_at(&device, 0x08010000)->number, 4);
	assert_int_equal(device_sector_at(&device, 0x0803FFFF)->number, 5);
	assert_null(device_sector_at(&device, 0x08040000));
	assert_null(device_sector_at(&device, 0x07FFFFFF));
	assert_string_equal(device_region_at(&device, 0x2000FFFF)->name, "SRAM");
	assert_null(device_region_at(&device, 0x20010000));
	assert_null(device_region_at(&device, 0x10000000));
}

static void unknown_ids_have_no_row(void **state)
{
	(void)state;
	assert_null(stm32f4_find_chip(0x000));
	assert_null(stm32f4_find_chip(0x411));
	assert_null(stm32f4_find_chip(0xFFF));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sectors_fill_the_flash),
		cmocka_unit_test(the_map_is_in_order_and_flash_regions_are_whole_sectors),
		cmocka_unit_test(an_address_finds_its_sector_and_region),
		cmocka_unit_test(unknown_ids_have_no_row),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
