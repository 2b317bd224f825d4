/*
 * CRC unit: CRC-32, polynomial 0x04C11DB7, words, most significant bit first, from all ones.
 *
 * From: RM0368 chapter 4. A word takes 4 cycles; the bus waits, so no reader ever sees less.
 */
#include "blocks.h"

enum { DR = 0x0, IDR = 0x4, CR = 0x8 };

#define POLYNOMIAL UINT32_C(0x04c11db7)

struct crc {
	uint32_t value, scratch;
};

static uint32_t feed(uint32_t crc, uint32_t word)
{
	crc ^= word;
	for (unsigned bit = 0; bit < 32; bit++)
		crc = (crc & UINT32_C(0x80000000)) != 0 ? crc << 1 ^ POLYNOMIAL : crc << 1;
	return crc;
}

static void reset(struct peripheral *peripheral, enum reset_kind kind)
{
	struct crc *crc = peripheral->state;
	if (kind != RESET_CORE)
		*crc = (struct crc){.value = 0xffffffff};
}

static enum chip_ack read(struct peripheral *peripheral, uint32_t offset, uint32_t *value)
{
	const struct crc *crc = peripheral->state;
	*value = offset == DR ? crc->value : offset == IDR ? crc->scratch : 0;
	return CHIP_OK;
}

static enum chip_ack write(
	struct peripheral *peripheral, uint32_t offset, uint32_t value, uint32_t lanes)
{
	struct crc *crc = peripheral->state;
	value &= lanes;
	if (offset == DR)
		crc->value = feed(crc->value, value);
	else if (offset == IDR)
		crc->scratch = value & 0xff;
	else if (offset == CR && (value & 1) != 0)
		crc->value = 0xffffffff;
	return CHIP_OK;
}

const struct peripheral_ops crc_ops = {
	.name = "CRC",
	.state_size = sizeof(struct crc),
	.reset = reset,
	.read = read,
	.write = write,
};
