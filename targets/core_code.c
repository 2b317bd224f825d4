/*
 * Code of our own on the target's core: a loader in RAM. Called by the flash code and borrow.c.
 * Worker thread. Source: ARMv7-M ARM C1.6.
 */
#include "core_private.h"
#include "cortexm_registers.h"

/* The registers may have been read for the user already; else they are now. */
static enum err read_exception(struct core *core, uint32_t *exception)
{
	enum err err = core_read_register(core, TARGET_XPSR, exception);
	*exception &= XPSR_EXCEPTION;
	return err;
}

static enum err unmask(struct core *core)
{
	if (!core->masked && !core->mask_unsure)
		return ERR_OK;
	enum err err = core_write_dhcsr(core, DHCSR_C_HALT);
	core->masked = core->mask_unsure = err != ERR_OK;
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
		err = unmask(core);
	if (!err)
		err = core_write_dhcsr(core, 0);
	core_now_runs(core);
	return err;
}

enum err core_pause_code(struct core *core)
{
	enum err err = core_write_dhcsr(core, DHCSR_C_HALT);
	return err ? err : core_wait_halted(core);
}

enum err core_continue_code(struct core *core)
{
	return core_write_dhcsr(core, 0);
}
