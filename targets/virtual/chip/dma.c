/*
 * DMA controllers: 8 streams each. Memory-to-memory transfers are made; requests of peripherals are
 * not served, such a stream stays enabled and waits.
 *
 * From: RM0368 chapter 9. A transfer happens at its end, as a whole. DMA goes on while the core is
 * halted.
 */
#include "ahb.h"
#include "blocks.h"
#include "model.h"

enum {
	LISR = 0x00,
	HISR = 0x04,
	LIFCR = 0x08,
	HIFCR = 0x0c,
	STREAM0 = 0x10,
	STREAM_SIZE = 0x18,
	END = STREAM0 + 8 * STREAM_SIZE,
};

enum { STREAMS = 8, CYCLES_PER_ITEM = 8 };

enum { CR, NDTR, PAR, M0AR, M1AR, FCR, STREAM_WORDS };

enum {
	CR_EN = 1 << 0,
	CR_TEIE = 1 << 2,
	CR_HTIE = 1 << 3,
	CR_TCIE = 1 << 4,
	CR_PINC = 1 << 9,
	CR_MINC = 1 << 10
};

enum { TEIF = 1 << 3, HTIF = 1 << 4, TCIF = 1 << 5, FLAGS = 0x3d };

#define FCR_RESET UINT32_C(0x21)

struct stream {
	uint32_t words[STREAM_WORDS];
	uint32_t flags;
	uint64_t end_ns; /* 0: nothing under way */
};

struct dma {
	struct stream streams[STREAMS];
};

static void update_irq(struct peripheral *peripheral, unsigned index)
{
	const struct dma *dma = peripheral->state;
	const struct stream *stream = &dma->streams[index];
	uint32_t control = stream->words[CR];
	bool up = ((stream->flags & TEIF) != 0 && (control & CR_TEIE) != 0) ||
		  ((stream->flags & HTIF) != 0 && (control & CR_HTIE) != 0) ||
		  ((stream->flags & TCIF) != 0 && (control & CR_TCIE) != 0);
	peripheral_set_irq(peripheral, index, up);
}

/* ---- the transfer ---- */

/* Bytes of items of one width become items of another. */
struct packer {
	uint8_t bytes[8];
	unsigned count;
};

static bool read_item(struct chip *chip, struct packer *packer, uint32_t address, unsigned width)
{
	uint32_t value;
	if (ahb_read(chip, MASTER_DMA, address, width, &value) != CHIP_OK)
		return false;
	for (unsigned i = 0; i < width; i++)
		packer->bytes[packer->count++] = (uint8_t)(value >> (8 * i));
	return true;
}

static bool write_item(struct chip *chip, struct packer *packer, uint32_t address, unsigned width)
{
	uint32_t value = 0;
	for (unsigned i = 0; i < width; i++)
		value |= (uint32_t)packer->bytes[i] << (8 * i);
	packer->count -= width;
	for (unsigned i = 0; i < packer->count; i++)
		packer->bytes[i] = packer->bytes[i + width];
	return ahb_write(chip, MASTER_DMA, address, width, value) == CHIP_OK;
}

static bool copy(struct chip *chip, const struct stream *stream)
{
	uint32_t control = stream->words[CR];
	unsigned from_width = 1u << (control >> 11 & 3), to_width = 1u << (control >> 13 & 3);
	uint32_t from = stream->words[PAR], to = stream->words[M0AR];
	struct packer packer = {.count = 0};
	if (from_width > 4 || to_width > 4)
		return false;
	for (uint32_t i = 0; i < stream->words[NDTR]; i++) {
		if (!read_item(chip, &packer, from, from_width))
			return false;
		from += (control & CR_PINC) != 0 ? from_width : 0;
		while (packer.count >= to_width) {
			if (!write_item(chip, &packer, to, to_width))
				return false;
			to += (control & CR_MINC) != 0 ? to_width : 0;
		}
	}
	return true;
}

static void finish(struct peripheral *peripheral, unsigned index)
{
	struct dma *dma = peripheral->state;
	struct stream *stream = &dma->streams[index];
	stream->end_ns = 0;
	bool ok = copy(peripheral->chip, stream);
	stream->flags |= ok ? HTIF | TCIF : TEIF;
	stream->words[CR] &= ~(uint32_t)CR_EN;
	if (ok)
		stream->words[NDTR] = 0;
	update_irq(peripheral, index);
}

static void tick(struct peripheral *peripheral)
{
	struct dma *dma = peripheral->state;
	for (unsigned i = 0; i < STREAMS; i++)
		if (dma->streams[i].end_ns != 0 &&
			dma->streams[i].end_ns <= chip_now(peripheral->chip))
			finish(peripheral, i);
}

static uint64_t deadline(const struct peripheral *peripheral)
{
	const struct dma *dma = peripheral->state;
	uint64_t next = CLOCK_NEVER;
	for (unsigned i = 0; i < STREAMS; i++)
		if (dma->streams[i].end_ns != 0 && dma->streams[i].end_ns < next)
			next = dma->streams[i].end_ns;
	return next;
}

static void start(struct peripheral *peripheral, struct stream *stream)
{
	const struct chip *chip = peripheral->chip;
	bool memory_to_memory = (stream->words[CR] >> 6 & 3) == 2;
	if (!memory_to_memory || stream->words[NDTR] == 0 || chip->hclk.hz == 0)
		return;
	uint64_t cycles = (uint64_t)stream->words[NDTR] * CYCLES_PER_ITEM;
	stream->end_ns = chip_now(chip) + cycles * UINT64_C(1000000000) / chip->hclk.hz;
	chip_attend(peripheral->chip);
}

/* ---- registers ---- */

/* Four streams share a status register. */
static unsigned flag_shift(unsigned index)
{
	static const uint8_t shifts[] = {0, 6, 16, 22};
	return shifts[index % 4];
}

static uint32_t read_flags(const struct dma *dma, unsigned first)
{
	uint32_t value = 0;
	for (unsigned i = first; i < first + 4; i++)
		value |= dma->streams[i].flags << flag_shift(i);
	return value;
}

static void clear_flags(struct peripheral *peripheral, unsigned first, uint32_t value)
{
	struct dma *dma = peripheral->state;
	for (unsigned i = first; i < first + 4; i++) {
		dma->streams[i].flags &= ~(value >> flag_shift(i)) | ~(uint32_t)FLAGS;
		update_irq(peripheral, i);
	}
}

static void reset(struct peripheral *peripheral, enum reset_kind kind)
{
	struct dma *dma = peripheral->state;
	if (kind == RESET_CORE)
		return;
	*dma = (struct dma){.streams = {{.flags = 0}}};
	for (unsigned i = 0; i < STREAMS; i++) {
		dma->streams[i].words[FCR] = FCR_RESET;
		update_irq(peripheral, i);
	}
}

static enum chip_ack read(struct peripheral *peripheral, uint32_t offset, uint32_t *value)
{
	const struct dma *dma = peripheral->state;
	*value = 0;
	if (offset <= HISR)
		*value = read_flags(dma, offset == LISR ? 0 : 4);
	else if (offset >= STREAM0 && offset < END)
		*value = dma->streams[(offset - STREAM0) / STREAM_SIZE]
				 .words[(offset - STREAM0) % STREAM_SIZE / 4];
	return CHIP_OK;
}

static void write_stream(
	struct peripheral *peripheral, uint32_t offset, uint32_t value, uint32_t lanes)
{
	struct dma *dma = peripheral->state;
	unsigned index = (offset - STREAM0) / STREAM_SIZE;
	unsigned which = (offset - STREAM0) % STREAM_SIZE / 4;
	struct stream *stream = &dma->streams[index];
	bool was_on = (stream->words[CR] & CR_EN) != 0;
	if (was_on && which != CR && which != M0AR && which != M1AR)
		return;
	stream->words[which] = merge_lanes(stream->words[which], value, lanes);
	stream->words[NDTR] &= 0xffff;
	bool is_on = (stream->words[CR] & CR_EN) != 0;
	if (is_on && !was_on)
		start(peripheral, stream);
	if (!is_on && was_on)
		stream->end_ns = 0;
	update_irq(peripheral, index);
}

static enum chip_ack write(
	struct peripheral *peripheral, uint32_t offset, uint32_t value, uint32_t lanes)
{
	if (offset == LIFCR || offset == HIFCR)
		clear_flags(peripheral, offset == LIFCR ? 0 : 4, value & lanes);
	else if (offset >= STREAM0 && offset < END)
		write_stream(peripheral, offset, value, lanes);
	return CHIP_OK;
}

const struct peripheral_ops dma_ops = {
	.name = "DMA",
	.state_size = sizeof(struct dma),
	.reset = reset,
	.read = read,
	.write = write,
	.deadline = deadline,
	.tick = tick,
};
