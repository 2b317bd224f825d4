/*
 * DBGMCU: the device's identity, and what goes on while the core is halted or asleep.
 *
 * From: RM0368 23.6.1 and 23.16. 32-bit accesses only; reset by power-on alone, readable while NRST
 * is held low.
 */
#include "dbgmcu.h"

#include "model.h"
#include "rcc.h"

enum { IDCODE = 0x00, CR = 0x04 };

enum { DBG_SLEEP = 1 << 0, DBG_STOP = 1 << 1, DBG_STANDBY = 1 << 2 };

#define CR_BITS        UINT32_C(0x000000e7)
#define APB1_FZ_BITS   UINT32_C(0x0fe01fff)
#define APB2_FZ_BITS   UINT32_C(0x00070003)
#define IDCODE_SILICON UINT32_C(0x6000) /* "reserved" bits 15 to 12, as real parts have them */

struct dbgmcu {
	uint32_t control, freeze1, freeze2;
};

bool dbgmcu_keeps_sleep_clocked(const struct chip *chip)
{
	return (chip->dbgmcu->control & DBG_SLEEP) != 0;
}

bool dbgmcu_keeps_stop_clocked(const struct chip *chip)
{
	return (chip->dbgmcu->control & DBG_STOP) != 0;
}

bool dbgmcu_keeps_standby_powered(const struct chip *chip)
{
	return (chip->dbgmcu->control & DBG_STANDBY) != 0;
}

bool dbgmcu_freezes(const struct chip *chip, unsigned offset, unsigned bit)
{
	const struct dbgmcu *dbgmcu = chip->dbgmcu;
	uint32_t word = offset == DBGMCU_APB1_FZ ? dbgmcu->freeze1 : dbgmcu->freeze2;
	return (word >> bit & 1) != 0;
}

static uint32_t idcode(const struct chip *chip)
{
	if (chip->faults.device_id != 0)
		return chip->faults.device_id;
	return (uint32_t)chip->model->revision << 16 | IDCODE_SILICON | chip->model->device_id;
}

static void reset(struct peripheral *peripheral, enum reset_kind kind)
{
	struct dbgmcu *dbgmcu = peripheral->state;
	if (reset_is_power(kind))
		*dbgmcu = (struct dbgmcu){.control = 0};
}

static enum chip_ack read(struct peripheral *peripheral, uint32_t offset, uint32_t *value)
{
	const struct dbgmcu *dbgmcu = peripheral->state;
	*value = 0;
	if (peripheral->chip->access_width != 4)
		return CHIP_FAULT;
	if (offset == IDCODE)
		*value = idcode(peripheral->chip);
	else if (offset == CR)
		*value = dbgmcu->control;
	else if (offset == DBGMCU_APB1_FZ)
		*value = dbgmcu->freeze1;
	else if (offset == DBGMCU_APB2_FZ)
		*value = dbgmcu->freeze2;
	return CHIP_OK;
}

static enum chip_ack write(
	struct peripheral *peripheral, uint32_t offset, uint32_t value, uint32_t lanes)
{
	struct chip *chip = peripheral->chip;
	struct dbgmcu *dbgmcu = peripheral->state;
	if (lanes != ~UINT32_C(0))
		return CHIP_FAULT;
	if (offset == CR)
		dbgmcu->control = value & CR_BITS;
	else if (offset == DBGMCU_APB1_FZ)
		dbgmcu->freeze1 = value & APB1_FZ_BITS;
	else if (offset == DBGMCU_APB2_FZ)
		dbgmcu->freeze2 = value & APB2_FZ_BITS;
	rcc_update(chip);
	chip_clocks_changed(chip);
	return CHIP_OK;
}

const struct peripheral_ops dbgmcu_ops = {
	.name = "DBGMCU",
	.state_size = sizeof(struct dbgmcu),
	.reset = reset,
	.read = read,
	.write = write,
};
