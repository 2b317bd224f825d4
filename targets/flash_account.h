/*
 * The account of a load: what was under way, what each sector holds, and the lowest voltage seen,
 * for the day when it fails. Written by flash.c and flash_schedule.c into the examiner's evidence.
 * Worker thread.
 */
#ifndef TARGETS_FLASH_ACCOUNT_H
#define TARGETS_FLASH_ACCOUNT_H

#include "flash_job.h"

/* The load begins: which sectors it touches. */
void flash_account_begin(struct flash_job *job);

/* The plan stands and is about to be carried out. */
void flash_account_plan(struct flash_job *job);

/* An operation begins; it is done. */
void flash_account_start(struct flash_job *job, const struct flash_operation *operation);
void flash_account_done(struct flash_job *job, const struct flash_operation *operation);

/* Verification found something else between these offsets. */
void flash_account_wrong(struct flash_job *job, uint32_t first, uint32_t end);

/* Measures the target's voltage, at most every 50 ms, so it may be called in any loop. */
void flash_account_voltage(struct flash_job *job);

#endif
