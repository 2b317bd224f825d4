/*
 * ITM, TPIU and ETM: registers only. What is written to a stimulus port is accepted and dropped.
 *
 * From: ARMv7-M ARM C1.7 and C1.10, Cortex-M4 TRM.
 */
#include "blocks.h"
#include "m4.h"

#define LOCK_KEY UINT32_C(0xc5acce55)

enum { ITM_STIMULUS_END = 0x080, ITM_TER = 0xe00, ITM_TPR = 0xe40, ITM_TCR = 0xe80 };
enum { ITM_LAR = 0xfb0, ITM_LSR = 0xfb4 };
enum { LSR_PRESENT = 1, LSR_LOCKED = 2 };
enum { TCR_ITMENA = 1 << 0 };

struct itm {
	bool unlocked;
	uint32_t enabled, privilege, control;
};

static void reset_itm(struct peripheral *peripheral, enum reset_kind kind)
{
	struct itm *itm = peripheral->state;
	if (reset_is_power(kind))
		*itm = (struct itm){.unlocked = false};
}

static enum chip_ack read_itm(struct peripheral *peripheral, uint32_t offset, uint32_t *value)
{
	const struct itm *itm = peripheral->state;
	*value = 0;
	if (offset < ITM_STIMULUS_END) /* 1: the FIFO takes more */
		*value = (itm->control & TCR_ITMENA) != 0 ? itm->enabled >> (offset / 4) & 1 : 0;
	else if (offset == ITM_TER)
		*value = itm->enabled;
	else if (offset == ITM_TPR)
		*value = itm->privilege;
	else if (offset == ITM_TCR)
		*value = itm->control;
	else if (offset == ITM_LSR)
		*value = LSR_PRESENT | (itm->unlocked ? 0 : LSR_LOCKED);
	return CHIP_OK;
}

static enum chip_ack write_itm(
	struct peripheral *peripheral, uint32_t offset, uint32_t value, uint32_t lanes)
{
	struct itm *itm = peripheral->state;
	if (offset == ITM_LAR)
		itm->unlocked = value == LOCK_KEY;
	if (!itm->unlocked || (peripheral->chip->core->debug.demcr & TRCENA) == 0)
		return CHIP_OK;
	if (offset == ITM_TER)
		itm->enabled = merge_lanes(itm->enabled, value, lanes);
	else if (offset == ITM_TPR)
		itm->privilege = merge_lanes(itm->privilege, value, lanes) & 0xf;
	else if (offset == ITM_TCR)
		itm->control = merge_lanes(itm->control, value, lanes) & 0x007f0f1f;
	return CHIP_OK;
}

const struct peripheral_ops itm_ops = {
	.name = "ITM",
	.state_size = sizeof(struct itm),
	.reset = reset_itm,
	.read = read_itm,
	.write = write_itm,
};

/* ---- TPIU and ETM: tables ---- */

enum { TRACE_WORDS = 0xfc0 / 4 };

static const struct reg_rule tpiu_rules[] = {
	{.offset = 0x000, .reset = 0x0000000b},                    /* SSPSR: 1, 2 and 4 pins */
	{.offset = 0x004, .reset = 1, .writable = 0x0000000b},     /* CSPSR */
	{.offset = 0x010, .writable = 0x0000ffff},                 /* ACPR */
	{.offset = 0x0f0, .reset = 1, .writable = 3},              /* SPPR */
	{.offset = 0x300, .reset = 8},                             /* FFSR */
	{.offset = 0x304, .reset = 0x102, .writable = 0x00000002}, /* FFCR */
};

static const struct reg_rule etm_rules[] = {
	{.offset = 0x000, .reset = 0x00000411, .writable = 0x00002c70}, /* ETMCR */
	{.offset = 0x004, .reset = 0x8c802000},                         /* ETMCCR */
};

const struct reg_table trace_tpiu = REG_TABLE(tpiu_rules);
const struct reg_table trace_etm = REG_TABLE(etm_rules);

static void reset_table(struct peripheral *peripheral, enum reset_kind kind)
{
	if (reset_is_power(kind))
		regfile_reset(peripheral->state, peripheral->row->variant);
}

static enum chip_ack read_table(struct peripheral *peripheral, uint32_t offset, uint32_t *value)
{
	const uint32_t *words = peripheral->state;
	*value = words[offset / 4];
	return CHIP_OK;
}

static enum chip_ack write_table(
	struct peripheral *peripheral, uint32_t offset, uint32_t value, uint32_t lanes)
{
	regfile_write(peripheral->state, peripheral->row->variant, offset, value, lanes);
	return CHIP_OK;
}

const struct peripheral_ops trace_table_ops = {
	.name = "TPIU, ETM",
	.state_size = TRACE_WORDS * sizeof(uint32_t),
	.reset = reset_table,
	.read = read_table,
	.write = write_table,
};
