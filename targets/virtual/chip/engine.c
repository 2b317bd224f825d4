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

/* What Unicorn forgets of its translations keeps its place in a buffer of a gigabyte, and when that
 * is full it crashes: so all is forgotten now and then, which frees the buffer in some 10 ms. */
static void forget(struct engine *engine, uint64_t start, uint64_t end)
{
	uc_ctl_remove_cache(engine->uc, start, end);
	if (++engine->forgotten < FORGET_LIMIT)
		return;
	uc_ctl_flush_tlb(engine->uc);
	engine->forgotten = 0;
}

/* Most of what the host writes was never executed, and costs nothing. */
static void flush_region(struct engine *engine, struct engine_region *region)
{
	uint32_t touched_start = region->touched_start, touched_end = region->touched_end;
	region->touched_start = region->size;
	region->touched_end = 0;
	if (touched_start >= region->code_end || touched_end <= region->code_start)
		return;
	forget(engine, (uint64_t)region->start + touched_start,
		(uint64_t)region->start + touched_end);
	if (touched_start <= region->code_start)
		region->code_start = touched_end;
	if (touched_end >= region->code_end)
		region->code_end = touched_start;
	if (region->code_start < region->code_end)
		return;
	region->code_start = region->size;
	region->code_end = 0;
}

static void flush_touched(struct engine *engine)
{
	if (!engine->touched)
		return;
	engine->touched = false;
	for (unsigned i = 0; i < engine->region_count; i++)
		flush_region(engine, &engine->regions[i]);
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
	forget(engine, (uint64_t)pc, (uint64_t)pc + 2);
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
