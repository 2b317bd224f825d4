/*
 * Random loads on every chip the board knows: gaps, odd starts and lengths, overlaps, any order,
 * repeated with edits. What the flash holds afterwards is read past driver and debug port.
 */
#include "rig.h"

#include <stdlib.h>
#include <string.h>

#define KIB   1024u
#define LOADS 500u

static const struct {
	const char *name;
	unsigned kb;
} chips[] = {
	{"stm32f401cc", 256},
	{"stm32f401re", 512},
	{"stm32f411ce", 512},
	{"stm32f405rg", 1024},
	{"stm32f407vg", 1024},
	{"stm32f429zg", 1024},
	{"stm32f413zh", 1536},
	{"stm32f429zi", 2048},
};

static uint8_t before[2048 * KIB], wanted[2048 * KIB], after[2048 * KIB];
static bool written[2048 * KIB];

static uint32_t pick(uint32_t *seed, uint32_t limit)
{
	return rig_random(seed) % limit;
}

struct load {
	struct rig *rig;
	uint32_t size;                /* of the flash */
	uint32_t window, window_size; /* the part that the loads are about */
	uint32_t near, near_end;      /* all sectors that it can touch */
	uint32_t seed;
};

static void write_piece(struct load *load, uint32_t offset, uint32_t size)
{
	assert_int_equal(
		target_flash_write(load->rig->target, RIG_FLASH + offset, wanted + offset, size),
		ERR_OK);
	memset(written + offset, true, size);
}

/* New bytes, or what is there with a few changed. */
static void make_bytes(struct load *load, uint32_t offset, uint32_t size)
{
	if (pick(&load->seed, 2))
		rig_fill(wanted + offset, size, rig_random(&load->seed));
	else
		wanted[offset + pick(&load->seed, size)] ^= (uint8_t)rig_random(&load->seed);
}

static void add_piece(struct load *load)
{
	uint32_t most = pick(&load->seed, 3) ? 3000 : 30000;
	uint32_t offset = load->window + pick(&load->seed, load->window_size);
	uint32_t size = 1 + pick(&load->seed, most);
	if (size > load->size - offset)
		size = load->size - offset;
	assert_int_equal(target_flash_erase(load->rig->target, RIG_FLASH + offset, size), ERR_OK);
	make_bytes(load, offset, size);
	write_piece(load, offset, size);
}

/* Written bytes are as sent; others are as they were, or erased with their sector. */
static void check(struct load *load)
{
	rig_peek(
		load->rig, RIG_FLASH + load->near, after + load->near, load->near_end - load->near);
	for (uint32_t i = load->near; i < load->near_end; i++) {
		uint8_t now = after[i];
		bool right = written[i] ? now == wanted[i] : now == before[i] || now == 0xFF;
		if (!right)
			fail_msg("0x%08X is %02X, was %02X, wanted %02X (%s)", RIG_FLASH + i, now,
				before[i], wanted[i], written[i] ? "written" : "not written");
	}
}

static void run_load(struct load *load)
{
	memcpy(before, after, load->size);
	memcpy(wanted, after, load->size);
	memset(written, 0, load->size);
	for (uint32_t pieces = 1 + pick(&load->seed, 6); pieces > 0; pieces--)
		add_piece(load);
	assert_int_equal(target_flash_done(load->rig->target, NULL), ERR_OK);
	check(load);
}

/* All loads of one chip go to one place of it, so that they meet each other's sectors. */
static void run_chip(size_t chip, unsigned loads, uint32_t seed)
{
	struct rig rig;
	rig_start(&rig, &(struct rig_options){.board = {.probe = seed & 1 ? "v3" : "v21",
						      .chip = chips[chip].name},
				.target = {.vdd_mv = seed % 5 == 0 ? 2400 : 0}});
	struct load load = {.rig = &rig, .size = chips[chip].kb * KIB, .seed = seed};
	load.window_size = 64 * KIB;
	load.window = pick(&load.seed, load.size - load.window_size);
	load.near = load.window & ~(128 * KIB - 1);
	load.near_end = load.near + 256 * KIB < load.size ? load.near + 256 * KIB : load.size;
	memset(after, 0xFF, load.size);
	for (unsigned i = 0; i < loads; i++)
		run_load(&load);
	/* the rest of the chip was never touched */
	rig_peek(&rig, RIG_FLASH, wanted, load.size);
	assert_memory_equal(wanted, after, load.size);
	rig_stop(&rig);
}

static void whatever_is_loaded_is_there(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 4 * COUNT_OF(chips); i++)
		run_chip(i % COUNT_OF(chips), LOADS / (4 * COUNT_OF(chips)) + 1, 1000 + i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whatever_is_loaded_is_there),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
