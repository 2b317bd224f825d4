/*
 * Power control: STOP, STANDBY, the programmable voltage detector.
 *
 * From: RM0368 chapter 5, DS9716 (thresholds, typical).
 */
#include "pwr.h"

#include <string.h>

#include "dbgmcu.h"
#include "exti.h"
#include "flash.h"
#include "m4.h"
#include "model.h"
#include "rcc.h"

enum { CR = 0x00, CSR = 0x04 };

enum {
	CR_PDDS = 1 << 1,
	CR_CWUF = 1 << 2,
	CR_CSBF = 1 << 3,
	CR_PVDE = 1 << 4,
	CR_DBP = 1 << 8,
	CSR_WUF = 1 << 0,
	CSR_SBF = 1 << 1,
	CSR_PVDO = 1 << 2,
	CSR_BRR = 1 << 3,
	CSR_EWUP = 1 << 8,
	CSR_BRE = 1 << 9,
	CSR_VOSRDY = 1 << 14,
};

#define CR_WRITABLE UINT32_C(0x0000fff3)
#define CR_RESET    UINT32_C(0x00008000) /* VOS scale 2 */

enum { EXTI_PVD = 16 };

enum power_mode { MODE_RUN, MODE_STOP, MODE_STANDBY };

struct pwr {
	uint32_t control, status;
	enum power_mode mode;
	bool below; /* the detector's output before PVDE gates it */
};

/* ---- the voltage detector ---- */

static const struct threshold {
	uint16_t falling_mv, rising_mv;
} thresholds[] = {{2040, 2140}, {2190, 2300}, {2350, 2450}, {2510, 2600}, {2660, 2760},
	{2820, 2930}, {2930, 3030}, {3030, 3140}};

static bool output(const struct pwr *pwr)
{
	return pwr->below && (pwr->control & CR_PVDE) != 0;
}

void pwr_supply_changed(struct chip *chip)
{
	struct pwr *pwr = chip->pwr;
	const struct threshold *threshold = &thresholds[pwr->control >> 5 & 7];
	bool before = output(pwr);
	if (chip->vdd_mv < threshold->falling_mv)
		pwr->below = true;
	else if (chip->vdd_mv > threshold->rising_mv)
		pwr->below = false;
	exti_set_line(chip, EXTI_PVD, before, output(pwr));
}

/* ---- low power ---- */

bool pwr_is_standby(const struct chip *chip)
{
	return chip->pwr->mode == MODE_STANDBY;
}

bool pwr_clocks_are_off(const struct chip *chip)
{
	switch (chip->pwr->mode) {
	case MODE_STOP:
		return !dbgmcu_keeps_stop_clocked(chip);
	case MODE_STANDBY:
		return !dbgmcu_keeps_standby_powered(chip);
	default:
		return false;
	}
}

bool pwr_core_is_clocked(const struct chip *chip)
{
	return chip->pwr->mode == MODE_RUN;
}

bool pwr_debug_is_off(const struct chip *chip)
{
	return chip->pwr->mode == MODE_STANDBY && !dbgmcu_keeps_standby_powered(chip);
}

bool pwr_backup_is_open(const struct chip *chip)
{
	return (chip->pwr->control & CR_DBP) != 0;
}

static void enter(struct chip *chip, enum power_mode mode)
{
	chip->pwr->mode = mode;
	rcc_update(chip);
	chip_attend(chip);
}

void pwr_enter_stop(struct chip *chip)
{
	if (!flash_allows_stop(chip))
		chip_want_reset(chip, RESET_LOW_POWER);
	else
		enter(chip, MODE_STOP);
}

void pwr_enter_standby(struct chip *chip)
{
	if (!flash_allows_standby(chip))
		chip_want_reset(chip, RESET_LOW_POWER);
	else
		enter(chip, MODE_STANDBY);
}

void pwr_enter_deep_sleep(struct chip *chip)
{
	if ((chip->pwr->control & CR_PDDS) != 0)
		pwr_enter_standby(chip);
	else
		pwr_enter_stop(chip);
}

void pwr_wake(struct chip *chip)
{
	if (chip->pwr->mode != MODE_STOP)
		return;
	chip->pwr->mode = MODE_RUN;
	rcc_wake_from_stop(chip);
}

/* ---- registers ---- */

static void reset(struct peripheral *peripheral, enum reset_kind kind)
{
	struct chip *chip = peripheral->chip;
	struct pwr *pwr = peripheral->state;
	if (kind == RESET_CORE)
		return;
	/* WUF and SBF live in the backup domain. */
	uint32_t kept = reset_is_power(kind) ? 0 : pwr->status & (CSR_WUF | CSR_SBF | CSR_EWUP);
	if (pwr->mode == MODE_STANDBY)
		kept |= CSR_SBF;
	pwr->control = CR_RESET;
	pwr->status = kept | CSR_VOSRDY;
	pwr->mode = MODE_RUN;
	pwr_supply_changed(chip);
}

static enum chip_ack read(struct peripheral *peripheral, uint32_t offset, uint32_t *value)
{
	const struct pwr *pwr = peripheral->state;
	if (offset == CR)
		*value = pwr->control;
	else if (offset == CSR)
		*value = pwr->status | (output(pwr) ? CSR_PVDO : 0) |
			 ((pwr->status & CSR_BRE) != 0 ? CSR_BRR : 0);
	else
		*value = 0;
	return CHIP_OK;
}

static enum chip_ack write(
	struct peripheral *peripheral, uint32_t offset, uint32_t value, uint32_t lanes)
{
	struct pwr *pwr = peripheral->state;
	if (offset == CR) {
		bool before = output(pwr);
		pwr->control = merge_lanes(pwr->control, value, lanes & CR_WRITABLE);
		if ((value & lanes & CR_CWUF) != 0)
			pwr->status &= ~(uint32_t)CSR_WUF;
		if ((value & lanes & CR_CSBF) != 0)
			pwr->status &= ~(uint32_t)CSR_SBF;
		/* A new threshold: the comparator has no history. */
		const struct threshold *threshold = &thresholds[pwr->control >> 5 & 7];
		pwr->below = peripheral->chip->vdd_mv < threshold->falling_mv;
		exti_set_line(peripheral->chip, EXTI_PVD, before, output(pwr));
	} else if (offset == CSR) {
		pwr->status = merge_lanes(pwr->status, value, lanes & (CSR_EWUP | CSR_BRE));
	}
	return CHIP_OK;
}

const struct peripheral_ops pwr_ops = {
	.name = "PWR",
	.state_size = sizeof(struct pwr),
	.reset = reset,
	.read = read,
	.write = write,
};
