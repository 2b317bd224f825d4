/* The engine: runs Thumb code on Unicorn; see engine.h. */
#include "engine_private.h"

#include <assert.h>
#include <string.h>

/* ---- running ---- */

static enum engine_stop stop_from_error(struct engine *engine, uc_err error)
{
	if (engine->stop != ENGINE_LIMIT || error == UC_ERR_OK)
		return engine->stop;
	switch (error) {
	case UC_ERR_FETCH_UNMAPPED:
	case UC_ERR_FETCH_PROT:
		return ENGINE_FETCH_FAULT;
	case UC_ERR_EXCEPTION:
		return ENGINE_INVALID_STATE;
	default:
		return ENGINE_UNDEFINED;
	}
}

/*
 * Unicorn translates code into a buffer of a gigabyte. What it forgets keeps its place there, and
 * when the buffer is full it crashes. Forgetting everything frees the buffer, but clears all of it
 * first, which takes about a second: so what is lost is estimated, and memory that never ran costs
 * nothing. An instruction with its hooks becomes 400 bytes at most, and is 2 bytes at least.
 */
enum { LITTER_PER_BYTE = 200, LITTER_PER_BLOCK = 4096, LITTER_LIMIT = 900 << 20 };

static void forget(struct engine *engine, uint64_t start, uint64_t end, uint64_t litter)
{
	uc_ctl_remove_cache(engine->uc, start, end);
	engine->litter += litter;
	if (engine->litter < LITTER_LIMIT)
		return;
	uc_ctl_flush_tlb(engine->uc);
	engine->litter = 0;
}

/* A translation reaches this far beyond the instruction that it begins with. */
enum { BLOCK_REACH = 2048 / ENGINE_CELL };

/* The first cell from which straight code led into `first`. A translation ends at a branch: one
 * that reaches further than what ran without a gap was broken off once, which is too rare to count.
 */
static uint32_t straight_from(const struct engine_region *region, uint32_t first, uint32_t farthest)
{
	uint32_t cell = first;
	while (cell > farthest && region->ran[cell - 1])
		cell--;
	return cell;
}

static void forget_span(
	struct engine *engine, struct engine_region *region, struct engine_span span)
{
	uint32_t first = span.start / ENGINE_CELL;
	uint32_t last = (span.end - 1) / ENGINE_CELL;
	uint32_t farthest = first < BLOCK_REACH ? 0 : first - BLOCK_REACH;
	uint64_t litter = 0;
	if (memchr(region->ran + farthest, 1, last + 1 - farthest) == NULL)
		return;
	for (uint32_t cell = straight_from(region, first, farthest); cell <= last; cell++) {
		if (!region->ran[cell])
			continue;
		litter += cell < first ? LITTER_PER_BLOCK : LITTER_PER_BYTE * ENGINE_CELL;
		if (cell > first && cell < last)
			region->ran[cell] = 0;
	}
	forget(engine, (uint64_t)region->start + span.start, (uint64_t)region->start + span.end,
		litter);
}

static void flush_touched(struct engine *engine)
{
	if (!engine->touched)
		return;
	engine->touched = false;
	for (unsigned i = 0; i < engine->region_count; i++) {
		struct engine_region *region = &engine->regions[i];
		for (unsigned k = 0; k < region->touched_count; k++)
			forget_span(engine, region, region->touched[k]);
		region->touched_count = 0;
	}
}

static bool is_thumb(struct engine *engine)
{
	return (engine_get(engine, ENGINE_XPSR) >> 24 & 1) != 0;
}

/* Forgets all translated code, because it does or does not call memory hooks. A flush of everything
 * would do as well, but Unicorn then clears a gigabyte. */
static void retranslate(struct engine *engine)
{
	for (unsigned i = 0; i < engine->region_count; i++)
		engine_touch(engine, engine->regions[i].start, engine->regions[i].size);
}

/* `until` ends the run before the instruction at that address, if exits are disabled: with them
 * enabled, and none set, nothing does. */
static enum engine_stop start(struct engine *engine, uint32_t pc, uint32_t until)
{
	flush_touched(engine);
	engine->stop = ENGINE_LIMIT;
	engine->it_now = engine->it_next = 0;
	engine->split_bytes = 0;
	engine->running = true;
	uc_err error = uc_emu_start(engine->uc, pc | 1, until, 0, 0);
	engine->running = false;
	engine->pass_at = UINT64_MAX;
	if (engine->stop == ENGINE_UNALIGNED && engine->undo.size > 0)
		memcpy(engine->undo.data, engine->undo.bytes, engine->undo.size);
	engine->undo.size = 0;
	if (engine->hook_lingers)
		retranslate(engine);
	engine->hook_lingers = false;
	enum engine_stop reason = stop_from_error(engine, error);
	if (reason == ENGINE_UNDEFINED && !is_thumb(engine)) /* a branch cleared the T bit */
		reason = ENGINE_INVALID_STATE;
	if (reason == ENGINE_FETCH_FAULT)
		engine->fault = (struct engine_fault){.address = engine_get(engine, ENGINE_PC),
			.pc = engine_get(engine, ENGINE_PC)};
	return reason;
}

enum engine_stop engine_run(struct engine *engine, uint64_t limit, bool pass)
{
	uint32_t pc = engine_get(engine, ENGINE_PC);
	if (!is_thumb(engine))
		return ENGINE_INVALID_STATE;
	engine->limit = limit;
	engine->pass_at = pass ? engine->executed : UINT64_MAX;
	return start(engine, pc, 0);
}

enum engine_stop engine_walk(struct engine *engine)
{
	uint32_t pc = engine_get(engine, ENGINE_PC);
	uint32_t xpsr = engine_get(engine, ENGINE_XPSR);
	if ((xpsr >> 24 & 1) == 0)
		return ENGINE_INVALID_STATE;
	uint16_t first = 0;
	(void)engine_fetch(engine, pc, &first);
	forget(engine, (uint64_t)pc, (uint64_t)pc + 2, LITTER_PER_BLOCK);
	engine->walking = true;
	engine->walked = false;
	engine->walked_itstate = (uint8_t)((xpsr >> 8 & 0xfc) | (xpsr >> 25 & 3));
	uc_ctl_exits_disable(engine->uc);
	enum engine_stop reason = start(engine, pc, pc + insn_size(first));
	uc_ctl_exits_enable(engine->uc);
	engine->walking = false;
	return reason;
}

void engine_interrupt(struct engine *engine)
{
	engine->limit = 0;
}

void engine_clear_executed(struct engine *engine)
{
	engine->executed = 0;
}

uint64_t engine_executed(const struct engine *engine)
{
	return engine->executed;
}

void engine_charge(struct engine *engine, uint64_t count)
{
	engine->executed += count;
}

/* ---- what stops it ---- */

void engine_set_interesting(struct engine *engine, unsigned classes)
{
	engine->interesting = classes | INSN_IT | INSN_EXCLUSIVE;
}

void engine_set_breakpoints(struct engine *engine, const uint32_t *addresses, unsigned count)
{
	assert(count <= ENGINE_BREAKPOINTS);
	engine->breakpoint_count = count;
	engine->breakpoint_mask = 0;
	for (unsigned i = 0; i < count; i++) {
		engine->breakpoints[i] = addresses[i];
		engine->breakpoint_mask |= UINT64_C(1) << (addresses[i] >> 1 & 63);
	}
}

void engine_watch(struct engine *engine, bool accesses, bool trap_unaligned)
{
	bool was_on = engine->watches || engine->traps_unaligned;
	bool on = accesses || trap_unaligned;
	engine->watches = accesses;
	engine->traps_unaligned = trap_unaligned;
	if (on == was_on)
		return;
	if (on)
		uc_hook_add(engine->uc, &engine->watch_hook, UC_HOOK_MEM_READ | UC_HOOK_MEM_WRITE,
			(void *)engine_on_access, engine, 1, 0);
	else
		uc_hook_del(engine->uc, engine->watch_hook);
	/* A deleted hook is gone only after the next run; what that translates is slow. */
	engine->hook_lingers = !on;
	retranslate(engine);
}

void engine_clear_exclusive(struct engine *engine)
{
	engine->exclusive_lost = true;
}

bool engine_exclusive_lost(const struct engine *engine)
{
	return engine->exclusive_lost;
}

const struct engine_fault *engine_last_fault(const struct engine *engine)
{
	return &engine->fault;
}
