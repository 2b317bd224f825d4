/*
 * Run and step. Called by target.c, on the worker thread.
 *
 * Source: ARMv7-M ARM C1.5. C_MASKINTS may change only while the core is halted, and not in the
 * write that clears C_HALT: so a masked step is two writes.
 */
#include "core_private.h"
#include "cortexm_registers.h"
#include "thumb.h"

/* ---- before a run ---- */

bool core_has_breakpoint(const struct core *core, uint32_t address)
{
	return breakpoints_has(&core->breakpoints, address) || patches_has(&core->patches, address);
}

enum err core_catch_faults(struct core *core)
{
	if (core->catches_faults)
		return ERR_OK;
	enum err err = core_change_demcr(core, 0, DEMCR_VC_FAULTS);
	core->catches_faults = !err;
	return err;
}

/* A single step needs no breakpoints, except that none may be in its way. */
static void queue_comparators(struct core *core, struct bus *bus, uint32_t except)
{
	if (except == CORE_NOWHERE)
		breakpoints_sync(&core->breakpoints, bus, except);
	else
		breakpoints_lift(&core->breakpoints, bus, except);
	if (core->watchpoints.probed)
		watchpoints_sync(&core->watchpoints, bus);
}

bool core_queue_prepare(struct core *core, struct bus *bus, uint32_t except, bool mask)
{
	/* Of a core that runs it may tell of the stop that it has just come to. */
	bool clears = core->halted && (core->reason_stands || except == CORE_NOWHERE);
	if (clears)
		bus_write(bus, SCB_DFSR, DFSR_ALL);
	queue_comparators(core, bus, except);
	if (core->masked != mask || core->mask_unsure)
		bus_write(bus, DCB_DHCSR,
			DHCSR_KEY | DHCSR_C_DEBUGEN | DHCSR_C_HALT | (mask ? DHCSR_C_MASKINTS : 0));
	return clears;
}

enum err core_note_prepared(struct core *core, enum err err, bool clears, bool mask)
{
	if (err) {
		breakpoints_forget(&core->breakpoints);
		watchpoints_forget(&core->watchpoints);
		core->mask_unsure = true;
		return err;
	}
	core->mask_unsure = false;
	core->reason_stands &= !clears;
	core->reason_is_clear |= clears;
	core->masked = mask;
	return ERR_OK;
}

static enum err write_comparators(struct core *core, uint32_t except, bool mask)
{
	struct bus bus;
	bus_begin(&bus, core->probe, NULL, NULL);
	bool clears = core_queue_prepare(core, &bus, except, mask);
	return core_note_prepared(core, bus_end(&bus), clears, mask);
}

static enum err prepare_memory(struct core *core, uint32_t except)
{
	enum err err = core_settle(core);
	if (!err)
		err = core_catch_faults(core);
	if (except == CORE_NOWHERE)
		patches_doubt(&core->patches); /* the firmware may have copied over them */
	return err ? err : patches_sync(&core->patches, core->probe, except);
}

enum err core_prepare(struct core *core, uint32_t except, bool mask)
{
	enum err err = prepare_memory(core, except);
	return err ? err : write_comparators(core, except, mask);
}

uint32_t core_go_word(uint32_t bits, bool mask)
{
	return DHCSR_KEY | DHCSR_C_DEBUGEN | bits | (mask ? DHCSR_C_MASKINTS : 0);
}

void core_note_gone(struct core *core, uint32_t bits)
{
	if (bits & DHCSR_C_STEP && core->flash_checked && core->flash_locked)
		cache_drop_ram(&core->cache);
	else
		cache_drop(&core->cache);
	core->stack_before = core->file[SELECTOR_SP];
	core_stop_is_over(core);
	core->stepped = bits & DHCSR_C_STEP;
}

enum err core_go(struct core *core, uint32_t bits)
{
	enum err err = probe_write_word(core->probe, DCB_DHCSR, core_go_word(bits, core->masked));
	if (err)
		core_now_runs(core); /* perhaps: what fails may have been done */
	else
		core_note_gone(core, bits);
	return err;
}

/* ---- one instruction ---- */

static enum err read_halfwords(struct core *core, uint32_t pc, uint8_t *code, size_t size)
{
	return core_has_plain_memory(core, pc, size) ? core_read_memory(core, pc, code, size)
						     : ERR_TARGET_FAULT;
}

/* A BKPT instruction of the program would stop the core on itself again. */
static enum err skip_bkpt(struct core *core, uint32_t pc, bool *skipped)
{
	uint8_t code[2];
	*skipped = false;
	if (core->reason != TARGET_STOP_BREAKPOINT || core_has_breakpoint(core, pc))
		return ERR_OK;
	enum err err = read_halfwords(core, pc, code, sizeof(code));
	if (err || !thumb_is_bkpt((uint16_t)(code[0] | code[1] << 8)))
		return err == ERR_TARGET_FAULT ? ERR_OK : err;
	*skipped = true;
	err = core_write_register(core, TARGET_PC, pc + 2);
	core->reason = TARGET_STOP_STEP;
	return err;
}

static enum err step_by_commands(struct core *core, uint32_t pc, bool mask)
{
	enum err err = core_prepare(core, pc, mask);
	if (!err)
		err = core_go(core, DHCSR_C_STEP);
	return err ? err : core_wait_stop(core, true);
}

/* A core that stands where it stood was not stepped, or to no effect. */
static enum err step_after_failure(struct core *core, uint32_t pc, bool mask, enum err err)
{
	if (core_stands_at(core) == pc)
		return step_by_commands(core, pc, mask);
	core_now_runs(core);
	return err;
}

static enum err step_at_once(struct core *core, uint32_t pc, bool mask)
{
	struct core_look look;
	bool gone;
	enum err err = prepare_memory(core, pc);
	if (err)
		return err;
	err = core_step_and_look(core, pc, mask, &look, &gone);
	if (err && !gone)
		return step_after_failure(core, pc, mask, err);
	if (err)
		core_note_gone(core, DHCSR_C_STEP);
	else
		core_note_reset(core, look.dhcsr);
	return !err && look.dhcsr & DHCSR_S_HALT ? core_note_stop(core, look.dfsr)
						 : core_wait_stop(core, true);
}

enum err core_step_once(struct core *core, uint32_t pc, bool mask)
{
	return probe_info(core->probe)->has_batches ? step_at_once(core, pc, mask)
						    : step_by_commands(core, pc, mask);
}

static enum err step_masked(struct core *core, uint32_t pc)
{
	bool passed = false;
	enum err err = core_let_in(core, pc);
	if (err || core->range.running || core->reason != TARGET_STOP_STEP)
		return err;
	err = core_pass_exclusive(core, pc, &passed);
	return err || passed ? err : core_step_once(core, pc, true);
}

enum err core_begin_step(struct core *core)
{
	uint32_t pc;
	bool skipped = false;
	enum err err = core_read_register(core, TARGET_PC, &pc);
	if (!err)
		err = skip_bkpt(core, pc, &skipped);
	if (err || skipped)
		return err;
	return core->lets_steps_in ? core_step_once(core, pc, false) : step_masked(core, pc);
}

enum err core_step(struct core *core)
{
	enum err err = core_begin_step(core);
	return !err && core->range.running ? core_halt(core) : err;
}

/* ---- run ---- */

/* Steps off an instruction that carries a breakpoint. A step that ends in something else than a
 * step (a fault that is caught, say) is the stop that the user is waiting for: *stopped. */
static enum err step_off(struct core *core, bool *stopped)
{
	uint32_t pc;
	bool skipped = false;
	*stopped = false;
	enum err err = core_read_register(core, TARGET_PC, &pc);
	if (!err)
		err = skip_bkpt(core, pc, &skipped);
	if (err || skipped || !core_has_breakpoint(core, pc))
		return err;
	err = core_step_once(core, pc, true);
	*stopped = !err && core->reason != TARGET_STOP_STEP;
	return err;
}

enum err core_resume(struct core *core)
{
	bool stopped;
	enum err err = core->range.running ? core_halt(core) : ERR_OK;
	if (err || !core->halted)
		return err;
	err = step_off(core, &stopped);
	if (err || stopped)
		return err;
	if (core->due)
		return core_return(core);
	err = core_prepare(core, CORE_NOWHERE, false);
	return err ? err : core_go(core, 0);
}
