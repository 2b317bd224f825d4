/* What a load must not do: see flash_guard.h. Pure; worker thread. */
#include "flash_guard.h"

#include "probe/log.h"

/* ---- the first words ---- */

/* The sector that holds the first words of the load; NULL when it writes nothing. */
static const struct flash_sector *first_sector(const struct flash_record *record)
{
	for (size_t i = 0; i < record->device->sector_count; i++)
		if (flash_record_writes(record, &record->device->sectors[i]))
			return &record->device->sectors[i];
	return NULL;
}

static size_t index_of(const struct flash_record *record, const struct flash_sector *sector)
{
	return (size_t)(sector - record->device->sectors);
}

bool flash_guard_is_mixable(const struct flash_plan *plan, const struct flash_record *record)
{
	const struct flash_sector *first = first_sector(record);
	bool changes = flash_plan_count(plan, FLASH_ERASED) + flash_plan_count(plan, FLASH_FILLED);
	return first && changes && plan->fates[index_of(record, first)] == FLASH_UNCHANGED;
}

void flash_guard_interlock(struct flash_plan *plan, const struct flash_record *record)
{
	if (!flash_guard_is_mixable(plan, record))
		return;
	size_t first = index_of(record, first_sector(record));
	if (record->erase[first])
		plan->fates[first] = FLASH_ERASED;
	else
		log_warn("--interlock: the sector of the vectors is not among those that the load "
			 "may erase; broken off, it leaves a mixture that can start");
}

/* ---- kept ranges ---- */

static bool overlaps(const struct target_range *range, uint32_t start, uint32_t size)
{
	return range->start - start < size || start - range->start < range->size;
}

static enum err refuse(const struct target_range *kept, const char *what, uint32_t start)
{
	log_error("the load would %s 0x%08X, in the kept range 0x%08X to 0x%08X (--keep): nothing "
		  "was changed",
		what, start, kept->start, kept->start + (kept->size - 1));
	return ERR_FLASH_PROTECTED;
}

static enum err check_erases(const struct flash_plan *plan, const struct flash_record *record,
	const struct target_range *kept)
{
	for (size_t i = 0; i < record->device->sector_count; i++) {
		const struct flash_sector *sector = &record->device->sectors[i];
		if (plan->fates[i] == FLASH_ERASED && overlaps(kept, sector->start, sector->size))
			return refuse(kept, "erase the sector at", sector->start);
	}
	return ERR_OK;
}

static enum err check_writes(const struct flash_survey *survey, const struct target_range *kept)
{
	for (size_t i = 0; i < survey->count; i++) {
		const struct survey_row *row = &survey->rows[i];
		uint32_t start = survey->record->device->flash_start + row->first;
		if (row->verdict != SURVEY_EQUAL && overlaps(kept, start, row->end - row->first))
			return refuse(kept, "write to", start);
	}
	return ERR_OK;
}

enum err flash_guard_check(const struct flash_plan *plan, const struct flash_record *record,
	const struct flash_survey *survey, const struct target_range *kept, size_t count)
{
	enum err err = ERR_OK;
	for (size_t i = 0; i < count && !err; i++) {
		err = check_erases(plan, record, &kept[i]);
		if (!err)
			err = check_writes(survey, &kept[i]);
	}
	return err;
}
