/*
 * Watchpoints: the comparators of the data watchpoint and trace unit (DWT).
 *
 * One comparator watches a power of two of bytes, aligned to their number. The core stops after the
 * access. Adding and removing only note what is wanted; watchpoints_sync() writes the differences
 * just before the core runs. Comparators that the firmware itself uses are left alone.
 *
 * Called by core*.c. Worker thread. Source: ARMv7-M ARM C1.8.
 */
#ifndef TARGETS_WATCHPOINTS_H
#define TARGETS_WATCHPOINTS_H

#include <stdbool.h>
#include <stdint.h>

#include "bus.h"
#include "probe/err.h"
#include "targets/target.h"

#define WATCHPOINTS_MAX 16 /* comparators; the Cortex-M4 has 4 */

struct watchpoint {
	uint32_t address, size; /* size 0: free */
	enum target_watch kind;
};

struct watchpoint_registers {
	uint32_t comparator, mask, function;
};

/* Zeroed knows nothing yet. */
struct watchpoints {
	bool probed;
	bool leftovers; /* what is set was left behind by another debugger */
	unsigned available;
	unsigned mask_bits; /* the widest mask */
	uint32_t reserved;  /* bit n: the firmware's own */
	struct watchpoint_registers found[WATCHPOINTS_MAX];
	struct watchpoint_registers written[WATCHPOINTS_MAX];
	struct watchpoint wanted[WATCHPOINTS_MAX];
};

/* Learns what the unit has and holds; DEMCR.TRCENA must be set. */
void watchpoints_probe(struct watchpoints *watchpoints, struct bus *bus);

/* Errors: ERR_ARGUMENT (no comparator can watch this size at this address), ERR_UNSUPPORTED (none
 * is free); logged. */
enum err watchpoints_add(struct watchpoints *watchpoints, enum target_watch kind, uint32_t address,
	uint32_t size) MUST_USE;

/* Removing what is not there is fine. */
void watchpoints_remove(
	struct watchpoints *watchpoints, enum target_watch kind, uint32_t address, uint32_t size);

/* Queues the writes that make the comparators as wanted. */
void watchpoints_sync(struct watchpoints *watchpoints, struct bus *bus);

/* Reads which comparators have matched since this was last asked (the read clears it). False when
 * none of ours has. Of several it tells one that stops gdb in any case: a watchpoint for accesses
 * or reads before one for writes, of which gdb makes sure that the value has changed. */
bool watchpoints_matched(
	const struct watchpoints *watchpoints, struct bus *bus, struct watchpoint *matched);

/* Forgets all that is wanted, and queues the writes that make the unit as it was found. */
void watchpoints_restore(struct watchpoints *watchpoints, struct bus *bus);

/* Nothing is known of the comparators any more: the next sync writes them all. */
void watchpoints_forget(struct watchpoints *watchpoints);

#endif
