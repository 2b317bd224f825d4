/* The AHB access port. See the header. */
#include "ahb_ap.h"

#define TAR_SPAN_CORTEX_M4 4096

void ahb_ap_init(struct ahb_ap *ap, struct chip *chip)
{
	*ap = (struct ahb_ap){
		.chip = chip,
		.csw = CSW_DEFAULT,
		.tar_span = TAR_SPAN_CORTEX_M4,
	};
}

/* ---- the bus ---- */

/* Data travel in the byte lanes of their address. */
static unsigned lane_shift(const struct ahb_ap *ap)
{
	return (ap->address & 3) * 8;
}

enum chip_ack ahb_ap_settle(struct ahb_ap *ap)
{
	if (!ap->outstanding)
		return CHIP_OK;
	enum chip_ack ack;
	uint32_t value = 0;
	if (ap->write)
		ack = chip_write(ap->chip, ap->address, ap->width, ap->value >> lane_shift(ap));
	else
		ack = chip_read(ap->chip, ap->address, ap->width, &value);
	if (ack == CHIP_WAIT)
		return ack;
	ap->outstanding = false;
	if (ack != CHIP_OK || ap->write)
		return ack;
	ap->result = value << lane_shift(ap);
	if (ap->witness && ap->width == 4)
		witness_note(ap->witness, ap->address, value);
	return ack;
}

void ahb_ap_abort(struct ahb_ap *ap)
{
	ap->outstanding = false;
}

static void start(struct ahb_ap *ap, bool write, uint32_t address, unsigned width, uint32_t value)
{
	ap->outstanding = true;
	ap->write = write;
	ap->width = width;
	ap->address = address & ~(width - 1);
	ap->value = value;
	if (width < 4)
		ap->value &= ((1U << (width * 8)) - 1) << lane_shift(ap);
}

static void start_data(struct ahb_ap *ap, bool write, uint32_t value)
{
	unsigned width = 1U << (ap->csw & CSW_SIZE_MASK);
	start(ap, write, ap->tar, width, value);
	if (ap->csw & CSW_INCREMENT) {
		uint32_t low = ap->tar_span - 1;
		ap->tar = (ap->tar & ~low) | ((ap->tar + width) & low);
	}
}

/* BD0 to BD3 are the four words around TAR; neither size nor increment matter to them. */
static uint32_t banked_address(const struct ahb_ap *ap, unsigned reg)
{
	return (ap->tar & ~0xfU) | (reg & 0xcU);
}

/* ---- registers ---- */

static void write_csw(struct ahb_ap *ap, uint32_t value)
{
	uint32_t size = value & CSW_SIZE_MASK;
	uint32_t increment = value & CSW_INCREMENTS;
	if (size > CSW_SIZE_32)
		size = CSW_SIZE_32;
	if (increment != CSW_INCREMENT)
		increment = 0;
	ap->csw = (value & CSW_PROTECTION) | increment | size;
}

void ahb_ap_read(struct ahb_ap *ap, unsigned reg)
{
	switch (reg) {
	case AP_CSW:
		ap->result = ap->csw | CSW_DEVICE_ENABLE;
		break;
	case AP_TAR:
		ap->result = ap->tar;
		break;
	case AP_DRW:
		start_data(ap, false, 0);
		break;
	case AP_BASE:
		ap->result = chip_ap_base(ap->chip);
		break;
	case AP_IDR:
		ap->result = chip_ap_idr(ap->chip);
		break;
	default:
		if (reg >= AP_BD0 && reg <= AP_BD3)
			start(ap, false, banked_address(ap, reg), 4, 0);
		else
			ap->result = 0;
	}
}

void ahb_ap_write(struct ahb_ap *ap, unsigned reg, uint32_t value)
{
	if (reg == AP_CSW)
		write_csw(ap, value);
	else if (reg == AP_TAR)
		ap->tar = value;
	else if (reg == AP_DRW)
		start_data(ap, true, value);
	else if (reg >= AP_BD0 && reg <= AP_BD3)
		start(ap, true, banked_address(ap, reg), 4, value);
}
