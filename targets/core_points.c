/*
 * Where the core is to stop: which unit takes a breakpoint. Called by target.c, on the worker
 * thread.
 */
#include "core_private.h"
#include "cortexm_registers.h"
#include "probe/log.h"

static bool is_ram(const struct core *core, uint32_t address)
{
	const struct target_region *region = device_region_at(core->device, address);
	return region && region->kind == TARGET_RAM;
}

/* Without C_DEBUGEN a breakpoint is no halt but a HardFault of the firmware's (ARMv7-M ARM C1.4).
 * Where it is set already nothing is written: that would let go of a core that has just halted. */
static enum err allow_halting(struct core *core)
{
	uint32_t dhcsr;
	enum err err = core_read_dhcsr(core, &dhcsr);
	return err || dhcsr & DHCSR_C_DEBUGEN ? err : core_write_dhcsr(core, 0);
}

/* What runs already does not wait for the next resume. */
static enum err write_if_running(struct core *core)
{
	if (core->halted)
		return ERR_OK;
	enum err err = allow_halting(core);
	return err ? err : core_prepare(core, CORE_NOWHERE, core->masked);
}

enum err core_add_breakpoint(struct core *core, uint32_t address)
{
	enum err err = ERR_OK;
	if (address & 1 || !core_has_plain_memory(core, address, 2)) {
		log_warn("no breakpoint at 0x%08X: %s", address,
			address & 1 ? "instructions are at even addresses"
				    : "no memory for code is there");
		return ERR_ARGUMENT;
	}
	if (address >= FPB_CODE_END && is_ram(core, address))
		err = patches_add(&core->patches, address);
	else
		err = breakpoints_add(&core->breakpoints, address);
	return err ? err : write_if_running(core);
}

enum err core_remove_breakpoint(struct core *core, uint32_t address)
{
	breakpoints_remove(&core->breakpoints, address);
	patches_remove(&core->patches, address);
	return write_if_running(core);
}

static enum err learn_watchpoints(struct core *core)
{
	struct bus bus;
	if (core->watchpoints.probed)
		return ERR_OK;
	enum err err = core_change_demcr(core, 0, DEMCR_TRCENA);
	if (err)
		return err;
	bus_begin(&bus, core->probe, NULL, NULL);
	watchpoints_probe(&core->watchpoints, &bus);
	return bus_end(&bus);
}

enum err core_add_watchpoint(
	struct core *core, enum target_watch kind, uint32_t address, uint32_t size)
{
	enum err err = learn_watchpoints(core);
	if (!err)
		err = watchpoints_add(&core->watchpoints, kind, address, size);
	return err ? err : write_if_running(core);
}

enum err core_remove_watchpoint(
	struct core *core, enum target_watch kind, uint32_t address, uint32_t size)
{
	watchpoints_remove(&core->watchpoints, kind, address, size);
	return write_if_running(core);
}
