/* The plan of a load: see flash_plan.h. Pure; worker thread. */
#include "flash_plan.h"

#include "probe/bytes.h"
#include "probe/log.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define GAP_MAX 256u /* bytes: streaming them costs less than starting a new run */

/* ---- fates ---- */

static enum err refuse(const struct flash_record *record, const struct survey_row *row)
{
	log_error("0x%08X and the %u bytes from there hold something else and need an erase that "
		  "nobody asked for; nothing was changed",
		record->device->flash_start + row->first, row->end - row->first);
	return ERR_FLASH_PROGRAM;
}

static enum flash_fate fate_of(const struct flash_record *record, const struct survey_row *row)
{
	switch (row->verdict) {
	case SURVEY_EQUAL:
		return FLASH_UNCHANGED;
	case SURVEY_BLANK:
	case SURVEY_COMPATIBLE:
		return FLASH_FILLED;
	default:
		return record->erase[row->sector] ? FLASH_ERASED : FLASH_UNTOUCHED;
	}
}

/* The row is one word: what it holds is what the AND over its words gave. */
static void complete(struct flash_record *record, const struct survey_row *row)
{
	uint8_t held[4];
	put_le32(held, row->all);
	flash_record_fill(record, row->first, held, sizeof(held), false);
}

enum err flash_plan_decide(
	struct flash_plan *plan, struct flash_record *record, const struct flash_survey *survey)
{
	memset(plan, 0, sizeof(*plan));
	plan->head = FLASH_NOWHERE;
	for (size_t i = 0; i < survey->count; i++) {
		const struct survey_row *row = &survey->rows[i];
		enum flash_fate fate = fate_of(record, row);
		if (fate == FLASH_UNTOUCHED)
			return refuse(record, row);
		if (fate > plan->fates[row->sector])
			plan->fates[row->sector] = fate;
	}
	for (size_t i = 0; i < survey->count; i++)
		if (survey->rows[i].is_partial &&
			plan->fates[survey->rows[i].sector] != FLASH_ERASED)
			complete(record, &survey->rows[i]);
	return ERR_OK;
}

size_t flash_plan_count(const struct flash_plan *plan, enum flash_fate fate)
{
	size_t count = 0;
	for (size_t i = 0; i < DEVICE_SECTORS_MAX; i++)
		count += plan->fates[i] == fate;
	return count;
}

/* ---- operations ---- */

static bool add(struct flash_plan *plan, struct flash_operation operation)
{
	if (plan->count == plan->capacity) {
		size_t capacity = plan->capacity ? plan->capacity * 2 : 64;
		struct flash_operation *operations =
			realloc(plan->operations, capacity * sizeof(*operations));
		if (!operations)
			return false;
		plan->operations = operations;
		plan->capacity = capacity;
	}
	assert(plan->operations);
	plan->operations[plan->count++] = operation;
	return true;
}

void flash_plan_finish(struct flash_plan *plan)
{
	free(plan->operations);
	plan->operations = NULL;
	plan->count = plan->capacity = 0;
}

/* Runs that meet, across sectors too, are one. */
static bool add_run(struct flash_plan *plan, uint32_t offset, uint32_t size)
{
	plan->program_bytes += size;
	struct flash_operation *last = plan->count ? &plan->operations[plan->count - 1] : NULL;
	if (last && last->kind == FLASH_PROGRAM && last->offset + last->size == offset) {
		last->size += size;
		return true;
	}
	return add(plan, (struct flash_operation){FLASH_PROGRAM, NULL, offset, size});
}

/* All but the head, which has an operation of its own. */
static bool add_program(struct flash_plan *plan, uint32_t offset, uint32_t end)
{
	uint32_t head_end = plan->head + FLASH_HEAD_SIZE;
	if (offset <= plan->head && plan->head < end) {
		if (offset < plan->head && !add_run(plan, offset, plan->head - offset))
			return false;
		offset = head_end;
	}
	return offset >= end || add_run(plan, offset, end - offset);
}

static bool fill_sector(struct flash_plan *plan, const struct flash_survey *survey, size_t sector)
{
	for (size_t i = 0; i < survey->count; i++) {
		const struct survey_row *row = &survey->rows[i];
		if (row->sector == sector && row->verdict != SURVEY_EQUAL &&
			!add_program(plan, row->first, row->end))
			return false;
	}
	return true;
}

/* Gaps are FF, which an erased sector holds already. */
static bool write_sector(struct flash_plan *plan, const struct flash_record *record,
	const struct flash_sector *sector)
{
	uint32_t first = sector->start - record->device->flash_start;
	uint32_t end = first + sector->size;
	uint32_t start = end, last = end;
	for (uint32_t at = first; at < end; at += 4) {
		if (!flash_record_has_word(record, at))
			continue;
		if (start != end && at - last > GAP_MAX) {
			if (!add_program(plan, start, last))
				return false;
			start = end;
		}
		if (start == end)
			start = at;
		last = at + 4;
	}
	return start == end || add_program(plan, start, last);
}

static bool arrange_sector(struct flash_plan *plan, const struct flash_record *record,
	const struct flash_survey *survey, size_t i, bool erase_all)
{
	const struct flash_sector *sector = &record->device->sectors[i];
	if (plan->fates[i] == FLASH_FILLED)
		return fill_sector(plan, survey, i);
	if (plan->fates[i] != FLASH_ERASED)
		return true;
	plan->erase_bytes += sector->size;
	if (!erase_all && !add(plan, (struct flash_operation){FLASH_ERASE_SECTOR, sector, 0, 0}))
		return false;
	return write_sector(plan, record, sector);
}

static bool is_unchanged(const struct flash_survey *survey, uint32_t offset)
{
	for (size_t i = 0; i < survey->count; i++)
		if (offset - survey->rows[i].first < survey->rows[i].end - survey->rows[i].first)
			return survey->rows[i].verdict == SURVEY_EQUAL;
	return false;
}

/* The first words of the load, if they are whole and will be written. */
static uint32_t find_head(const struct flash_plan *plan, const struct flash_record *record,
	const struct flash_survey *survey)
{
	const struct device *device = record->device;
	uint32_t offset = 0;
	while (offset < device->flash_size && !flash_record_has_word(record, offset))
		offset += 4;
	if (offset + FLASH_HEAD_SIZE > device->flash_size ||
		!flash_record_has_whole_word(record, offset) ||
		!flash_record_has_whole_word(record, offset + 4))
		return FLASH_NOWHERE;
	size_t sector =
		(size_t)(device_sector_at(device, device->flash_start + offset) - device->sectors);
	if (plan->fates[sector] == FLASH_ERASED)
		return offset;
	return is_unchanged(survey, offset) ? FLASH_NOWHERE : offset;
}

enum err flash_plan_arrange(struct flash_plan *plan, const struct flash_record *record,
	const struct flash_survey *survey, bool erase_all)
{
	plan->head = find_head(plan, record, survey);
	if (erase_all && !add(plan, (struct flash_operation){.kind = FLASH_ERASE_ALL}))
		return ERR_NO_MEMORY;
	for (size_t i = 0; i < record->device->sector_count; i++)
		if (!arrange_sector(plan, record, survey, i, erase_all))
			return ERR_NO_MEMORY;
	if (plan->head != FLASH_NOWHERE && !add_run(plan, plan->head, FLASH_HEAD_SIZE))
		return ERR_NO_MEMORY;
	return ERR_OK;
}
