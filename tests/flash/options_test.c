/*
 * Option bytes on the virtual board: shown, changed, refused; protection taken away, with a
 * hardware watchdog that would cut the erase short.
 */
#include "rig.h"

#include <string.h>

static const char *value_of(struct rig *rig, const char *name)
{
	static struct target_option options[TARGET_OPTIONS_MAX];
	size_t count;
	assert_int_equal(target_read_options(rig->target, options, &count), ERR_OK);
	for (size_t i = 0; i < count; i++)
		if (strcmp(options[i].name, name) == 0)
			return options[i].value;
	fail_msg("no option %s", name);
	return NULL;
}

static uint32_t optcr(struct rig *rig)
{
	uint8_t bytes[4];
	assert_int_equal(target_read_memory(rig->target, 0x40023C14, bytes, 4), ERR_OK);
	return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
	       (uint32_t)bytes[3] << 24;
}

static void what_came_from_the_factory(void **state)
{
	struct rig rig;
	(void)state;
	rig_start(&rig, &(struct rig_options){0});
	assert_string_equal(value_of(&rig, "rdp"), "0 (AA)");
	assert_string_equal(value_of(&rig, "wrp"), "none");
	assert_string_equal(value_of(&rig, "pcrop"), "none");
	assert_string_equal(value_of(&rig, "bor"), "off (1.68 V)");
	assert_string_equal(value_of(&rig, "wdg_sw"), "1");
	rig_control(&rig, "fault wrp 1-2");
	assert_string_equal(value_of(&rig, "wrp"), "1-2");
	rig_control(&rig, "fault pcrop 0");
	assert_string_equal(value_of(&rig, "pcrop"), "0");
	assert_string_equal(value_of(&rig, "wrp"), "none");
	rig_stop(&rig);
}

struct write_case {
	const char *name, *value;
	enum err err;
	uint32_t mask, bits; /* of OPTCR afterwards */
};

static const struct write_case writes[] = {
	{"wrp", "0-1,5", ERR_OK, 0x003F0000, 0x001C0000},
	{"wrp", "none", ERR_OK, 0x003F0000, 0x003F0000},
	{"wrp", "all", ERR_OK, 0x003F0000, 0},
	{"wrp", "none", ERR_OK, 0x003F0000, 0x003F0000},
	{"wrp", "6", ERR_ARGUMENT, 0x003F0000, 0x003F0000},
	{"wrp", "1-", ERR_ARGUMENT, 0x003F0000, 0x003F0000},
	{"wrp", "", ERR_ARGUMENT, 0x003F0000, 0x003F0000},
	{"bor", "2", ERR_OK, 0xC, 0x4},
	{"bor", "3", ERR_OK, 0xC, 0x0},
	{"bor", "4", ERR_ARGUMENT, 0xC, 0x0},
	{"bor", "off", ERR_OK, 0xC, 0xC},
	{"wdg_sw", "0", ERR_OK, 0x20, 0},
	{"wdg_sw", "1", ERR_OK, 0x20, 0x20},
	{"wdg_sw", "2", ERR_ARGUMENT, 0x20, 0x20},
	{"nrst_stop", "0", ERR_OK, 0x40, 0},
	{"rdp", "2", ERR_FLASH_PROTECTED, 0xFF00, 0xAA00},
	{"rdp", "0", ERR_FLASH_PROTECTED, 0xFF00, 0xAA00},
	{"rdp", "3", ERR_ARGUMENT, 0xFF00, 0xAA00},
	{"colour", "1", ERR_ARGUMENT, 0xFF00, 0xAA00},
	{"pcrop", "none", ERR_ARGUMENT, 0x80000000, 0},
	{"pcrop", "2", ERR_OK, 0x803F0000, 0x80040000},
	{"wrp", "none", ERR_FLASH_PROTECTED, 0x803F0000, 0x80040000},
	{"rdp", "1", ERR_OK, 0xFF00, 0xBB00},
};

static void each_option_is_written_or_refused(void **state)
{
	struct rig rig;
	(void)state;
	rig_start(&rig, &(struct rig_options){0});
	assert_int_equal(target_halt(rig.target), ERR_OK);
	for (size_t i = 0; i < sizeof(writes) / sizeof(writes[0]); i++) {
		const struct write_case *each = &writes[i];
		enum err err = target_write_option(rig.target, each->name, each->value);
		if (err != each->err || (optcr(&rig) & each->mask) != each->bits)
			fail_msg("%s %s: %s, OPTCR %08X", each->name, each->value, err_text(err),
				optcr(&rig));
	}
	rig_stop(&rig);
}

static void unlock(bool hardware_watchdog)
{
	static uint8_t image[4096], held[4096];
	struct rig rig;
	rig_start(&rig, &(struct rig_options){0});
	rig_fill(image, sizeof(image), 1);
	assert_int_equal(rig_load(&rig, 0, image, sizeof(image), NULL), ERR_OK);
	if (hardware_watchdog)
		rig_control(&rig, "fault iwdg hw");
	rig_control(&rig, "fault rdp 1");
	assert_int_equal(rig_load(&rig, 0, held, sizeof(held), NULL), ERR_FLASH_PROTECTED);
	assert_int_equal(target_unlock(rig.target), ERR_OK);
	assert_int_equal(optcr(&rig) & 0xFF00, 0xAA00);
	rig_peek(&rig, RIG_FLASH, held, sizeof(held));
	for (size_t i = 0; i < sizeof(held); i++)
		assert_int_equal(held[i], 0xFF);
	/* The board wants to be switched off and on, as the text says. */
	assert_int_equal(target_detach(rig.target), ERR_OK);
	rig_control(&rig, "power off");
	rig_control(&rig, "power on");
	assert_int_equal(target_attach(rig.target), ERR_OK);
	assert_int_equal(rig_load(&rig, 0, image, sizeof(image), NULL), ERR_OK);
	assert_int_equal(rig_book(&rig, "mass_erases"), 1);
	rig_stop(&rig);
}

static void unlocking_erases_and_opens(void **state)
{
	(void)state;
	unlock(false);
}

static void unlocking_survives_a_hardware_watchdog(void **state)
{
	(void)state;
	unlock(true);
}

static void there_is_nothing_to_unlock_at_level_0(void **state)
{
	struct rig rig;
	(void)state;
	rig_start(&rig, &(struct rig_options){0});
	assert_int_equal(target_unlock(rig.target), ERR_OK);
	assert_int_equal(rig_book(&rig, "mass_erases"), 0);
	rig_stop(&rig);
}

static void a_slow_clock_loads_nothing(void **state)
{
	static uint8_t image[64];
	struct rig rig;
	(void)state;
	rig_start(&rig, &(struct rig_options){0});
	assert_int_equal(target_set_speed(rig.target, 25), ERR_OK);
	assert_int_equal(rig_load(&rig, 0, image, sizeof(image), NULL), ERR_UNSUPPORTED);
	assert_int_equal(rig_book(&rig, "erase_ns"), 0);
	assert_int_equal(target_set_speed(rig.target, 50), ERR_OK);
	assert_int_equal(rig_load(&rig, 0, image, sizeof(image), NULL), ERR_OK);
	rig_stop(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_came_from_the_factory),
		cmocka_unit_test(each_option_is_written_or_refused),
		cmocka_unit_test(unlocking_erases_and_opens),
		cmocka_unit_test(unlocking_survives_a_hardware_watchdog),
		cmocka_unit_test(there_is_nothing_to_unlock_at_level_0),
		cmocka_unit_test(a_slow_clock_loads_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
