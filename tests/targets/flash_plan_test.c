/*
 * Survey and plan of a load, on a flash that is a piece of the fake probe's RAM: what is skipped,
 * filled, erased, refused, and in which order it is done.
 */
#include <string.h>

#include "fake_probe.h"
#include "flash_plan.h"
#include "flash_survey.h"
#include "tests/prelude.h"

#define FLASH FAKE_RAM
#define KIB   ((size_t)1024)

/* Four sectors of 16 KiB, like the first four of any STM32F4. */
static const struct device device = {
	.name = "four sectors",
	.flash_start = FLASH,
	.flash_size = 64 * KIB,
	.sectors = {{FLASH, 16 * KIB, 0, 0}, {FLASH + 16 * KIB, 16 * KIB, 1, 1},
		{FLASH + 32 * KIB, 16 * KIB, 2, 2}, {FLASH + 48 * KIB, 16 * KIB, 3, 3}},
	.sector_count = 4,
};

static struct flash_record record;
static struct flash_survey survey;
static struct flash_plan plan;
static uint8_t image[64 * KIB];
static struct probe *probe;

static int setup(void **state)
{
	(void)state;
	probe = fake_probe_create();
	memset(fake_probe_ram(probe), 0xFF, FAKE_RAM_SIZE);
	for (size_t i = 0; i < sizeof(image); i++)
		image[i] = (uint8_t)(i * 31 + i / 256 + 1);
	flash_record_init(&record, &device);
	survey = (struct flash_survey){0};
	plan = (struct flash_plan){0};
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	flash_plan_finish(&plan);
	flash_survey_finish(&survey);
	flash_record_finish(&record);
	fake_probe_destroy(probe);
	return 0;
}

/* ---- steps of a test ---- */

static void load(uint32_t offset, size_t size)
{
	assert_int_equal(flash_record_erase(&record, FLASH + offset, (uint32_t)size), ERR_OK);
	assert_int_equal(flash_record_write(&record, FLASH + offset, image + offset, size), ERR_OK);
}

static void chip_holds_image(uint32_t offset, size_t size)
{
	memcpy(fake_probe_ram(probe) + offset, image + offset, size);
}

static enum err decide(void)
{
	struct bus bus;
	bus_begin(&bus, probe, NULL, NULL);
	flash_survey_before(&survey, &record, NULL, &bus);
	assert_int_equal(bus_end(&bus), ERR_OK);
	return flash_plan_decide(&plan, &record, &survey);
}

static void make_plan(bool erase_all)
{
	assert_int_equal(decide(), ERR_OK);
	assert_int_equal(flash_plan_arrange(&plan, &record, &survey, erase_all), ERR_OK);
}

static void expect_fates(
	enum flash_fate f0, enum flash_fate f1, enum flash_fate f2, enum flash_fate f3)
{
	assert_int_equal(plan.fates[0], f0);
	assert_int_equal(plan.fates[1], f1);
	assert_int_equal(plan.fates[2], f2);
	assert_int_equal(plan.fates[3], f3);
}

static void expect_erase(size_t index, unsigned sector)
{
	assert_true(index < plan.count);
	assert_int_equal(plan.operations[index].kind, FLASH_ERASE_SECTOR);
	assert_int_equal(plan.operations[index].sector->number, sector);
}

static void expect_program(size_t index, uint32_t offset, uint32_t size)
{
	assert_true(index < plan.count);
	assert_int_equal(plan.operations[index].kind, FLASH_PROGRAM);
	assert_int_equal(plan.operations[index].offset, offset);
	assert_int_equal(plan.operations[index].size, size);
}

/* ---- fates ---- */

static void what_is_there_already_is_left_alone(void **state)
{
	(void)state;
	chip_holds_image(0, 40003);
	load(0, 40003);
	make_plan(false);
	expect_fates(FLASH_UNCHANGED, FLASH_UNCHANGED, FLASH_UNCHANGED, FLASH_UNTOUCHED);
	assert_int_equal(plan.count, 0);
	assert_int_equal(plan.head, FLASH_NOWHERE);
}

static void one_wrong_bit_is_seen_anywhere(void **state)
{
	(void)state;
	static const uint32_t places[] = {0, 1023, 1024, 16383, 16384, 40002};
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		teardown(NULL);
		setup(NULL);
		chip_holds_image(0, 40003);
		fake_probe_ram(probe)[places[i]] ^= 0x10;
		load(0, 40003);
		make_plan(false);
		for (size_t s = 0; s < 3; s++)
			assert_int_equal(plan.fates[s] != FLASH_UNCHANGED, s == places[i] / 16384);
	}
}

static void bytes_that_nobody_writes_do_not_matter(void **state)
{
	(void)state;
	chip_holds_image(0, 64 * KIB);
	load(5, 30);
	make_plan(false);
	expect_fates(FLASH_UNCHANGED, FLASH_UNTOUCHED, FLASH_UNTOUCHED, FLASH_UNTOUCHED);
}

static void a_blank_chip_is_not_erased(void **state)
{
	(void)state;
	load(0, 40003);
	make_plan(false);
	expect_fates(FLASH_FILLED, FLASH_FILLED, FLASH_FILLED, FLASH_UNTOUCHED);
	/* one run across the sectors, the first eight bytes behind it */
	assert_int_equal(plan.count, 2);
	expect_program(0, 8, 40004 - 8);
	expect_program(1, 0, 8);
	assert_int_equal(plan.head, 0);
	assert_int_equal(plan.program_bytes, 40004);
}

static void an_interrupted_load_is_completed_where_it_stopped(void **state)
{
	(void)state;
	/* sector 1 was being written, up to the middle of a piece; the head was not */
	chip_holds_image(8, 20000 - 8);
	load(0, 32 * KIB);
	make_plan(false);
	expect_fates(FLASH_FILLED, FLASH_FILLED, FLASH_UNTOUCHED, FLASH_UNTOUCHED);
	/* the first piece again, for its head's sake, then from the interrupted piece on */
	expect_program(0, 8, 1024 - 8);
	expect_program(1, 19 * KIB, 32 * KIB - 19 * KIB);
	expect_program(2, 0, 8);
	assert_int_equal(plan.count, 3);
}

static void what_differs_is_erased(void **state)
{
	(void)state;
	memset(fake_probe_ram(probe), 0, FAKE_RAM_SIZE);
	load(0, 20001);
	make_plan(false);
	expect_fates(FLASH_ERASED, FLASH_ERASED, FLASH_UNTOUCHED, FLASH_UNTOUCHED);
	assert_int_equal(plan.count, 5);
	expect_erase(0, 0);
	expect_program(1, 8, 16384 - 8);
	expect_erase(2, 1);
	expect_program(3, 16384, 20004 - 16384);
	expect_program(4, 0, 8);
	assert_int_equal(plan.erase_bytes, 32 * KIB);
}

static void only_the_changed_sector_is_erased(void **state)
{
	(void)state;
	chip_holds_image(0, 64 * KIB);
	memset(fake_probe_ram(probe) + 20000, 0, 8000);
	load(0, 64 * KIB);
	make_plan(false);
	expect_fates(FLASH_UNCHANGED, FLASH_ERASED, FLASH_UNCHANGED, FLASH_UNCHANGED);
	expect_erase(0, 1);
	expect_program(1, 16384, 16384);
	assert_int_equal(plan.count, 2);
	assert_int_equal(plan.head, FLASH_NOWHERE);
}

static void an_erase_without_a_write_is_done_unless_blank(void **state)
{
	(void)state;
	fake_probe_ram(probe)[17000] = 0x7F;
	assert_int_equal(flash_record_erase(&record, FLASH, 32 * KIB), ERR_OK);
	make_plan(false);
	expect_fates(FLASH_UNCHANGED, FLASH_ERASED, FLASH_UNTOUCHED, FLASH_UNTOUCHED);
	expect_erase(0, 1);
	assert_int_equal(plan.count, 1);
}

static void a_write_without_an_erase_needs_blank_or_fitting_bytes(void **state)
{
	(void)state;
	static const uint8_t wanted[6] = {0x10, 0x20, 0x30, 0x40, 0x50, 0x60};
	memset(fake_probe_ram(probe), 0x70, 64);
	assert_int_equal(flash_record_write(&record, FLASH + 1, wanted, 6), ERR_OK);
	make_plan(false);
	expect_fates(FLASH_FILLED, FLASH_UNTOUCHED, FLASH_UNTOUCHED, FLASH_UNTOUCHED);
	expect_program(0, 0, 8);
	/* the neighbours' bytes are written as they are */
	assert_memory_equal(record.data, "\x70\x10\x20\x30\x40\x50\x60\x70", 8);

	teardown(NULL);
	setup(NULL);
	memset(fake_probe_ram(probe), 0x0F, 64);
	assert_int_equal(flash_record_write(&record, FLASH + 1, wanted, 6), ERR_OK);
	assert_int_equal(decide(), ERR_FLASH_PROGRAM);
}

/* ---- order ---- */

static void all_at_once_is_one_erase(void **state)
{
	(void)state;
	memset(fake_probe_ram(probe), 0, FAKE_RAM_SIZE);
	load(0, 64 * KIB);
	make_plan(true);
	assert_int_equal(plan.operations[0].kind, FLASH_ERASE_ALL);
	expect_program(1, 8, 64 * KIB - 8);
	expect_program(2, 0, 8);
	assert_int_equal(plan.count, 3);
}

static void runs_part_at_large_gaps(void **state)
{
	(void)state;
	memset(fake_probe_ram(probe), 0, FAKE_RAM_SIZE);
	load(0, 9);
	load(0x80, 4);
	load(0x800, 3);
	make_plan(false);
	expect_erase(0, 0);
	expect_program(1, 8, 0x84 - 8);
	expect_program(2, 0x800, 4);
	expect_program(3, 0, 8);
	assert_int_equal(plan.count, 4);
	/* what lies in a gap is blank after the erase */
	assert_memory_equal(record.data + 0x40, "\xFF\xFF\xFF\xFF", 4);
}

static void a_load_of_one_word_has_no_head(void **state)
{
	(void)state;
	load(0x100, 4);
	make_plan(false);
	expect_program(0, 0x100, 4);
	assert_int_equal(plan.count, 1);
	assert_int_equal(plan.head, FLASH_NOWHERE);
}

/* ---- the survey after the load ---- */

static size_t count_bad(uint32_t except)
{
	struct bus bus;
	size_t bad = 0;
	bus_begin(&bus, probe, NULL, NULL);
	flash_survey_finish(&survey);
	flash_survey_after(&survey, &record, NULL, &bus, plan.fates, except);
	assert_int_equal(bus_end(&bus), ERR_OK);
	for (size_t i = 0; i < survey.count; i++)
		bad += survey.rows[i].verdict != SURVEY_EQUAL;
	return bad;
}

static void the_check_after_covers_data_and_erased_rest(void **state)
{
	(void)state;
	memset(fake_probe_ram(probe), 0, FAKE_RAM_SIZE);
	load(0, 20001);
	make_plan(false);
	memset(fake_probe_ram(probe), 0xFF, 32 * KIB);
	chip_holds_image(8, 20001 - 8);
	assert_int_equal(count_bad(0), 0);
	assert_int_equal(count_bad(FLASH_NOWHERE), 1);
	chip_holds_image(0, 8);
	assert_int_equal(count_bad(FLASH_NOWHERE), 0);
	fake_probe_ram(probe)[20001] = 0xFE;
	assert_int_equal(count_bad(FLASH_NOWHERE), 1);
	fake_probe_ram(probe)[20001] = 0xFF;
	fake_probe_ram(probe)[32 * KIB - 1] = 0x7F;
	assert_int_equal(count_bad(FLASH_NOWHERE), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_there_already_is_left_alone),
		TEST(one_wrong_bit_is_seen_anywhere),
		TEST(bytes_that_nobody_writes_do_not_matter),
		TEST(a_blank_chip_is_not_erased),
		TEST(an_interrupted_load_is_completed_where_it_stopped),
		TEST(what_differs_is_erased),
		TEST(only_the_changed_sector_is_erased),
		TEST(an_erase_without_a_write_is_done_unless_blank),
		TEST(a_write_without_an_erase_needs_blank_or_fitting_bytes),
		TEST(all_at_once_is_one_erase),
		TEST(runs_part_at_large_gaps),
		TEST(a_load_of_one_word_has_no_head),
		TEST(the_check_after_covers_data_and_erased_rest),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
