/*
 * USB OTG full speed: registers that let a driver's start-up through. No cable is plugged in.
 *
 * From: RM0368 chapter 22.
 */
#include "blocks.h"

enum { GRSTCTL = 0x010, GINTSTS = 0x014, CID = 0x03c, GRXFSIZ = 0x024, END = 0x1000 };

#define AHB_IDLE      UINT32_C(0x80000000)
#define GINTSTS_RESET UINT32_C(0x04000020)
#define GINTSTS_MODE  UINT32_C(0x00000001) /* host */
#define FORCE_HOST    UINT32_C(0x20000000) /* GUSBCFG.FHMOD */
#define CORE_ID       UINT32_C(0x00001200)
#define FIFO_SIZE     UINT32_C(0x00000200)
enum { GUSBCFG = 0x00c };

struct otg {
	uint32_t words[END / 4];
};

static void reset(struct peripheral *peripheral, enum reset_kind kind)
{
	struct otg *otg = peripheral->state;
	if (kind == RESET_CORE)
		return;
	*otg = (struct otg){.words = {[GUSBCFG / 4] = 0x00000a00,
				    [GINTSTS / 4] = GINTSTS_RESET,
				    [GRXFSIZ / 4] = FIFO_SIZE,
				    [CID / 4] = CORE_ID}};
}

static enum chip_ack read(struct peripheral *peripheral, uint32_t offset, uint32_t *value)
{
	const struct otg *otg = peripheral->state;
	*value = offset < END ? otg->words[offset / 4] : 0;
	if (offset == GRSTCTL) /* resets and flushes are over at once */
		*value = AHB_IDLE;
	else if (offset == GINTSTS && (otg->words[GUSBCFG / 4] & FORCE_HOST) != 0)
		*value |= GINTSTS_MODE;
	return CHIP_OK;
}

static enum chip_ack write(
	struct peripheral *peripheral, uint32_t offset, uint32_t value, uint32_t lanes)
{
	struct otg *otg = peripheral->state;
	if (offset == GINTSTS)
		otg->words[GINTSTS / 4] &= ~(value & lanes) | GINTSTS_RESET;
	else if (offset < END && offset != CID)
		otg->words[offset / 4] = merge_lanes(otg->words[offset / 4], value, lanes);
	return CHIP_OK;
}

const struct peripheral_ops otg_ops = {
	.name = "OTG FS",
	.state_size = sizeof(struct otg),
	.reset = reset,
	.read = read,
	.write = write,
};
