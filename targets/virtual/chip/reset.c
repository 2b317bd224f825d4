/*
 * Resets, the supply and the reset pin.
 *
 * From: RM0368 6.1 (which reset spares what), 5.2 (power-on, brown-out), DS9716 (thresholds).
 */
#include <string.h>

#include "ahb.h"
#include "flash.h"
#include "gpio.h"
#include "m4.h"
#include "model.h"
#include "pwr.h"
#include "rcc.h"

enum {
	POWER_ON_MV = 1720,            /* rising */
	BROWN_OUT_HYSTERESIS_MV = 100, /* rising threshold above the falling one */
	RAM_LOST_MV = 1200,            /* below it the SRAM cells forget */
};

bool chip_held_in_reset(const struct chip *chip)
{
	return !chip->powered || chip->nrst_low;
}

void chip_want_reset(struct chip *chip, enum reset_kind kind)
{
	if (!chip->reset_wanted || reset_is_power(kind))
		chip->wanted = kind;
	chip->reset_wanted = true;
	chip_attend(chip);
}

static void forget(struct chip *chip, struct memory *memory)
{
	for (uint32_t i = 0; memory->data != NULL && i < memory->size; i += 4) {
		uint32_t word = chip_random(chip, memory->start + i);
		memcpy(memory->data + i, &word, sizeof word);
	}
	if (memory->data != NULL)
		engine_touch(chip->core->engine, memory->start, memory->size);
}

static void forget_memory(struct chip *chip)
{
	forget(chip, &chip->sram);
	forget(chip, &chip->ccm);
}

void chip_forget(struct chip *chip)
{
	forget_memory(chip);
	forget(chip, &chip->backup);
}

/* Core and flash go first: the other blocks look at them. The core boots when all are reset. */
static void make_reset(struct chip *chip, enum reset_kind kind)
{
	if (pwr_is_standby(chip)) /* whatever ends it, its memory was without power */
		forget_memory(chip);
	m4_reset(chip->core, kind);
	flash_reset(chip, kind);
	for (size_t i = 0; i < chip->peripheral_count; i++) {
		struct peripheral *peripheral = &chip->peripherals[i];
		if (peripheral->ops->reset != NULL)
			peripheral->ops->reset(peripheral, kind);
	}
	chip->waiting_count = 0;
	chip_clocks_changed(chip);
}

static void boot(struct chip *chip)
{
	ahb_remap(chip);
	chip->remap_wanted = false;
	m4_boot(chip->core);
}

void chip_settle(struct chip *chip)
{
	while (chip->reset_wanted) {
		chip->reset_wanted = false;
		make_reset(chip, chip->wanted);
		if (!chip_held_in_reset(chip))
			boot(chip);
	}
	if (chip->remap_wanted) {
		chip->remap_wanted = false;
		ahb_remap(chip);
	}
}

/* ---- supply ---- */

static void power_up(struct chip *chip, enum reset_kind kind)
{
	chip->powered = true;
	make_reset(chip, kind);
	if (!chip_held_in_reset(chip))
		boot(chip);
}

void chip_set_vdd(struct chip *chip, unsigned millivolts)
{
	unsigned falling_mv = flash_brown_out_mv(chip);
	unsigned rising_mv = falling_mv + BROWN_OUT_HYSTERESIS_MV;
	bool was_off = chip->vdd_mv < POWER_ON_MV;
	chip->vdd_mv = millivolts;
	if (chip->powered && millivolts < falling_mv) {
		flash_abort(chip); /* the rest is reset when the supply comes back */
		chip->powered = false;
		rcc_update(chip);
	}
	if (millivolts < POWER_ON_MV)
		chip->power_lost = true;
	if (millivolts < RAM_LOST_MV && !was_off)
		chip_forget(chip);
	rising_mv = rising_mv > POWER_ON_MV ? rising_mv : POWER_ON_MV;
	if (!chip->powered && millivolts >= rising_mv) {
		power_up(chip, chip->power_lost ? RESET_POWER_ON : RESET_BROWN_OUT);
		chip->power_lost = false;
	}
	pwr_supply_changed(chip);
}

unsigned chip_vdd(const struct chip *chip)
{
	return chip->vdd_mv;
}

/* ---- reset pin ---- */

void chip_set_nrst(struct chip *chip, bool low)
{
	if (low == chip->nrst_low)
		return;
	chip->nrst_low = low;
	if (!chip->powered)
		return;
	if (low) {
		chip->reset_wanted = false;
		make_reset(chip, pwr_is_standby(chip) ? RESET_STANDBY : RESET_PIN);
	} else {
		boot(chip);
	}
}
