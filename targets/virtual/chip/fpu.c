/*
 * The FPU's context: CPACR, lazy stacking, and the registers FPCCR, FPCAR, FPDSCR, MVFR0, MVFR1.
 *
 * Unicorn executes FP instructions whatever CPACR says and knows no lazy stacking; the core asks
 * here before the first FP instruction of every context. From: ARMv7-M ARM B1.5.7, B3.2.20-23.
 */
#include "m4.h"

enum { FP_REGISTERS = 16 };

/* CPACR has two bits for each of CP10 and CP11, at bit 20: 0 denied, 1 privileged only, 3 full. */
static bool access_allowed(struct m4 *core)
{
	unsigned cp10 = core->scb.cpacr >> 20 & 3;
	bool privileged = (engine_get(core->engine, ENGINE_XPSR) & 0x1ff) != 0 ||
			  (engine_get(core->engine, ENGINE_CONTROL) & CONTROL_NPRIV) == 0;
	return cp10 == 3 || (cp10 == 1 && privileged);
}

bool fpu_save(struct m4 *core, uint32_t address)
{
	for (unsigned i = 0; i < FP_REGISTERS; i++)
		if (!m4_write(core, address + 4 * i, engine_get(core->engine, ENGINE_S0 + i)))
			return false;
	return m4_write(core, address + 4 * FP_REGISTERS, engine_get(core->engine, ENGINE_FPSCR));
}

bool fpu_restore(struct m4 *core, uint32_t address)
{
	uint32_t word;
	for (unsigned i = 0; i < FP_REGISTERS; i++) {
		if (!m4_read(core, address + 4 * i, &word))
			return false;
		engine_set(core->engine, ENGINE_S0 + i, word);
	}
	if (!m4_read(core, address + 4 * FP_REGISTERS, &word))
		return false;
	engine_set(core->engine, ENGINE_FPSCR, word);
	return true;
}

bool fpu_prepare(struct m4 *core, uint32_t pc)
{
	if (!access_allowed(core)) {
		m4_fault(core, FAULT_NO_COPROCESSOR, pc, 0);
		return false;
	}
	if ((core->scb.fpccr & FPCCR_LSPACT) != 0) {
		core->scb.fpccr &= ~(uint32_t)FPCCR_LSPACT;
		if (!fpu_save(core, core->scb.fpcar)) {
			m4_fault(core, FAULT_LAZY_FP, pc, 0);
			return false;
		}
	}
	uint32_t control = engine_get(core->engine, ENGINE_CONTROL);
	if ((core->scb.fpccr & FPCCR_ASPEN) != 0 && (control & CONTROL_FPCA) == 0) {
		engine_set(core->engine, ENGINE_FPSCR, core->scb.fpdscr);
		engine_set(core->engine, ENGINE_CONTROL, control | CONTROL_FPCA);
	}
	core->fp_ready = true;
	m4_update_interest(core);
	return true;
}

/* ---- registers, from 0xE000EF00 ---- */

enum { STIR = 0x00, FPCCR = 0x34, FPCAR = 0x38, FPDSCR = 0x3c, MVFR0 = 0x40, MVFR1 = 0x44 };

static enum chip_ack read(struct peripheral *peripheral, uint32_t offset, uint32_t *value)
{
	const struct scb *scb = &peripheral->chip->core->scb;
	switch (offset) {
	case FPCCR:
		*value = scb->fpccr;
		break;
	case FPCAR:
		*value = scb->fpcar;
		break;
	case FPDSCR:
		*value = scb->fpdscr;
		break;
	case MVFR0:
		*value = 0x10110021;
		break;
	case MVFR1:
		*value = 0x11000011;
		break;
	default:
		*value = 0;
	}
	return CHIP_OK;
}

static enum chip_ack write(
	struct peripheral *peripheral, uint32_t offset, uint32_t value, uint32_t lanes)
{
	struct m4 *core = peripheral->chip->core;
	struct scb *scb = &core->scb;
	switch (offset) {
	case STIR:
		if ((value & lanes & 0x1ff) < peripheral->chip->model->irq_count)
			nvic_pend(core, EXCEPTION_IRQ0 + (value & lanes & 0x1ff));
		break;
	case FPCCR: /* ASPEN, LSPEN and the status bits that software may restore */
		scb->fpccr = merge_lanes(scb->fpccr, value, lanes) & UINT32_C(0xc000017b);
		break;
	case FPCAR:
		scb->fpcar = merge_lanes(scb->fpcar, value, lanes) & ~UINT32_C(7);
		break;
	case FPDSCR:
		scb->fpdscr = merge_lanes(scb->fpdscr, value, lanes) & UINT32_C(0x07c00000);
		break;
	default:
		break;
	}
	core->fp_ready = false;
	m4_update_interest(core);
	return CHIP_OK;
}

const struct peripheral_ops fpu_ops = {.name = "FPU", .read = read, .write = write};
