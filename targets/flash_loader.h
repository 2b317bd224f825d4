/*
 * Getting words into the flash, once it is erased and the controller stands on programming: by a
 * RAM loader that is fed through a ring buffer, or without one.
 *
 * Called by flash.c on the worker thread, on a bus whose error the caller asks. The loader's
 * protocol is loader/layout.h.
 */
#ifndef TARGETS_FLASH_LOADER_H
#define TARGETS_FLASH_LOADER_H

#include <stddef.h>
#include <stdint.h>

#include "bus.h"
#include "core.h"
#include "family.h"

struct flash_loader {
	struct core *core;
	const struct device *device;
	struct bus *bus;
	enum flash_width width;
	uint32_t ring_start, ring_end; /* target addresses */
	uint32_t write, read;          /* the ring's ends, as last written and seen */
};

/* Puts the loader into RAM, checks that it arrived, and starts it. The core must be halted, just
 * reset; it runs until the caller halts it. A failure latches; ERR_TARGET_STATE: this RAM does not
 * carry a loader (nothing logged as an error, the direct way remains). */
void flash_loader_start(struct flash_loader *loader, struct core *core, const struct device *device,
	struct bus *bus, enum flash_width width);

/* Programs whole words. Returns when the last is programmed and checked for errors. A failure is
 * logged with the address and latches. */
void flash_loader_program(
	struct flash_loader *loader, uint32_t address, const uint8_t *data, size_t size);

/* The way without RAM: stores through the access port, paced by a slow clock. Slower. */
void flash_direct_program(struct bus *bus, const struct device *device, enum flash_width width,
	uint32_t address, const uint8_t *data, size_t size);

#endif
