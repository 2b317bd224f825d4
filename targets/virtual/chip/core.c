/*
 * The Cortex-M4F: its life, its reset, and the states it can be in: running, asleep, halted.
 *
 * From: ARMv7-M ARM B1.5 (reset, WFI, WFE) and C1.5 (debug state).
 */
#include "core.h"

#include <stdlib.h>

#include "bus.h"
#include "dbgmcu.h"
#include "dwt.h"
#include "flash.h"
#include "pwr.h"

#define XPSR_T  UINT32_C(0x01000000)
#define XPSR_IT UINT32_C(0x0600fc00)

/* ---- life ---- */

static const struct engine_ops engine_callbacks = {
	.read = bus_engine_read,
	.write = bus_engine_write,
	.store = bus_engine_store,
	.must_wait = core_load_must_wait,
	.watch = dwt_engine_access,
};

struct core *core_create(struct chip *chip)
{
	struct core *core = calloc(1, sizeof *core);
	if (core == NULL)
		return NULL;
	core->chip = chip;
	core->engine = engine_create(&engine_callbacks, core);
	if (core->engine == NULL) {
		core_destroy(core);
		return NULL;
	}
	return core;
}

void core_destroy(struct core *core)
{
	if (core == NULL)
		return;
	engine_destroy(core->engine);
	free(core);
}

/* ---- time ---- */

bool core_is_running(const struct core *core)
{
	return !core->halted && !core->locked_up && !chip_held_in_reset(core->chip);
}

uint64_t core_ticks(const struct core *core)
{
	uint64_t ticks = core->halted ? core->halted_since
				      : clock_ticks(&core->chip->hclk, chip_now(core->chip));
	return ticks - core->halted_ticks;
}

uint64_t core_ticks_ns(const struct core *core, uint64_t ticks)
{
	if (core->halted)
		return CLOCK_NEVER;
	return clock_ns(&core->chip->hclk, ticks + core->halted_ticks);
}

/* ---- asleep ---- */

/* Without DBG_SLEEP the sleeping core has no clock: CYCCNT stands still, SysTick does not. */
uint64_t core_active_ticks(const struct core *core)
{
	uint64_t ticks = core_ticks(core);
	if (core->sleeping && !dbgmcu_keeps_sleep_clocked(core->chip))
		ticks = core->asleep_since;
	return ticks - core->asleep_ticks;
}

void core_sleep(struct core *core, bool for_event)
{
	core->sleeping = true;
	core->sleeping_for_event = for_event;
	core->asleep_since = core_ticks(core);
}

static void end_sleep(struct core *core)
{
	if (core->sleeping && !dbgmcu_keeps_sleep_clocked(core->chip))
		core->asleep_ticks += core_ticks(core) - core->asleep_since;
	core->sleeping = false;
}

void core_wake_if_due(struct core *core)
{
	if (!core->sleeping || chip_held_in_reset(core->chip))
		return;
	if (!exception_would_wake(core) && !(core->sleeping_for_event && core->event))
		return;
	end_sleep(core);
	if (core->sleeping_for_event)
		core->event = false;
	pwr_wake(core->chip);
}

/* ---- halted ---- */

void core_halt(struct core *core, uint32_t dfsr)
{
	core->debug.dfsr |= dfsr;
	core->debug.control |= C_HALT;
	core->debug.stepping = false;
	if (core->halted)
		return;
	core->halted_since = clock_ticks(&core->chip->hclk, chip_now(core->chip));
	core->halted = true;
	end_sleep(core);
	core->locked_up = false;
	pwr_wake(core->chip);
	chip_clocks_changed(core->chip);
	engine_interrupt(core->engine);
}

void core_resume(struct core *core)
{
	if (!core->halted)
		return;
	core->halted_ticks +=
		clock_ticks(&core->chip->hclk, chip_now(core->chip)) - core->halted_since;
	core->halted = core->passed = false;
	core_recheck(core);
	chip_clocks_changed(core->chip);
}

void core_recheck(struct core *core)
{
	core->recheck = true;
	engine_interrupt(core->engine);
}

bool core_read(struct core *core, uint32_t address, uint32_t *value)
{
	return bus_read(core->chip, MASTER_CORE, address, 4, value) == CHIP_OK;
}

bool core_write(struct core *core, uint32_t address, uint32_t value)
{
	return bus_write(core->chip, MASTER_CORE, address, 4, value) == CHIP_OK;
}

/* The flash is busy, and the core needs it for its next instruction or its next data. */
bool core_is_stalled(struct core *core)
{
	if (!flash_is_busy(core->chip)) {
		core->awaits_flash = false;
		return false;
	}
	return core->awaits_flash || bus_has_waiting_stores(core->chip) ||
	       flash_stalls(core->chip, engine_get(core->engine, ENGINE_PC));
}

static bool halt_is_wanted(const struct core *core)
{
	const uint32_t both = C_DEBUGEN | C_HALT;
	return (core->debug.control & both) == both && !core->chip->faults.core_stuck;
}

void core_halt_if_wanted(struct core *core)
{
	bool able =
		!core->halted && !chip_held_in_reset(core->chip) && !pwr_clocks_are_off(core->chip);
	bool snap = (core->debug.control & C_SNAPSTALL) != 0;
	if (able && halt_is_wanted(core) && (snap || !core_is_stalled(core)))
		core_halt(core, DFSR_HALTED);
}

/* ---- reset ---- */

static void reset_registers(struct core *core)
{
	struct engine *engine = core->engine;
	engine_set(engine, ENGINE_XPSR, XPSR_T);
	engine_set(engine, ENGINE_CONTROL, 0);
	engine_set(engine, ENGINE_PRIMASK, 0);
	engine_set(engine, ENGINE_BASEPRI, 0);
	engine_set(engine, ENGINE_FAULTMASK, 0);
	engine_set(engine, ENGINE_FPSCR, 0);
	engine_set(engine, ENGINE_LR, 0xffffffff);
	engine_clear_exclusive(engine);
}

void core_reset(struct core *core, enum reset_kind kind)
{
	uint64_t ticks = clock_ticks(&core->chip->hclk, chip_now(core->chip));
	if (core->halted)
		core->halted_ticks += ticks - core->halted_since;
	end_sleep(core);
	core->halted = core->locked_up = core->event = false;
	core->fp_ready = core->passed = core->awaits_flash = false;
	core->debug.control &= ~(uint32_t)(C_HALT | C_STEP | C_MASKINTS | C_SNAPSTALL);
	core->debug.stepping = false;
	core->debug.reset_seen = true;
	core->retired_at_reset = core->retired;
	core->chip->books.resets++;
	reset_registers(core);
	/* General registers are unknown after power-on and keep their values otherwise. */
	for (unsigned i = 0; i <= 12 && reset_is_power(kind); i++)
		engine_set(core->engine, i, chip_random(core->chip, i));
}

void core_boot(struct core *core)
{
	uint32_t sp = 0xffffffff, pc = 0xffffffff;
	bool loaded = core_read(core, 0, &sp) && core_read(core, 4, &pc);
	engine_set(core->engine, ENGINE_MSP, sp & ~UINT32_C(3));
	engine_set(core->engine, ENGINE_XPSR, (pc & 1) != 0 ? XPSR_T : 0);
	engine_set(core->engine, ENGINE_PC, pc & ~UINT32_C(1));
	core_recheck(core);
	core_vector_catch(core, VC_CORERESET);
	if (!loaded && !core->halted)
		core_lock_up(core);
}
