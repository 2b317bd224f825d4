/*
 * The Cortex-M4F's run loop: what happens between two instructions, and what follows a stop of the
 * engine.
 *
 * One instruction is one cycle of HCLK. From: ARMv7-M ARM B1.5 and C1.5.
 */
#include "core.h"

#include <stdlib.h>

#include "bus.h"
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
	core->halted = core->locked_up = core->sleeping = core->event = false;
	core->fp_ready = false;
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

/* ---- state ---- */

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

void core_halt(struct core *core, uint32_t dfsr)
{
	core->debug.dfsr |= dfsr;
	core->debug.control |= C_HALT;
	core->debug.stepping = false;
	if (core->halted)
		return;
	core->halted_since = clock_ticks(&core->chip->hclk, chip_now(core->chip));
	core->halted = true;
	core->locked_up = core->sleeping = false;
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
	core->halted = false;
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

/* ---- before an instruction ---- */

/* The flash is busy, and the core needs it for its next instruction or its next data. */
static bool is_stalled(struct core *core)
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
	if (able && halt_is_wanted(core) && (snap || !is_stalled(core)))
		core_halt(core, DFSR_HALTED);
}

void core_wake_if_due(struct core *core)
{
	if (!core->sleeping || chip_held_in_reset(core->chip))
		return;
	if (!exception_would_wake(core) && !(core->sleeping_for_event && core->event))
		return;
	core->sleeping = false;
	if (core->sleeping_for_event)
		core->event = false;
	pwr_wake(core->chip);
}

/* Takes what pends, and then what that brings: a fault while stacking, something higher. A vector
 * in busy flash cannot be fetched: the exception waits. */
static void take_exceptions(struct core *core)
{
	bool taken = false;
	while (core->recheck && !core->halted && !flash_stalls(core->chip, core->scb.vtor)) {
		core->recheck = false;
		taken = exception_take_pending(core) || taken;
		core_update_interest(core);
	}
	if (taken && core->debug.stepping && !core->halted)
		core_halt(core, DFSR_HALTED); /* a step into the handler */
}

/* Everything that comes before the next instruction; false: there is none now. */
static bool is_ready(struct core *core)
{
	if (core->halted || chip_held_in_reset(core->chip))
		return false;
	core_halt_if_wanted(core);
	if (core->halted || is_stalled(core) || core->chip->faults.core_stuck)
		return false;
	core_wake_if_due(core);
	if (core->sleeping || !pwr_core_is_clocked(core->chip))
		return false;
	take_exceptions(core);
	return !core->halted && !core->locked_up;
}

/* ---- one instruction or many ---- */

static void report_fault(struct core *core, enum fault fault)
{
	const struct engine_fault *at = engine_last_fault(core->engine);
	uint32_t xpsr = engine_get(core->engine, ENGINE_XPSR) & ~XPSR_IT;
	xpsr |= (uint32_t)(at->itstate & 0xfc) << 8 | (uint32_t)(at->itstate & 3) << 25;
	engine_set(core->engine, ENGINE_XPSR, xpsr);
	engine_set(core->engine, ENGINE_PC, at->pc);
	core_fault(core, fault, at->pc, at->address);
}

/* Peripherals and everything from 0xA0000000 up cannot hold code. */
static enum fault fetch_fault(uint32_t pc)
{
	bool execute_never = (pc >= 0x40000000 && pc < 0x60000000) || pc >= 0xa0000000;
	return execute_never ? FAULT_FETCH_XN : FAULT_FETCH_BUS;
}

static void walk(struct core *core);

static void after_stop(struct core *core, enum engine_stop stop)
{
	uint32_t pc = engine_get(core->engine, ENGINE_PC);
	switch (stop) {
	case ENGINE_LIMIT:
		core->recheck = true;
		break;
	case ENGINE_BREAKPOINT:
		core->passed = !breakpoints_hit(core, pc);
		break;
	case ENGINE_ASSIST:
		core->passed = !core_assist(core, pc);
		break;
	case ENGINE_WALK:
		walk(core);
		break;
	case ENGINE_BRANCH_MAGIC:
		exception_return(core, pc);
		break;
	case ENGINE_FETCH_FAULT:
		core_fault(core, fetch_fault(pc), pc, 0);
		break;
	case ENGINE_DATA_FAULT:
		report_fault(core, FAULT_DATA_BUS);
		break;
	case ENGINE_UNDEFINED:
		core_fault(core, FAULT_UNDEFINED, pc, 0);
		break;
	case ENGINE_INVALID_STATE:
		core_fault(core, FAULT_INVALID_STATE, pc, 0);
		break;
	case ENGINE_UNALIGNED:
		core_fault(core, FAULT_UNALIGNED, pc, 0);
		break;
	}
}

/* One instruction, with everything looked at by hand: in IT blocks, and for C_STEP. */
static void walk(struct core *core)
{
	uint32_t pc = engine_get(core->engine, ENGINE_PC);
	bool passed = core->passed;
	core->passed = false;
	if (!passed && breakpoints_match(core, pc) && breakpoints_hit(core, pc))
		return;
	if (core_condition_passed(core) && core_assist(core, pc))
		return;
	if (!core->halted)
		after_stop(core, engine_walk(core->engine));
}

static void run(struct core *core, uint64_t cycles)
{
	bool stepping = core->debug.stepping;
	bool in_block = (engine_get(core->engine, ENGINE_XPSR) & XPSR_IT) != 0;
	if (stepping || in_block) {
		walk(core);
	} else {
		bool pass = core->passed;
		core->passed = false;
		after_stop(core, engine_run(core->engine, cycles, pass));
	}
	if (stepping && core->debug.stepping && !core->passed && !core->halted)
		core_halt(core, DFSR_HALTED);
	dwt_settle(core);
}

uint64_t core_run(struct core *core, uint64_t cycles)
{
	engine_clear_executed(core->engine);
	while (engine_executed(core->engine) < cycles && !core->chip->attention && is_ready(core))
		run(core, cycles);
	uint64_t executed = engine_executed(core->engine);
	core->retired += executed;
	core->chip->books.instructions += executed;
	engine_clear_executed(core->engine);
	return executed;
}
