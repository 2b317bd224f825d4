/*
 * Diagnosis: from evidence to a cause with a stable code, its evidence in numbers, and a remedy.
 *
 * Called by examiner.c, on the worker thread; pure. The causes are data: stm32f4_causes.c.
 */
#ifndef TARGETS_DIAGNOSIS_H
#define TARGETS_DIAGNOSIS_H

#include <stdbool.h>
#include <stddef.h>

#include "evidence.h"
#include "probe/log.h"
#include "targets/target.h"

/* What a load may try by itself, once, when this was why it failed. */
enum recovery {
	RECOVERY_NONE,
	RECOVERY_AGAIN,    /* as before, after a reset */
	RECOVERY_NARROWER, /* after a reset, with the next narrower parallelism */
	RECOVERY_SLOWER,   /* with the next slower SWD clock */
	RECOVERY_WAIT,     /* of a halt: until the flash is idle */
	RECOVERY_RESET,    /* of a halt: reset the chip */
};

/* One row. Texts are expanded by evidence_text.c: {name} stands for a measured value. */
struct cause {
	const char *code; /* several rows may share one: variants of a cause */
	const char *cause, *evidence, *remedy;
	bool (*applies)(const struct evidence *e);
	enum recovery recovery;
	enum log_level remark; /* how it is told when nothing has failed */
	enum err forbids;      /* a load may not even begin; ERR_OK: it may */
};

/* In the order in which they are to be asked; the first that applies is the cause. */
extern const struct cause stm32f4_causes[];
extern const size_t stm32f4_cause_count;

/* The first row from `from` on that applies, or NULL; *from is set behind it. */
const struct cause *diagnosis_find(const struct evidence *e, size_t *from);

/* Writes the report of one cause; NULL: none is known, and the report's code is empty. */
void diagnosis_report(
	const struct evidence *e, const struct cause *cause, struct target_report *report);

/* Logs it, a line for each part. */
void diagnosis_log(const struct target_report *report, enum log_level level);

#endif
