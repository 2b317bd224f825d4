/* What the user wants of every load: --keep, --no-loader, --interlock, --no-reset; loads that break
 * off; and the RAM that a load uses. */
#include "rig.h"

#include <stdlib.h>
#include <string.h>

#define KIB   ((size_t)1024)
#define IMAGE (80 * KIB) /* sectors 0 to 4, the last in part */

static uint8_t image[IMAGE], held[128 * KIB], before[64 * KIB], after[64 * KIB];

static void start(struct rig *rig, const struct target_options *options)
{
	rig_start(rig, &(struct rig_options){.board = {.probe = "v3"}, .target = *options});
	rig_fill(image, IMAGE, 1);
	assert_int_equal(rig_load(rig, 0, image, IMAGE, NULL), ERR_OK);
}

static void expect_image(struct rig *rig)
{
	rig_peek(rig, RIG_FLASH, held, IMAGE);
	assert_memory_equal(held, image, IMAGE);
}

/* ---- --keep ---- */

static void a_load_into_a_kept_range_is_refused(void **state)
{
	struct rig rig;
	const struct target_options options = {
		.keep = {{RIG_FLASH + 0x10000, 0x100}, {RIG_FLASH + 0x20000, 0x20000}},
		.keep_count = 2,
	};
	(void)state;
	rig_start(&rig, &(struct rig_options){.target = options});
	rig_fill(image, IMAGE, 2);
	assert_int_equal(rig_load(&rig, 0, image, 64 * KIB, NULL), ERR_OK);
	assert_int_equal(rig_load(&rig, 0, image, 64 * KIB + 4, NULL), ERR_FLASH_PROTECTED);
	assert_false(target_flash_incomplete(rig.target));
	/* in the sector of a kept range, but not in it: blank places may be filled */
	assert_int_equal(rig_load(&rig, 0x10100, image + 0x10100, 0x100, NULL), ERR_OK);
	/* and then an erase would be needed */
	image[0x10180] ^= 0xFF;
	assert_int_equal(
		rig_load(&rig, 0x10100, image + 0x10100, 0x100, NULL), ERR_FLASH_PROTECTED);
	image[0x10180] ^= 0xFF;
	assert_int_equal(rig_load(&rig, 0x10100, image + 0x10100, 0x100, NULL), ERR_OK);
	rig_peek(&rig, RIG_FLASH, held, IMAGE);
	assert_memory_equal(held, image, 64 * KIB);
	for (size_t i = 0; i < 0x100; i++)
		assert_int_equal(held[0x10000 + i], 0xFF);
	assert_int_equal(rig_book(&rig, "flash_errors"), 0);
	rig_stop(&rig);
}

/* ---- --no-loader ---- */

/* With the oldest firmware too, whose clock cannot be slowed down for it. */
static void without_a_loader_it_is_written_as_well(void **state)
{
	static const char *const firmware[] = {"V2J14S4", "V2J21S4", "V2J25S4", "V2J37M26"};
	(void)state;
	rig_fill(image, IMAGE, 3);
	for (size_t i = 0; i < COUNT_OF(firmware); i++) {
		struct rig rig;
		rig_start(&rig, &(struct rig_options){.board = {.firmware = firmware[i]},
					.target = {.no_loader = true}});
		assert_int_equal(rig_load(&rig, 0, image, 40 * KIB, NULL), ERR_OK);
		rig_peek(&rig, RIG_FLASH, held, 40 * KIB);
		assert_memory_equal(held, image, 40 * KIB);
		rig_stop(&rig);
	}
}

/* ---- a program with parts in RAM ---- */

/* The RAM loader and its marks are at both ends of RAM. */
static void what_was_written_into_ram_is_there_after_a_load(void **state)
{
	static const uint32_t places[] = {0x20000000, 0x20008000, 0x2000FF80};
	struct rig rig;
	(void)state;
	rig_start(&rig, &(struct rig_options){.board = {.probe = "v3"}});
	rig_fill(image, IMAGE, 4);
	assert_int_equal(target_halt(rig.target), ERR_OK);
	for (size_t i = 0; i < COUNT_OF(places); i++)
		assert_int_equal(target_write_memory(rig.target, places[i], image, 128), ERR_OK);
	for (int loads = 0; loads < 2; loads++) {
		assert_int_equal(rig_load(&rig, 0, image, IMAGE, NULL), ERR_OK);
		for (size_t i = 0; i < COUNT_OF(places); i++) {
			rig_peek(&rig, places[i], held, 128);
			assert_memory_equal(held, image, 128);
		}
	}
	rig_stop(&rig);
}

/* ---- --interlock ---- */

static bool is_blank(const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (bytes[i] != 0xFF)
			return false;
	return true;
}

/* Cuts the power at the given command of a load that changes the last sector only. */
static void cut_last_sector(struct rig *rig, uint64_t command)
{
	image[IMAGE - 8] ^= 0x5A;
	rig_at_command(rig, command, "power off");
	assert_int_not_equal(rig_load(rig, 0, image, IMAGE, NULL), ERR_OK);
	rig_at_command(rig, 0, "");
	assert_true(target_flash_incomplete(rig->target));
	rig_control(rig, "power on");
	rig_peek(rig, RIG_FLASH, held, IMAGE);
}

static void interlock_leaves_no_vectors(void **state)
{
	struct rig rig;
	struct target_load load;
	(void)state;
	start(&rig, &(struct target_options){.interlock = true});
	cut_last_sector(&rig, 250);
	assert_true(is_blank(held, 8));
	assert_int_equal(target_attach(rig.target), ERR_OK);
	assert_int_equal(rig_load(&rig, 0, image, IMAGE, NULL), ERR_OK);
	expect_image(&rig);

	/* one sector more than without */
	image[IMAGE - 16] ^= 0x5A;
	assert_int_equal(rig_load(&rig, 0, image, IMAGE, &load), ERR_OK);
	assert_int_equal(load.sectors_erased, 2);
	assert_int_equal(load.sectors_unchanged, 3);
	expect_image(&rig);
	assert_int_equal(rig_load(&rig, 0, image, IMAGE, &load), ERR_OK);
	assert_int_equal(load.sectors_unchanged, 5);
	rig_stop(&rig);
}

static uint32_t word(struct rig *rig, uint32_t address)
{
	const char *answer = rig_control(rig, "word 0x%08x", address);
	return (uint32_t)strtoul(strstr(answer, "\"value\":") + 8, NULL, 10);
}

/* Without: the vectors are those of before, and it is up to us to keep the core halted. */
static void a_mixture_is_not_let_run(void **state)
{
	struct rig rig;
	struct target_load load;
	(void)state;
	start(&rig, &(struct target_options){0});
	cut_last_sector(&rig, 250);
	assert_memory_equal(held, image, 8);
	assert_int_equal(target_attach(rig.target), ERR_OK);
	assert_int_equal(target_halt(rig.target), ERR_OK);
	assert_int_equal(target_detach(rig.target), ERR_OK);
	assert_true(word(&rig, 0xE000EDF0) & 1u << 17); /* DHCSR.S_HALT */
	assert_int_equal(target_attach(rig.target), ERR_OK);
	assert_int_equal(rig_load(&rig, 0, image, IMAGE, &load), ERR_OK);
	assert_int_equal(load.sectors_unchanged, 4);
	expect_image(&rig);
	rig_stop(&rig);
}

/* ---- cancelled ---- */

static bool run_out(void *context)
{
	unsigned *left = context;
	return *left > 0 && --*left == 0;
}

/* A closed client or a signal: it ends within a moment, and the next load does what is missing. */
static void a_cancelled_load_is_resumed(void **state)
{
	struct rig rig;
	struct target_load load;
	unsigned left = 0;
	(void)state;
	start(&rig, &(struct target_options){.hooks = {.context = &left, .yield = run_out}});
	rig_fill(image, IMAGE, 5);
	left = 900;
	assert_int_equal(rig_load(&rig, 0, image, IMAGE, NULL), ERR_CANCELLED);
	assert_true(target_flash_incomplete(rig.target));
	assert_true(word(&rig, 0xE000EDF0) & 1u << 17);
	left = 0;
	assert_int_equal(rig_load(&rig, 0, image, IMAGE, &load), ERR_OK);
	assert_false(target_flash_incomplete(rig.target));
	assert_true(load.sectors_erased < 5);
	expect_image(&rig);
	rig_stop(&rig);
}

/* ---- SIGTERM while the flash is busy ---- */

struct hurry {
	struct rig *rig;
	uint64_t asked_ns;
	bool armed, now;
};

static bool end_now(void *context)
{
	struct hurry *hurry = context;
	if (hurry->now && !hurry->asked_ns)
		hurry->asked_ns = board_now_ns(hurry->rig->board);
	return hurry->now;
}

static void begin_hurry(void *context, const struct target_progress *progress)
{
	struct hurry *hurry = context;
	if (progress->phase == TARGET_WRITING && progress->done > progress->total / 3)
		hurry->now = hurry->armed;
}

/* An erase of a 64 KiB sector at x8 takes 1.2 s and cannot be stopped, but a reset ends it. */
static void an_erase_does_not_hold_up_the_end(void **state)
{
	struct rig rig;
	struct hurry hurry = {.rig = &rig, .armed = false};
	(void)state;
	start(&rig,
		&(struct target_options){.vdd_mv = 1900,
			.hooks = {.context = &hurry, .progress = begin_hurry, .yield = end_now}});
	hurry.armed = true;
	rig_fill(image, IMAGE, 6);
	assert_int_equal(rig_load(&rig, 0x10000, image, 0x4000, NULL), ERR_CANCELLED);
	assert_int_equal(target_detach(rig.target), ERR_OK);
	assert_in_range((board_now_ns(rig.board) - hurry.asked_ns) / 1000000, 0, 500);
	assert_true(word(&rig, 0xE000EDF0) & 1u << 17);
	rig_stop(&rig);
}

/* ---- --no-reset ---- */

static void without_a_reset_ram_stays(void **state)
{
	struct rig rig;
	uint32_t pc, pc_after;
	(void)state;
	start(&rig, &(struct target_options){.no_reset = true});
	assert_int_equal(target_write_memory(rig.target, 0x20000000, image, 0x1000), ERR_OK);
	rig_peek(&rig, 0x20000000, before, sizeof(before));
	assert_int_equal(target_read_register(rig.target, TARGET_PC, &pc), ERR_OK);
	uint64_t resets = rig_book(&rig, "resets");
	rig_fill(image, 20 * KIB, 9);
	assert_int_equal(rig_load(&rig, 0, image, IMAGE, NULL), ERR_OK);
	expect_image(&rig);
	rig_peek(&rig, 0x20000000, after, sizeof(after));
	assert_memory_equal(before, after, sizeof(before));
	assert_int_equal(rig_book(&rig, "resets"), resets);
	assert_int_equal(target_read_register(rig.target, TARGET_PC, &pc_after), ERR_OK);
	assert_int_equal(pc, pc_after);
	rig_stop(&rig);
}

static bool is_halted(struct rig *rig)
{
	const char *value = strstr(rig_control(rig, "word 0xE000EDF0"), "\"value\":");
	assert_non_null(value);
	return strtoul(value + strlen("\"value\":"), NULL, 10) >> 17 & 1;
}

/* What the core would go on with is gone; unless it is sent somewhere else, or on, or reset. */
static void without_a_reset_old_code_is_not_gone_on_with(void **state)
{
	static const struct {
		bool resets, moves, moves_soon, resumes, is_halted;
	} rows[] = {
		{.is_halted = true},
		{.resets = true},
		{.moves = true},
		{.moves_soon = true},
		{.resumes = true},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct rig rig;
		start(&rig, &(struct target_options){.no_reset = true});
		if (rows[i].resets)
			assert_int_equal(target_reset(rig.target, true), ERR_OK);
		if (rows[i].moves)
			assert_int_equal(
				target_write_register(rig.target, TARGET_PC, 0x20000000), ERR_OK);
		if (rows[i].moves_soon)
			assert_int_equal(
				target_write_register_soon(rig.target, TARGET_PC, 0x20000000),
				ERR_OK);
		if (rows[i].resumes)
			assert_int_equal(target_resume(rig.target), ERR_OK);
		assert_int_equal(target_detach(rig.target), ERR_OK);
		assert_int_equal(is_halted(&rig), rows[i].is_halted);
		rig_stop(&rig);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_load_into_a_kept_range_is_refused),
		cmocka_unit_test(without_a_loader_it_is_written_as_well),
		cmocka_unit_test(without_a_reset_old_code_is_not_gone_on_with),
		cmocka_unit_test(what_was_written_into_ram_is_there_after_a_load),
		cmocka_unit_test(interlock_leaves_no_vectors),
		cmocka_unit_test(a_mixture_is_not_let_run),
		cmocka_unit_test(a_cancelled_load_is_resumed),
		cmocka_unit_test(an_erase_does_not_hold_up_the_end),
		cmocka_unit_test(without_a_reset_ram_stays),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
