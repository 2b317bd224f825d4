/*
 * Steps that are runs: through a range of code to its exits on spare comparators, through an
 * exclusive sequence, through the interrupts that wait and the threads that they wake. Called by
 * core_run.c, on the worker thread.
 *
 * Sources: ARMv7-M ARM C1.5 (stepping), A3.4 (exclusive accesses: an exception clears the monitor,
 * and so may debug state).
 */
#include "core_private.h"
#include "cortexm_registers.h"
#include "probe/bytes.h"
#include "probe/log.h"
#include "thumb.h"

#define LET_IN_INTERVAL_US 5000u
#define SEQUENCE_BYTES     64u
#define SHORT_RANGE        4u /* bytes that are left: one step is cheaper than a run */

static enum err read_exception(struct core *core, uint32_t *exception)
{
	enum err err = core_read_register(core, TARGET_XPSR, exception);
	*exception &= XPSR_EXCEPTION;
	return err;
}

/* Runs to one of the temporary breakpoints, which go afterwards. */
static enum err run_to_temporary(struct core *core, bool mask)
{
	enum err err = core_prepare(core, CORE_NOWHERE, mask);
	if (!err)
		err = core_go(core, 0);
	if (!err)
		err = core_wait_stop(core, false);
	return err;
}

/* Where the core stands is where it was to go: then the stop is that of a step. */
static enum err settle_reason(struct core *core)
{
	uint32_t pc;
	enum err err = core_read_register(core, TARGET_PC, &pc);
	if (!err && core->reason == TARGET_STOP_BREAKPOINT &&
		breakpoints_is_temporary(&core->breakpoints, pc))
		core->reason = TARGET_STOP_STEP;
	return err;
}

/* ---- interrupts that wait ---- */

static enum err ask_pending(struct core *core)
{
	if (core->pending_known)
		return ERR_OK;
	enum err err = probe_read_word(core->probe, SCB_ICSR, &core->pending);
	core->pending_known = !err;
	return err;
}

/* PRIMASK and FAULTMASK keep everything out that could wait. */
static enum err can_let_in(struct core *core, bool *can)
{
	uint32_t primask, faultmask = 0;
	*can = false;
	/* Until it was stopped everything could come in, unless it was stepped. */
	if (!core->pending_known && !core->pending_suspect && core->reason != TARGET_STOP_STEP)
		return ERR_OK;
	enum err err = ask_pending(core);
	if (err || !(core->pending & (ICSR_PENDSVSET | ICSR_PENDSTSET | ICSR_ISRPENDING)))
		return err;
	if (probe_now_us(core->probe) < core->let_in_us)
		return ERR_OK;
	err = core_read_register(core, TARGET_PRIMASK, &primask);
	if (!err)
		err = core_read_register(core, TARGET_FAULTMASK, &faultmask);
	*can = !err && !primask && !faultmask;
	return err;
}

/* What did not get in now (its priority is too low) need not be tried at every step. */
static enum err look_who_waits(struct core *core)
{
	enum err err = ask_pending(core);
	core->let_in_us = 0;
	if (!err && core->pending & (ICSR_PENDSVSET | ICSR_PENDSTSET | ICSR_ISRPENDING))
		core->let_in_us = probe_now_us(core->probe) + LET_IN_INTERVAL_US;
	return err;
}

/* A breakpoint under the core: in RAM it is a BKPT. False when there is no way to have one. */
static bool hold_at(struct core *core, uint32_t pc, bool *patched)
{
	*patched = pc >= FPB_CODE_END && !patches_has(&core->patches, pc);
	if (*patched)
		return patches_add(&core->patches, pc) == ERR_OK;
	return pc >= FPB_CODE_END || (!breakpoints_shadowed(&core->breakpoints, pc) &&
					     breakpoints_set_temporary(&core->breakpoints, &pc, 1));
}

static void let_go_of(struct core *core, uint32_t pc, bool patched)
{
	breakpoints_clear_temporary(&core->breakpoints);
	if (patched)
		patches_remove(&core->patches, pc);
}

static enum err note_place(struct core *core)
{
	core->range.keeps_stack = true;
	enum err err = core_read_register(core, TARGET_SP, &core->range.stack);
	return err ? err : read_exception(core, &core->range.exception);
}

/* It has not come back in time. With a BKPT under it, it is not let run for long: the program may
 * be copied there anew. */
static enum err wait_for_thread(struct core *core, uint32_t pc, bool patched)
{
	core->range.running = true;
	if (!patched) {
		log_info("the step waits for its thread to come back; Ctrl-C stops another one");
		return ERR_OK;
	}
	enum err err = core_halt(core);
	patches_remove(&core->patches, pc);
	return err;
}

static enum err run_in(struct core *core)
{
	bool was_quiet = log_quiet(true);
	enum err err = note_place(core);
	if (!err)
		err = run_to_temporary(core, false);
	(void)log_quiet(was_quiet);
	return err;
}

/* Back under the breakpoint: in this thread, or in another that passes there. */
static enum err come_back(struct core *core, uint32_t pc, bool patched)
{
	bool goes_on = false;
	uint32_t now, stack;
	enum err err = core_read_register(core, TARGET_PC, &now);
	if (!err)
		err = core_read_register(core, TARGET_SP, &stack);
	bool is_here = !err && core->reason == TARGET_STOP_BREAKPOINT && now == pc;
	if (is_here && !patched && stack != core->range.stack && !core_has_breakpoint(core, pc)) {
		core->range.running = true;
		return core_end_range(core, &goes_on);
	}
	if (is_here)
		core->reason = TARGET_STOP_STEP;
	let_go_of(core, pc, patched);
	return err ? err : look_who_waits(core);
}

/* Interrupts are taken before the breakpoint under the core matches. */
enum err core_let_in(struct core *core, uint32_t pc)
{
	bool can = false, patched;
	enum err err = can_let_in(core, &can);
	core->reason = TARGET_STOP_STEP;
	if (err || !can || !core_has_plain_memory(core, pc, 2) || !hold_at(core, pc, &patched))
		return err;
	err = run_in(core);
	if (err == ERR_TARGET_TIMEOUT)
		return wait_for_thread(core, pc, patched);
	if (!err)
		return come_back(core, pc, patched);
	let_go_of(core, pc, patched);
	return err;
}

/* ---- exclusive sequences ---- */

static bool begins_sequence(const uint8_t *bytes)
{
	return thumb_is_load_exclusive(get_le16(bytes), get_le16(bytes + 2));
}

static bool find_sequence(const struct thumb_code *code, struct thumb_exits *exits)
{
	uint32_t end = thumb_exclusive_end(code);
	struct thumb_code sequence = {code->start, end - code->start, code->bytes};
	return end && thumb_find_exits(&sequence, code->start, exits);
}

/* At first only the instruction is read, which is there already. */
enum err core_pass_exclusive(struct core *core, uint32_t pc, bool *passed)
{
	uint8_t bytes[SEQUENCE_BYTES];
	struct thumb_code code = {pc, sizeof(bytes), bytes};
	struct thumb_exits exits;
	*passed = false;
	if (!core_has_plain_memory(core, pc, sizeof(bytes)))
		return ERR_OK;
	enum err err = core_read_memory(core, pc, bytes, 4);
	if (err || !begins_sequence(bytes))
		return err;
	err = core_read_memory(core, pc, bytes, sizeof(bytes));
	if (err || !find_sequence(&code, &exits) ||
		!breakpoints_set_temporary(&core->breakpoints, exits.address, exits.count))
		return err;
	*passed = true;
	err = run_to_temporary(core, true);
	if (!err)
		err = settle_reason(core);
	breakpoints_clear_temporary(&core->breakpoints);
	return err;
}

/* ---- ranges ---- */

static enum err find_exits(
	struct core *core, uint32_t start, uint32_t end, struct thumb_exits *exits, bool *found)
{
	uint8_t bytes[THUMB_RANGE_MAX];
	struct thumb_code code = {start, end - start, bytes};
	uint32_t pc;
	*found = false;
	enum err err = core_read_register(core, TARGET_PC, &pc);
	if (err || pc < start || pc >= end || end - pc <= SHORT_RANGE ||
		end - start > THUMB_RANGE_MAX || core_has_breakpoint(core, pc) ||
		!core_has_plain_memory(core, start, code.size))
		return err;
	err = core_read_memory(core, start, bytes, code.size);
	*found = !err && thumb_find_exits(&code, pc, exits) &&
		 breakpoints_set_temporary(&core->breakpoints, exits->address, exits->count);
	return err;
}

static enum err start_range(struct core *core)
{
	enum err err = read_exception(core, &core->range.exception);
	core->range.keeps_stack = false;
	if (!err)
		err = core_prepare(core, CORE_NOWHERE, false);
	if (!err)
		err = core_go(core, 0);
	core->range.running = !err;
	if (err)
		breakpoints_clear_temporary(&core->breakpoints);
	return err;
}

enum err core_step_range(struct core *core, uint32_t start, uint32_t end)
{
	struct thumb_exits exits;
	bool found = false;
	if (!core->halted)
		return ERR_TARGET_STATE;
	enum err err = core->lets_steps_in ? ERR_OK : find_exits(core, start, end, &exits, &found);
	if (err)
		return err;
	return found ? start_range(core) : core_begin_step(core);
}

void core_forget_range(struct core *core)
{
	core->range.running = false;
	breakpoints_clear_temporary(&core->breakpoints);
}

/* A handler or a thread that came by an exit is none of the step's business: off it, and on. */
static enum err go_on(struct core *core, uint32_t pc, bool *goes_on)
{
	enum err err = core_step_once(core, pc, true);
	if (err || core->reason != TARGET_STOP_STEP)
		return err;
	err = core_prepare(core, CORE_NOWHERE, false);
	if (!err)
		err = core_go(core, 0);
	*goes_on = !err;
	return err;
}

static enum err is_passer_by(struct core *core, bool *passer_by)
{
	uint32_t exception, stack;
	enum err err = read_exception(core, &exception);
	if (!err)
		err = core_read_register(core, TARGET_SP, &stack);
	*passer_by = !err && (exception != core->range.exception ||
				     (core->range.keeps_stack && stack != core->range.stack));
	return err;
}

enum err core_end_range(struct core *core, bool *goes_on)
{
	uint32_t pc;
	bool passer_by = false;
	*goes_on = false;
	enum err err = core_read_register(core, TARGET_PC, &pc);
	if (!err)
		err = is_passer_by(core, &passer_by);
	if (!err && core->reason == TARGET_STOP_BREAKPOINT && !core_has_breakpoint(core, pc) &&
		breakpoints_is_temporary(&core->breakpoints, pc)) {
		if (passer_by)
			err = go_on(core, pc, goes_on);
		else
			core->reason = TARGET_STOP_STEP;
	}
	if (!*goes_on)
		core_forget_range(core);
	return err;
}
