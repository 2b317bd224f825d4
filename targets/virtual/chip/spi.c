/*
 * SPI: a master that finds the board's sensors. Transfers take no time: TXE is always set, BSY
 * never.
 *
 * From: RM0368 chapter 20. Slave mode, CRC and I2S hold their registers only.
 */
#include "blocks.h"
#include "model.h"
#include "sensors.h"

enum { CR1 = 0x00, CR2 = 0x04, SR = 0x08, DR = 0x0c, CRCPR = 0x10, I2SPR = 0x20, WORDS = 9 };

enum {
	CR1_MSTR = 1 << 2,
	CR1_SPE = 1 << 6,
	CR1_RXONLY = 1 << 10,
	CR1_DFF = 1 << 11,
	CR1_BIDIOE = 1 << 14,
	CR1_BIDIMODE = 1 << 15,
	CR2_RXNEIE = 1 << 6,
	CR2_TXEIE = 1 << 7,
	SR_RXNE = 1 << 0,
	SR_TXE = 1 << 1,
};

struct spi {
	uint32_t words[WORDS];
	bool received;
	struct sensors sensors;
};

static bool is_running(const struct spi *spi)
{
	const uint32_t both = CR1_SPE | CR1_MSTR;
	return (spi->words[CR1 / 4] & both) == both;
}

/* The master's clock runs by itself as long as it only listens. */
static bool only_listens(const struct spi *spi)
{
	uint32_t control = spi->words[CR1 / 4];
	bool one_wire = (control & CR1_BIDIMODE) != 0 && (control & CR1_BIDIOE) == 0;
	return is_running(spi) && (one_wire || (control & CR1_RXONLY) != 0);
}

static void update_irq(struct peripheral *peripheral)
{
	const struct spi *spi = peripheral->state;
	uint32_t enabled = spi->words[CR2 / 4];
	peripheral_set_irq(peripheral, 0,
		(enabled & CR2_TXEIE) != 0 || (spi->received && (enabled & CR2_RXNEIE) != 0));
}

static void listen(struct peripheral *peripheral)
{
	struct spi *spi = peripheral->state;
	if (!only_listens(spi) || spi->received)
		return;
	uint32_t base = peripheral->row->base;
	spi->words[DR / 4] = sensors_listen(peripheral->chip, &spi->sensors, base);
	if ((spi->words[CR1 / 4] & CR1_DFF) != 0)
		spi->words[DR / 4] = spi->words[DR / 4] << 8 |
				     sensors_listen(peripheral->chip, &spi->sensors, base);
	spi->received = true;
}

static void send(struct peripheral *peripheral, uint32_t value)
{
	struct spi *spi = peripheral->state;
	if (!is_running(spi) || only_listens(spi))
		return;
	uint32_t base = peripheral->row->base, received = 0;
	if ((spi->words[CR1 / 4] & CR1_DFF) != 0)
		received = (uint32_t)sensors_exchange(
				   peripheral->chip, &spi->sensors, base, (uint8_t)(value >> 8))
			   << 8;
	received |= sensors_exchange(peripheral->chip, &spi->sensors, base, (uint8_t)value);
	if ((spi->words[CR1 / 4] & CR1_BIDIMODE) != 0)
		return;
	spi->words[DR / 4] = received;
	spi->received = true;
}

static void reset(struct peripheral *peripheral, enum reset_kind kind)
{
	struct spi *spi = peripheral->state;
	if (kind == RESET_CORE)
		return;
	for (unsigned i = 0; i < WORDS; i++)
		spi->words[i] = 0;
	spi->words[CRCPR / 4] = 7;
	spi->words[I2SPR / 4] = 2;
	spi->received = false;
	if (reset_is_power(kind))
		sensors_reset(&spi->sensors);
	update_irq(peripheral);
}

static enum chip_ack read(struct peripheral *peripheral, uint32_t offset, uint32_t *value)
{
	struct spi *spi = peripheral->state;
	*value = offset / 4 < WORDS ? spi->words[offset / 4] : 0;
	if (offset == SR) {
		listen(peripheral);
		*value = SR_TXE | (spi->received ? SR_RXNE : 0);
	} else if (offset == DR && peripheral->chip->master != MASTER_AP) {
		spi->received = false;
	}
	update_irq(peripheral);
	return CHIP_OK;
}

static enum chip_ack write(
	struct peripheral *peripheral, uint32_t offset, uint32_t value, uint32_t lanes)
{
	struct spi *spi = peripheral->state;
	if (offset == DR)
		send(peripheral, value & lanes);
	else if (offset / 4 < WORDS && offset != SR)
		spi->words[offset / 4] = merge_lanes(spi->words[offset / 4], value, lanes) & 0xffff;
	if (offset == CR1) /* a short pulse of SPE is enough for one item */
		listen(peripheral);
	update_irq(peripheral);
	return CHIP_OK;
}

const struct peripheral_ops spi_ops = {
	.name = "SPI",
	.state_size = sizeof(struct spi),
	.reset = reset,
	.read = read,
	.write = write,
};
