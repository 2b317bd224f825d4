/*
 * System Control Block: identification, ICSR, AIRCR, fault status, system handlers.
 *
 * From: ARMv7-M ARM B3.2; values of the ID registers from the Cortex-M4 TRM (r0p1).
 */
#include "m4.h"

enum {
	ICSR = 0x04,
	VTOR = 0x08,
	AIRCR = 0x0c,
	SCR = 0x10,
	CCR = 0x14,
	SHPR1 = 0x18,
	SHPR3 = 0x20,
	SHCSR = 0x24,
	CFSR = 0x28,
	HFSR = 0x2c,
	DFSR = 0x30,
	MMFAR = 0x34,
	BFAR = 0x38,
	AFSR = 0x3c,
	CPACR = 0x88,
};

#define CPUID_M4 UINT32_C(0x410fc241)

/* From ID_PFR0 at 0x40; CLIDR, CTR and CCSIDR behind them read 0, there is no cache. */
static const uint32_t features[] = {0x00000030, 0x00000200, 0x00100000, 0x00000000, 0x00100030,
	0x00000000, 0x01000000, 0x00000000, 0x01101110, 0x02112000, 0x21232231, 0x01111131,
	0x01310132};

static void reset(struct peripheral *peripheral, enum reset_kind kind)
{
	struct m4 *core = peripheral->chip->core;
	struct nvic *nvic = &core->nvic;
	(void)kind;
	core->scb = (struct scb){.ccr = CCR_STKALIGN, .fpccr = FPCCR_ASPEN | FPCCR_LSPEN};
	for (unsigned i = 0; i < EXCEPTION_COUNT; i++) {
		nvic->priority[i] = 0;
		nvic_set_bit(nvic->enabled, i, false);
		nvic_set_bit(nvic->active, i, false);
		nvic_set_bit(nvic->pending, i, nvic->lines[i] > 0);
	}
	static const uint8_t always[] = {EXCEPTION_NMI, EXCEPTION_HARD_FAULT, EXCEPTION_SVCALL,
		EXCEPTION_PENDSV, EXCEPTION_SYSTICK};
	for (unsigned i = 0; i < sizeof always; i++)
		nvic_set_bit(nvic->enabled, always[i], true);
	nvic->prigroup = 0;
	m4_recheck(core);
	m4_update_interest(core);
	breakpoints_update(core);
}

/* ---- ICSR ---- */

#define NMIPENDSET (UINT32_C(1) << 31)
#define PENDSVSET  (UINT32_C(1) << 28)
#define PENDSVCLR  (UINT32_C(1) << 27)
#define PENDSTSET  (UINT32_C(1) << 26)
#define PENDSTCLR  (UINT32_C(1) << 25)
#define ISRPENDING (UINT32_C(1) << 22)
#define RETTOBASE  (UINT32_C(1) << 11)

static bool any_irq_pending(const struct nvic *nvic)
{
	uint32_t bits = nvic->pending[0] & nvic->enabled[0] & 0xffff0000;
	for (unsigned i = 1; i < EXCEPTION_COUNT / 32; i++)
		bits |= nvic->pending[i] & nvic->enabled[i];
	return bits != 0;
}

static uint32_t read_icsr(struct m4 *core)
{
	const struct nvic *nvic = &core->nvic;
	unsigned active = 0;
	for (unsigned i = 0; i < EXCEPTION_COUNT / 32; i++)
		active += (unsigned)__builtin_popcount(nvic->active[i]);
	return (engine_get(core->engine, ENGINE_XPSR) & 0x1ff) | (active <= 1 ? RETTOBASE : 0) |
	       nvic_highest_pending(core) << 12 | (any_irq_pending(nvic) ? ISRPENDING : 0) |
	       (nvic_bit(nvic->pending, EXCEPTION_SYSTICK) ? PENDSTSET : 0) |
	       (nvic_bit(nvic->pending, EXCEPTION_PENDSV) ? PENDSVSET : 0) |
	       (nvic_bit(nvic->pending, EXCEPTION_NMI) ? NMIPENDSET : 0);
}

static void write_icsr(struct m4 *core, uint32_t value)
{
	if ((value & NMIPENDSET) != 0)
		nvic_pend(core, EXCEPTION_NMI);
	if ((value & PENDSVCLR) != 0)
		nvic_unpend(core, EXCEPTION_PENDSV);
	else if ((value & PENDSVSET) != 0)
		nvic_pend(core, EXCEPTION_PENDSV);
	if ((value & PENDSTCLR) != 0)
		nvic_unpend(core, EXCEPTION_SYSTICK);
	else if ((value & PENDSTSET) != 0)
		nvic_pend(core, EXCEPTION_SYSTICK);
}

/* ---- AIRCR ---- */

enum { VECTRESET = 1 << 0, VECTCLRACTIVE = 1 << 1, SYSRESETREQ = 1 << 2 };

static void write_aircr(struct m4 *core, uint32_t value)
{
	if (value >> 16 != 0x05fa)
		return;
	core->nvic.prigroup = value >> 8 & 7;
	m4_recheck(core);
	if ((value & SYSRESETREQ) != 0)
		chip_want_reset(core->chip, RESET_SOFTWARE);
	else if ((value & VECTRESET) != 0 && core->halted)
		chip_want_reset(core->chip, RESET_CORE);
	else if ((value & VECTCLRACTIVE) != 0 && core->halted)
		for (unsigned i = 0; i < EXCEPTION_COUNT / 32; i++)
			core->nvic.active[i] = 0;
}

/* ---- SHCSR: its bits are those of the NVIC, for the system exceptions ---- */

enum shcsr_kind { ACTIVE, PENDING, ENABLED };

static const struct shcsr_bit {
	uint8_t bit, exception, kind;
} shcsr_bits[] = {
	{0, EXCEPTION_MEM_MANAGE, ACTIVE},
	{1, EXCEPTION_BUS_FAULT, ACTIVE},
	{3, EXCEPTION_USAGE_FAULT, ACTIVE},
	{7, EXCEPTION_SVCALL, ACTIVE},
	{8, EXCEPTION_DEBUG_MONITOR, ACTIVE},
	{10, EXCEPTION_PENDSV, ACTIVE},
	{11, EXCEPTION_SYSTICK, ACTIVE},
	{12, EXCEPTION_USAGE_FAULT, PENDING},
	{13, EXCEPTION_MEM_MANAGE, PENDING},
	{14, EXCEPTION_BUS_FAULT, PENDING},
	{15, EXCEPTION_SVCALL, PENDING},
	{16, EXCEPTION_MEM_MANAGE, ENABLED},
	{17, EXCEPTION_BUS_FAULT, ENABLED},
	{18, EXCEPTION_USAGE_FAULT, ENABLED},
};

static uint32_t *shcsr_words(struct nvic *nvic, enum shcsr_kind kind)
{
	return kind == ACTIVE ? nvic->active : kind == PENDING ? nvic->pending : nvic->enabled;
}

static uint32_t read_shcsr(struct m4 *core)
{
	uint32_t value = 0;
	for (unsigned i = 0; i < sizeof shcsr_bits / sizeof shcsr_bits[0]; i++) {
		const struct shcsr_bit *bit = &shcsr_bits[i];
		if (nvic_bit(shcsr_words(&core->nvic, bit->kind), bit->exception))
			value |= UINT32_C(1) << bit->bit;
	}
	return value;
}

static void write_shcsr(struct m4 *core, uint32_t value)
{
	for (unsigned i = 0; i < sizeof shcsr_bits / sizeof shcsr_bits[0]; i++) {
		const struct shcsr_bit *bit = &shcsr_bits[i];
		nvic_set_bit(shcsr_words(&core->nvic, bit->kind), bit->exception,
			(value >> bit->bit & 1) != 0);
	}
	m4_recheck(core);
}

/* ---- SHPR: priorities of the exceptions 4 to 15, a byte each ---- */

static uint32_t read_shpr(const struct m4 *core, uint32_t offset)
{
	const uint8_t *bytes = &core->nvic.priority[4 + offset - SHPR1];
	return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
	       (uint32_t)bytes[3] << 24;
}

static void write_shpr(struct m4 *core, uint32_t offset, uint32_t value, uint32_t lanes)
{
	for (unsigned i = 0; i < 4; i++)
		if ((lanes >> (8 * i) & 0xff) != 0)
			core->nvic.priority[4 + offset - SHPR1 + i] =
				(uint8_t)(value >> (8 * i) & 0xf0);
	m4_recheck(core);
}

/* ---- the block ---- */

static uint32_t *plain_register(struct m4 *core, uint32_t offset)
{
	switch (offset) {
	case VTOR:
		return &core->scb.vtor;
	case SCR:
		return &core->scb.scr;
	case CCR:
		return &core->scb.ccr;
	case CFSR:
		return &core->scb.cfsr;
	case HFSR:
		return &core->scb.hfsr;
	case DFSR:
		return &core->debug.dfsr;
	case MMFAR:
		return &core->scb.mmfar;
	case BFAR:
		return &core->scb.bfar;
	case AFSR:
		return &core->scb.afsr;
	case CPACR:
		return &core->scb.cpacr;
	default:
		return NULL;
	}
}

static uint32_t writable(uint32_t offset)
{
	switch (offset) {
	case VTOR:
		return 0x3fffff80;
	case SCR:
		return SCR_SLEEPONEXIT | SCR_SLEEPDEEP | SCR_SEVONPEND;
	case CCR:
		return 0x0000031b;
	case CPACR:
		return 0x00f00000; /* CP10 and CP11 */
	case MMFAR:
	case BFAR:
		return 0xffffffff;
	default:
		return 0;
	}
}

static enum chip_ack read(struct peripheral *peripheral, uint32_t offset, uint32_t *value)
{
	struct m4 *core = peripheral->chip->core;
	const uint32_t *plain = plain_register(core, offset);
	if (plain != NULL)
		*value = *plain;
	else if (offset == 0)
		*value = CPUID_M4;
	else if (offset == ICSR)
		*value = read_icsr(core);
	else if (offset == AIRCR)
		*value = UINT32_C(0xfa050000) | core->nvic.prigroup << 8;
	else if (offset >= SHPR1 && offset <= SHPR3)
		*value = read_shpr(core, offset);
	else if (offset == SHCSR)
		*value = read_shcsr(core);
	else if (offset >= 0x40 && offset < 0x40 + sizeof features)
		*value = features[(offset - 0x40) / 4];
	else
		*value = 0;
	return CHIP_OK;
}

static bool is_status(uint32_t offset)
{
	return offset == CFSR || offset == HFSR || offset == DFSR;
}

static void write_plain(struct m4 *core, uint32_t offset, uint32_t value, uint32_t lanes)
{
	uint32_t *plain = plain_register(core, offset);
	if (plain == NULL)
		return;
	if (is_status(offset))
		*plain &= ~(value & lanes);
	else
		*plain = merge_lanes(*plain, value, lanes & writable(offset));
	if (offset == CPACR)
		core->fp_ready = false;
	m4_recheck(core);
	m4_update_interest(core);
	breakpoints_update(core);
}

static enum chip_ack write(
	struct peripheral *peripheral, uint32_t offset, uint32_t value, uint32_t lanes)
{
	struct m4 *core = peripheral->chip->core;
	if (offset == ICSR)
		write_icsr(core, value & lanes);
	else if (offset == AIRCR && lanes == ~UINT32_C(0))
		write_aircr(core, value);
	else if (offset >= SHPR1 && offset <= SHPR3)
		write_shpr(core, offset, value, lanes);
	else if (offset == SHCSR)
		write_shcsr(core, merge_lanes(read_shcsr(core), value, lanes));
	else
		write_plain(core, offset, value, lanes);
	return CHIP_OK;
}

const struct peripheral_ops scb_ops = {.name = "SCB", .reset = reset, .read = read, .write = write};

/* ---- ICTR and ACTLR, at the start of the page ---- */

enum { ICTR = 0x4, ACTLR = 0x8 };

static enum chip_ack read_auxiliary(struct peripheral *peripheral, uint32_t offset, uint32_t *value)
{
	const struct chip *chip = peripheral->chip;
	*value = 0;
	if (offset == ICTR)
		*value = (chip->model->irq_count - 1u) / 32;
	else if (offset == ACTLR)
		*value = chip->core->scb.actlr;
	return CHIP_OK;
}

static enum chip_ack write_auxiliary(
	struct peripheral *peripheral, uint32_t offset, uint32_t value, uint32_t lanes)
{
	struct scb *scb = &peripheral->chip->core->scb;
	if (offset == ACTLR)
		scb->actlr = merge_lanes(scb->actlr, value, lanes) & 0x307;
	return CHIP_OK;
}

const struct peripheral_ops scs_ops = {
	.name = "SCS", .read = read_auxiliary, .write = write_auxiliary};
