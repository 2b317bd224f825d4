/* Memory and core registers through the AHB access port. See the header. */
#include "swd_memory.h"

#include "stlink_status.h"

#define TAR_KIB 1024 /* ADIv5 promises no more than ten bits of increment */

/* The debug registers of the core, and where they are when TAR points at the first. */
#define DHCSR          0xe000edf0U
#define AP_DHCSR       (AP_BD0 + 0x0)
#define AP_DCRSR       (AP_BD0 + 0x4)
#define AP_DCRDR       (AP_BD0 + 0x8)
#define DHCSR_S_REGRDY (1U << 16)
#define DCRSR_REGWNR   (1U << 16)
#define REGRDY_POLLS   20

/* ---- words ---- */

static void point_at_word(struct swd *swd, unsigned ap, uint32_t address)
{
	swd_set_csw(swd, ap, CSW_DEFAULT | CSW_SIZE_32 | CSW_INCREMENT);
	swd_write_ap(swd, ap, AP_TAR, address);
}

uint8_t swd_read_word(struct swd *swd, unsigned ap, uint32_t address, uint32_t *value)
{
	swd_begin(swd);
	point_at_word(swd, ap, address);
	swd_read_ap(swd, ap, AP_DRW);
	*value = swd_read_buffer(swd);
	return swd_end(swd);
}

uint8_t swd_write_word(struct swd *swd, unsigned ap, uint32_t address, uint32_t value)
{
	swd_begin(swd);
	point_at_word(swd, ap, address);
	swd_write_ap(swd, ap, AP_DRW, value);
	swd_read_buffer(swd);
	return swd_end(swd);
}

/* ---- blocks ---- */

static uint32_t block_csw(const struct swd_block *block)
{
	uint32_t csw = block->csw ? block->csw : CSW_DEFAULT;
	if (!block->fixed)
		csw |= CSW_INCREMENT;
	return csw | (block->width == 4 ? CSW_SIZE_32 : block->width == 2 ? CSW_SIZE_16 : 0);
}

/* Bytes from `done` on that need no new TAR. */
static size_t span(const struct swd_block *block, size_t done)
{
	size_t left = block->size - done;
	if (!block->rewrite_tar || block->fixed)
		return left;
	size_t to_boundary = TAR_KIB - (block->address + done) % TAR_KIB;
	return left < to_boundary ? left : to_boundary;
}

static uint32_t block_address(const struct swd_block *block, size_t offset)
{
	return block->fixed ? block->address : block->address + (uint32_t)offset;
}

static void take(const struct swd_block *block, size_t offset, uint32_t lanes, uint8_t *data)
{
	lanes >>= (block_address(block, offset) & 3) * 8;
	for (unsigned i = 0; i < block->width; i++)
		data[offset + i] = (uint8_t)(lanes >> (8 * i));
}

static uint32_t give(const struct swd_block *block, size_t offset, const uint8_t *data)
{
	uint32_t lanes = 0;
	for (unsigned i = 0; i < block->width; i++)
		lanes |= (uint32_t)data[offset + i] << (8 * i);
	return lanes << (block_address(block, offset) & 3) * 8;
}

/* Each transfer delivers what the one before asked for. */
static void read_span(
	struct swd *swd, const struct swd_block *block, size_t from, size_t to, uint8_t *data)
{
	for (size_t offset = from; offset < to && swd->status == STATUS_OK;
		offset += block->width) {
		uint32_t lanes = swd_read_ap(swd, block->ap, AP_DRW);
		if (offset > from && swd->status == STATUS_OK)
			take(block, offset - block->width, lanes, data);
	}
	uint32_t lanes = swd_read_buffer(swd);
	if (swd->status == STATUS_OK)
		take(block, to - block->width, lanes, data);
}

uint8_t swd_read_block(struct swd *swd, const struct swd_block *block, uint8_t *data)
{
	swd_begin(swd);
	swd_set_csw(swd, block->ap, block_csw(block));
	size_t done = 0;
	while (done < block->size && swd->status == STATUS_OK) {
		size_t end = done + span(block, done);
		swd_write_ap(swd, block->ap, AP_TAR, block->address + (uint32_t)done);
		read_span(swd, block, done, end, data);
		done = end;
	}
	return swd_end(swd);
}

uint8_t swd_write_block(struct swd *swd, const struct swd_block *block, const uint8_t *data)
{
	swd_begin(swd);
	swd_set_csw(swd, block->ap, block_csw(block));
	size_t done = 0;
	while (done < block->size && swd->status == STATUS_OK) {
		size_t end = done + span(block, done);
		swd_write_ap(swd, block->ap, AP_TAR, block->address + (uint32_t)done);
		for (; done < end && swd->status == STATUS_OK; done += block->width)
			swd_write_ap(swd, block->ap, AP_DRW, give(block, done, data));
	}
	swd_read_buffer(swd);
	return swd_end(swd);
}

/* ---- core registers ---- */

static uint32_t transfer_core(struct swd *swd, uint32_t dcrsr)
{
	uint32_t dhcsr = 0;
	uint32_t value = 0;
	swd_write_ap(swd, 0, AP_DCRSR, dcrsr);
	for (int i = 0; i < REGRDY_POLLS && swd->status == STATUS_OK; i++) {
		swd_read_ap(swd, 0, AP_DHCSR);
		dhcsr = swd_read_ap(swd, 0, AP_DCRDR);
		value = swd_read_buffer(swd);
		if (dhcsr & DHCSR_S_REGRDY)
			return value;
	}
	if (swd->status == STATUS_OK)
		swd->status = STATUS_UNKNOWN;
	return 0;
}

uint8_t swd_read_core(struct swd *swd, unsigned first, unsigned count, uint32_t *values)
{
	swd_begin(swd);
	swd_write_ap(swd, 0, AP_TAR, DHCSR);
	for (unsigned i = 0; i < count; i++)
		values[i] = transfer_core(swd, first + i);
	return swd_end(swd);
}

uint8_t swd_write_core(struct swd *swd, unsigned selector, uint32_t value)
{
	swd_begin(swd);
	swd_write_ap(swd, 0, AP_TAR, DHCSR);
	swd_write_ap(swd, 0, AP_DCRDR, value);
	transfer_core(swd, selector | DCRSR_REGWNR);
	return swd_end(swd);
}
