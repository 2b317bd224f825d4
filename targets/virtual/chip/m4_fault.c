/*
 * Faults: status registers, escalation, lock-up, vector catch; and debug events.
 *
 * From: ARMv7-M ARM B1.5.14 (escalation, lock-up), B3.2.15 (CFSR), C1.6 (debug events).
 */
#include "m4.h"

#define HFSR_VECTTBL  (UINT32_C(1) << 1)
#define HFSR_FORCED   (UINT32_C(1) << 30)
#define HFSR_DEBUGEVT (UINT32_C(1) << 31)
#define BFARVALID     (UINT32_C(1) << 15)

static const struct fault_row {
	uint32_t cfsr;
	uint16_t catch;
	uint8_t exception;
} rows[FAULT_COUNT] = {
	[FAULT_FETCH_XN] = {1 << 0, VC_MMERR, EXCEPTION_MEM_MANAGE},
	[FAULT_FETCH_BUS] = {1 << 8, VC_BUSERR, EXCEPTION_BUS_FAULT},
	[FAULT_DATA_BUS] = {1 << 9 | BFARVALID, VC_BUSERR, EXCEPTION_BUS_FAULT},
	[FAULT_UNSTACK] = {1 << 11, VC_INTERR, EXCEPTION_BUS_FAULT},
	[FAULT_STACK] = {1 << 12, VC_INTERR, EXCEPTION_BUS_FAULT},
	[FAULT_LAZY_FP] = {1 << 13, VC_INTERR, EXCEPTION_BUS_FAULT},
	[FAULT_UNDEFINED] = {1 << 16, VC_STATERR, EXCEPTION_USAGE_FAULT},
	[FAULT_INVALID_STATE] = {1 << 17, VC_STATERR, EXCEPTION_USAGE_FAULT},
	[FAULT_INVALID_PC] = {1 << 18, VC_INTERR, EXCEPTION_USAGE_FAULT},
	[FAULT_NO_COPROCESSOR] = {1 << 19, VC_NOCPERR, EXCEPTION_USAGE_FAULT},
	[FAULT_UNALIGNED] = {1 << 24, VC_CHKERR, EXCEPTION_USAGE_FAULT},
	[FAULT_DIVIDE] = {1 << 25, VC_CHKERR, EXCEPTION_USAGE_FAULT},
};

static bool can_take(struct m4 *core, unsigned number)
{
	return nvic_bit(core->nvic.enabled, number) &&
	       nvic_group_priority(core, number) < nvic_execution_priority(core);
}

void m4_vector_catch(struct m4 *core, uint32_t catch)
{
	if ((core->debug.control & C_DEBUGEN) != 0 && (core->debug.demcr & catch) != 0)
		m4_halt(core, DFSR_VCATCH);
}

/* What cannot be taken becomes a HardFault; and where even that cannot, the core locks up. */
static void escalate(struct m4 *core, uint32_t pc, uint32_t hfsr, uint32_t catch)
{
	if (nvic_execution_priority(core) <= -1) {
		m4_lock_up(core);
		return;
	}
	core->scb.hfsr |= hfsr;
	exception_enter(core, EXCEPTION_HARD_FAULT, pc);
	if (!core->locked_up)
		m4_vector_catch(core, catch | VC_HARDERR);
}

void m4_fault(struct m4 *core, enum fault fault, uint32_t pc, uint32_t address)
{
	const struct fault_row *row = &rows[fault];
	core->scb.cfsr |= row->cfsr;
	if ((row->cfsr & BFARVALID) != 0)
		core->scb.bfar = address;
	if (can_take(core, row->exception)) {
		exception_enter(core, row->exception, pc);
		m4_vector_catch(core, row->catch);
	} else {
		escalate(core, pc, HFSR_FORCED, row->catch);
	}
}

/* FAULT_COUNT stands for a vector that could not be read. */
void m4_fault_derived(struct m4 *core, enum fault fault, unsigned number)
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
		m4_lock_up(core);
	else
		nvic_pend(core, EXCEPTION_HARD_FAULT);
}

void m4_raise(struct m4 *core, unsigned number, uint32_t pc)
{
	if (can_take(core, number))
		exception_enter(core, number, pc);
	else
		escalate(core, pc, HFSR_FORCED, 0);
}

bool m4_debug_event(struct m4 *core, uint32_t dfsr, uint32_t pc)
{
	if ((core->debug.control & C_DEBUGEN) != 0) {
		m4_halt(core, dfsr);
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
