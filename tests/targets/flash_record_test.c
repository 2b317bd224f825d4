/* Recording a load: any order, any overlap, odd lengths, ranges that do not fit. */
#include <string.h>

#include "flash_record.h"
#include "stm32f4_chips.h"
#include "tests/prelude.h"

#define FLASH 0x08000000u

static struct device device;
static struct flash_record record;

static int setup(void **state)
{
	(void)state;
	memset(&device, 0, sizeof(device));
	stm32f4_describe(stm32f4_find_chip(0x423), 256, false, &device);
	flash_record_init(&record, &device);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	flash_record_finish(&record);
	return 0;
}

static void what_does_not_fit_is_refused(void **state)
{
	(void)state;
	uint8_t byte = 0;
	assert_int_equal(flash_record_write(&record, FLASH - 1, &byte, 1), ERR_FLASH_RANGE);
	assert_int_equal(flash_record_write(&record, FLASH + 0x40000, &byte, 1), ERR_FLASH_RANGE);
	assert_int_equal(flash_record_erase(&record, FLASH, 0x40001), ERR_FLASH_RANGE);
	assert_int_equal(flash_record_erase(&record, 0x20000000, 4), ERR_FLASH_RANGE);
	assert_int_equal(flash_record_erase(&record, 0xFFFFFFFF, 0x20), ERR_FLASH_RANGE);
	assert_true(record.empty);
	assert_int_equal(flash_record_write(&record, FLASH + 0x3FFFF, &byte, 1), ERR_OK);
}

static void an_erase_takes_every_sector_that_it_touches(void **state)
{
	(void)state;
	/* last byte of sector 0, all of 1-3, first byte of sector 4 */
	assert_int_equal(flash_record_erase(&record, FLASH + 0x3FFF, 0xC002), ERR_OK);
	for (size_t i = 0; i < device.sector_count; i++)
		assert_int_equal(record.erase[i], i <= 4);
	assert_int_equal(flash_record_words(&record), 0);
}

static void an_erase_of_nothing_takes_nothing(void **state)
{
	(void)state;
	assert_int_equal(flash_record_erase(&record, FLASH + 0x4000, 0), ERR_OK);
	for (size_t i = 0; i < device.sector_count; i++)
		assert_false(record.erase[i]);
}

static void later_bytes_win_and_the_rest_is_blank(void **state)
{
	(void)state;
	assert_int_equal(
		flash_record_write(&record, FLASH + 1, (const uint8_t *)"abcdef", 6), ERR_OK);
	assert_int_equal(flash_record_write(&record, FLASH + 3, (const uint8_t *)"XY", 2), ERR_OK);
	assert_memory_equal(record.data,
		"\xFF"
		"abXYef\xFF",
		8);
	assert_false(flash_record_has_byte(&record, 0));
	assert_true(flash_record_has_byte(&record, 6));
	assert_false(flash_record_has_byte(&record, 7));
	assert_true(flash_record_has_word(&record, 4));
	assert_false(flash_record_has_whole_word(&record, 4));
	assert_false(flash_record_has_word(&record, 8));
	assert_int_equal(flash_record_words(&record), 2);
	assert_true(flash_record_writes(&record, &device.sectors[0]));
	assert_false(flash_record_writes(&record, &device.sectors[1]));
}

static void what_is_kept_fills_the_gaps_only(void **state)
{
	(void)state;
	static const uint8_t held[8] = {1, 2, 3, 4, 0xFF, 6, 7, 8};
	assert_int_equal(flash_record_write(&record, FLASH + 2, (const uint8_t *)"AB", 2), ERR_OK);
	flash_record_fill(&record, 0, held, 8, true);
	assert_memory_equal(record.data,
		"\x01\x02"
		"AB\xFF\x06\x07\x08",
		8);
	assert_true(flash_record_has_byte(&record, 0));
	assert_false(flash_record_has_byte(&record, 4));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_does_not_fit_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(
			an_erase_takes_every_sector_that_it_touches, setup, teardown),
		cmocka_unit_test_setup_teardown(an_erase_of_nothing_takes_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(
			later_bytes_win_and_the_rest_is_blank, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_kept_fills_the_gaps_only, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
