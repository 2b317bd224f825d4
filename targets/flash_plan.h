/*
 * The plan of a load: what is done, and in which order, so that as little as possible is erased and
 * written.
 *
 * Made from the record and from what a survey found on the chip, before anything is destroyed:
 *   - a sector that holds all that is to be written is left alone;
 *   - one where blank places are filled or only ones become zeros is written without an erase, and
 *     only where it differs;
 *   - the rest is erased and written;
 *   - all of the flash at once, where every sector must be erased and that is predicted to be
 * faster;
 *   - the first eight bytes of the image (stack pointer, reset vector) come last of all, so that a
 *     load that is interrupted leaves a chip that does not start.
 *
 * Pure; worker thread.
 */
#ifndef TARGETS_FLASH_PLAN_H
#define TARGETS_FLASH_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "family.h"
#include "flash_record.h"
#include "flash_survey.h"

#define FLASH_HEAD_SIZE 8u

enum flash_operation_kind { FLASH_ERASE_SECTOR, FLASH_ERASE_ALL, FLASH_PROGRAM };

struct flash_operation {
	enum flash_operation_kind kind;
	const struct flash_sector *sector; /* of FLASH_ERASE_SECTOR */
	uint32_t offset, size; /* of FLASH_PROGRAM: whole words, offset into the flash */
};

struct flash_plan {
	enum flash_fate fates[DEVICE_SECTORS_MAX]; /* by index into device->sectors */
	struct flash_operation *operations;
	size_t count, capacity;
	uint32_t head; /* offset of the bytes that the last operation programs, or FLASH_NOWHERE */
	size_t erase_bytes, program_bytes;
};

/* Decides the fate of every sector. In sectors that are not erased, words that are written only in
 * part are completed in the record from what the chip holds. Errors: ERR_FLASH_PROGRAM (a write
 * that needs an erase nobody asked for; logged). */
enum err flash_plan_decide(struct flash_plan *plan, struct flash_record *record,
	const struct flash_survey *survey) MUST_USE;

/* Lists the operations in their order. Errors: ERR_NO_MEMORY. Free with flash_plan_finish in every
 * case. */
enum err flash_plan_arrange(struct flash_plan *plan, const struct flash_record *record,
	const struct flash_survey *survey, bool erase_all) MUST_USE;

void flash_plan_finish(struct flash_plan *plan);

/* How many sectors have this fate. */
size_t flash_plan_count(const struct flash_plan *plan, enum flash_fate fate);

#endif
