/*
 * The plan of a load: which sectors to erase, which runs of words to write.
 *
 * Made from the record before anything is destroyed. Today every sector that was asked to be erased
 * is erased; what is equal on the chip is skipped by the loader word by word. Pure; worker thread.
 */
#ifndef TARGETS_FLASH_PLAN_H
#define TARGETS_FLASH_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flash_record.h"

/* Whole words, offsets into the flash. Words of a run that nobody wrote hold what is there. */
struct flash_run {
	uint32_t offset, size;
};

struct flash_plan {
	const struct flash_sector *sectors[DEVICE_SECTORS_MAX]; /* touched, ascending */
	bool erase[DEVICE_SECTORS_MAX];
	size_t sector_count;
	size_t erase_count;
	size_t erase_bytes;
	size_t write_bytes; /* that were sent to be written */
};

void flash_plan_make(struct flash_plan *plan, const struct flash_record *record);

/* The next run in sector `sector` at or behind offset `from` (an offset into the flash); false when
 * there is none. Gaps shorter than a command costs are part of a run. */
bool flash_plan_next_run(const struct flash_record *record, const struct flash_sector *sector,
	uint32_t from, struct flash_run *run);

#endif
