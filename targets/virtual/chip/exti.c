/*
 * EXTI: edges of pins and of a few inside events, as interrupts.
 *
 * From: RM0368 chapter 10. Events (EMR) only wake the core from WFE.
 */
#include "exti.h"

#include "m4.h"
#include "model.h"

enum { IMR = 0x00, EMR = 0x04, RTSR = 0x08, FTSR = 0x0c, SWIER = 0x10, PR = 0x14, WORDS = 6 };

#define LINES UINT32_C(0x007fffff)

struct exti {
	uint32_t words[WORDS];
	uint32_t raised; /* request lines that are up, by interrupt: see irqs */
};

/* Interrupts, and the lines that share each. */
static const struct exti_irq {
	uint8_t irq;
	uint32_t lines;
} irqs[] = {
	{6, 1 << 0}, {7, 1 << 1}, {8, 1 << 2}, {9, 1 << 3}, {10, 1 << 4}, {23, 0x1fu << 5},
	{40, 0x3fu << 10}, {1, 1 << 16}, /* PVD */
	{41, 1 << 17},                   /* RTC alarm */
	{42, 1 << 18},                   /* OTG FS wake-up */
	{2, 1 << 21},                    /* tamper and time stamp */
	{3, 1 << 22},                    /* RTC wake-up */
};

static void update(struct peripheral *peripheral)
{
	struct exti *exti = peripheral->state;
	struct m4 *core = peripheral->chip->core;
	uint32_t up = exti->words[PR / 4] & exti->words[IMR / 4];
	for (unsigned i = 0; i < sizeof irqs / sizeof irqs[0]; i++) {
		bool before = (exti->raised >> i & 1) != 0, now = (up & irqs[i].lines) != 0;
		if (before == now)
			continue;
		exti->raised ^= UINT32_C(1) << i;
		nvic_set_line(core, irqs[i].irq, now);
	}
}

static void raise_lines(struct peripheral *peripheral, uint32_t lines)
{
	struct exti *exti = peripheral->state;
	exti->words[PR / 4] |= lines;
	if ((exti->words[EMR / 4] & lines) != 0) {
		peripheral->chip->core->event = true;
		m4_recheck(peripheral->chip->core);
	}
	update(peripheral);
}

void exti_set_line(struct chip *chip, unsigned line, bool before, bool now)
{
	struct exti *exti = chip->exti_block->state;
	uint32_t edges = exti->words[(now ? RTSR : FTSR) / 4];
	if (before != now && (edges >> line & 1) != 0)
		raise_lines(chip->exti_block, UINT32_C(1) << line);
}

static void reset(struct peripheral *peripheral, enum reset_kind kind)
{
	struct exti *exti = peripheral->state;
	if (kind == RESET_CORE)
		return;
	for (unsigned i = 0; i < WORDS; i++)
		exti->words[i] = 0;
	update(peripheral);
}

static enum chip_ack read(struct peripheral *peripheral, uint32_t offset, uint32_t *value)
{
	const struct exti *exti = peripheral->state;
	*value = offset / 4 < WORDS ? exti->words[offset / 4] : 0;
	return CHIP_OK;
}

static enum chip_ack write(
	struct peripheral *peripheral, uint32_t offset, uint32_t value, uint32_t lanes)
{
	struct exti *exti = peripheral->state;
	if (offset / 4 >= WORDS)
		return CHIP_OK;
	uint32_t *word = &exti->words[offset / 4];
	if (offset == PR) {
		*word &= ~(value & lanes);
		exti->words[SWIER / 4] &= ~(value & lanes);
	} else {
		uint32_t rising = value & lanes & ~*word & LINES;
		*word = merge_lanes(*word, value, lanes) & LINES;
		if (offset == SWIER)
			raise_lines(peripheral, rising);
	}
	update(peripheral);
	return CHIP_OK;
}

const struct peripheral_ops exti_ops = {
	.name = "EXTI",
	.state_size = sizeof(struct exti),
	.reset = reset,
	.read = read,
	.write = write,
};
