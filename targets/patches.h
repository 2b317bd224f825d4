/*
 * Breakpoints in RAM: BKPT instructions in the place of the code's own, which no reader sees.
 *
 * No comparator reaches RAM on this core. Adding and removing only note what is wanted;
 * patches_sync() makes it so just before the core runs. What a patch covers is shown, and written,
 * as if it were not there. Firmware that copies its code to RAM copies over a patch: who calls
 * patches_doubt() before the next sync gets it back.
 *
 * Called by core*.c. Worker thread.
 */
#ifndef TARGETS_PATCHES_H
#define TARGETS_PATCHES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probe/err.h"

struct probe;

#define PATCHES_MAX 32

struct patch {
	uint32_t address;
	uint16_t original; /* while it is written */
	bool wanted, written;
	bool unsure; /* whether it is written: the attempt failed */
};

/* Zeroed is empty. */
struct patches {
	struct patch list[PATCHES_MAX];
	size_t count; /* entries in use: wanted, or written, or both */
};

/* `address` is even and in RAM. Errors: ERR_UNSUPPORTED: there are too many (logged). */
enum err patches_add(struct patches *patches, uint32_t address) MUST_USE;

/* Removing what is not there is fine. */
void patches_remove(struct patches *patches, uint32_t address);
void patches_remove_all(struct patches *patches);

bool patches_has(const struct patches *patches, uint32_t address);

/* Makes the memory as wanted, but leaves `except` without a patch (pass an odd address for none).
 */
enum err patches_sync(struct patches *patches, struct probe *probe, uint32_t except) MUST_USE;

/* Nothing is known of the patches any more: the next sync looks at each. */
void patches_doubt(struct patches *patches);

/* Puts what the code really is into `data`, read from `address` on. */
void patches_hide(struct patches *patches, uint32_t address, uint8_t *data, size_t size);

/* Whether a write of this range would meet a patch. */
bool patches_touch(const struct patches *patches, uint32_t address, size_t size);

/* Of data to be written from `address` on: takes what belongs under patches, and puts in its place
 * what keeps them. */
void patches_take(struct patches *patches, uint32_t address, uint8_t *data, size_t size);

#endif
