/*
 * Hardware breakpoints: the comparators of the flash patch and breakpoint unit (FPB, version 1).
 *
 * Adding and removing only note what is wanted; breakpoints_sync() writes the differences, just
 * before the core runs, because gdb removes and sets every breakpoint again at each stop. The two
 * half-words of one word share a comparator.
 */
#ifndef TARGETS_BREAKPOINTS_H
#define TARGETS_BREAKPOINTS_H

#include <stdbool.h>
#include <stdint.h>

#include "bus.h"
#include "probe/err.h"

#define BREAKPOINTS_MAX 16 /* comparators; the Cortex-M4 has 6 */

struct breakpoints {
	unsigned available;                /* code comparators in this core */
	bool enabled;                      /* FPB_CTRL.ENABLE is set by us */
	uint32_t wanted[BREAKPOINTS_MAX];  /* FPB_COMP values; 0: free */
	uint32_t written[BREAKPOINTS_MAX]; /* what the comparators hold */
};

/* Learns how many comparators there are; changes nothing in the core. Queues no more on `bus`. */
void breakpoints_probe(struct breakpoints *breakpoints, struct bus *bus);

/* Errors: ERR_UNSUPPORTED: no comparator is free, or none reaches this address (logged). */
enum err breakpoints_add(struct breakpoints *breakpoints, uint32_t address) MUST_USE;

/* Removing what is not there is fine. */
void breakpoints_remove(struct breakpoints *breakpoints, uint32_t address);

bool breakpoints_has(const struct breakpoints *breakpoints, uint32_t address);

/* Queues the writes that make the comparators as wanted, but without any at `except` (pass an odd
 * address for none). */
void breakpoints_sync(struct breakpoints *breakpoints, struct bus *bus, uint32_t except);

/* Forgets all that is wanted. */
void breakpoints_clear(struct breakpoints *breakpoints);

/* After a power loss nothing is known of the comparators: the next sync writes them all. */
void breakpoints_forget(struct breakpoints *breakpoints);

#endif
