/*
 * The examiner: keeps the evidence of a session, and turns a failure into a report.
 *
 * One to a target, used by target.c and the flash code on the worker thread. Blocks for USB: a
 * snapshot, and at most a second of watching a chip that resets again and again.
 */
#ifndef TARGETS_EXAMINER_H
#define TARGETS_EXAMINER_H

#include <stdbool.h>

#include "core.h"
#include "diagnosis.h"
#include "evidence.h"

struct examiner {
	struct core *core;
	const struct target_hooks *hooks;
	struct evidence evidence;
	bool has_failure;
	struct target_report failure; /* of the last that failed */
};

void examiner_init(struct examiner *examiner, struct core *core, const struct device *device,
	const struct target_hooks *hooks);

/* A new job begins: what was noted of the last one is forgotten. */
void examiner_begin(struct examiner *examiner, enum doing doing);

/* The job failed with `err`: looks at the target, logs the report at once and keeps it. Call it
 * before any clean-up takes the evidence away. NULL: no known cause fits. */
const struct cause *examiner_fail(struct examiner *examiner, enum err err);

/* The job went well: an older failure is no news any more. */
void examiner_succeed(struct examiner *examiner);

/* Before a load destroys anything: looks at the target as it is and logs what is to be remarked.
 * Errors: that of the first cause that forbids a load, reported as a failure. */
enum err examiner_check(struct examiner *examiner) MUST_USE;

/* Logs what the job itself noted and is worth a remark; true when there was something. Does not
 * touch the target. */
bool examiner_remark(struct examiner *examiner);

/* After an attach that needed more than asking. */
void examiner_remark_attach(struct examiner *examiner);

/* After a load: the core is halted at what it will start; logs when that is not the program. */
void examiner_remark_start(struct examiner *examiner);

/* The chip was reset while its firmware ran, and these flags are older: finds which reset it was
 * and logs it. False: nothing tells. */
bool examiner_explain_reset(
	struct examiner *examiner, uint32_t flags_before, struct target_report *report);

/* Looks at the target as it is now; nothing is logged or changed. */
bool examiner_look(struct examiner *examiner, struct target_report *report);

#endif
