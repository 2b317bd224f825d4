/*
 * Hardware breakpoints: the comparators of the flash patch and breakpoint unit (FPB, version 1).
 *
 * Adding and removing only note what is wanted; breakpoints_sync() writes the differences, just
 * before the core runs, because gdb removes and sets every breakpoint again at each stop. The two
 * half-words of one word share a comparator. Comparators that the firmware itself uses are left
 * alone.
 *
 * Called by core*.c. Worker thread. Source: ARMv7-M ARM C1.11.
 */
#ifndef TARGETS_BREAKPOINTS_H
#define TARGETS_BREAKPOINTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bus.h"
#include "probe/err.h"

#define BREAKPOINTS_MAX           16 /* comparators; the Cortex-M4 has 6 */
#define BREAKPOINTS_TEMPORARY_MAX 8

struct breakpoints {
	unsigned available;                /* code comparators in this core */
	unsigned comparators;              /* with those for literals */
	uint32_t reserved;                 /* bit n: the firmware's own */
	bool enabled;                      /* FPB_CTRL.ENABLE is set */
	bool found_enabled;                /* ... and was, at attach */
	uint32_t found[BREAKPOINTS_MAX];   /* FPB_COMP values at attach */
	uint32_t wanted[BREAKPOINTS_MAX];  /* 0: free */
	uint32_t written[BREAKPOINTS_MAX]; /* what the comparators hold */

	uint32_t temporary[BREAKPOINTS_TEMPORARY_MAX]; /* addresses where steps end */
	size_t temporary_count;
};

/* Reads the unit; changes nothing in the core. `leftovers`: what is set was left behind by another
 * debugger and is no business of the firmware's. Queues no more on `bus`. */
void breakpoints_probe(struct breakpoints *breakpoints, struct bus *bus, bool leftovers);

/* Errors: ERR_UNSUPPORTED: no comparator is free, or none reaches this address (logged). */
enum err breakpoints_add(struct breakpoints *breakpoints, uint32_t address) MUST_USE;

/* Removing what is not there is fine. */
void breakpoints_remove(struct breakpoints *breakpoints, uint32_t address);

bool breakpoints_has(const struct breakpoints *breakpoints, uint32_t address);

/* Whether a comparator is set at the other half of the word, below `address`: the core then does
 * not stop again at `address` itself when it is started there. */
bool breakpoints_shadowed(const struct breakpoints *breakpoints, uint32_t address);

/* Wants the core to stop at these addresses, too, until breakpoints_clear_temporary(). False, and
 * nothing changed, when the free comparators do not suffice. */
bool breakpoints_set_temporary(
	struct breakpoints *breakpoints, const uint32_t *addresses, size_t count);
void breakpoints_clear_temporary(struct breakpoints *breakpoints);
bool breakpoints_is_temporary(const struct breakpoints *breakpoints, uint32_t address);

/* Queues the writes that make the comparators as wanted, but without any at `except` (pass an odd
 * address for none). */
void breakpoints_sync(struct breakpoints *breakpoints, struct bus *bus, uint32_t except);

/* Queues the writes after which no comparator matches `address`; leaves the others as they are. */
void breakpoints_lift(struct breakpoints *breakpoints, struct bus *bus, uint32_t address);

/* Forgets all that is wanted, and queues the writes that make the unit as it was found. */
void breakpoints_restore(struct breakpoints *breakpoints, struct bus *bus);

/* Nothing is known of the comparators any more: the next sync writes them all. */
void breakpoints_forget(struct breakpoints *breakpoints);

#endif
