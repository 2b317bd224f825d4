/* The account of a load: see flash_account.h. Worker thread. */
#include "flash_account.h"

#define VOLTAGE_EVERY_US 50000u

/* ---- voltage ---- */

void flash_account_voltage(struct flash_job *job)
{
	struct trouble *trouble = job->trouble;
	uint64_t now = probe_now_us(job->core->probe);
	unsigned mv;
	if (now < job->voltage_due_us)
		return;
	job->voltage_due_us = now + VOLTAGE_EVERY_US;
	/* A probe that cannot tell, or fails, is no reason to stop: the next access will say. */
	enum err err = probe_read_voltage(job->core->probe, &mv);
	if (err || !mv)
		return;
	if (!trouble->vdd_first_mv)
		trouble->vdd_first_mv = trouble->vdd_min_mv = mv;
	if (mv < trouble->vdd_min_mv)
		trouble->vdd_min_mv = mv;
}

/* ---- sectors ---- */

static bool overlaps(const struct flash_job *job, const struct flash_operation *operation, size_t i)
{
	const struct flash_sector *sector = &job->device->sectors[i];
	if (operation->kind == FLASH_ERASE_SECTOR)
		return operation->sector == sector;
	if (operation->kind == FLASH_ERASE_ALL)
		return true;
	uint32_t start = sector->start - job->device->flash_start;
	return operation->offset < start + sector->size &&
	       start < operation->offset + operation->size;
}

void flash_account_begin(struct flash_job *job)
{
	struct trouble *trouble = job->trouble;
	for (size_t i = 0; i < job->device->sector_count; i++) {
		const struct flash_sector *sector = &job->device->sectors[i];
		if (job->record->erase[i] || flash_record_writes(job->record, sector))
			trouble->sectors |= 1u << i;
	}
	flash_account_voltage(job);
}

void flash_account_plan(struct flash_job *job)
{
	struct trouble *trouble = job->trouble;
	bool knows_more = trouble->has_held; /* of an earlier try */
	trouble->has_held = true;
	trouble->head_missing = job->plan.head != FLASH_NOWHERE;
	for (size_t i = 0; i < job->device->sector_count; i++) {
		if (job->plan.fates[i] == FLASH_UNCHANGED)
			trouble->held[i] = HELD_NEW;
		else if (!knows_more)
			trouble->held[i] = HELD_OLD;
	}
	trouble->doing = DOING_UNLOCK;
}

static bool is_written_later(
	const struct flash_job *job, const struct flash_operation *operation, size_t sector)
{
	const struct flash_operation *end = job->plan.operations + job->plan.count;
	for (const struct flash_operation *each = operation + 1; each < end; each++)
		if (each->kind == FLASH_PROGRAM && overlaps(job, each, sector))
			return true;
	return false;
}

static void note_sector(struct flash_job *job, const struct flash_sector *sector)
{
	struct trouble *trouble = job->trouble;
	trouble->has_sector = sector;
	if (!sector)
		return;
	trouble->sector = sector->number;
	trouble->sector_kb = sector->size / 1024;
}

void flash_account_start(struct flash_job *job, const struct flash_operation *operation)
{
	struct trouble *trouble = job->trouble;
	bool erases = operation->kind != FLASH_PROGRAM;
	trouble->doing = erases ? DOING_ERASE : DOING_WRITE;
	trouble->took_ms = trouble->limit_ms = trouble->typical_ms = 0;
	note_sector(job, erases ? operation->sector
				: device_sector_at(job->device,
					  job->device->flash_start + operation->offset));
	for (size_t i = 0; i < job->device->sector_count; i++)
		if (overlaps(job, operation, i))
			trouble->held[i] = erases ? HELD_UNDEFINED : HELD_PARTLY;
}

void flash_account_wrong(struct flash_job *job, uint32_t first, uint32_t end)
{
	const struct flash_operation wrong = {
		.kind = FLASH_PROGRAM, .offset = first, .size = end - first};
	for (size_t i = 0; i < job->device->sector_count; i++)
		if (overlaps(job, &wrong, i))
			job->trouble->held[i] = HELD_WRONG;
}

void flash_account_done(struct flash_job *job, const struct flash_operation *operation)
{
	struct trouble *trouble = job->trouble;
	for (size_t i = 0; i < job->device->sector_count; i++) {
		if (!overlaps(job, operation, i))
			continue;
		if (operation->kind != FLASH_PROGRAM)
			trouble->held[i] = HELD_BLANK;
		else if (!is_written_later(job, operation, i))
			trouble->held[i] = HELD_NEW;
	}
	if (operation == job->plan.operations + job->plan.count - 1)
		trouble->head_missing = false;
	flash_account_voltage(job);
}
