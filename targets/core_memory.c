/*
 * The target's memory as the user is to see it: without our patches, and not read twice at one
 * stop. Called by target.c and core*.c, on the worker thread.
 */
#include "core_private.h"
#include "memory.h"

#include <stdlib.h>
#include <string.h>

#define PERIPHERALS_START 0x40000000u /* ARMv7-M B3.1: device memory from here on */
#define AHEAD_FIRST       256u
#define AHEAD_ON          1024u /* for one who reads on and on */
#define WINDOW_ALIGN      64u
#define CODE_BEFORE       64u
#define CODE_AROUND       512u
#define CODE_LEAST        32u /* of what lies ahead; less, and a new window is read */
#define STACK_AHEAD       256u
#define PAGE              1024u /* beyond its end old firmware needs another command */

/* ---- plain memory ---- */

static const struct target_region *plain_region(
	const struct core *core, uint32_t address, size_t size)
{
	if (!core->device || address >= PERIPHERALS_START)
		return NULL;
	const struct target_region *region = device_region_at(core->device, address);
	if (!region || size > region->size - (address - region->start))
		return NULL;
	return region;
}

bool core_has_plain_memory(const struct core *core, uint32_t address, size_t size)
{
	return plain_region(core, address, size) != NULL;
}

/* ---- windows ---- */

/* What was read of flash stands after a step if its controller is locked: that has to be seen. */
static enum err check_flash(struct core *core)
{
	uint32_t lock;
	if (core->flash_checked || !core->device->family)
		return ERR_OK;
	enum err err = probe_read_word(core->probe, core->device->family->lock_register, &lock);
	if (err)
		cache_drop(&core->cache);
	else
		core_note_flash(core, lock);
	return err;
}

/* Reads [start, start + size) of one region into a window. */
static enum err fetch(struct core *core, const struct target_region *region, uint32_t start,
	size_t size, const struct cache_window **window)
{
	struct cache_window *claimed = cache_claim(&core->cache);
	enum err err = memory_read(core->probe, core->device, start, claimed->bytes, size);
	if (err)
		return err;
	cache_keep(claimed, probe_now_us(core->probe), start, size, region->kind == TARGET_RAM);
	*window = claimed;
	return ERR_OK;
}

/* As much of [first, first + size) as lies in the region. */
static enum err fetch_around(struct core *core, const struct target_region *region, uint32_t first,
	size_t size, const struct cache_window **window)
{
	if (first < region->start || first - region->start >= region->size)
		first = region->start;
	size_t left = region->size - (first - region->start);
	return fetch(core, region, first, size < left ? size : left, window);
}

static enum err find(struct core *core, const struct target_region *region, uint32_t address,
	size_t size, const struct cache_window **window)
{
	enum err err = region->kind == TARGET_RAM ? ERR_OK : check_flash(core);
	if (err)
		return err;
	*window = cache_find(&core->cache, probe_now_us(core->probe), address, size);
	if (*window)
		return ERR_OK;
	uint32_t first = address & ~(WINDOW_ALIGN - 1);
	size_t ahead = cache_ends_at(&core->cache, first) ? AHEAD_ON : AHEAD_FIRST;
	size_t least = address - first + size;
	if (least > CACHE_WINDOW_BYTES)
		return ERR_OK;
	return fetch_around(
		core, region, first, least < ahead ? ahead : CACHE_WINDOW_BYTES, window);
}

/* ---- reading ---- */

static enum err read_past_cache(struct core *core, uint32_t address, uint8_t *data, size_t size)
{
	return memory_read(core->probe, core->device, address, data, size);
}

static enum err read_cached(struct core *core, const struct target_region *region, uint32_t address,
	uint8_t *data, size_t size)
{
	const struct cache_window *window = NULL;
	enum err err = find(core, region, address, size, &window);
	/* What was read ahead may lie where the chip has nothing; that is not this reader's fault.
	 */
	if (err == ERR_TARGET_FAULT || (!err && !window))
		return read_past_cache(core, address, data, size);
	if (err)
		return err;
	memcpy(data, window->bytes + (address - window->start), size);
	return ERR_OK;
}

enum err core_read_memory(struct core *core, uint32_t address, uint8_t *data, size_t size)
{
	const struct target_region *region = plain_region(core, address, size);
	bool may_keep = core->halted && !core->cache.off && size <= CACHE_WINDOW_BYTES;
	enum err err = region && may_keep ? read_cached(core, region, address, data, size)
					  : read_past_cache(core, address, data, size);
	if (!err)
		patches_hide(&core->patches, address, data, size);
	return err;
}

/* What was read at this stop already. After a step that need not be so of flash. */
static bool read_fetched(struct core *core, uint32_t address, uint8_t *data, size_t size)
{
	const struct target_region *region = plain_region(core, address, size);
	if (!region || !core->halted)
		return false;
	if (region->kind != TARGET_RAM && core->stepped && !core->flash_checked)
		return false;
	const struct cache_window *window =
		cache_find(&core->cache, probe_now_us(core->probe), address, size);
	if (window)
		memcpy(data, window->bytes + (address - window->start), size);
	return window;
}

enum err core_read_once(struct core *core, uint32_t address, uint8_t *data, size_t size)
{
	enum err err = read_fetched(core, address, data, size)
			       ? ERR_OK
			       : read_past_cache(core, address, data, size);
	if (!err)
		patches_hide(&core->patches, address, data, size);
	return err;
}

/* ---- writing ---- */

static enum err write_around_patches(
	struct core *core, uint32_t address, const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size);
	if (!copy)
		return ERR_NO_MEMORY;
	memcpy(copy, data, size);
	patches_take(&core->patches, address, copy, size);
	enum err err = memory_write(core->probe, address, copy, size);
	free(copy);
	return err;
}

/* Of several regions the last: a load uses the main one only, and this is for its sake. */
static void note_ram(struct core *core, uint32_t address, size_t size)
{
	const struct target_region *region = plain_region(core, address, size);
	uint32_t end = address + (uint32_t)size;
	if (!core->halted || !region || region->kind != TARGET_RAM || !size)
		return;
	bool is_first =
		core->ram_from == core->ram_to || plain_region(core, core->ram_from, 1) != region;
	core->ram_from = is_first || address < core->ram_from ? address : core->ram_from;
	core->ram_to = is_first || end > core->ram_to ? end : core->ram_to;
}

enum err core_write_memory(struct core *core, uint32_t address, const uint8_t *data, size_t size)
{
	note_ram(core, address, size);
	cache_drop(&core->cache);
	core->pending_known = false;
	core->pending_suspect = true;
	core->demcr_known = false;
	if (patches_touch(&core->patches, address, size))
		return write_around_patches(core, address, data, size);
	return memory_write(core->probe, address, data, size);
}

/* ---- what will be asked for ---- */

static enum err prefetch(
	struct core *core, uint32_t address, size_t least, uint32_t before, size_t size)
{
	const struct target_region *region = plain_region(core, address, 4);
	const struct cache_window *window;
	if (!region)
		return ERR_OK;
	enum err err = region->kind == TARGET_RAM ? ERR_OK : check_flash(core);
	if (err || cache_find(&core->cache, probe_now_us(core->probe), address, least))
		return err;
	uint32_t first = (address & ~(WINDOW_ALIGN - 1)) - before;
	size_t to_page = PAGE - address % PAGE;
	if (to_page >= least && address - first + to_page < size)
		size = address - first + to_page;
	return fetch_around(core, region, first, size, &window);
}

enum err core_prefetch(struct core *core)
{
	uint32_t pc, sp;
	if (!core->halted || core->cache.off)
		return ERR_OK;
	enum err err = core_read_register(core, TARGET_PC, &pc);
	if (!err)
		err = core_read_register(core, TARGET_SP, &sp);
	if (!err)
		err = core_look_behind(core, sp);
	if (!err)
		err = prefetch(core, pc, CODE_LEAST, CODE_BEFORE, CODE_AROUND);
	if (!err)
		err = prefetch(core, sp, 4, 0, STACK_AHEAD);
	return err;
}
