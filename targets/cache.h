/*
 * What was read of the target's memory while its core is halted: a few windows.
 *
 * Never of peripherals, whose reads may have effects. What is in RAM may change while the core is
 * halted, by DMA: its windows expire. Flash does not change by a single step while its controller
 * is locked; everything is forgotten when the core runs and when anything is written.
 *
 * Called by core*.c, target_memory.c and on_halt.c. Worker thread. Pure but for the clock that
 * callers hand in.
 */
#ifndef TARGETS_CACHE_H
#define TARGETS_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probe/err.h"

#define CACHE_WINDOWS      12
#define CACHE_WINDOW_BYTES 1024
#define CACHE_RAM_LIFE_US  100000u

struct cache_window {
	uint32_t start;
	size_t size; /* 0: free */
	bool expires;
	uint64_t read_us, used;
	uint8_t bytes[CACHE_WINDOW_BYTES];
};

/* Zeroed is empty and on. */
struct cache {
	bool off;
	uint64_t uses; /* so that the oldest is told */
	struct cache_window windows[CACHE_WINDOWS];
};

/* The window that holds all of the range, or NULL. */
const struct cache_window *cache_find(
	struct cache *cache, uint64_t now_us, uint32_t address, size_t size);

/* Whether the byte before `address` was read last: somebody reads on and on. */
bool cache_ends_at(const struct cache *cache, uint32_t address);

/* The least useful window, emptied: fill its bytes, then set start and size by cache_keep(). */
struct cache_window *cache_claim(struct cache *cache);
void cache_keep(
	struct cache_window *window, uint64_t now_us, uint32_t start, size_t size, bool expires);

void cache_drop(struct cache *cache);

/* After a step: drops what expires. */
void cache_drop_ram(struct cache *cache);

#endif
