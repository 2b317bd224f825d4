/* What the files of an attached target (target*.c) share. Private to them. */
#ifndef TARGETS_TARGET_PRIVATE_H
#define TARGETS_TARGET_PRIVATE_H

#include "core.h"
#include "examiner.h"
#include "family.h"
#include "flash_record.h"
#include "on_halt.h"
#include "targets/target.h"

struct target {
	struct probe *probe;
	struct target_options options;
	bool attached;
	bool flash_incomplete;   /* a load began and was not verified */
	bool stands_in_old_code; /* a load did not reset the core, and nobody has moved it since */
	struct core core;
	struct device device;
	struct debug_settings debug_settings;
	struct examiner examiner;
	struct on_halt on_halt;
	struct flash_record record;
	struct flash_record loaded; /* what the last load wrote */
	struct target_identity identity;
	uint32_t reset_flags; /* that are set without a reset that nobody knows of */
};

/* Sets the chip's debug settings; again after it has lost its power. */
enum err target_begin_debug(struct target *target) MUST_USE;

/* Before anything of the flash is changed: ERR_TARGET_UNKNOWN, diagnosed, for a strange chip. */
enum err target_check_chip(struct target *target) MUST_USE;

/* After something that came to `err`, which is returned: says why when it reaches behind the end of
 * the flash, as what was made for a larger chip does. */
enum err target_check_range(
	struct target *target, enum err err, uint32_t address, size_t size) MUST_USE;

/* After a reset that came to `err`, which is returned: words written at the halt are gone. */
enum err target_has_reset(struct target *target, enum err err) MUST_USE;

#endif
