/*
 * ADC: a conversion is ready at once. Channel 17 is the internal reference, 16 the temperature;
 * every other input is at half of the supply. From: RM0368 chapter 11.
 */
#include "blocks.h"
#include "model.h"

enum { SR = 0x00, CR1 = 0x04, CR2 = 0x08, SQR3 = 0x34, DR = 0x4c };
enum { COMMON = 0x300, WORDS = 0x310 / 4 };

enum {
	SR_EOC = 1 << 1,
	SR_STRT = 1 << 4,
	CR1_EOCIE = 1 << 5,
	CR2_ADON = 1 << 0,
	CR2_CONT = 1 << 1,
	CR2_SWSTART = 1 << 30,
};

enum { CHANNEL_TEMPERATURE = 16, CHANNEL_REFERENCE = 17 };

enum { REFERENCE_MV = 1210, TEMPERATURE_MV = 760, FULL_SCALE = 4095 };

struct adc {
	uint32_t words[WORDS]; /* up to three converters, 0x100 apart, then the common registers */
};

static uint32_t convert(const struct chip *chip, unsigned channel)
{
	if (channel == CHANNEL_REFERENCE)
		return REFERENCE_MV * FULL_SCALE / (chip->vdd_mv == 0 ? 1 : chip->vdd_mv);
	if (channel == CHANNEL_TEMPERATURE)
		return TEMPERATURE_MV * FULL_SCALE / (chip->vdd_mv == 0 ? 1 : chip->vdd_mv);
	return FULL_SCALE / 2;
}

static void start(struct peripheral *peripheral, uint32_t base)
{
	struct adc *adc = peripheral->state;
	uint32_t *words = &adc->words[base / 4];
	if ((words[CR2 / 4] & CR2_ADON) == 0)
		return;
	words[DR / 4] = convert(peripheral->chip, words[SQR3 / 4] & 0x1f);
	words[SR / 4] |= SR_EOC | SR_STRT;
}

static void update_irq(struct peripheral *peripheral)
{
	const struct adc *adc = peripheral->state;
	bool up = false;
	for (uint32_t base = 0; base < COMMON; base += 0x100)
		up = up || ((adc->words[(base + SR) / 4] & SR_EOC) != 0 &&
				   (adc->words[(base + CR1) / 4] & CR1_EOCIE) != 0);
	peripheral_set_irq(peripheral, 0, up);
}

static void reset(struct peripheral *peripheral, enum reset_kind kind)
{
	struct adc *adc = peripheral->state;
	if (kind == RESET_CORE)
		return;
	*adc = (struct adc){.words = {0}};
	update_irq(peripheral);
}

static enum chip_ack read(struct peripheral *peripheral, uint32_t offset, uint32_t *value)
{
	struct adc *adc = peripheral->state;
	*value = offset / 4 < WORDS ? adc->words[offset / 4] : 0;
	uint32_t base = offset & 0x300;
	if (base < COMMON && offset % 0x100 == DR) {
		adc->words[(base + SR) / 4] &= ~(uint32_t)SR_EOC;
		if ((adc->words[(base + CR2) / 4] & CR2_CONT) != 0)
			start(peripheral, base);
	}
	update_irq(peripheral);
	return CHIP_OK;
}

static enum chip_ack write(
	struct peripheral *peripheral, uint32_t offset, uint32_t value, uint32_t lanes)
{
	struct adc *adc = peripheral->state;
	uint32_t base = offset & 0x300;
	if (offset / 4 >= WORDS || (base < COMMON && offset % 0x100 == DR))
		return CHIP_OK;
	uint32_t *word = &adc->words[offset / 4];
	if (base < COMMON && offset % 0x100 == SR)
		*word &= value | ~lanes;
	else
		*word = merge_lanes(*word, value, lanes);
	if (base < COMMON && offset % 0x100 == CR2 && (*word & CR2_SWSTART) != 0) {
		*word &= ~(uint32_t)CR2_SWSTART;
		start(peripheral, base);
	}
	update_irq(peripheral);
	return CHIP_OK;
}

const struct peripheral_ops adc_ops = {
	.name = "ADC",
	.state_size = sizeof(struct adc),
	.reset = reset,
	.read = read,
	.write = write,
};
