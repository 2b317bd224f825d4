/*
 * What the chip holds where a load writes, found out without reading it back: the RAM loader sums
 * up ranges of the flash, by CRC and by a second, independent sum. "Equal" is believed only when
 * both agree. Without a loader the same rows are filled by reading.
 *
 * Called by flash.c on the worker thread: once before anything is destroyed, once to verify.
 */
#ifndef TARGETS_FLASH_SURVEY_H
#define TARGETS_FLASH_SURVEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bus.h"
#include "flash_record.h"

struct flash_loader;

#define FLASH_NOWHERE 0xFFFFFFF0u /* no offset into any flash */

/* What a load does to a sector. */
enum flash_fate {
	FLASH_UNTOUCHED, /* not in the load */
	FLASH_UNCHANGED, /* what is to be written is there already */
	FLASH_FILLED,    /* written without an erase */
	FLASH_ERASED,    /* erased, and written where there is something to write */
};

enum survey_verdict {
	SURVEY_EQUAL,      /* what is to be written is there */
	SURVEY_BLANK,      /* all FF, and something else is to be written */
	SURVEY_COMPATIBLE, /* only ones have to become zeros */
	SURVEY_DIFFERENT,  /* needs an erase */
};

/* One range of whole words inside one sector; offsets into the flash. */
struct survey_row {
	uint32_t first, end;
	size_t sector;          /* index into device->sectors */
	bool is_partial;        /* one word, of which only some bytes are to be written */
	bool is_blank;          /* nothing is to be written: wanted blank */
	uint32_t crc, sum, all; /* found on the chip: loader/layout.h */
	enum survey_verdict verdict;
};

struct flash_survey {
	const struct flash_record *record;
	struct survey_row *rows; /* ascending */
	size_t count, capacity;
};

/* What is there before the load: a sixteenth of a sector at a time, and the sectors that are to be
 * erased only. `loader` NULL: by reading. A failure latches in `bus`. Free with flash_survey_finish
 * in every case. */
void flash_survey_before(struct flash_survey *survey, const struct flash_record *record,
	struct flash_loader *loader, struct bus *bus);

/* What is there after it: all that was written, and the rest of sectors that were erased, by their
 * `fates` (by index). The words in [except, except + 8) are left out: they are not written yet. */
void flash_survey_after(struct flash_survey *survey, const struct flash_record *record,
	struct flash_loader *loader, struct bus *bus, const enum flash_fate *fates,
	uint32_t except);

void flash_survey_finish(struct flash_survey *survey);

#endif
