/*
 * Target memory in accesses of the right width: what gdb asks in bytes becomes what a peripheral,
 * a RAM or a flash can stand. Worker thread; blocks for USB only.
 */
#ifndef TARGETS_MEMORY_H
#define TARGETS_MEMORY_H

#include "family.h"
#include "probe/err.h"

struct probe;

/* An aligned access of 1, 2 or 4 bytes is one access of that width. Elsewhere RAM and flash are
 * read in whole words around what was asked, peripherals never wider than asked. */
enum err memory_read(struct probe *probe, const struct device *device, uint32_t address,
	uint8_t *data, size_t size) MUST_USE;

enum err memory_write(
	struct probe *probe, uint32_t address, const uint8_t *data, size_t size) MUST_USE;

#endif
