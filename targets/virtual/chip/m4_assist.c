/*
 * Instructions that Unicorn cannot execute as this core would: SVC, BKPT, WFI, WFE, SEV, FP while
 * the FPU is not ready, division by zero, unaligned multiple loads, STREX after an exception.
 *
 * From: ARMv7-M ARM A7.7.
 */
#include "flash.h"
#include "m4.h"
#include "pwr.h"

#define XPSR_IT UINT32_C(0x0600fc00)

static uint8_t itstate(uint32_t xpsr)
{
	return (uint8_t)((xpsr >> 8 & 0xfc) | (xpsr >> 25 & 3));
}

bool m4_condition_passed(struct m4 *core)
{
	uint32_t xpsr = engine_get(core->engine, ENGINE_XPSR);
	uint8_t it = itstate(xpsr);
	return it == 0 || insn_condition(it >> 4, xpsr);
}

void m4_update_interest(struct m4 *core)
{
	engine_set_interesting(core->engine,
		INSN_SYSTEM | INSN_MULTIPLE | (core->fp_ready ? 0 : INSN_COPROCESSOR) |
			((core->scb.ccr & CCR_DIV_0_TRP) != 0 ? INSN_DIVIDE : 0) |
			(flash_is_busy(core->chip) ? INSN_LOAD : 0) |
			(nvic_highest_pending(core) != 0 ? INSN_MASK : 0));
}

void m4_skip(struct m4 *core, unsigned size)
{
	uint32_t xpsr = engine_get(core->engine, ENGINE_XPSR);
	uint8_t it = itstate(xpsr);
	if (it != 0) {
		it = insn_it_advance(it);
		xpsr = (xpsr & ~XPSR_IT) | (uint32_t)(it & 0xfc) << 8 | (uint32_t)(it & 3) << 25;
		engine_set(core->engine, ENGINE_XPSR, xpsr);
	}
	engine_set(core->engine, ENGINE_PC, engine_get(core->engine, ENGINE_PC) + size);
	engine_charge(core->engine, 1);
}

static void sleep(struct m4 *core, bool for_event)
{
	m4_skip(core, 2);
	if (core->debug.stepping) /* the halt request wakes it at once */
		return;
	m4_sleep(core, for_event);
	if ((core->scb.scr & SCR_SLEEPDEEP) != 0)
		pwr_enter_deep_sleep(core->chip);
}

static void assist_hint(struct m4 *core, unsigned hint)
{
	enum { YIELD = 1, WFE = 2, WFI = 3, SEV = 4 };
	if (hint == WFI && !exception_would_wake(core)) {
		sleep(core, false);
		return;
	}
	if (hint == WFE && !core->event) {
		sleep(core, true);
		return;
	}
	core->event = hint == SEV || (core->event && hint != WFE);
	m4_skip(core, 2);
}

static void assist_system(struct m4 *core, uint32_t pc, uint16_t first)
{
	if ((first & 0xff00) == 0xdf00) { /* SVC */
		m4_skip(core, 2);
		m4_raise(core, EXCEPTION_SVCALL, pc + 2);
	} else if ((first & 0xff00) == 0xbe00) { /* BKPT */
		m4_debug_event(core, DFSR_BKPT, pc);
	} else {
		assist_hint(core, first >> 4 & 0xf);
	}
}

/* Part of the coprocessors' encoding space belongs to none of them; erased flash lies there. */
static bool is_undefined_coprocessor(uint16_t first)
{
	return (first & 0x0300) == 0x0300 || (first & 0x03e0) == 0;
}

static bool assist_coprocessor(struct m4 *core, uint32_t pc, uint16_t first, uint16_t second)
{
	unsigned coprocessor = second >> 8 & 0xf;
	if (is_undefined_coprocessor(first))
		return false;
	if (coprocessor == 10 || coprocessor == 11)
		return !core->fp_ready && !fpu_prepare(core, pc);
	m4_fault(core, FAULT_NO_COPROCESSOR, pc, 0);
	return true;
}

static bool assist_divide(struct m4 *core, uint32_t pc, uint16_t second)
{
	if ((core->scb.ccr & CCR_DIV_0_TRP) == 0 || engine_get(core->engine, second & 0xf) != 0)
		return false;
	m4_fault(core, FAULT_DIVIDE, pc, 0);
	return true;
}

/* STREX without the monitor: stores nothing, and says so with 1. */
static bool assist_exclusive(struct m4 *core, uint16_t first, uint16_t second)
{
	if (insn_exclusive(first, second) != EXCLUSIVE_STORE ||
		!engine_exclusive_lost(core->engine))
		return false;
	bool word = (first & 0xfff0) == 0xe840;
	engine_set(core->engine, word ? second >> 8 & 0xf : second & 0xf, 1);
	m4_skip(core, 4);
	return true;
}

bool m4_load_must_wait(void *owner, uint32_t address)
{
	const struct m4 *core = owner;
	return flash_stalls(core->chip, address);
}

/* A load whose base points into busy flash waits until the flash is idle. */
static bool assist_load(struct m4 *core, uint16_t first)
{
	uint32_t base = engine_get(core->engine, insn_base_register(first));
	core->awaits_flash = m4_load_must_wait(core, base);
	return core->awaits_flash;
}

static bool assist_multiple(struct m4 *core, uint32_t pc, uint16_t first)
{
	unsigned base = insn_base_register(first);
	if (base == ENGINE_PC || (engine_get(core->engine, base) & 3) == 0)
		return false;
	m4_fault(core, FAULT_UNALIGNED, pc, 0);
	return true;
}

bool m4_assist(struct m4 *core, uint32_t pc)
{
	uint16_t first = 0, second = 0;
	if (!engine_fetch(core->engine, pc, &first))
		return false;
	(void)engine_fetch(core->engine, pc + 2, &second);
	unsigned class = insn_classify(first);
	if ((class & INSN_SYSTEM) != 0) {
		assist_system(core, pc, first);
		return true;
	}
	return ((class & INSN_COPROCESSOR) != 0 && assist_coprocessor(core, pc, first, second)) ||
	       ((class & INSN_DIVIDE) != 0 && assist_divide(core, pc, second)) ||
	       ((class & INSN_EXCLUSIVE) != 0 && assist_exclusive(core, first, second)) ||
	       ((class & INSN_MULTIPLE) != 0 && assist_multiple(core, pc, first)) ||
	       ((class & INSN_LOAD) != 0 && assist_load(core, first));
}
