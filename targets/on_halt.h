/*
 * Words that are written when the core halts and get their old values back when it is let go.
 *
 * Called by target.c. Worker thread.
 */
#ifndef TARGETS_ON_HALT_H
#define TARGETS_ON_HALT_H

#include "core.h"
#include "targets/target.h"

/* Zeroed: not written. */
struct on_halt {
	bool written;
	struct {
		bool done;
		uint32_t value;
	} before[TARGET_ON_HALT_MAX];
};

/* The core is halted: writes what `options` name, once. What fails is logged; the others are
 * written all the same. */
void on_halt_write(
	struct on_halt *on_halt, struct core *core, const struct target_options *options);

/* The core is about to run: puts everything back, in reverse order. Errors: of the first access
 * that fails; the core must then not be let go. */
enum err on_halt_undo(
	struct on_halt *on_halt, struct core *core, const struct target_options *options) MUST_USE;

/* The chip was reset: there is nothing to put back. */
void on_halt_forget(struct on_halt *on_halt);

#endif
