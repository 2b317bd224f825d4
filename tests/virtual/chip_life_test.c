/* Making, powering, saving and loading a chip; what it says of itself. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "chip_rig.h"

static void refuses_an_unknown_model(void **state)
{
	(void)state;
	assert_null(chip_create("stm32f999xx"));
}

static void destroys_null(void **state)
{
	(void)state;
	chip_destroy(NULL);
}

static void is_dead_without_supply(void **state)
{
	struct chip *chip = chip_create("stm32f401cc");
	uint32_t value;
	(void)state;
	assert_non_null(chip);
	assert_int_equal(chip_vdd(chip), 0);
	assert_false(chip_dp_alive(chip));
	assert_false(chip_ap_alive(chip));
	assert_int_equal(chip_read(chip, 0xe0042000, 4, &value), CHIP_FAULT);
	chip_run_until(chip, 1000 * MS);
	assert_int_equal(chip_books(chip)->instructions, 0);
	chip_set_vdd(chip, 3300);
	assert_int_equal(chip_vdd(chip), 3300);
	assert_true(chip_dp_alive(chip));
	chip_destroy(chip);
}

static void identifies_itself(void **state)
{
	struct rig *rig = *state;
	assert_int_equal(chip_dpidr(rig->chip), 0x2ba01477);
	assert_int_equal(chip_ap_idr(rig->chip), 0x24770011);
	assert_int_equal(chip_ap_base(rig->chip), 0xe00ff003);
	assert_int_equal(rig_read(rig, 0xe0042000) & 0xffff0fff, 0x10010423);
	assert_int_equal(rig_read(rig, 0xe000ed00), 0x410fc241);
	assert_int_equal(rig_read_width(rig, 0x1fff7a22, 2), 256);
	assert_int_equal(rig_read(rig, 0x1fff7a20) >> 16, 256);
	assert_int_equal(rig_read(rig, 0xe000e004), 2); /* ICTR */
	assert_int_equal(rig_read(rig, 0xe000ef40), 0x10110021);
	assert_int_equal(rig_read(rig, 0xe000ef44), 0x11000011);
}

static void has_no_caches_to_report(void **state)
{
	struct rig *rig = *state;
	static const uint32_t zero[] = {0xe000ed78, 0xe000ed7c, 0xe000ed80, 0xe0001fbc};
	rig_write(rig, DEMCR, 1 << 24);
	for (size_t i = 0; i < sizeof zero / sizeof zero[0]; i++)
		assert_int_equal(rig_read(rig, zero[i]), 0);
}

/* PIDR0 to 3 and PIDR4 of a component as one number. */
static uint64_t component_id(struct rig *rig, uint32_t base)
{
	uint64_t id = 0;
	for (uint32_t i = 0; i < 4; i++)
		id |= (uint64_t)rig_read(rig, base + 0xfe0 + 4 * i) << (8 * i);
	return id | (uint64_t)rig_read(rig, base + 0xfd0) << 32;
}

static void has_a_rom_table(void **state)
{
	struct rig *rig = *state;
	static const struct {
		uint32_t entry, base, class;
		unsigned part;
	} components[] = {
		{0xfff0f003, 0xe000e000, 0xe0, 0x00c},
		{0xfff02003, 0xe0001000, 0xe0, 0x002},
		{0xfff03003, 0xe0002000, 0xe0, 0x003},
		{0xfff01003, 0xe0000000, 0xe0, 0x001},
		{0xfff41003, 0xe0040000, 0x90, 0x9a1},
		{0xfff42003, 0xe0041000, 0x90, 0x925},
	};
	for (uint32_t i = 0; i < 6; i++) {
		assert_int_equal(rig_read(rig, 0xe00ff000 + 4 * i), components[i].entry);
		assert_int_equal(
			components[i].base, 0xe00ff000 + (components[i].entry & 0xfffff000));
		assert_int_equal(rig_read(rig, components[i].base + 0xff0), 0x0d);
		assert_int_equal(rig_read(rig, components[i].base + 0xff4), components[i].class);
		assert_int_equal(rig_read(rig, components[i].base + 0xff8), 0x05);
		assert_int_equal(rig_read(rig, components[i].base + 0xffc), 0xb1);
		assert_int_equal(component_id(rig, components[i].base) & 0xfff, components[i].part);
	}
	assert_int_equal(rig_read(rig, 0xe00ff018), 0);
	/* ST, part 0x423 */
	assert_int_equal(component_id(rig, 0xe00ff000), 0x0a0423);
	assert_int_equal(rig_read(rig, 0xe00fffcc), 1);
	assert_int_equal(rig_read(rig, 0xe00ffff4), 0x10);
}

static void says_whether_time_changes_it(void **state)
{
	struct rig *rig = *state;
	assert_false(chip_is_active(rig->chip)); /* halted */
	RIG_CODE(rig, CODE, 0xe7fe);
	rig_go(rig, CODE);
	assert_true(chip_is_active(rig->chip));
	rig_halt(rig);
	assert_false(chip_is_active(rig->chip));
	rig_flash_unlock(rig);
	rig_write(rig, FLASH_CR, 0x00010202); /* an erase */
	assert_true(chip_is_active(rig->chip));
	rig_run(rig, 250 * MS);
	assert_false(chip_is_active(rig->chip));
	rig_write(rig, 0x40003000, 0xcccc); /* the watchdog */
	assert_true(chip_is_active(rig->chip));
}

/* ---- memory that stays, memory that does not ---- */

static void comes_with_blank_flash(void **state)
{
	struct rig *rig = *state;
	uint8_t flash[256];
	assert_true(chip_peek(rig->chip, FLASH + 0x3ff00, flash, sizeof flash));
	for (size_t i = 0; i < sizeof flash; i++)
		assert_int_equal(flash[i], 0xff);
	assert_int_equal(rig_read(rig, 0x40023c14), 0x0fffaaed);
	assert_int_equal(rig_read(rig, 0x1fffc000) & 0xffff, 0xaaec);
	assert_int_equal(rig_read(rig, 0x1fffc008) & 0xffff, 0x0fff);
}

static void peeks_memory_only(void **state)
{
	struct rig *rig = *state;
	uint8_t bytes[4];
	rig_write(rig, DATA, 0x12345678);
	assert_true(chip_peek(rig->chip, DATA, bytes, 4));
	assert_int_equal(bytes[0], 0x78);
	assert_true(chip_peek(rig->chip, 0, bytes, 4)); /* the alias of the flash */
	assert_false(chip_peek(rig->chip, 0x40023c00, bytes, 4));
	assert_false(chip_peek(rig->chip, 0x2000fffe, bytes, 4)); /* over the end */
	assert_false(chip_peek(rig->chip, 0x08040000, bytes, 4));
}

static void forgets_ram_without_power(void **state)
{
	struct rig *rig = *state;
	uint32_t same = 0;
	for (uint32_t i = 0; i < 64; i++)
		rig_write(rig, DATA + 4 * i, 0x5a5a5a5a);
	chip_set_vdd(rig->chip, 0);
	rig_run(rig, MS);
	chip_set_vdd(rig->chip, 3300);
	for (uint32_t i = 0; i < 64; i++)
		same += rig_read(rig, DATA + 4 * i) == 0x5a5a5a5a;
	assert_int_equal(same, 0);
}

static void two_chips_do_the_same(void **state)
{
	struct rig one, two;
	uint8_t left[4096], right[4096];
	(void)state;
	rig_start(&one);
	rig_start(&two);
	assert_true(chip_peek(one.chip, RAM, left, sizeof left));
	assert_true(chip_peek(two.chip, RAM, right, sizeof right));
	assert_memory_equal(left, right, sizeof left);
	size_t zeros = 0;
	for (size_t i = 0; i < sizeof left; i++)
		zeros += left[i] == 0;
	assert_in_range(zeros, 1, 100); /* RAM looks random, but it is not */
	rig_stop(&one);
	rig_stop(&two);
}

/* ---- the state file ---- */

enum { NAME_SIZE = 32 };

static void make_name(char name[NAME_SIZE])
{
	snprintf(name, NAME_SIZE, "/tmp/chip-life-XXXXXX");
	int file = mkstemp(name);
	assert_true(file >= 0);
	close(file);
}

static void saves_and_loads(void **state)
{
	struct rig *rig = *state, other;
	static const uint32_t words[] = {0x11223344, 0x55667788};
	char name[NAME_SIZE];
	make_name(name);
	rig_flash_unlock(rig);
	rig_flash_program(rig, FLASH + 0x100, words, 2);
	assert_int_equal(chip_save(rig->chip, name), ERR_OK);
	rig_start(&other);
	assert_int_equal(chip_load(other.chip, name), ERR_OK);
	assert_int_equal(rig_read(&other, FLASH + 0x104), 0x55667788);
	rig_stop(&other);
	unlink(name);
}

static void refuses_files_that_are_no_state(void **state)
{
	struct rig *rig = *state, other;
	char name[NAME_SIZE];
	make_name(name);
	assert_int_equal(chip_load(rig->chip, name), ERR_ARGUMENT); /* empty */
	rig_start_model(&other, "stm32f405rg");
	assert_int_equal(chip_save(other.chip, name), ERR_OK);
	rig_stop(&other);
	assert_int_equal(chip_load(rig->chip, name), ERR_ARGUMENT); /* another model */
	assert_int_equal(chip_save(rig->chip, name), ERR_OK);
	assert_int_equal(truncate(name, 1000), 0);
	assert_int_equal(chip_load(rig->chip, name), ERR_ARGUMENT); /* cut off */
	assert_int_equal(rig_read(rig, FLASH), 0xffffffff);
	unlink(name);
}

static void reports_files_that_cannot_be(void **state)
{
	struct rig *rig = *state;
	assert_int_equal(chip_load(rig->chip, "/nonexistent/state"), ERR_IO);
	assert_int_equal(chip_save(rig->chip, "/nonexistent/state"), ERR_IO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_an_unknown_model),
		cmocka_unit_test(destroys_null),
		cmocka_unit_test(is_dead_without_supply),
		RIG_TEST(identifies_itself),
		RIG_TEST(has_no_caches_to_report),
		RIG_TEST(has_a_rom_table),
		RIG_TEST(says_whether_time_changes_it),
		RIG_TEST(comes_with_blank_flash),
		RIG_TEST(peeks_memory_only),
		RIG_TEST(forgets_ram_without_power),
		cmocka_unit_test(two_chips_do_the_same),
		RIG_TEST(saves_and_loads),
		RIG_TEST(refuses_files_that_are_no_state),
		RIG_TEST(reports_files_that_cannot_be),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
