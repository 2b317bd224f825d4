/*
 * The end of a load: does the flash hold what it should? Called by flash.c when all operations are
 * done, and again for the first words, which come last. Worker thread; blocks for USB.
 */
#ifndef TARGETS_FLASH_VERIFY_H
#define TARGETS_FLASH_VERIFY_H

#include "flash_job.h"

/* All that was erased or written but the head. The first word that differs is named in the job's
 * trouble and latches ERR_FLASH_VERIFY in job->bus; sectors that differ are marked in the account.
 */
void flash_verify(struct flash_job *job);

/* The head, once it is written; the plan has one. Errors as above. */
void flash_verify_head(struct flash_job *job);

#endif
