/* Looking at the flash outside a load: blank, protected, as loaded. */
#include "rig.h"

#include <string.h>

#define KIB   ((size_t)1024)
#define IMAGE (20 * KIB) /* sector 0 and a part of 1 */

static uint8_t image[IMAGE];
static struct target_sector sectors[TARGET_SECTORS_MAX];

static void look(struct rig *rig)
{
	size_t count;
	assert_int_equal(target_flash_look(rig->target, sectors, &count), ERR_OK);
	assert_int_equal(count, 6);
	assert_int_equal(sectors[4].start, RIG_FLASH + 0x10000);
	assert_int_equal(sectors[5].size, 128 * KIB);
}

static void expect_as_loaded(bool sector0, bool sector1)
{
	assert_int_equal(sectors[0].is_as_loaded, sector0);
	assert_int_equal(sectors[1].is_as_loaded, sector1);
	for (unsigned i = 0; i < 6; i++) {
		assert_int_equal(sectors[i].was_loaded, i < 2);
		assert_int_equal(sectors[i].is_blank, i >= 2 || (i == 1 && !sector1));
	}
}

static void start(struct rig *rig)
{
	rig_start(rig, &(struct rig_options){.board = {.probe = "v3"}});
	assert_int_equal(target_halt(rig->target), ERR_OK);
	look(rig);
	for (unsigned i = 0; i < 6; i++)
		assert_true(sectors[i].is_blank && !sectors[i].was_loaded);
	rig_fill(image, IMAGE, 3);
	assert_int_equal(rig_load(rig, 0, image, IMAGE, NULL), ERR_OK);
}

static void sectors_are_as_loaded_or_not(void **state)
{
	struct rig rig;
	struct target_difference difference;
	(void)state;
	start(&rig);
	look(&rig);
	expect_as_loaded(true, true);
	assert_int_equal(target_flash_difference(rig.target, &sectors[0], &difference), ERR_OK);
	assert_int_equal(difference.address, 0);

	assert_int_equal(target_flash_erase(rig.target, RIG_FLASH + 0x4000, 0x4000), ERR_OK);
	assert_int_equal(target_flash_done(rig.target, NULL), ERR_OK);
	look(&rig);
	expect_as_loaded(true, false);
	assert_int_equal(target_flash_difference(rig.target, &sectors[1], &difference), ERR_OK);
	assert_int_equal(difference.address, RIG_FLASH + 0x4000);
	assert_int_equal(difference.found, 0xFFFFFFFF);
	assert_memory_equal(&difference.wanted, image + 0x4000, 4);
	rig_stop(&rig);
}

/* The core cannot be borrowed then: the flash is read. */
static void with_the_mpu_on_it_is_read(void **state)
{
	struct rig rig;
	(void)state;
	start(&rig);
	rig_control(&rig, "word 0xe000ed94 5");
	uint64_t instructions = rig_book(&rig, "instructions");
	look(&rig);
	expect_as_loaded(true, true);
	assert_int_equal(rig_book(&rig, "instructions"), instructions);
	rig_stop(&rig);
}

static void protection_is_seen(void **state)
{
	struct rig rig;
	(void)state;
	rig_start(&rig, &(struct rig_options){.board = {.probe = "v3"}});
	rig_control(&rig, "fault wrp 1-2");
	assert_int_equal(target_reset(rig.target, true), ERR_OK);
	look(&rig);
	for (unsigned i = 0; i < 6; i++)
		assert_int_equal(sectors[i].is_protected, i == 1 || i == 2);
	rig_stop(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sectors_are_as_loaded_or_not),
		cmocka_unit_test(with_the_mpu_on_it_is_read),
		cmocka_unit_test(protection_is_seen),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
