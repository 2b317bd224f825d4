/* The plan of a load: see flash_plan.h. Pure; worker thread. */
#include "flash_plan.h"

#include <string.h>

#define GAP_MAX 256u /* bytes: streaming them costs less than starting a new run */

static size_t count_written(const struct flash_record *record, const struct flash_sector *sector)
{
	uint32_t first = sector->start - record->device->flash_start;
	size_t count = 0;
	for (uint32_t i = 0; record->written && i < sector->size; i++)
		count += flash_record_has_byte(record, first + i);
	return count;
}

void flash_plan_make(struct flash_plan *plan, const struct flash_record *record)
{
	memset(plan, 0, sizeof(*plan));
	for (size_t i = 0; i < record->device->sector_count; i++) {
		const struct flash_sector *sector = &record->device->sectors[i];
		size_t written = count_written(record, sector);
		if (!written && !record->erase[i])
			continue;
		plan->sectors[plan->sector_count] = sector;
		plan->erase[plan->sector_count++] = record->erase[i];
		plan->erase_count += record->erase[i];
		plan->erase_bytes += record->erase[i] ? sector->size : 0;
		plan->write_bytes += written;
	}
}

static uint32_t skip_unwritten(const struct flash_record *record, uint32_t from, uint32_t end)
{
	while (from < end && !flash_record_has_word(record, from))
		from += 4;
	return from;
}

bool flash_plan_next_run(const struct flash_record *record, const struct flash_sector *sector,
	uint32_t from, struct flash_run *run)
{
	uint32_t first = sector->start - record->device->flash_start;
	uint32_t end = first + sector->size;
	run->offset = skip_unwritten(record, from > first ? from : first, end);
	if (run->offset == end)
		return false;

	uint32_t last = run->offset;
	for (uint32_t at = last; at < end && at - last <= GAP_MAX; at += 4)
		if (flash_record_has_word(record, at))
			last = at;
	run->size = last + 4 - run->offset;
	return true;
}
