/* Windows of memory read at a stop: see cache.h. */
#include "cache.h"

static bool is_fresh(const struct cache_window *window, uint64_t now_us)
{
	return !window->expires || now_us - window->read_us < CACHE_RAM_LIFE_US;
}

static bool holds(const struct cache_window *window, uint32_t address, size_t size)
{
	uint32_t offset = address - window->start;
	return offset < window->size && size <= window->size - offset;
}

const struct cache_window *cache_find(
	struct cache *cache, uint64_t now_us, uint32_t address, size_t size)
{
	for (size_t i = 0; i < CACHE_WINDOWS && !cache->off; i++) {
		struct cache_window *window = &cache->windows[i];
		if (!window->size || !holds(window, address, size))
			continue;
		if (is_fresh(window, now_us)) {
			window->used = ++cache->uses;
			return window;
		}
		window->size = 0;
	}
	return NULL;
}

bool cache_ends_at(const struct cache *cache, uint32_t address)
{
	for (size_t i = 0; i < CACHE_WINDOWS; i++) {
		const struct cache_window *window = &cache->windows[i];
		if (window->size && window->start + (uint32_t)window->size == address)
			return true;
	}
	return false;
}

struct cache_window *cache_claim(struct cache *cache)
{
	struct cache_window *chosen = &cache->windows[0];
	for (size_t i = 0; i < CACHE_WINDOWS && chosen->size; i++) {
		struct cache_window *window = &cache->windows[i];
		if (!window->size || window->used < chosen->used)
			chosen = window;
	}
	chosen->size = 0;
	chosen->used = ++cache->uses;
	return chosen;
}

void cache_keep(
	struct cache_window *window, uint64_t now_us, uint32_t start, size_t size, bool expires)
{
	window->start = start;
	window->size = size;
	window->expires = expires;
	window->read_us = now_us;
}

void cache_drop(struct cache *cache)
{
	for (size_t i = 0; i < CACHE_WINDOWS; i++)
		cache->windows[i].size = 0;
}

void cache_drop_ram(struct cache *cache)
{
	for (size_t i = 0; i < CACHE_WINDOWS; i++)
		if (cache->windows[i].expires)
			cache->windows[i].size = 0;
}
