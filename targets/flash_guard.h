/*
 * What a load must not do, asked after it was planned and before anything is destroyed: touch a
 * range that the user wants kept (--keep), or leave vectors that start a mixture of two images
 * (--interlock). Called by flash.c. Pure; worker thread.
 */
#ifndef TARGETS_FLASH_GUARD_H
#define TARGETS_FLASH_GUARD_H

#include "flash_plan.h"
#include "flash_record.h"
#include "flash_survey.h"

/* Whether the load's first words (stack pointer and reset vector) stay as they are while others
 * change: broken off, it leaves a chip that can start a mixture. */
bool flash_guard_is_mixable(const struct flash_plan *plan, const struct flash_record *record);

/* Makes such a load erase the sector of its first words too, which come back last of all. Before
 * flash_plan_arrange(). */
void flash_guard_interlock(struct flash_plan *plan, const struct flash_record *record);

/* Errors: ERR_FLASH_PROTECTED (logged) when the plan erases or writes in a range of `kept`. */
enum err flash_guard_check(const struct flash_plan *plan, const struct flash_record *record,
	const struct flash_survey *survey, const struct target_range *kept, size_t count) MUST_USE;

#endif
