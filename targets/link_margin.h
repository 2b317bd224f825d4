/*
 * The margin of the link: whether what is read, and what is written, arrives.
 *
 * Called by connect.c (reads only: a running target does not notice) and by flash.c (a pattern, in
 * RAM that the load uses anyway). Worker thread; blocks for USB, some milliseconds.
 *
 * What they prove: no error in 200 transfers says, with 95 % certainty, that less than 1.5 % of the
 * transfers err; not that none ever will.
 */
#ifndef TARGETS_LINK_MARGIN_H
#define TARGETS_LINK_MARGIN_H

#include <stdbool.h>
#include <stdint.h>

#include "bus.h"
#include "probe/probe.h"

#define LINK_PATTERN_BYTES 256u

/* Reads the end of the ROM table, in one block. What does not answer there, or answers something
 * else than a ROM table every time, is no sign of noise. Errors: of the reads, logged;
 * ERR_TARGET_UNKNOWN when two readings differ. */
enum err link_margin_read(struct probe *probe) MUST_USE;

/* What came back of a pattern. */
struct link_flaw {
	enum { LINK_FINE, LINK_NOISY, LINK_BAD_RAM } verdict;
	uint32_t address, wanted, found; /* the first word that is wrong */
};

/* Writes a pattern of LINK_PATTERN_BYTES to `address` and reads it back. What comes back wrong in
 * the same way twice is the RAM's fault. What fails latches. */
void link_margin_write(struct bus *bus, uint32_t address, struct link_flaw *flaw);

#endif
