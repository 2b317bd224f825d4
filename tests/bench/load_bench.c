/*
 * How long loads take in modelled time, and one of them in detail; run by bench.py, which makes the
 * README's table and picture of it.
 *
 *     load_bench              a line a load: chip, case, probe, modelled and least possible time
 *     load_bench trace        the books of the board after each command of the first load:
 *                             time, USB, firmware, SWD, erasing, programming; bytes sent
 *
 * Times are microseconds, fields are separated by tabs. What is counted of an erase comes when it
 * is over.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probe/log.h"
#include "tests/flash/rig.h"

#define IMAGE_SIZE ((size_t)78403) /* of the flight controller's official HEX */
#define KIB        ((size_t)1024)
#define WORD_US    16u /* to program a word, typical: DS9716 */

static uint8_t image[2048 * KIB];

/* What the architecture's time model gives for every byte and word, without any command. */
struct link {
	const char *probe;
	unsigned usb_byte_ns, swd_word_ns;
};

static const struct link links[] = {
	{"v21", 1000, 46 * 1000000 / 2360},
	{"v3", 50, 6300},
};

/* `erase_ms`: of the best plan, typical. `written`: what that plan has to program. */
struct load_case {
	const char *chip, *name;
	void (*prepare)(struct rig *rig, size_t size);
	size_t size, written;
	unsigned erase_ms;
};

static void load(struct rig *rig, size_t size)
{
	if (rig_load(rig, 0, image, size, NULL))
		fail_msg("the load failed");
}

static void leave_blank(struct rig *rig, size_t size)
{
	(void)rig;
	rig_fill(image, size, 1);
}

static void load_before(struct rig *rig, size_t size)
{
	rig_fill(image, size, 1);
	load(rig, size);
}

static void change_last_sector(struct rig *rig, size_t size)
{
	load_before(rig, size);
	image[size - 100] ^= 0x5A;
}

/* All of every sector that the image touches. */
static void make_dirty(struct rig *rig, size_t size)
{
	size_t whole = size == IMAGE_SIZE ? 128 * KIB : size;
	rig_fill(image, whole, 99);
	load(rig, whole);
	rig_fill(image, size, 1);
}

#define LAST_SECTOR (IMAGE_SIZE - 64 * KIB)

static const struct load_case cases[] = {
	{"stm32f401cc", "all 5 sectors dirty", make_dirty, IMAGE_SIZE, IMAGE_SIZE, 1550},
	{"stm32f401cc", "blank chip", leave_blank, IMAGE_SIZE, IMAGE_SIZE, 0},
	{"stm32f401cc", "last sector changed", change_last_sector, IMAGE_SIZE, LAST_SECTOR, 550},
	{"stm32f401cc", "nothing changed", load_before, IMAGE_SIZE, 0, 0},
	{"stm32f401cc", "all 256 KiB dirty", make_dirty, 256 * KIB, 256 * KIB, 2000},
	{"stm32f405rg", "all 1 MiB dirty", make_dirty, 1024 * KIB, 1024 * KIB, 8000},
	{"stm32f429zi", "all 2 MiB dirty", make_dirty, 2048 * KIB, 2048 * KIB, 8000},
};

/* Erase and program, or the wire where that takes longer. */
static uint64_t bound_us(const struct load_case *now, const struct link *link)
{
	uint64_t words = (now->written + 3) / 4;
	uint64_t flash_us = 1000ull * now->erase_ms + words * WORD_US;
	uint64_t wire_us = (words * link->swd_word_ns + now->written * link->usb_byte_ns) / 1000;
	return flash_us > wire_us ? flash_us : wire_us;
}

static void begin(struct rig *rig, const struct load_case *now, const char *probe)
{
	rig_start(rig, &(struct rig_options){.board = {.probe = probe, .chip = now->chip}});
	now->prepare(rig, now->size);
}

static void measure(const struct load_case *now, const struct link *link)
{
	struct rig rig;
	struct target_load done;
	begin(&rig, now, link->probe);
	if (rig_load(&rig, 0, image, now->size, &done))
		fail_msg("%s: the load failed", now->name);
	printf("%s\t%s\t%s\t%" PRIu64 "\t%" PRIu64 "\n", now->chip, now->name, link->probe,
		done.duration_us, bound_us(now, link));
	rig_stop(&rig);
}

/* ---- in detail ---- */

static void print_books(void *context)
{
	static const char *const times[] = {
		"time_ns", "usb_ns", "firmware_ns", "swd_ns", "erase_ns", "program_ns"};
	struct rig *rig = context;
	for (size_t i = 0; i < COUNT_OF(times); i++)
		printf("%" PRIu64 "\t", rig_book(rig, times[i]) / 1000);
	printf("%" PRIu64 "\n", rig_book(rig, "usb_out_bytes"));
}

static void trace(const struct load_case *now, const struct link *link)
{
	struct rig rig;
	begin(&rig, now, link->probe);
	print_books(&rig);
	rig_watch(&rig, print_books, &rig);
	load(&rig, now->size);
	rig_watch(&rig, NULL, NULL);
	rig_stop(&rig);
}

int main(int argc, char **argv)
{
	log_set_level(LOG_ERROR);
	if (argc == 2 && strcmp(argv[1], "trace") == 0) {
		trace(&cases[0], &links[0]);
		return 0;
	}
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		for (size_t k = 0; k < COUNT_OF(links); k++)
			measure(&cases[i], &links[k]);
	return 0;
}
