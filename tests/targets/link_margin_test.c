/* The tests of the link, on a probe in memory whose wire errs as told. */
#include "tests/prelude.h"

#include "fake_probe.h"
#include "link_margin.h"

#define ROM_TABLE_END 0xE0100000u
#define RING          0x20000440u

static void make_rom_table(struct probe *probe)
{
	static const uint32_t end[] = {0x0D, 0x10, 0x05, 0xB1};
	for (uint32_t i = 0; i < 4; i++)
		fake_probe_set_word(probe, ROM_TABLE_END - 16 + 4 * i, end[i]);
}

static void a_rom_table_is_read_once_and_nothing_written(void **state)
{
	(void)state;
	struct probe *probe = fake_probe_create();
	make_rom_table(probe);
	assert_int_equal(link_margin_read(probe), ERR_OK);
	assert_int_equal(fake_probe_count(probe), 1);
	const struct fake_access *access = fake_probe_access(probe, 0);
	assert_false(access->write);
	assert_int_equal(access->width, 4);
	assert_int_equal(access->size, 800);
	assert_int_equal(access->address + access->size, ROM_TABLE_END);
	fake_probe_destroy(probe);
}

static void another_component_is_no_noise(void **state)
{
	(void)state;
	struct probe *probe = fake_probe_create();
	assert_int_equal(link_margin_read(probe), ERR_OK); /* all zero, twice */
	assert_int_equal(fake_probe_count(probe), 2);
	fake_probe_fail(probe, ROM_TABLE_END - 4, ERR_TARGET_FAULT);
	assert_int_equal(link_margin_read(probe), ERR_OK);
	fake_probe_destroy(probe);
}

static void readings_that_differ_are_noise(void **state)
{
	(void)state;
	struct probe *probe = fake_probe_create();
	make_rom_table(probe);
	fake_probe_flip(probe, ROM_TABLE_END - 8, 1, 0x80);
	assert_int_equal(link_margin_read(probe), ERR_TARGET_UNKNOWN);
	fake_probe_flip(probe, 0, 0, 0);
	fake_probe_fail(probe, ROM_TABLE_END - 400, ERR_TARGET_NO_LINK);
	assert_int_equal(link_margin_read(probe), ERR_TARGET_NO_LINK);
	fake_probe_destroy(probe);
}

static struct link_flaw test_pattern(struct probe *probe, enum err wanted)
{
	struct link_flaw flaw;
	struct bus bus;
	bus_begin(&bus, probe, NULL, NULL);
	link_margin_write(&bus, RING, &flaw);
	assert_int_equal(bus_end(&bus), wanted);
	return flaw;
}

static void a_pattern_that_comes_back_is_fine(void **state)
{
	(void)state;
	struct probe *probe = fake_probe_create();
	assert_int_equal(test_pattern(probe, ERR_OK).verdict, LINK_FINE);
	assert_int_equal(fake_probe_count(probe), 2);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(fake_probe_access(probe, i)->address, RING);
		assert_int_equal(fake_probe_access(probe, i)->size, LINK_PATTERN_BYTES);
	}
	fake_probe_destroy(probe);
}

/* Each line is seen at both levels in the pattern, whatever else it holds. */
static void every_line_that_hangs_is_found(void **state)
{
	(void)state;
	struct probe *probe = fake_probe_create();
	assert_int_equal(test_pattern(probe, ERR_OK).verdict, LINK_FINE);
	uint32_t high = 0, low = 0;
	for (uint32_t at = 0; at < LINK_PATTERN_BYTES; at += 4) {
		high |= fake_probe_word(probe, RING + at);
		low |= ~fake_probe_word(probe, RING + at);
	}
	assert_int_equal(high, 0xFFFFFFFF);
	assert_int_equal(low, 0xFFFFFFFF);
	fake_probe_destroy(probe);
}

static void what_is_wrong_once_is_the_wire(void **state)
{
	(void)state;
	struct probe *probe = fake_probe_create();
	fake_probe_flip(probe, RING + 8, 1, 0x00000300);
	struct link_flaw flaw = test_pattern(probe, ERR_OK);
	assert_int_equal(flaw.verdict, LINK_NOISY);
	assert_int_equal(flaw.address, RING + 8);
	assert_int_equal(flaw.wanted ^ flaw.found, 0x00000300);
	fake_probe_destroy(probe);
}

static void what_is_wrong_twice_is_the_ram(void **state)
{
	(void)state;
	struct probe *probe = fake_probe_create();
	fake_probe_flip(probe, RING + 8, 2, 0x00000300);
	assert_int_equal(test_pattern(probe, ERR_OK).verdict, LINK_BAD_RAM);
	fake_probe_fail(probe, RING, ERR_TARGET_NO_LINK);
	assert_int_equal(test_pattern(probe, ERR_TARGET_NO_LINK).verdict, LINK_FINE);
	fake_probe_destroy(probe);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rom_table_is_read_once_and_nothing_written),
		cmocka_unit_test(another_component_is_no_noise),
		cmocka_unit_test(readings_that_differ_are_noise),
		cmocka_unit_test(a_pattern_that_comes_back_is_fine),
		cmocka_unit_test(every_line_that_hangs_is_found),
		cmocka_unit_test(what_is_wrong_once_is_the_wire),
		cmocka_unit_test(what_is_wrong_twice_is_the_ram),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
