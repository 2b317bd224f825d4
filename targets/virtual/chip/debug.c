/*
 * Halting debug: DHCSR, DCRSR, DCRDR, DEMCR and, by way of scb.c, DFSR.
 *
 * From: ARMv7-M ARM C1.6. They keep their contents over every reset but power-on, except that a
 * reset of the core clears C_HALT and with it C_STEP and C_MASKINTS, and the debug monitor's bits
 * of DEMCR. Not modelled: stepping by the debug monitor (MON_STEP) and its request bit (MON_REQ).
 */
#include "m4.h"

enum { DHCSR = 0x0, DCRSR = 0x4, DCRDR = 0x8, DEMCR = 0xc };

enum {
	S_REGRDY = 1 << 16,
	S_HALT = 1 << 17,
	S_SLEEP = 1 << 18,
	S_LOCKUP = 1 << 19,
	S_RETIRE_ST = 1 << 24,
	S_RESET_ST = 1 << 25,
};

#define DBGKEY       UINT32_C(0xa05f0000)
#define DEMCR_BITS   UINT32_C(0x010f07f1)
#define DCRSR_REGWNR (UINT32_C(1) << 16)

static void reset(struct peripheral *peripheral, enum reset_kind kind)
{
	struct m4 *core = peripheral->chip->core;
	if (reset_is_power(kind))
		core->debug = (struct debug){.reset_seen = true};
	else /* the debug monitor is the firmware's */
		core->debug.demcr &= ~(uint32_t)(MON_EN | MON_PEND | MON_STEP | MON_REQ);
}

/* ---- DHCSR ---- */

static uint32_t read_dhcsr(struct m4 *core)
{
	struct chip *chip = core->chip;
	struct debug *debug = &core->debug;
	uint64_t retired = core->retired + engine_executed(core->engine);
	uint32_t value = debug->control | S_REGRDY | (core->halted ? S_HALT : 0) |
			 (core->sleeping ? S_SLEEP : 0) | (core->locked_up ? S_LOCKUP : 0) |
			 (retired != debug->retired_at ? S_RETIRE_ST : 0) |
			 (debug->reset_seen ? S_RESET_ST : 0);
	if (chip->master == MASTER_AP) {
		debug->retired_at = retired;
		debug->reset_seen = chip_held_in_reset(chip);
	}
	return value;
}

/* C_MASKINTS and C_STEP change only in debug state, C_MASKINTS only if the core stays there. */
static uint32_t new_control(const struct m4 *core, uint32_t value)
{
	uint32_t old = core->debug.control;
	uint32_t fixed = core->halted ? 0 : C_STEP | C_MASKINTS;
	if ((value & C_HALT) == 0)
		fixed |= C_MASKINTS;
	uint32_t control = (value & ~fixed) | (old & fixed);
	control &= C_DEBUGEN | C_HALT | C_STEP | C_MASKINTS | C_SNAPSTALL;
	if (chip_held_in_reset(core->chip)) /* which keeps clearing it */
		control &= ~(uint32_t)C_HALT;
	return (control & C_DEBUGEN) != 0 ? control : 0;
}

static void write_dhcsr(struct m4 *core, uint32_t value)
{
	if ((value & 0xffff0000) != DBGKEY || core->chip->master != MASTER_AP)
		return;
	struct debug *debug = &core->debug;
	debug->control = new_control(core, value);
	m4_recheck(core);
	if (core->halted && (debug->control & C_HALT) == 0) {
		debug->stepping = (debug->control & C_STEP) != 0;
		m4_resume(core);
	}
	m4_halt_if_wanted(core);
}

/* ---- core registers ---- */

/* CONTROL, FAULTMASK, BASEPRI, PRIMASK in one word, as selector 20 has them. */
static uint32_t read_masks(struct m4 *core)
{
	struct engine *engine = core->engine;
	return engine_get(engine, ENGINE_CONTROL) << 24 |
	       engine_get(engine, ENGINE_FAULTMASK) << 16 |
	       engine_get(engine, ENGINE_BASEPRI) << 8 | engine_get(engine, ENGINE_PRIMASK);
}

static void write_masks(struct m4 *core, uint32_t value)
{
	struct engine *engine = core->engine;
	engine_set(engine, ENGINE_CONTROL, value >> 24 & 7);
	engine_set(engine, ENGINE_FAULTMASK, value >> 16 & 1);
	engine_set(engine, ENGINE_BASEPRI, value >> 8 & 0xff);
	engine_set(engine, ENGINE_PRIMASK, value & 1);
}

enum { MASKS = 20, NO_REGISTER = -1 };

static int register_of(unsigned selector)
{
	static const uint8_t low[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, ENGINE_SP,
		ENGINE_LR, ENGINE_PC, ENGINE_XPSR, ENGINE_MSP, ENGINE_PSP};
	if (selector < sizeof low)
		return low[selector];
	if (selector == 33)
		return ENGINE_FPSCR;
	if (selector >= 64 && selector < 96)
		return (int)(ENGINE_S0 + selector - 64);
	return NO_REGISTER;
}

static void transfer_register(struct m4 *core, uint32_t value)
{
	if (!core->halted)
		return;
	unsigned selector = value & 0x7f;
	bool write = (value & DCRSR_REGWNR) != 0;
	int which = register_of(selector);
	if (selector == MASKS) {
		if (write)
			write_masks(core, core->debug.dcrdr);
		else
			core->debug.dcrdr = read_masks(core);
	} else if (which != NO_REGISTER) {
		if (write)
			engine_set(core->engine, (enum engine_register)which, core->debug.dcrdr);
		else
			core->debug.dcrdr = engine_get(core->engine, (enum engine_register)which);
	} else if (!write) {
		core->debug.dcrdr = 0;
	}
	m4_recheck(core);
}

/* ---- DEMCR ---- */

static void write_demcr(struct m4 *core, uint32_t value)
{
	core->debug.demcr = value & DEMCR_BITS;
	nvic_set_bit(core->nvic.enabled, EXCEPTION_DEBUG_MONITOR, (value & MON_EN) != 0);
	nvic_set_bit(core->nvic.pending, EXCEPTION_DEBUG_MONITOR, (value & MON_PEND) != 0);
	m4_recheck(core);
	breakpoints_update(core);
}

/* ---- the block ---- */

static enum chip_ack read(struct peripheral *peripheral, uint32_t offset, uint32_t *value)
{
	struct m4 *core = peripheral->chip->core;
	switch (offset) {
	case DHCSR:
		*value = read_dhcsr(core);
		break;
	case DCRDR:
		*value = core->debug.dcrdr;
		break;
	case DEMCR:
		*value = core->debug.demcr;
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
	if (offset == DCRDR)
		core->debug.dcrdr = merge_lanes(core->debug.dcrdr, value, lanes);
	else if (offset == DEMCR)
		write_demcr(core, merge_lanes(core->debug.demcr, value, lanes));
	else if (offset == DHCSR && lanes == ~UINT32_C(0))
		write_dhcsr(core, value);
	else if (offset == DCRSR)
		transfer_register(core, value & lanes);
	return CHIP_OK;
}

const struct peripheral_ops debug_ops = {
	.name = "debug", .reset = reset, .read = read, .write = write};
