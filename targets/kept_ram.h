/*
 * What a debugger has written into RAM at this halt, over a load: gdb writes the parts of a program
 * that lie in RAM first, and then those in flash, for which the same RAM is used.
 *
 * Called by target_flash.c. Worker thread.
 */
#ifndef TARGETS_KEPT_RAM_H
#define TARGETS_KEPT_RAM_H

#include <stddef.h>
#include <stdint.h>

#include "probe/err.h"

struct core;

/* Zeroed holds nothing. */
struct kept_ram {
	uint32_t start;
	size_t size;
	uint8_t *bytes; /* owned */
};

/* Reads all between the first and the last byte that was written; nothing if nothing was. After an
 * error nothing is held. */
enum err kept_ram_save(struct kept_ram *kept, struct core *core) MUST_USE;

/* Writes it back, with the core halted. Frees it in any case. */
enum err kept_ram_restore(struct kept_ram *kept, struct core *core) MUST_USE;

#endif
