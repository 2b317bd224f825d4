/* The engine: registers of the core in Unicorn; see engine.h. */
#include "engine_private.h"

#define XPSR_EXCEPTION UINT32_C(0x1ff)

static const int numbers[] = {
	[ENGINE_SP] = UC_ARM_REG_SP,
	[ENGINE_LR] = UC_ARM_REG_LR,
	[ENGINE_PC] = UC_ARM_REG_PC,
	[ENGINE_XPSR] = UC_ARM_REG_XPSR,
	[ENGINE_MSP] = UC_ARM_REG_MSP,
	[ENGINE_PSP] = UC_ARM_REG_PSP,
	[ENGINE_PRIMASK] = UC_ARM_REG_PRIMASK,
	[ENGINE_BASEPRI] = UC_ARM_REG_BASEPRI,
	[ENGINE_FAULTMASK] = UC_ARM_REG_FAULTMASK,
	[ENGINE_CONTROL] = UC_ARM_REG_CONTROL,
	[ENGINE_FPSCR] = UC_ARM_REG_FPSCR,
};

static int number_of(enum engine_register which)
{
	if (which < ENGINE_SP)
		return UC_ARM_REG_R0 + (int)which;
	if (which >= ENGINE_S0)
		return UC_ARM_REG_S0 + (int)(which - ENGINE_S0);
	return numbers[which];
}

static uint32_t read_raw(struct engine *engine, int number)
{
	uint32_t value = 0;
	uc_reg_read(engine->uc, number, &value);
	return value;
}

static void write_raw(struct engine *engine, int number, uint32_t value)
{
	uc_reg_write(engine->uc, number, &value);
}

/* xPSR whole; writing it moves between Handler and Thread mode, and with it the stack pointer. */
static void write_xpsr(struct engine *engine, uint32_t value)
{
	write_raw(engine, UC_ARM_REG_XPSR_NZCVQG, value);
	/* The only write that makes Unicorn look at the mode again. */
	write_raw(engine, UC_ARM_REG_APSR_NZCV, value);
}

static bool is_special(enum engine_register which)
{
	return which >= ENGINE_MSP && which <= ENGINE_FAULTMASK;
}

/* Makes an unprivileged core privileged by moving it to Handler mode; false: it was already.
 * `xpsr` is what it was before. */
static bool become_privileged(struct engine *engine, uint32_t *xpsr)
{
	*xpsr = read_raw(engine, UC_ARM_REG_XPSR);
	if ((read_raw(engine, UC_ARM_REG_CONTROL) & 1) == 0 || (*xpsr & XPSR_EXCEPTION) != 0)
		return false;
	write_xpsr(engine, *xpsr | 3);
	return true;
}

uint32_t engine_get(struct engine *engine, enum engine_register which)
{
	if (!is_special(which))
		return read_raw(engine, number_of(which));
	uint32_t xpsr;
	bool moved = become_privileged(engine, &xpsr);
	uint32_t value = read_raw(engine, number_of(which));
	if (moved)
		write_xpsr(engine, xpsr);
	return value;
}

/* Unicorn ignores SPSEL in Handler mode, and all of CONTROL when unprivileged, as code would find
 * it; so nPRIV is cleared from Handler mode first, and the rest is written in Thread mode. */
static void write_control(struct engine *engine, uint32_t value)
{
	uint32_t xpsr = read_raw(engine, UC_ARM_REG_XPSR);
	write_xpsr(engine, xpsr | 3);
	write_raw(engine, UC_ARM_REG_CONTROL, read_raw(engine, UC_ARM_REG_CONTROL) & ~UINT32_C(1));
	write_xpsr(engine, xpsr & ~XPSR_EXCEPTION);
	write_raw(engine, UC_ARM_REG_CONTROL, value);
	write_xpsr(engine, xpsr);
}

void engine_set(struct engine *engine, enum engine_register which, uint32_t value)
{
	switch (which) {
	case ENGINE_XPSR:
		write_xpsr(engine, value);
		return;
	case ENGINE_PC:
		write_raw(engine, UC_ARM_REG_PC,
			value | (read_raw(engine, UC_ARM_REG_XPSR) >> 24 & 1));
		return;
	case ENGINE_CONTROL:
		write_control(engine, value);
		return;
	default:
		break;
	}
	uint32_t xpsr;
	bool moved = is_special(which) && become_privileged(engine, &xpsr);
	write_raw(engine, number_of(which), value);
	if (moved)
		write_xpsr(engine, xpsr);
}
