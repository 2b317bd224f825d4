/*
 * The Cortex-M4F: its life, its reset, and the states it can be in: running, asleep, halted.
 *
 * From: ARMv7-M ARM B1.5 (reset, WFI, WFE) and C1.5 (debug state).
 */
#include "m4.h"

#include <stdlib.h>

#include "ahb.h"
#include "dbgmcu.h"
#include "dwt.h"
#include "flash.h"
#include "pwr.h"

#define XPSR_T  UINT32_C(0x01000000)
#define XPSR_IT UINT32_C(0x0600fc00)

/* ---- life ---- */

static const struct engine_ops engine_callbacks = {
	.read = ahb_engine_read,
	.write = ahb_engine_write,
	.store = ahb_engine_store,
	.must_wait = m4_load_must_wait,
	.watch = dwt_engine_access,
};

struct m4 *m4_create(struct chip *chip)
{
	struct m4 *core = calloc(1, sizeof *core);
	if (core == NULL)
		return NULL;
	core->chip = chip;
	core->engine = engine_create(&engine_callbacks, core);
	if (core->engine == NULL) {
		m4_destroy(core);
		return NULL;
	}
	return core;
}

void m4_destroy(struct m4 *core)
{
	if (core == NULL)
		return;
	engine_destroy(core->engine);
	free(core);
}

/* ---- time ---- */

bool m4_is_running(const struct m4 *core)
{
	return !core->halted && !core->locked_up && !chip_held_in_reset(core->chip);
}

uint64_t m4_ticks(const struct m4 *core)
{
	uint64_t ticks = core->halted ? core->halted_since
				      : clock_ticks(&core->chip->hclk, chip_now(core->chip));
	return ticks - core->halted_ticks;
}

uint64_t m4_ticks_ns(const struct m4 *core, uint64_t ticks)
{
	if (core->halted)
		return CLOCK_NEVER;
	return clock_ns(&core->chip->hclk, ticks + core->halted_ticks);
}

/* ---- asleep ---- */

/* Without DBG_SLEEP the sleeping core has no clock: CYCCNT stands still, SysTick does not. */
uint64_t m4_active_ticks(const struct m4 *core)
{
	uint64_t ticks = m4_ticks(core);
	if (core->sleeping && !dbgmcu_keeps_sleep_clocked(core->chip))
		ticks = core->asleep_since;
	return ticks - core->asleep_ticks;
}

void m4_sleep(struct m4 *core, bool for_event)
{
	core->sleeping = true;
	core->sleeping_for_event = for_event;
	core->asleep_since = m4_ticks(core);
}

static void end_sleep(struct m4 *core)
{
	if (core->sleeping && !dbgmcu_keeps_sleep_clocked(core->chip))
		core->asleep_ticks += m4_ticks(core) - core->asleep_since;
	core->sleeping = false;
}

void m4_wake_if_due(struct m4 *core)
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

void m4_halt(struct m4 *core, uint32_t dfsr)
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

void m4_resume(struct m4 *core)
{
	if (!core->halted)
		return;
	core->halted_ticks +=
		clock_ticks(&core->chip->hclk, chip_now(core->chip)) - core->halted_since;
	core->halted = core->passed = false;
	m4_recheck(core);
	chip_clocks_changed(core->chip);
}

void m4_recheck(struct m4 *core)
{
	core->recheck = true;
	engine_interrupt(core->engine);
}

bool m4_read(struct m4 *core, uint32_t address, uint32_t *value)
{
	return ahb_read(core->chip, MASTER_CORE, address, 4, value) == CHIP_OK;
}

bool m4_write(struct m4 *core, uint32_t address, uint32_t value)
{
	return ahb_write(core->chip, MASTER_CORE, address, 4, value) == CHIP_OK;
}

/* The flash is busy, and the core needs it for its next instruction or its next data. */
bool m4_is_stalled(struct m4 *core)
{
	if (!flash_is_busy(core->chip)) {
		core->awaits_flash = false;
		return false;
	}
	return core->awaits_flash || ahb_has_waiting_stores(core->chip) ||
	       flash_stalls(core->chip, engine_get(core->engine, ENGINE_PC));
}

static bool halt_is_wanted(const struct m4 *core)
{
	const uint32_t both = C_DEBUGEN | C_HALT;
	return (core->debug.control & both) == both && !core->chip->faults.m4_stuck;
}

void m4_halt_if_wanted(struct m4 *core)
{
	bool able =
		!core->halted && !chip_held_in_reset(core->chip) && !pwr_clocks_are_off(core->chip);
	bool snap = (core->debug.control & C_SNAPSTALL) != 0;
	if (able && halt_is_wanted(core) && (snap || !m4_is_stalled(core)))
		m4_halt(core, DFSR_HALTED);
}

/* ---- reset ---- */

static void reset_registers(struct m4 *core)
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

void m4_reset(struct m4 *core, enum reset_kind kind)
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

void m4_boot(struct m4 *core)
{
	uint32_t sp = 0xffffffff, pc = 0xffffffff;
	bool loaded = m4_read(core, 0, &sp) && m4_read(core, 4, &pc);
	engine_set(core->engine, ENGINE_MSP, sp & ~UINT32_C(3));
	engine_set(core->engine, ENGINE_XPSR, (pc & 1) != 0 ? XPSR_T : 0);
	engine_set(core->engine, ENGINE_PC, pc & ~UINT32_C(1));
	m4_recheck(core);
	m4_vector_catch(core, VC_CORERESET);
	if (!loaded && !core->halted)
		m4_lock_up(core);
}
