/* The engine: its life, and the memory it sees; see engine.h. */
#include "engine_private.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "probe/log.h"

static bool open_unicorn(struct engine *engine)
{
	/* UC_MODE_MCLASS would make it a Cortex-M33, whatever model is asked for. */
	uc_err error = uc_open(UC_ARCH_ARM, UC_MODE_THUMB, &engine->uc);
	if (error == UC_ERR_OK)
		error = uc_ctl_set_cpu_model(engine->uc, UC_CPU_ARM_CORTEX_M4);
	if (error == UC_ERR_OK)
		error = uc_ctl_exits_enable(engine->uc);
	if (error == UC_ERR_OK && engine_add_hooks(engine))
		return true;
	log_error("cannot start Unicorn for the virtual chip: %s", uc_strerror(error));
	return false;
}

struct engine *engine_create(const struct engine_ops *ops, void *owner)
{
	struct engine *engine = calloc(1, sizeof *engine);
	if (engine == NULL)
		return NULL;
	engine->ops = ops;
	engine->owner = owner;
	engine->pass_at = UINT64_MAX;
	for (uint32_t first = 0; first < 65536; first++)
		engine->classes[first] = (uint8_t)insn_classify((uint16_t)first);
	engine_set_interesting(engine, 0);
	if (!open_unicorn(engine)) {
		engine_destroy(engine);
		return NULL;
	}
	return engine;
}

/* Unicorn frees what it keeps about a page of code only when it forgets that code. */
static void close_unicorn(struct engine *engine)
{
	for (unsigned i = 0; i < engine->region_count; i++) {
		const struct engine_region *region = &engine->regions[i];
		if (region->data != NULL)
			uc_ctl_remove_cache(engine->uc, (uint64_t)region->start,
				(uint64_t)region->start + region->size);
	}
	uc_close(engine->uc);
}

void engine_destroy(struct engine *engine)
{
	if (engine == NULL)
		return;
	if (engine->uc != NULL)
		close_unicorn(engine);
	for (unsigned i = 0; i < engine->region_count; i++)
		free(engine->regions[i].ran);
	free(engine);
}

static struct engine_region *free_region(struct engine *engine)
{
	for (unsigned i = 0; i < engine->region_count; i++)
		if (engine->regions[i].data == NULL)
			return &engine->regions[i];
	assert(engine->region_count < ENGINE_REGIONS);
	return &engine->regions[engine->region_count++];
}

bool engine_map(
	struct engine *engine, uint32_t address, uint32_t size, uint8_t *data, bool writable)
{
	uint8_t *ran = calloc(size / ENGINE_CELL, 1);
	if (ran == NULL)
		return false;
	uc_err error = uc_mem_map_ptr(engine->uc, address, size, UC_PROT_ALL, data);
	/* Mapped without write permission it would ask the hook, and then store all the same. */
	if (error == UC_ERR_OK && !writable)
		error = uc_mem_protect(engine->uc, address, size, UC_PROT_READ | UC_PROT_EXEC);
	if (error != UC_ERR_OK) {
		log_error("cannot map %u bytes at 0x%08x: %s", size, address, uc_strerror(error));
		free(ran);
		return false;
	}
	*free_region(engine) =
		(struct engine_region){.start = address, .size = size, .data = data, .ran = ran};
	return true;
}

bool engine_map_io(struct engine *engine, uint32_t address, uint32_t size)
{
	assert(engine->io_count < ENGINE_IO_REGIONS);
	struct engine_io *io = &engine->io[engine->io_count++];
	*io = (struct engine_io){.engine = engine, .start = address};
	uc_err error = uc_mmio_map(
		engine->uc, address, size, engine_on_io_read, io, engine_on_io_write, io);
	if (error != UC_ERR_OK)
		log_error("cannot map registers at 0x%08x: %s", address, uc_strerror(error));
	return error == UC_ERR_OK;
}

void engine_unmap(struct engine *engine, uint32_t address, uint32_t size)
{
	for (unsigned i = 0; i < engine->region_count; i++)
		if (engine->regions[i].data != NULL && engine->regions[i].start == address) {
			free(engine->regions[i].ran);
			engine->regions[i] = (struct engine_region){0};
		}
	engine->code = NULL;
	uc_ctl_remove_cache(engine->uc, (uint64_t)address, (uint64_t)address + size);
	uc_mem_unmap(engine->uc, address, size);
}

enum { NEAR = 1024 }; /* bytes between two changes that are looked at as one */

static uint32_t gap(const struct engine_span *span, uint32_t start, uint32_t end)
{
	if (start > span->end)
		return start - span->end;
	return span->start > end ? span->start - end : 0;
}

/* What is close becomes one span, and when there is no room for more, the nearest. */
static void touch(struct engine_region *region, uint32_t start, uint32_t end)
{
	struct engine_span *nearest = NULL;
	for (unsigned i = 0; i < region->touched_count; i++)
		if (!nearest || gap(&region->touched[i], start, end) < gap(nearest, start, end))
			nearest = &region->touched[i];
	if (!nearest || (gap(nearest, start, end) > NEAR && region->touched_count < ENGINE_SPANS)) {
		region->touched[region->touched_count++] = (struct engine_span){start, end};
		return;
	}
	if (start < nearest->start)
		nearest->start = start;
	if (end > nearest->end)
		nearest->end = end;
}

void engine_touch(struct engine *engine, uint32_t address, uint32_t size)
{
	const uint8_t *data = NULL;
	uint32_t offset = 0;
	for (unsigned i = 0; i < engine->region_count && data == NULL; i++) {
		offset = address - engine->regions[i].start;
		if (offset < engine->regions[i].size)
			data = engine->regions[i].data;
	}
	if (data == NULL)
		return;
	/* The same memory may be seen at several addresses, and translated at each. */
	for (unsigned i = 0; i < engine->region_count; i++)
		if (engine->regions[i].data == data && offset < engine->regions[i].size)
			touch(&engine->regions[i], offset, offset + size);
	engine->touched = true;
}

bool engine_fetch(const struct engine *engine, uint32_t address, uint16_t *value)
{
	for (unsigned i = 0; i < engine->region_count; i++) {
		const struct engine_region *region = &engine->regions[i];
		uint32_t offset = address - region->start;
		if (region->data != NULL && offset < region->size) {
			memcpy(value, region->data + offset, sizeof *value);
			return true;
		}
	}
	return false;
}
