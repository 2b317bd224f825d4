/*
 * The host's side of the RAM loader: summing up ranges of the flash, and programming words that are
 * streamed through a ring in RAM; and the way without a loader.
 *
 * Called by the flash code on the worker thread, on a bus whose error the caller asks. The loader's
 * own side is loader/stm32f4.S, what both agree on is loader/layout.h.
 */
#ifndef TARGETS_FLASH_LOADER_H
#define TARGETS_FLASH_LOADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bus.h"
#include "core.h"
#include "family.h"

#define FLASH_STANDSTILL_MS 200u /* a word takes 0.1 ms at most */

struct survey_row;

struct flash_loader {
	struct core *core;
	const struct device *device;
	struct bus *bus;
	uint32_t ring_start, ring_end; /* target addresses */
	uint32_t write, read;          /* the ring's ends, as last written and seen */
	uint32_t destination;          /* as last seen */
	uint32_t demcr;                /* as found */
	uint32_t us_per_kb;            /* what the link took for the loader itself */
	uint64_t moved_us;             /* when it was last seen to get on */
	bool not_blank;                /* a word that was erased does not take its value: */
	uint32_t address, held;
	bool lost;    /* it stopped answering */
	bool damaged; /* and its code in RAM is not what was put there */
};

/* Puts the loader into RAM, checks that it arrived, and starts it. The core must be halted, just
 * reset; it runs until the caller halts it. A failure latches; ERR_TARGET_STATE: this RAM does not
 * carry a loader (a warning was logged; the direct way remains). */
void flash_loader_start(struct flash_loader *loader, struct core *core, const struct device *device,
	struct bus *bus, enum flash_width width);

/* Puts back what the start changed of the debug units; the core is halted. Also for a loader that
 * did not start, but not for one that was never tried. */
void flash_loader_stop(const struct flash_loader *loader, struct bus *bus);

/* Notes whether the loader's code is still what was written. */
void flash_loader_check_code(struct flash_loader *loader);

/* Fills in crc, sum and all of each row. `base` is the address of offset 0. */
void flash_loader_sum(
	struct flash_loader *loader, uint32_t base, struct survey_row *rows, size_t count);

/* How many bytes flash_loader_put() takes now; a multiple of 4. */
size_t flash_loader_room(const struct flash_loader *loader);

/* Whether `size` bytes more reach the ring's end, from where it goes on at its start. */
bool flash_loader_wraps(const struct flash_loader *loader, size_t size);

/* Streams the next words to be programmed, at most `room` and one block of the probe. */
void flash_loader_put(struct flash_loader *loader, const uint8_t *data, size_t size);

/* Has the next words of the stream programmed from `address` on. The loader must be done with what
 * it was given before; the stream may come before or after. */
void flash_loader_program(struct flash_loader *loader, uint32_t address, size_t size);

/* One look: true when the loader is done. A failure is logged with the address and latches, and so
 * does a loader that stands still while there are words in the ring. */
bool flash_loader_is_done(struct flash_loader *loader);

/* Without RAM: stores through the access port, to be paced by a slow clock. Slower. */
void flash_direct_program(struct bus *bus, const struct device *device, enum flash_width width,
	uint32_t address, const uint8_t *data, size_t size);

#endif
