/*
 * What the next semihosting call is likely to read of the target's memory: what the last two have
 * read. A loop that prints passes the same block and the same buffer again and again.
 *
 * Kept by semihosting.c; what it tells is read along with the registers of the next stop, and costs
 * a little where it is wrong. Worker thread.
 */
#ifndef SERVER_GDB_FORESIGHT_H
#define SERVER_GDB_FORESIGHT_H

#include <stddef.h>
#include <stdint.h>

#include "targets/target.h"

#define FORESIGHT_RANGES 4

/* Zeroed expects nothing. */
struct foresight {
	struct target_range now[FORESIGHT_RANGES], before[FORESIGHT_RANGES];
	size_t now_count, before_count;
};

/* Another call is served from here on. */
void foresight_begin(struct foresight *foresight);

/* It reads this. Long ranges are read faster by themselves, and are not noted. */
void foresight_note(struct foresight *foresight, uint32_t address, size_t size);

/* Fills in what is expected; returns how many ranges that are. */
size_t foresight_tell(
	const struct foresight *foresight, struct target_range ranges[FORESIGHT_RANGES]);

#endif
