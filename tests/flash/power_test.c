/*
 * The supply is cut at random moments of loads: what is there then does not start unless it is
 * whole, and the next load ends with the exact image, doing only what is missing.
 */
#include "rig.h"

#include <string.h>

#define KIB    ((size_t)1024)
#define CUTS   200u
#define IMAGE  (40 * KIB)
#define SECTOR (16 * KIB)

static uint8_t image[IMAGE], before[IMAGE], held[IMAGE];

static uint32_t pick(uint32_t *seed, uint32_t limit)
{
	return rig_random(seed) % limit;
}

/* Anything from a byte in one sector to all of it. */
static void edit(uint32_t *seed)
{
	switch (pick(seed, 4)) {
	case 0:
		rig_fill(image, IMAGE, rig_random(seed));
		break;
	case 1:
		rig_fill(image + SECTOR, SECTOR, rig_random(seed));
		break;
	default:
		image[pick(seed, IMAGE)] ^= (uint8_t)(1 + pick(seed, 255));
		break;
	}
}

static void attach_again(struct rig *rig)
{
	rig_control(rig, "power on");
	assert_int_equal(target_attach(rig->target), ERR_OK);
}

/* What a cut has left: unless all of the image is there, its stack pointer and reset vector are
 * not, where they are new; and then we let nothing of it run. */
static void expect_no_start(struct rig *rig, enum err err)
{
	rig_peek(rig, RIG_FLASH, held, IMAGE);
	if (memcmp(held, image, IMAGE) == 0 || memcmp(held, before, IMAGE) == 0)
		return;
	assert_int_not_equal(err, ERR_OK);
	assert_true(target_flash_incomplete(rig->target));
	if (memcmp(image, before, SECTOR) != 0 && memcmp(image, before, 8) != 0)
		assert_memory_not_equal(held, image, 8);
}

static void cut(struct rig *rig, uint32_t *seed, uint64_t commands)
{
	rig_peek(rig, RIG_FLASH, before, IMAGE);
	edit(seed);
	rig_at_command(rig, 1 + pick(seed, (uint32_t)commands), "power off");
	enum err err = rig_load(rig, 0, image, IMAGE, NULL);
	rig_at_command(rig, 0, "");
	expect_no_start(rig, err);
	attach_again(rig);
}

static void the_next_load_ends_with_the_image(void **state)
{
	struct rig rig;
	struct target_load load;
	uint32_t seed = 4711;
	unsigned cuts = 0, helped = 0;
	(void)state;
	rig_start(&rig, &(struct rig_options){.board = {.probe = "v3"}});
	rig_fill(image, IMAGE, 1);
	assert_int_equal(rig_load(&rig, 0, image, IMAGE, NULL), ERR_OK);
	while (cuts < CUTS) {
		uint64_t commands = 40 + pick(&seed, 1500);
		cut(&rig, &seed, commands);
		cuts += target_flash_incomplete(rig.target);
		bool cut_again = pick(&seed, 4) == 0;
		if (cut_again)
			continue;
		assert_int_equal(rig_load(&rig, 0, image, IMAGE, &load), ERR_OK);
		assert_false(target_flash_incomplete(rig.target));
		rig_peek(&rig, RIG_FLASH, held, IMAGE);
		assert_memory_equal(held, image, IMAGE);
		helped += load.sectors_unchanged > 0;
	}
	print_message("%u cuts; %u times the next load found sectors done\n", cuts, helped);
	assert_true(helped > 0);
	rig_stop(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_next_load_ends_with_the_image),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
