/*
 * Flash Patch and Breakpoint unit, revision 1: 6 instruction and 2 literal comparators.
 *
 * From: ARMv7-M ARM C1.11. Breakpoints work; remapping (REPLACE 00) and literal comparators only
 * hold their registers, because no debugger of this board uses them.
 */
#include "fpb.h"
#include "m4.h"

enum { FP_CTRL = 0x000, FP_REMAP = 0x004, FP_COMP0 = 0x008 };

enum { CODE_COMPARATORS = 6, COMPARATORS = 8 };

enum { CTRL_ENABLE = 1 << 0, CTRL_KEY = 1 << 1 };

#define CTRL_GEOMETRY UINT32_C(0x00000260)
#define COMP_BITS     UINT32_C(0xdffffffd)
#define REMAP_BITS    UINT32_C(0x3fffffe0)

struct fpb {
	bool enabled;
	uint32_t remap;
	uint32_t comparators[COMPARATORS];
};

static void reset(struct peripheral *peripheral, enum reset_kind kind)
{
	struct fpb *fpb = peripheral->state;
	if (!reset_is_power(kind))
		return;
	*fpb = (struct fpb){.enabled = false};
	breakpoints_update(peripheral->chip->core);
}

unsigned fpb_addresses(const struct peripheral *peripheral, uint32_t *addresses)
{
	const struct fpb *fpb = peripheral->state;
	unsigned count = 0;
	for (unsigned i = 0; i < CODE_COMPARATORS && fpb->enabled; i++) {
		uint32_t value = fpb->comparators[i], address = value & UINT32_C(0x1ffffffc);
		unsigned replace = value >> 30; /* 1: lower half-word, 2: upper, 3: both */
		if ((value & 1) == 0)
			continue;
		if ((replace & 1) != 0)
			addresses[count++] = address;
		if ((replace & 2) != 0)
			addresses[count++] = address + 2;
	}
	return count;
}

static enum chip_ack read(struct peripheral *peripheral, uint32_t offset, uint32_t *value)
{
	const struct fpb *fpb = peripheral->state;
	unsigned index = (offset - FP_COMP0) / 4;
	*value = 0;
	if (offset == FP_CTRL)
		*value = CTRL_GEOMETRY | (fpb->enabled ? CTRL_ENABLE : 0);
	else if (offset == FP_REMAP)
		*value = fpb->remap | UINT32_C(1) << 29; /* RMPSPT: remapping is there */
	else if (offset >= FP_COMP0 && index < COMPARATORS)
		*value = fpb->comparators[index];
	else
		*value = 0;
	return CHIP_OK;
}

static enum chip_ack write(
	struct peripheral *peripheral, uint32_t offset, uint32_t value, uint32_t lanes)
{
	struct fpb *fpb = peripheral->state;
	unsigned index = (offset - FP_COMP0) / 4;
	(void)lanes;
	if (offset == FP_CTRL && (value & CTRL_KEY) != 0)
		fpb->enabled = (value & CTRL_ENABLE) != 0;
	else if (offset == FP_REMAP)
		fpb->remap = value & REMAP_BITS;
	else if (offset >= FP_COMP0 && index < COMPARATORS)
		fpb->comparators[index] = value & COMP_BITS;
	breakpoints_update(peripheral->chip->core);
	return CHIP_OK;
}

const struct peripheral_ops fpb_ops = {
	.name = "FPB",
	.state_size = sizeof(struct fpb),
	.reset = reset,
	.read = read,
	.write = write,
};
