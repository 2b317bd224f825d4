/*
 * Running a load: pre-flight checks, erase, write, verify, in the order that loses least when
 * something goes wrong. Independent of the chip family, whose verbs it calls.
 *
 * Called by target.c on the worker thread; blocks for the whole load, yielding between blocks.
 */
#ifndef TARGETS_FLASH_H
#define TARGETS_FLASH_H

#include <stdbool.h>

#include "core.h"
#include "examiner.h"
#include "family.h"
#include "flash_record.h"
#include "targets/target.h"

struct flash_settings {
	unsigned vdd_mv;    /* 0: ask the probe */
	unsigned speed_khz; /* the clock in use, to come back to */
	bool keep_unwritten;
	bool no_loader, no_reset, interlock;
	const struct target_range *keep;
	size_t keep_count;
	enum flash_width widest; /* no wider than this, whatever the voltage allows */
	bool second_try;
	struct target_hooks hooks;
	struct examiner *examiner; /* is told of a failure before the clean-up */
};

/* Runs what `record` holds, once. A failure is reported by the examiner; *cause (NULL: none is
 * known) tells whether another try makes sense. `incomplete` is set from the first destructive step
 * until the load is verified: while it is true the core must not be let run unasked. On success the
 * core is halted at its reset vector, else where it was stopped. Errors: as target_flash_done. */
enum err flash_run(struct core *core, const struct device *device,
	const struct flash_settings *settings, struct flash_record *record, bool *incomplete,
	struct target_load *load, const struct cause **cause) MUST_USE;

#endif
