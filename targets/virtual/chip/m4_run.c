/*
 * The Cortex-M4F's run loop: what happens between two instructions, and what follows a stop of the
 * engine.
 *
 * One instruction is one cycle of HCLK. From: ARMv7-M ARM B1.5 and C1.5.
 */
#include "dwt.h"
#include "flash.h"
#include "m4.h"
#include "pwr.h"

#define XPSR_IT UINT32_C(0x0600fc00)

/* ---- before an instruction ---- */

/* Takes what pends, and then what that brings: a fault while stacking, something higher. A vector
 * in busy flash cannot be fetched: the exception waits. */
static void take_exceptions(struct m4 *core)
{
	bool taken = false;
	while (core->recheck && !core->halted && !flash_stalls(core->chip, core->scb.vtor)) {
		core->recheck = false;
		taken = exception_take_pending(core) || taken;
		m4_update_interest(core);
	}
	if (taken && core->debug.stepping && !core->halted)
		m4_halt(core, DFSR_HALTED); /* a step into the handler */
}

/* Everything that comes before the next instruction; false: there is none now. */
static bool is_ready(struct m4 *core)
{
	if (core->halted || chip_held_in_reset(core->chip))
		return false;
	m4_halt_if_wanted(core);
	if (core->halted || m4_is_stalled(core) || core->chip->faults.m4_stuck)
		return false;
	m4_wake_if_due(core);
	if (core->sleeping || !pwr_core_is_clocked(core->chip))
		return false;
	take_exceptions(core);
	return !core->halted && !core->locked_up;
}

/* ---- one instruction or many ---- */

/* CCR.BFHFNMIGN: HardFault and NMI handlers may try addresses. The access is over, and did nothing.
 */
static bool is_ignored(struct m4 *core, uint32_t pc)
{
	uint16_t first = 0;
	if ((core->scb.ccr & CCR_BFHFNMIGN) == 0 || nvic_execution_priority(core) >= 0)
		return false;
	(void)engine_fetch(core->engine, pc, &first);
	m4_skip(core, insn_size(first));
	return true;
}

static void report_fault(struct m4 *core, enum fault fault)
{
	const struct engine_fault *at = engine_last_fault(core->engine);
	uint32_t xpsr = engine_get(core->engine, ENGINE_XPSR) & ~XPSR_IT;
	xpsr |= (uint32_t)(at->itstate & 0xfc) << 8 | (uint32_t)(at->itstate & 3) << 25;
	engine_set(core->engine, ENGINE_XPSR, xpsr);
	engine_set(core->engine, ENGINE_PC, at->pc);
	if (fault != FAULT_DATA_BUS || !is_ignored(core, at->pc))
		m4_fault(core, fault, at->pc, at->address);
}

/* Peripherals and everything from 0xA0000000 up cannot hold code. */
static enum fault fetch_fault(uint32_t pc)
{
	bool execute_never = (pc >= 0x40000000 && pc < 0x60000000) || pc >= 0xa0000000;
	return execute_never ? FAULT_FETCH_XN : FAULT_FETCH_BUS;
}

static void walk(struct m4 *core);

static void after_stop(struct m4 *core, enum engine_stop stop)
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
		core->passed = !m4_assist(core, pc);
		break;
	case ENGINE_WALK:
		walk(core);
		break;
	case ENGINE_BRANCH_MAGIC:
		exception_return(core, pc);
		break;
	case ENGINE_FETCH_FAULT:
		m4_fault(core, fetch_fault(pc), pc, 0);
		break;
	case ENGINE_DATA_FAULT:
		report_fault(core, FAULT_DATA_BUS);
		break;
	case ENGINE_UNDEFINED:
		m4_fault(core, FAULT_UNDEFINED, pc, 0);
		break;
	case ENGINE_INVALID_STATE:
		m4_fault(core, FAULT_INVALID_STATE, pc, 0);
		break;
	case ENGINE_UNALIGNED:
		report_fault(core, FAULT_UNALIGNED);
		break;
	}
}

/* One instruction, with everything looked at by hand: in IT blocks, and for C_STEP. */
static void walk(struct m4 *core)
{
	uint32_t pc = engine_get(core->engine, ENGINE_PC);
	bool passed = core->passed;
	core->passed = false;
	if (!passed && breakpoints_match(core, pc) && breakpoints_hit(core, pc))
		return;
	if (m4_condition_passed(core) && m4_assist(core, pc))
		return;
	if (!core->halted)
		after_stop(core, engine_walk(core->engine));
}

static void run(struct m4 *core, uint64_t cycles)
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
	bool done = !core->passed && !core->awaits_flash && !core->halted;
	bool stepped = stepping && core->debug.stepping && done;
	dwt_settle(core);
	if (stepped)
		m4_halt(core, DFSR_HALTED);
}

uint64_t m4_run(struct m4 *core, uint64_t cycles)
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
