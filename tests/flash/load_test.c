/*
 * Loads on the virtual board: how long they take in modelled time, and what was erased and
 * programmed for it by the board's own count. The limits are those that the README promises.
 */
#include "rig.h"

#include <stdlib.h>
#include <string.h>

#define IMAGE_SIZE 78403u /* of the flight controller's official HEX */
#define KIB        ((size_t)1024)

static uint8_t image[2048 * KIB], held[2048 * KIB];

static void expect_flash(struct rig *rig, uint32_t offset, const uint8_t *data, size_t size)
{
	rig_peek(rig, RIG_FLASH + offset, held, size);
	assert_memory_equal(held, data, size);
}

/* One load, its result looked at behind the driver's back; milliseconds of modelled time. */
static unsigned load_ms(struct rig *rig, uint32_t offset, size_t size, struct target_load *load)
{
	assert_int_equal(rig_load(rig, offset, image + offset, size, load), ERR_OK);
	expect_flash(rig, offset, image + offset, size);
	return (unsigned)(load->duration_us / 1000);
}

static void make_dirty(struct rig *rig, uint32_t size)
{
	struct target_load load;
	rig_fill(image, size, 99);
	(void)load_ms(rig, 0, size, &load);
	rig_fill(image, size, 1);
}

struct limits {
	const char *probe;
	unsigned blank_ms, unchanged_ms, last_sector_ms, dirty_ms;
};

static const struct limits limits[] = {
	{"v21", 600, 150, 750, 2050},
	{"v3", 420, 100, 720, 1960},
};

static void a_load_is_as_fast_as_promised(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		struct rig rig;
		struct target_load load;
		rig_start(&rig, &(struct rig_options){.board = {.probe = limits[i].probe}});
		rig_fill(image, IMAGE_SIZE, 1);

		assert_in_range(load_ms(&rig, 0, IMAGE_SIZE, &load), 1, limits[i].blank_ms);
		assert_int_equal(load.sectors_erased, 0);
		assert_int_equal(rig_book(&rig, "erase_ns"), 0);

		assert_in_range(load_ms(&rig, 0, IMAGE_SIZE, &load), 1, limits[i].unchanged_ms);
		assert_int_equal(load.sectors_unchanged, 5);
		assert_int_equal(load.bytes_written, 0);
		assert_int_equal(rig_book(&rig, "x32"), 0);

		image[IMAGE_SIZE - 100] ^= 0x5A;
		assert_in_range(load_ms(&rig, 0, IMAGE_SIZE, &load), 1, limits[i].last_sector_ms);
		assert_int_equal(load.sectors_erased, 1);
		assert_int_equal(load.sectors_unchanged, 4);

		make_dirty(&rig, 128 * KIB);
		assert_in_range(load_ms(&rig, 0, IMAGE_SIZE, &load), 1, limits[i].dirty_ms);
		assert_int_equal(load.sectors_erased, 5);
		rig_stop(&rig);
	}
}

/* The best that the flash allows: typical erase times and 16 us a word, one after the other. */
struct whole {
	const char *chip;
	unsigned kb;
	unsigned bound_ms;
};

static const struct whole wholes[] = {
	{"stm32f401cc", 256, 2000 + 1049},
	{"stm32f405rg", 1024, 8000 + 4194},
	{"stm32f429zi", 2048, 8000 + 8389},
};

static void a_whole_chip_comes_near_its_bound(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(wholes) / sizeof(wholes[0]); i++) {
		for (size_t p = 0; p < 2; p++) {
			struct rig rig;
			struct target_load load;
			const char *probe = p ? "v3" : "v21";
			rig_start(&rig, &(struct rig_options){
						.board = {.probe = probe, .chip = wholes[i].chip}});
			make_dirty(&rig, wholes[i].kb * KIB);
			unsigned limit_ms = wholes[i].bound_ms * (p ? 110 : 125) / 100;
			unsigned took_ms = load_ms(&rig, 0, wholes[i].kb * KIB, &load);
			print_message("%s %s: %u ms, bound %u ms\n", probe, wholes[i].chip, took_ms,
				wholes[i].bound_ms);
			assert_in_range(took_ms, 1, limit_ms);
			rig_stop(&rig);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_load_is_as_fast_as_promised),
		cmocka_unit_test(a_whole_chip_comes_near_its_bound),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
