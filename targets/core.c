/*
 * One Cortex-M core: attach, halt, run, step, poll. Called by target.c and the flash code, on the
 * worker thread. Source: ARMv7-M ARM C1.6 (debug registers) and C1.5 (stepping).
 */
#include "core.h"

#include "core_private.h"
#include "cortexm_registers.h"
#include "probe/log.h"

#include <string.h>

/* ---- DHCSR ---- */

/* Reading clears S_RESET_ST, so that who reads must remember it. */
enum err core_read_dhcsr(struct core *core, uint32_t *dhcsr)
{
	enum err err = probe_read_word(core->probe, DCB_DHCSR, dhcsr);
	if (!err && *dhcsr & DHCSR_S_RESET_ST)
		core->reset_seen = true;
	return err;
}

enum err core_write_dhcsr(struct core *core, uint32_t bits)
{
	return probe_write_word(core->probe, DCB_DHCSR, DHCSR_KEY | DHCSR_C_DEBUGEN | bits);
}

/* Interrupts are masked from the first step of a stop until the next resume: C_MASKINTS may change
 * only while the core is halted, and not in the write that clears C_HALT. */
static enum err mask_interrupts(struct core *core, bool mask)
{
	if (core->masked == mask)
		return ERR_OK;
	enum err err = core_write_dhcsr(core, DHCSR_C_HALT | (mask ? DHCSR_C_MASKINTS : 0));
	if (!err)
		core->masked = mask;
	return err;
}

static enum err wait_halted(struct core *core)
{
	uint64_t deadline = probe_now_us(core->probe) + CORE_HALT_TIMEOUT_US;
	for (;;) {
		bool late = probe_now_us(core->probe) >= deadline;
		uint32_t dhcsr;
		enum err err = core_read_dhcsr(core, &dhcsr);
		if (err)
			return err;
		if (dhcsr & DHCSR_S_HALT)
			return ERR_OK;
		if (late) {
			log_error("the core did not halt within %u ms (DHCSR %08X)%s; try `monitor "
				  "reset halt`",
				CORE_HALT_TIMEOUT_US / 1000, dhcsr,
				dhcsr & DHCSR_S_RESET_ST ? ": it is held in reset" : "");
			return ERR_TARGET_TIMEOUT;
		}
	}
}

/* ---- attach, detach ---- */

enum err core_attach(struct core *core, struct probe *probe)
{
	memset(core, 0, sizeof(*core));
	core->probe = probe;

	struct bus bus;
	bus_begin(&bus, probe, NULL, NULL);
	struct bus_later cpuid = bus_read_later(&bus, SCB_CPUID);
	struct bus_later mvfr0 = bus_read_later(&bus, SCB_MVFR0);
	struct bus_later demcr = bus_read_later(&bus, DCB_DEMCR);
	breakpoints_probe(&core->breakpoints, &bus);
	enum err err = bus_end(&bus);
	if (err)
		return err;

	core->cpuid = bus_value(&bus, cpuid);
	core->has_fpu = (bus_value(&bus, mvfr0) & MVFR0_SINGLE_MASK) == MVFR0_SINGLE_PRECISION;
	core->found_demcr = core->demcr = bus_value(&bus, demcr);
	if ((core->cpuid & CPUID_IMPLEMENTER_MASK) != CPUID_IMPLEMENTER_ARM) {
		log_error("CPUID reads %08X, which is no Arm core: check the SWD wires or lower "
			  "--speed",
			core->cpuid);
		return ERR_TARGET_UNKNOWN;
	}
	return ERR_OK;
}

static enum err clear_comparators(struct core *core)
{
	struct bus bus;
	bus_begin(&bus, core->probe, NULL, NULL);
	breakpoints_clear(&core->breakpoints);
	breakpoints_sync(&core->breakpoints, &bus, CORE_NOWHERE);
	bus_write(&bus, FPB_CTRL, FPB_CTRL_KEY);
	bus_write(&bus, DCB_DEMCR, core->found_demcr);
	core->breakpoints.enabled = false;
	core->demcr = core->found_demcr;
	return bus_end(&bus);
}

enum err core_detach(struct core *core, bool run)
{
	enum err err = clear_comparators(core);
	if (err || !run)
		return err;
	err = mask_interrupts(core, false);
	if (!err)
		err = core_write_dhcsr(core, 0);
	if (!err)
		err = probe_write_word(core->probe, DCB_DHCSR, DHCSR_KEY);
	core_now_runs(core);
	return err;
}

/* ---- state ---- */

void core_now_runs(struct core *core)
{
	core->halted = false;
	core->stepped = false;
	core->file_valid = false;
	core->fpu_valid = false;
}

static enum target_stop_reason reason_of(const struct core *core, uint32_t dfsr)
{
	if (dfsr & DFSR_VCATCH)
		return TARGET_STOP_VECTOR_CATCH;
	if (dfsr & DFSR_DWTTRAP)
		return TARGET_STOP_WATCHPOINT;
	if (dfsr & DFSR_BKPT)
		return TARGET_STOP_BREAKPOINT;
	if (dfsr & DFSR_EXTERNAL)
		return TARGET_STOP_EXTERNAL;
	return core->stepped ? TARGET_STOP_STEP : TARGET_STOP_REQUEST;
}

/* The core was just found or made halted: why? DFSR is cleared for the next stop. */
enum err core_take_reason(struct core *core)
{
	uint32_t dfsr;
	enum err err = probe_read_word(core->probe, SCB_DFSR, &dfsr);
	if (!err && dfsr & DFSR_ALL)
		err = probe_write_word(core->probe, SCB_DFSR, DFSR_ALL);
	if (err)
		return err;
	core->reason = reason_of(core, dfsr);
	core->halted = true;
	return ERR_OK;
}

/* S_RESET_ST that stands on a second look means that the core is held in reset right now. */
static enum err look(struct core *core, uint32_t *dhcsr)
{
	enum err err = core_read_dhcsr(core, dhcsr);
	if (!err && *dhcsr & DHCSR_S_RESET_ST)
		err = core_read_dhcsr(core, dhcsr);
	return err;
}

enum err core_poll(struct core *core, struct target_status *status)
{
	uint32_t dhcsr;
	enum err err = look(core, &dhcsr);
	if (err)
		return err;

	status->was_reset = core->reset_seen;
	core->reset_seen = false;
	if (dhcsr & DHCSR_S_RESET_ST) {
		core_now_runs(core);
		status->state = TARGET_IN_RESET;
	} else if (dhcsr & DHCSR_S_HALT) {
		if (!core->halted)
			err = core_take_reason(core);
		status->state = TARGET_HALTED;
	} else {
		core_now_runs(core);
		status->state = dhcsr & DHCSR_S_LOCKUP ? TARGET_LOCKED_UP : TARGET_RUNNING;
	}
	status->reason = core->reason;
	return err;
}

enum err core_halt(struct core *core)
{
	if (core->halted)
		return ERR_OK;
	enum err err = core_write_dhcsr(core, DHCSR_C_HALT);
	if (!err)
		err = wait_halted(core);
	if (!err)
		err = core_take_reason(core);
	return err;
}

/* ---- run ---- */

enum err core_sync_breakpoints(struct core *core, uint32_t except)
{
	struct bus bus;
	bus_begin(&bus, core->probe, NULL, NULL);
	breakpoints_sync(&core->breakpoints, &bus, except);
	enum err err = bus_end(&bus);
	if (err)
		breakpoints_forget(&core->breakpoints);
	return err;
}

/* A BKPT instruction would stop the core on itself again. */
static enum err skip_bkpt(struct core *core, uint32_t pc, bool *skipped)
{
	*skipped = false;
	if (core->reason != TARGET_STOP_BREAKPOINT || breakpoints_has(&core->breakpoints, pc))
		return ERR_OK;
	uint32_t word;
	enum err err = probe_read_word(core->probe, pc & ~3u, &word);
	if (err)
		return err;
	uint32_t opcode = pc & 2 ? word >> 16 : word & 0xFFFF;
	if ((opcode & 0xFF00) != 0xBE00)
		return ERR_OK;
	*skipped = true;
	return core_write_register(core, TARGET_PC, pc + 2);
}

static enum err step_once(struct core *core, uint32_t pc)
{
	enum err err = core_sync_breakpoints(core, pc);
	if (!err)
		err = mask_interrupts(core, true);
	if (!err)
		err = core_write_dhcsr(core, DHCSR_C_STEP | DHCSR_C_MASKINTS);
	if (!err) {
		core_now_runs(core);
		core->stepped = true;
		err = wait_halted(core);
	}
	return err;
}

enum err core_step(struct core *core)
{
	uint32_t pc;
	bool skipped = false;
	enum err err = core_read_register(core, TARGET_PC, &pc);
	if (!err)
		err = skip_bkpt(core, pc, &skipped);
	if (err)
		return err;
	if (skipped) {
		core->reason = TARGET_STOP_STEP;
		return ERR_OK;
	}
	err = step_once(core, pc);
	if (!err)
		err = core_take_reason(core);
	return err;
}

/* Steps off an instruction that carries a breakpoint. A step that ends in something else than a
 * step (a fault that is caught, say) is the stop that the user is waiting for: *stopped. */
static enum err step_off_breakpoint(struct core *core, uint32_t pc, bool *stopped)
{
	*stopped = false;
	if (!breakpoints_has(&core->breakpoints, pc))
		return ERR_OK;
	enum err err = core_step(core);
	*stopped = !err && core->reason != TARGET_STOP_STEP;
	return err;
}

enum err core_resume(struct core *core)
{
	if (!core->halted)
		return ERR_OK;
	uint32_t pc;
	bool skipped = false, stopped = false;
	enum err err = core_read_register(core, TARGET_PC, &pc);
	if (!err)
		err = skip_bkpt(core, pc, &skipped);
	if (!err && !skipped)
		err = step_off_breakpoint(core, pc, &stopped);
	if (err || stopped)
		return err;

	err = core_sync_breakpoints(core, CORE_NOWHERE);
	if (!err)
		err = mask_interrupts(core, false);
	if (!err)
		err = core_write_dhcsr(core, 0);
	if (!err)
		core_now_runs(core);
	return err;
}

/* The registers may have been read for the user already; else they are now. */
static enum err read_exception(struct core *core, uint32_t *exception)
{
	enum err err = core_read_register(core, TARGET_XPSR, exception);
	*exception &= XPSR_EXCEPTION;
	return err;
}

enum err core_run_code(struct core *core, uint32_t pc, uint32_t sp)
{
	static const uint32_t primask_set = 1; /* CONTROL 0: privileged, main stack, no FPU frame */
	uint32_t exception = 0;
	enum err err = read_exception(core, &exception);
	if (!err)
		err = probe_write_register(core->probe, SELECTOR_SPECIAL, primask_set);
	if (!err)
		err = probe_write_register(core->probe, SELECTOR_MSP, sp);
	if (!err)
		err = probe_write_register(core->probe, SELECTOR_XPSR, XPSR_T | exception);
	if (!err)
		err = probe_write_register(core->probe, SELECTOR_PC, pc);
	if (!err)
		err = mask_interrupts(core, false);
	if (!err)
		err = core_write_dhcsr(core, 0);
	core_now_runs(core);
	return err;
}

enum err core_pause_code(struct core *core)
{
	enum err err = core_write_dhcsr(core, DHCSR_C_HALT);
	return err ? err : wait_halted(core);
}

enum err core_continue_code(struct core *core)
{
	return core_write_dhcsr(core, 0);
}
