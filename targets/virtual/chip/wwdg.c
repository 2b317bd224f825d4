/*
 * Window watchdog: counts PCLK1 / 4096 down from 0x7F, resets at 0x3F or when fed too early.
 *
 * From: RM0368 chapter 16.
 */
#include "wwdg.h"

#include "model.h"
#include "rcc.h"

enum { CR = 0x0, CFR = 0x4, SR = 0x8 };

enum { CR_WDGA = 0x80, T_MASK = 0x7f, T_LAST = 0x40, CFR_EWI = 0x200, IRQ_WWDG = 0 };

struct wwdg {
	bool active, early;
	uint32_t counter; /* T at base_ticks */
	uint32_t config;
	struct clock clock; /* PCLK1 / 4096 */
	uint64_t base_ticks;
};

static unsigned shift(const struct wwdg *wwdg)
{
	return wwdg->config >> 7 & 3; /* WDGTB */
}

static uint32_t counter_now(const struct peripheral *peripheral)
{
	const struct wwdg *wwdg = peripheral->state;
	uint64_t ticks = clock_ticks(&wwdg->clock, chip_now(peripheral->chip)) - wwdg->base_ticks;
	return (wwdg->counter - (uint32_t)(ticks >> shift(wwdg))) & T_MASK;
}

static void set_counter(struct peripheral *peripheral, uint32_t counter)
{
	struct wwdg *wwdg = peripheral->state;
	wwdg->counter = counter;
	wwdg->base_ticks = clock_ticks(&wwdg->clock, chip_now(peripheral->chip));
	chip_attend(peripheral->chip);
}

static void clocks_changed(struct peripheral *peripheral)
{
	struct wwdg *wwdg = peripheral->state;
	uint64_t hz = wwdg->active && !peripheral_is_frozen(peripheral)
			      ? rcc_bus_hz(peripheral->chip, RCC_APB1ENR) / 4096
			      : 0;
	if (hz != wwdg->clock.hz)
		clock_set_rate(&wwdg->clock, chip_now(peripheral->chip), hz);
}

static void activate(struct peripheral *peripheral, uint32_t counter)
{
	struct wwdg *wwdg = peripheral->state;
	wwdg->active = true;
	clocks_changed(peripheral);
	set_counter(peripheral, counter);
}

void wwdg_start(struct chip *chip)
{
	for (size_t i = 0; i < chip->peripheral_count; i++)
		if (chip->peripherals[i].ops == &wwdg_ops)
			activate(&chip->peripherals[i], T_MASK);
}

static void reset(struct peripheral *peripheral, enum reset_kind kind)
{
	struct wwdg *wwdg = peripheral->state;
	if (kind == RESET_CORE)
		return;
	*wwdg = (struct wwdg){.counter = T_MASK, .config = T_MASK};
	wwdg->clock.base_ns = chip_now(peripheral->chip);
	peripheral_set_irq(peripheral, IRQ_WWDG, false);
}

/* When the counter shows `value`. */
static uint64_t time_of(const struct wwdg *wwdg, uint32_t value)
{
	uint64_t counts = wwdg->counter >= value ? wwdg->counter - value : 0;
	return clock_ns(&wwdg->clock, wwdg->base_ticks + (counts << shift(wwdg)));
}

static uint64_t deadline(const struct peripheral *peripheral)
{
	const struct wwdg *wwdg = peripheral->state;
	if (!wwdg->active)
		return CLOCK_NEVER;
	return time_of(wwdg, wwdg->early ? T_LAST - 1 : T_LAST);
}

static void tick(struct peripheral *peripheral)
{
	struct wwdg *wwdg = peripheral->state;
	uint64_t now = chip_now(peripheral->chip);
	if (!wwdg->active)
		return;
	if (time_of(wwdg, T_LAST) <= now) {
		wwdg->early = true;
		peripheral_set_irq(peripheral, IRQ_WWDG, (wwdg->config & CFR_EWI) != 0);
	}
	if (time_of(wwdg, T_LAST - 1) <= now)
		chip_want_reset(peripheral->chip, RESET_WWDG);
}

static enum chip_ack read(struct peripheral *peripheral, uint32_t offset, uint32_t *value)
{
	const struct wwdg *wwdg = peripheral->state;
	tick(peripheral);
	if (offset == CR)
		*value = (wwdg->active ? CR_WDGA : 0) | counter_now(peripheral);
	else if (offset == CFR)
		*value = wwdg->config;
	else
		*value = offset == SR && wwdg->early;
	return CHIP_OK;
}

static void write_control(struct peripheral *peripheral, uint32_t value)
{
	struct wwdg *wwdg = peripheral->state;
	bool too_early = wwdg->active && counter_now(peripheral) > (wwdg->config & T_MASK);
	if (too_early || (wwdg->active && (value & T_LAST) == 0)) {
		chip_want_reset(peripheral->chip, RESET_WWDG);
		return;
	}
	if ((value & CR_WDGA) != 0 && !wwdg->active)
		activate(peripheral, value & T_MASK);
	else
		set_counter(peripheral, value & T_MASK);
}

static enum chip_ack write(
	struct peripheral *peripheral, uint32_t offset, uint32_t value, uint32_t lanes)
{
	struct wwdg *wwdg = peripheral->state;
	value &= lanes;
	if (offset == CR) {
		write_control(peripheral, value);
	} else if (offset == CFR) { /* EWI can only be set */
		set_counter(peripheral, counter_now(peripheral));
		wwdg->config = (value & 0x3ff) | (wwdg->config & CFR_EWI);
	} else if (offset == SR && (value & 1) == 0) {
		wwdg->early = false;
		peripheral_set_irq(peripheral, IRQ_WWDG, false);
	}
	return CHIP_OK;
}

const struct peripheral_ops wwdg_ops = {
	.name = "WWDG",
	.state_size = sizeof(struct wwdg),
	.reset = reset,
	.read = read,
	.write = write,
	.deadline = deadline,
	.tick = tick,
	.clocks_changed = clocks_changed,
};
