/* What the files of a running load share: flash.c (checks, order), flash_schedule.c (erase and
 * write), flash_verify.c. Private to them; lives on the stack of flash_run(). */
#ifndef TARGETS_FLASH_JOB_H
#define TARGETS_FLASH_JOB_H

#include "flash.h"
#include "flash_loader.h"
#include "flash_plan.h"

struct flash_job {
	struct core *core;
	const struct device *device;
	const struct family *family;
	const struct flash_settings *settings;
	struct trouble *trouble; /* the account of it: flash_account.c */
	uint64_t voltage_due_us; /* when to measure it again */
	struct flash_record *record;
	struct bus bus; /* can be cancelled */
	enum flash_width width;
	struct flash_loader loader;
	bool direct;        /* without a RAM loader */
	bool remarked_slow; /* once is enough */
	struct watchdog_kept watchdog;
	struct flash_plan plan;

	bool verified;             /* all but the head, which needs no progress of its own */
	size_t erased, programmed; /* bytes of the plan that are done */
	uint64_t expected_us;      /* to erase and write all of it */
	uint64_t passed_us;        /* of that, for the operations that are done */

	/* the stream: what goes into the loader's ring next */
	size_t stream_limit;       /* not this operation of the plan, nor a later one */
	size_t stream_operation;   /* index into the plan */
	size_t stream_done;        /* bytes of that operation */
	uint32_t stream_us_per_kb; /* as measured */
};

static inline const uint8_t *flash_job_data(const struct flash_job *job, uint32_t offset)
{
	return job->record->data + offset;
}

static inline uint32_t flash_job_address(const struct flash_job *job, uint32_t offset)
{
	return job->device->flash_start + offset;
}

/* NULL where the flash is written without one. */
static inline struct flash_loader *flash_job_loader(struct flash_job *job)
{
	return job->direct ? NULL : &job->loader;
}

/* Tells the user; times are expected ones. */
void flash_job_progress(
	struct flash_job *job, enum target_phase phase, uint64_t done_us, uint64_t total_us);

/* How long one operation is expected to take, by the data sheet. */
uint64_t flash_schedule_expected_us(
	const struct flash_job *job, const struct flash_operation *operation);

/* How long an erase of `erase_us` and all the writing after it would take, when at most
 * `hidden_bytes` can be sent while it lasts. Rough, and enough to compare. */
uint64_t flash_schedule_predict_us(
	const struct flash_job *job, uint64_t erase_us, size_t hidden_bytes);

/* Carries out operations [from, to) of the plan: erase driven from here with the core halted, while
 * the next data streams into RAM; the loader programs while the stream goes on. A failure is logged
 * and latches in job->bus. */
void flash_schedule_run(struct flash_job *job, size_t from, size_t to);

#endif
