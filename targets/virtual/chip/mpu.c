/*
 * Memory Protection Unit: 8 regions. Its registers hold what is written, but no access is refused:
 * Unicorn's own MPU cannot be reached, and nothing that is debugged here depends on it.
 *
 * From: ARMv7-M ARM B3.5.
 */
#include "m4.h"

enum { TYPE = 0x00, CTRL = 0x04, RNR = 0x08, RBAR = 0x0c, RASR = 0x10, END = 0x2c };

enum { REGIONS = 8 };

#define RBAR_VALID UINT32_C(0x10)
#define RASR_BITS  UINT32_C(0x173fff3f)

struct mpu {
	uint32_t control, number;
	uint32_t base[REGIONS], attributes[REGIONS];
};

static void reset(struct peripheral *peripheral, enum reset_kind kind)
{
	struct mpu *mpu = peripheral->state;
	(void)kind;
	*mpu = (struct mpu){.control = 0};
}

static enum chip_ack read(struct peripheral *peripheral, uint32_t offset, uint32_t *value)
{
	const struct mpu *mpu = peripheral->state;
	if (offset == TYPE)
		*value = REGIONS << 8;
	else if (offset == CTRL)
		*value = mpu->control;
	else if (offset == RNR)
		*value = mpu->number;
	else if (offset >= END)
		*value = 0;
	else if ((offset - RBAR) % 8 == 0) /* RBAR and its three aliases */
		*value = mpu->base[mpu->number] | mpu->number;
	else
		*value = mpu->attributes[mpu->number];
	return CHIP_OK;
}

static void write_base(struct mpu *mpu, uint32_t value)
{
	if ((value & RBAR_VALID) != 0)
		mpu->number = value & (REGIONS - 1);
	mpu->base[mpu->number] = value & ~UINT32_C(0x1f);
}

static enum chip_ack write(
	struct peripheral *peripheral, uint32_t offset, uint32_t value, uint32_t lanes)
{
	struct mpu *mpu = peripheral->state;
	(void)lanes;
	if (offset == TYPE || offset >= END)
		return CHIP_OK;
	if (offset == CTRL)
		mpu->control = value & 7;
	else if (offset == RNR)
		mpu->number = value & (REGIONS - 1);
	else if ((offset - RBAR) % 8 == 0)
		write_base(mpu, value);
	else
		mpu->attributes[mpu->number] = value & RASR_BITS;
	return CHIP_OK;
}

const struct peripheral_ops mpu_ops = {
	.name = "MPU",
	.state_size = sizeof(struct mpu),
	.reset = reset,
	.read = read,
	.write = write,
};
