/*
 * Faults: status registers, escalation, lock-up, vector catch; and debug events.
 *
 * From: ARMv7-M ARM B1.5.14 (escalation, lock-up), B3.2.15 (CFSR), C1.6 (debug events).
 */
#include "core.h"

#define HFSR_VECTTBL  (UINT32_C(1) << 1)
#define HFSR_FORCED   (UINT32_C(1) << 30)
#define HFSR_DEBUGEVT (UINT32_C(1) << 31)
#define BFARVALID     (UINT32_C(1) << 15)

static const struct fault_row {
	uint8_t exception;
	uint32_t cfsr;
	uint16_t catch;
} rows[FAULT_COUNT] = {
	[FAULT_FETCH_XN] = {EXCEPTION_MEM_MANAGE, 1 << 0, VC_MMERR},
	[FAULT_FETCH_BUS] = {EXCEPTION_BUS_FAULT, 1 << 8, VC_BUSERR},
	[FAULT_DATA_BUS] = {EXCEPTION_BUS_FAULT, 1 << 9 | BFARVALID, VC_BUSERR},
	[FAULT_DATA_IMPRECISE] = {EXCEPTION_BUS_FAULT, 1 << 10, VC_BUSERR},
	[FAULT_UNSTACK] = {EXCEPTION_BUS_FAULT, 1 << 11, VC_INTERR},
	[FAULT_STACK] = {EXCEPTION_BUS_FAULT, 1 << 12, VC_INTERR},
	[FAULT_LAZY_FP] = {EXCEPTION_BUS_FAULT, 1 << 13, VC_INTERR},
	[FAULT_UNDEFINED] = {EXCEPTION_USAGE_FAULT, 1 << 16, VC_STATERR},
	[FAULT_INVALID_STATE] = {EXCEPTION_USAGE_FAULT, 1 << 17, VC_STATERR},
	[FAULT_INVALID_PC] = {EXCEPTION_USAGE_FAULT, 1 << 18, VC_INTERR},
	[FAULT_NO_COPROCESSOR] = {EXCEPTION_USAGE_FAULT, 1 << 19, VC_NOCPERR},
	[FAULT_UNALIGNED] = {EXCEPTION_USAGE_FAULT, 1 << 24, VC_CHKERR},
	[FAULT_DIVIDE] = {EXCEPTION_USAGE_FAULT, 1 << 25, VC_CHKERR},
};

static bool can_take(struct core *core, unsigned number)
{
	return nvic_bit(core->nvic.enabled, number) &&
	       nvic_group_priority(core, number) < nvic_execution_priority(core);
}

void core_vector_catch(struct core *core, uint32_t catch)
{
	if ((core->debug.control & C_DEBUGEN) != 0 && (core->debug.demcr & catch) != 0)
		core_halt(core, DFSR_VCATCH);
}

/* What cannot be taken becomes a HardFault; and where even that cannot, the core locks up. */
static void escalate(struct core *core, uint32_t pc, uint32_t hfsr, uint32_t catch)
{
	if (nvic_execution_priority(core) <= -1) {
		core_lock_up(core);
		return;
	}
	core->scb.hfsr |= hfsr;
	exception_enter(core, EXCEPTION_HARD_FAULT, pc);
	if (!core->locked_up)
		core_vector_catch(core, catch | VC_HARDERR);
}

void core_fault(struct core *core, enum fault fault, uint32_t pc, uint32_t address)
{
	const struct fault_row *row = &rows[fault];
	core->scb.cfsr |= row->cfsr;
	if ((row->cfsr & BFARVALID) != 0)
		core->scb.bfar = address;
	if (can_take(core, row->exception)) {
		exception_enter(core, row->exception, pc);
		core_vector_catch(core, row->catch);
	} else {
		escalate(core, pc, HFSR_FORCED, row->catch);
	}
}

/* FAULT_COUNT stands for a vector that could not be read. */
void core_fault_derived(struct core *core, enum fault fault, unsigned number)
{
	uint32_t hfsr = fault == FAULT_COUNT ? HFSR_VECTTBL : HFSR_FORCED;
	if (fault != FAULT_COUNT) {
		core->scb.cfsr |= rows[fault].cfsr;
		if (nvic_bit(core->nvic.enabled, rows[fault].exception)) {
			nvic_pend(core, rows[fault].exception);
			return;
		}
	}
	core->scb.hfsr |= hfsr;
	if (number == EXCEPTION_HARD_FAULT || number == EXCEPTION_NMI)
		core_lock_up(core);
	else
		nvic_pend(core, EXCEPTION_HARD_FAULT);
}

void core_raise(struct core *core, unsigned number, uint32_t pc)
{
	if (can_take(core, number))
		exception_enter(core, number, pc);
	else
		escalate(core, pc, HFSR_FORCED, 0);
}

bool core_debug_event(struct core *core, uint32_t dfsr, uint32_t pc)
{
	if ((core->debug.control & C_DEBUGEN) != 0) {
		core_halt(core, dfsr);
		return true;
	}
	bool monitor = (core->debug.demcr & MON_EN) != 0;
	if (monitor && can_take(core, EXCEPTION_DEBUG_MONITOR)) {
		core->debug.dfsr |= dfsr;
		exception_enter(core, EXCEPTION_DEBUG_MONITOR, pc);
		return true;
	}
	if (dfsr != DFSR_BKPT)
		return false;
	core->debug.dfsr |= dfsr;
	escalate(core, pc, HFSR_DEBUGEVT, 0);
	return true;
}
