/* Whether the flash holds what the load wrote: by sums, and word by word where those disagree. See
 * flash_verify.h. Worker thread. */
#include "flash_verify.h"

#include <string.h>

#include "flash_account.h"
#include "flash_survey.h"
#include "probe/bytes.h"
#include "probe/log.h"

#define LOOK_BYTES 1024u /* at once, for a word that is not as it should be */

static void report_mismatch(
	struct flash_job *job, const struct survey_row *row, uint32_t at, const uint8_t *held)
{
	static const uint8_t blank[4] = {0xFF, 0xFF, 0xFF, 0xFF};
	const uint8_t *wanted = row->is_blank ? blank : flash_job_data(job, at);
	unsigned i = 0;
	while (i < 3 && held[i] == wanted[i])
		i++;
	bool stuck_at_one = held[i] & (uint8_t)~wanted[i];
	job->trouble->has_mismatch = true;
	job->trouble->wanted_blank = row->is_blank;
	job->trouble->address = flash_job_address(job, at);
	job->trouble->wanted = get_le32(wanted);
	job->trouble->found = get_le32(held);
	log_debug("verification failed at 0x%08X: wanted %02X, found %02X: %s",
		flash_job_address(job, at) + i, wanted[i], held[i],
		stuck_at_one ? "a bit was not programmed; check the supply, then load again"
			     : "the cell was not erased; load again, at --vdd 2.0 if it persists");
	bus_fail(&job->bus, ERR_FLASH_VERIFY);
}

static bool is_as_wanted(
	struct flash_job *job, const struct survey_row *row, uint32_t at, const uint8_t held[4])
{
	return row->is_blank ? get_le32(held) == 0xFFFFFFFF
			     : memcmp(held, flash_job_data(job, at), 4) == 0;
}

/* A row's sums disagree: which word is it? */
static void find_mismatch(struct flash_job *job, const struct survey_row *row)
{
	uint8_t held[LOOK_BYTES];
	for (uint32_t at = row->first; at < row->end && !job->bus.err; at += LOOK_BYTES) {
		uint32_t size = row->end - at < LOOK_BYTES ? row->end - at : LOOK_BYTES;
		bus_read_block(&job->bus, flash_job_address(job, at), held, size);
		for (uint32_t i = 0; i < size && !job->bus.err; i += 4)
			if (!is_as_wanted(job, row, at + i, held + i))
				report_mismatch(job, row, at + i, held + i);
	}
	if (!job->bus.err && !job->direct)
		flash_loader_check_code(&job->loader);
	if (job->bus.err)
		return;
	log_error("verification of 0x%08X to 0x%08X failed by its sums, but the words read back "
		  "right: "
		  "the link or the supply is not stable; load again at a lower --speed",
		flash_job_address(job, row->first), flash_job_address(job, row->end));
	bus_fail(&job->bus, ERR_FLASH_VERIFY);
}

/* The first is looked into; the others are known not to hold what they should. */
static void doubt(struct flash_job *job, const struct survey_row *row)
{
	if (!job->bus.err)
		find_mismatch(job, row);
	if (job->trouble->has_mismatch)
		flash_account_wrong(job, row->first, row->end);
}

void flash_verify(struct flash_job *job)
{
	struct flash_survey survey;
	flash_job_progress(job, TARGET_VERIFYING, 0, 1);
	flash_survey_after(&survey, job->record, flash_job_loader(job), &job->bus, job->plan.fates,
		job->plan.head);
	for (size_t i = 0; i < survey.count; i++)
		if (survey.rows[i].verdict != SURVEY_EQUAL)
			doubt(job, &survey.rows[i]);
	flash_survey_finish(&survey);
	flash_job_progress(job, TARGET_VERIFYING, 1, 1);
	job->verified = true;
}

void flash_verify_head(struct flash_job *job)
{
	struct survey_row row = {.first = job->plan.head, .end = job->plan.head + FLASH_HEAD_SIZE};
	uint8_t held[FLASH_HEAD_SIZE];
	bus_read_block(&job->bus, flash_job_address(job, row.first), held, sizeof(held));
	if (!job->bus.err && memcmp(held, flash_job_data(job, row.first), sizeof(held)) != 0)
		find_mismatch(job, &row);
}
