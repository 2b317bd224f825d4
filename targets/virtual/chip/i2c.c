/*
 * I2C: a master on an empty bus. A start works, every address is refused. From: RM0368 chapter 18.
 */
#include "blocks.h"
#include "model.h"

enum { CR1 = 0x00, CR2 = 0x04, DR = 0x10, SR1 = 0x14, SR2 = 0x18, TRISE = 0x20, WORDS = 10 };

enum {
	CR1_PE = 1 << 0,
	CR1_START = 1 << 8,
	CR1_STOP = 1 << 9,
	CR1_SWRST = 1 << 15,
	CR2_ITERREN = 1 << 8,
	CR2_ITEVTEN = 1 << 9,
	SR1_SB = 1 << 0,
	SR1_AF = 1 << 10,
	SR2_MSL = 1 << 0,
	SR2_BUSY = 1 << 1,
};

enum { IRQ_EVENT, IRQ_ERROR };

struct i2c {
	uint32_t words[WORDS];
};

static void update_irq(struct peripheral *peripheral)
{
	const struct i2c *i2c = peripheral->state;
	uint32_t enabled = i2c->words[CR2 / 4], status = i2c->words[SR1 / 4];
	peripheral_set_irq(
		peripheral, IRQ_EVENT, (enabled & CR2_ITEVTEN) != 0 && (status & SR1_SB) != 0);
	peripheral_set_irq(
		peripheral, IRQ_ERROR, (enabled & CR2_ITERREN) != 0 && (status & SR1_AF) != 0);
}

static void clear(struct i2c *i2c)
{
	*i2c = (struct i2c){.words = {[TRISE / 4] = 2}};
}

static void reset(struct peripheral *peripheral, enum reset_kind kind)
{
	if (kind == RESET_CORE)
		return;
	clear(peripheral->state);
	update_irq(peripheral);
}

static enum chip_ack read(struct peripheral *peripheral, uint32_t offset, uint32_t *value)
{
	const struct i2c *i2c = peripheral->state;
	*value = offset / 4 < WORDS ? i2c->words[offset / 4] : 0;
	return CHIP_OK;
}

static void write_control(struct i2c *i2c)
{
	uint32_t control = i2c->words[CR1 / 4];
	if ((control & CR1_SWRST) != 0) {
		clear(i2c);
		i2c->words[CR1 / 4] = CR1_SWRST;
		return;
	}
	if ((control & CR1_PE) != 0 && (control & CR1_START) != 0) {
		i2c->words[SR1 / 4] |= SR1_SB;
		i2c->words[SR2 / 4] |= SR2_MSL | SR2_BUSY;
	}
	if ((control & CR1_STOP) != 0) {
		i2c->words[SR1 / 4] &= ~(uint32_t)SR1_SB;
		i2c->words[SR2 / 4] = 0;
	}
	i2c->words[CR1 / 4] &= ~(uint32_t)(CR1_START | CR1_STOP);
}

static enum chip_ack write(
	struct peripheral *peripheral, uint32_t offset, uint32_t value, uint32_t lanes)
{
	struct i2c *i2c = peripheral->state;
	if (offset == SR1) { /* error flags are cleared by 0 */
		i2c->words[SR1 / 4] &= value | ~lanes | 0xff;
	} else if (offset == DR) {
		if ((i2c->words[SR1 / 4] & SR1_SB) != 0)
			i2c->words[SR1 / 4] = SR1_AF;
	} else if (offset / 4 < WORDS && offset != SR2) {
		i2c->words[offset / 4] = merge_lanes(i2c->words[offset / 4], value, lanes) & 0xffff;
	}
	if (offset == CR1)
		write_control(i2c);
	update_irq(peripheral);
	return CHIP_OK;
}

const struct peripheral_ops i2c_ops = {
	.name = "I2C",
	.state_size = sizeof(struct i2c),
	.reset = reset,
	.read = read,
	.write = write,
};
