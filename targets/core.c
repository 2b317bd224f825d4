/*
 * One Cortex-M core: attach, detach, halt, poll. Called by target*.c and the flash code, on the
 * worker thread. Sources: ARMv7-M ARM C1.6 (debug registers), C1.4 (what stops a core).
 */
#include "core.h"

#include "core_private.h"
#include "cortexm_registers.h"
#include "probe/log.h"

#include <string.h>

#define SLEEP_WAKES_AFTER_US 2000u

/* ---- DHCSR ---- */

void core_note_reset(struct core *core, uint32_t dhcsr)
{
	if (dhcsr & DHCSR_S_RESET_ST)
		core->reset_seen = true;
}

enum err core_read_dhcsr(struct core *core, uint32_t *dhcsr)
{
	enum err err = probe_read_word(core->probe, DCB_DHCSR, dhcsr);
	if (!err)
		core_note_reset(core, *dhcsr);
	return err;
}

enum err core_write_dhcsr(struct core *core, uint32_t bits)
{
	return probe_write_word(core->probe, DCB_DHCSR, DHCSR_KEY | DHCSR_C_DEBUGEN | bits);
}

/* While the core is halted nobody but us writes DEMCR. */
enum err core_change_demcr(struct core *core, uint32_t clear, uint32_t set)
{
	uint32_t demcr = core->demcr;
	bool known = core->demcr_known;
	core->demcr_known = false;
	enum err err = known ? ERR_OK : probe_read_word(core->probe, DCB_DEMCR, &demcr);
	core->demcr = (demcr & ~clear) | set;
	if (!err)
		err = probe_write_word(core->probe, DCB_DEMCR, core->demcr);
	core->demcr_known = !err && core->halted;
	return err;
}

/* ---- attach, detach ---- */

/* What a debugger sets and this one did not: whoever set it is gone, for the core is ours. */
static void note_found(struct core *core, uint32_t demcr, bool leftovers)
{
	if (core->found_known)
		return;
	core->found_demcr = leftovers ? demcr & ~(DEMCR_VC_ALL | DEMCR_TRCENA) : demcr;
	core->found_known = true;
}

static void forget(struct core *core, struct probe *probe)
{
	struct core was = *core;
	memset(core, 0, sizeof(*core));
	core->probe = probe;
	core->found_known = was.found_known;
	core->found_demcr = was.found_demcr;
	core->lets_steps_in = was.lets_steps_in;
	core->cache.off = was.cache.off;
	core->patches = was.patches;
	patches_remove_all(&core->patches);
	patches_doubt(&core->patches);
}

enum err core_attach(struct core *core, struct probe *probe)
{
	forget(core, probe);
	struct bus bus;
	bus_begin(&bus, probe, NULL, NULL);
	struct bus_later cpuid = bus_read_later(&bus, SCB_CPUID);
	struct bus_later mvfr0 = bus_read_later(&bus, SCB_MVFR0);
	struct bus_later demcr = bus_read_later(&bus, DCB_DEMCR);
	struct bus_later dhcsr = bus_read_later(&bus, DCB_DHCSR);
	bus_flush(&bus);
	core->cpuid = bus_value(&bus, cpuid);
	core->has_fpu = (bus_value(&bus, mvfr0) & MVFR0_SINGLE_MASK) == MVFR0_SINGLE_PRECISION;
	uint32_t found = bus_value(&bus, demcr);
	bool leftovers = core->found_known || bus_value(&bus, dhcsr) & DHCSR_C_DEBUGEN;
	breakpoints_probe(&core->breakpoints, &bus, leftovers);
	core->watchpoints.leftovers = leftovers;
	/* What another debugger watched would stop this one; the next resume clears it. */
	if (leftovers && found & DEMCR_TRCENA)
		watchpoints_probe(&core->watchpoints, &bus);
	enum err err = bus_end(&bus);
	if (err)
		return err;

	if ((core->cpuid & CPUID_IMPLEMENTER_MASK) != CPUID_IMPLEMENTER_ARM) {
		log_error("CPUID reads %08X, which is no Arm core: check the SWD wires or lower "
			  "--speed",
			core->cpuid);
		return ERR_TARGET_UNKNOWN;
	}
	note_found(core, found, leftovers);
	return ERR_OK;
}

static void restore_units(struct core *core, struct bus *bus)
{
	breakpoints_restore(&core->breakpoints, bus);
	if (core->watchpoints.probed)
		watchpoints_restore(&core->watchpoints, bus);
	bus_write(bus, SCB_DFSR, DFSR_ALL);
}

/* Alone, so that what is written can follow in one batch. */
static enum err learn_demcr(struct core *core)
{
	if (core->demcr_known)
		return ERR_OK;
	enum err err = probe_read_word(core->probe, DCB_DEMCR, &core->demcr);
	core->demcr_known = !err;
	return err;
}

/* TRCENA switches on what the firmware may have begun to use since: a delay that counts cycles
 * would never end without it. */
static enum err keep_used_trace(const struct core *core, uint32_t *found)
{
	uint32_t dwt = 0, itm = 0;
	if (!(core->demcr & ~*found & DEMCR_TRCENA))
		return ERR_OK;
	enum err err = probe_read_word(core->probe, DWT_CTRL, &dwt);
	if (!err)
		err = probe_read_word(core->probe, ITM_TCR, &itm);
	if (dwt & DWT_CTRL_ENABLES || itm & ITM_TCR_ITMENA)
		*found |= DEMCR_TRCENA;
	return err;
}

static void restore_demcr(struct core *core, struct bus *bus)
{
	const uint32_t ours = DEMCR_VC_ALL | DEMCR_TRCENA;
	uint32_t found = core->found_demcr;
	enum err err = learn_demcr(core);
	if (!err)
		err = keep_used_trace(core, &found);
	if (err)
		bus_fail(bus, err);
	bus_write(bus, DCB_DEMCR, (core->demcr & ~ours) | (found & ours));
}

static void let_go(const struct core *core, struct bus *bus)
{
	if (core->masked || core->mask_unsure)
		bus_write(bus, DCB_DHCSR, DHCSR_KEY | DHCSR_C_DEBUGEN | DHCSR_C_HALT);
	bus_write(bus, DCB_DHCSR, DHCSR_KEY | DHCSR_C_DEBUGEN);
	bus_write(bus, DCB_DHCSR, DHCSR_KEY);
}

/* What was written before the failure is only written again. */
static enum err detach_in_parts(struct core *core, bool run)
{
	struct bus bus;
	bus_begin(&bus, core->probe, NULL, NULL);
	breakpoints_forget(&core->breakpoints);
	watchpoints_forget(&core->watchpoints);
	restore_units(core, &bus);
	enum err units = bus_end(&bus);
	bus_begin(&bus, core->probe, NULL, NULL);
	restore_demcr(core, &bus);
	enum err demcr = bus_end(&bus);
	bus_begin(&bus, core->probe, NULL, NULL);
	if (run)
		let_go(core, &bus);
	enum err released = bus_end(&bus);
	if (!units)
		units = demcr;
	return units ? units : released;
}

enum err core_detach(struct core *core, struct bus *bus, bool run)
{
	enum err settled = core_settle(core);
	patches_remove_all(&core->patches);
	enum err patched = patches_sync(&core->patches, core->probe, CORE_NOWHERE);
	restore_units(core, bus);
	restore_demcr(core, bus);
	if (run)
		let_go(core, bus);
	enum err err = bus_end(bus);
	if (err)
		err = detach_in_parts(core, run);
	if (run) {
		core->masked = core->mask_unsure = false;
		core_now_runs(core);
	}
	core->catches_faults = core->demcr_known = false;
	if (!settled)
		settled = patched;
	err = settled ? settled : err;
	core->found_known = err != ERR_OK;
	return err;
}

/* ---- state ---- */

void core_stop_is_over(struct core *core)
{
	core->halted = false;
	core->stepped = false;
	core->stop_seen = false;
	core->due = 0;
	core->text_due = NULL;
	core->file_valid = false;
	core->few_valid = 0;
	core->fpu_valid = 0;
	core->pending_known = false;
	core->pending_suspect = false;
	core->ram_from = core->ram_to = 0;
	core->flash_checked = false;
	core->demcr_known = false;
}

void core_now_runs(struct core *core)
{
	core_stop_is_over(core);
	cache_drop(&core->cache);
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

static enum err note_watchpoint(struct core *core)
{
	struct bus bus;
	core->watched = (struct watchpoint){0};
	if (core->reason != TARGET_STOP_WATCHPOINT || !core->watchpoints.probed)
		return ERR_OK;
	bus_begin(&bus, core->probe, NULL, NULL);
	(void)watchpoints_matched(&core->watchpoints, &bus, &core->watched);
	return bus_end(&bus);
}

enum err core_note_stop(struct core *core, uint32_t dfsr)
{
	core->reason = reason_of(core, dfsr);
	core->reason_stands |= (dfsr & DFSR_ALL & ~DFSR_HALTED) != 0;
	core->reason_is_clear = false;
	core->halted = true;
	return note_watchpoint(core);
}

/* ---- waiting ---- */

static enum err complain_running(uint32_t dhcsr)
{
	log_error("the core did not halt within %u ms (DHCSR %08X)%s", CORE_HALT_TIMEOUT_US / 1000,
		dhcsr,
		dhcsr & DHCSR_S_RESET_ST ? ": it is held in reset; let go of the reset button"
					 : "; try `monitor reset halt`");
	return ERR_TARGET_TIMEOUT;
}

enum err core_wait_halted(struct core *core)
{
	uint64_t deadline = probe_now_us(core->probe) + CORE_HALT_TIMEOUT_US;
	for (;;) {
		bool late = probe_now_us(core->probe) >= deadline;
		uint32_t dhcsr;
		enum err err = core_read_dhcsr(core, &dhcsr);
		if (err || dhcsr & DHCSR_S_HALT)
			return err;
		if (late)
			return complain_running(dhcsr);
	}
}

/* A step over WFI ends when something wakes the core: with interrupts masked, that is us. */
static enum err wake(struct core *core, uint32_t dhcsr, uint64_t waited_us, bool *woken)
{
	if (*woken || !(dhcsr & DHCSR_S_SLEEP) || waited_us < SLEEP_WAKES_AFTER_US)
		return ERR_OK;
	*woken = true;
	return core_write_dhcsr(core, DHCSR_C_HALT | (core->masked ? DHCSR_C_MASKINTS : 0));
}

enum err core_wait_stop(struct core *core, bool wakes)
{
	uint64_t start = probe_now_us(core->probe);
	bool woken = !wakes;
	for (;;) {
		struct core_look look;
		uint64_t waited_us = probe_now_us(core->probe) - start;
		enum err err = core_look(core, &look);
		if (err)
			return err;
		core_note_reset(core, look.dhcsr);
		if (look.dhcsr & DHCSR_S_HALT)
			return core_note_stop(core, look.dfsr);
		if (waited_us >= CORE_HALT_TIMEOUT_US)
			return complain_running(look.dhcsr);
		err = wake(core, look.dhcsr, waited_us, &woken);
		if (err)
			return err;
	}
}

/* ---- poll, halt ---- */

/* S_RESET_ST that stands on a second look means that the core is held in reset right now. */
static enum err look_twice(struct core *core, uint32_t *dhcsr)
{
	enum err err = core_read_dhcsr(core, dhcsr);
	if (!err && *dhcsr & DHCSR_S_RESET_ST)
		err = core_read_dhcsr(core, dhcsr);
	return err;
}

void core_get_stop(const struct core *core, struct target_status *status)
{
	*status = (struct target_status){
		.state = TARGET_HALTED,
		.reason = core->reason,
		.watched = core->watched.size != 0,
		.watch = core->watched.kind,
		.watch_address = core->watched.address,
	};
}

static enum err found_halted(struct core *core, struct target_status *status)
{
	bool goes_on = false;
	enum err err = core->halted ? ERR_OK : core_take_reason(core);
	if (!err && core->range.running)
		err = core_end_range(core, &goes_on);
	bool was_reset = status->was_reset;
	core_get_stop(core, status);
	status->was_reset = was_reset;
	if (goes_on)
		status->state = TARGET_RUNNING;
	return err;
}

enum err core_poll(struct core *core, struct target_status *status)
{
	uint32_t dhcsr = DHCSR_S_HALT;
	enum err err = core->stop_seen ? ERR_OK : look_twice(core, &dhcsr);
	if (err)
		return err;

	core->stop_seen = false;
	*status = (struct target_status){.was_reset = core->reset_seen};
	core->reset_seen = false;
	if (dhcsr & DHCSR_S_RESET_ST) {
		core_now_runs(core);
		status->state = TARGET_IN_RESET;
	} else if (dhcsr & DHCSR_S_HALT) {
		err = found_halted(core, status);
	} else {
		core_now_runs(core);
		status->state = dhcsr & DHCSR_S_LOCKUP ? TARGET_LOCKED_UP : TARGET_RUNNING;
	}
	return err;
}

/* DFSR was cleared when the core was let go: what stands in it now is a stop, and its reason. That
 * is one access instead of two, and Ctrl-C is waited for. */
static enum err look_for_reason(struct core *core, bool *halted)
{
	uint32_t dfsr;
	*halted = false;
	if (!core->reason_is_clear)
		return ERR_OK;
	enum err err = probe_read_word(core->probe, SCB_DFSR, &dfsr);
	if (err || !(dfsr & DFSR_ALL))
		return err;
	*halted = true;
	return core_note_stop(core, dfsr);
}

enum err core_halt(struct core *core)
{
	bool halted;
	if (core->halted)
		return ERR_OK;
	enum err err = core_write_dhcsr(core, DHCSR_C_HALT);
	if (!err)
		err = look_for_reason(core, &halted);
	if (!err && !halted)
		err = core_wait_stop(core, false);
	if (!err)
		core_forget_range(core);
	return err;
}
