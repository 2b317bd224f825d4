/*
 * Independent watchdog: counts the LSI oscillator, once started for ever.
 *
 * From: RM0368 chapter 15. PR and RLR take effect at once (the silicon's PVU and RVU delays of a
 * few LSI cycles read as 0 here).
 */
#include "iwdg.h"

#include "flash.h"
#include "model.h"
#include "rcc.h"

enum { KR = 0x0, PR = 0x4, RLR = 0x8, SR = 0xc };

enum { KEY_UNLOCK = 0x5555, KEY_RELOAD = 0xaaaa, KEY_START = 0xcccc };

enum { RELOAD_MASK = 0xfff, SLOWEST = 6 };

struct iwdg {
	uint32_t prescaler, reload;
	uint32_t loaded; /* what the counter started from */
	bool unlocked, started;
	struct clock clock;  /* LSI; stopped while frozen */
	uint64_t base_ticks; /* when the counter was last loaded */
};

static struct iwdg *find(const struct chip *chip, struct peripheral **peripheral)
{
	for (size_t i = 0; i < chip->peripheral_count; i++)
		if (chip->peripherals[i].ops == &iwdg_ops) {
			*peripheral = &chip->peripherals[i];
			return chip->peripherals[i].state;
		}
	return NULL;
}

static unsigned divider(const struct iwdg *iwdg)
{
	unsigned power = iwdg->prescaler < SLOWEST ? iwdg->prescaler : SLOWEST;
	return 4u << power;
}

/* The stop must hold through STANDBY: only DBG_IWDG_STOP stops it, never a low-power mode. */
static void clocks_changed(struct peripheral *peripheral)
{
	struct iwdg *iwdg = peripheral->state;
	uint64_t hz = iwdg->started && !peripheral_is_frozen(peripheral) ? LSI_HZ : 0;
	if (hz != iwdg->clock.hz)
		clock_set_rate(&iwdg->clock, chip_now(peripheral->chip), hz);
}

static void load(struct peripheral *peripheral)
{
	struct iwdg *iwdg = peripheral->state;
	iwdg->loaded = iwdg->reload;
	iwdg->base_ticks = clock_ticks(&iwdg->clock, chip_now(peripheral->chip));
}

static void start(struct peripheral *peripheral)
{
	struct iwdg *iwdg = peripheral->state;
	iwdg->started = true;
	rcc_hold_lsi(peripheral->chip);
	clocks_changed(peripheral);
	load(peripheral);
}

void iwdg_start(struct chip *chip, uint64_t period_ns)
{
	struct peripheral *peripheral = NULL;
	struct iwdg *iwdg = find(chip, &peripheral);
	uint64_t ticks = period_ns / 1000 * LSI_HZ / 1000000;
	iwdg->prescaler = 0;
	while (iwdg->prescaler < SLOWEST && ticks / divider(iwdg) > RELOAD_MASK)
		iwdg->prescaler++;
	uint64_t counts = ticks / divider(iwdg);
	iwdg->reload = counts > RELOAD_MASK ? RELOAD_MASK : (uint32_t)counts;
	start(peripheral);
}

static void reset(struct peripheral *peripheral, enum reset_kind kind)
{
	struct iwdg *iwdg = peripheral->state;
	if (kind == RESET_CORE)
		return;
	*iwdg = (struct iwdg){.reload = RELOAD_MASK};
	iwdg->clock.base_ns = chip_now(peripheral->chip);
	if (flash_watchdog_is_hardware(peripheral->chip))
		start(peripheral);
}

static uint64_t deadline(const struct peripheral *peripheral)
{
	const struct iwdg *iwdg = peripheral->state;
	if (!iwdg->started)
		return CLOCK_NEVER;
	uint64_t counts = (uint64_t)iwdg->loaded + 1;
	return clock_ns(&iwdg->clock, iwdg->base_ticks + counts * divider(iwdg));
}

static void tick(struct peripheral *peripheral)
{
	if (deadline(peripheral) <= chip_now(peripheral->chip))
		chip_want_reset(peripheral->chip, RESET_IWDG);
}

static enum chip_ack read(struct peripheral *peripheral, uint32_t offset, uint32_t *value)
{
	const struct iwdg *iwdg = peripheral->state;
	*value = offset == PR ? iwdg->prescaler : offset == RLR ? iwdg->reload : 0;
	return CHIP_OK;
}

static void write_key(struct peripheral *peripheral, uint32_t key)
{
	struct iwdg *iwdg = peripheral->state;
	iwdg->unlocked = key == KEY_UNLOCK;
	if (key == KEY_START && !iwdg->started)
		start(peripheral);
	else if (key == KEY_RELOAD || key == KEY_START)
		load(peripheral);
}

static enum chip_ack write(
	struct peripheral *peripheral, uint32_t offset, uint32_t value, uint32_t lanes)
{
	struct iwdg *iwdg = peripheral->state;
	uint64_t before = deadline(peripheral);
	value &= lanes;
	if (offset == KR)
		write_key(peripheral, value & 0xffff);
	else if (offset == PR && iwdg->unlocked)
		iwdg->prescaler = value & 7;
	else if (offset == RLR && iwdg->unlocked)
		iwdg->reload = value & RELOAD_MASK;
	/* Feeding only puts it off: a run that ends too early by it does no harm, and firmware
	 * that feeds in a tight loop runs fast. */
	if (deadline(peripheral) < before)
		chip_attend(peripheral->chip);
	return CHIP_OK;
}

const struct peripheral_ops iwdg_ops = {
	.name = "IWDG",
	.state_size = sizeof(struct iwdg),
	.reset = reset,
	.read = read,
	.write = write,
	.deadline = deadline,
	.tick = tick,
	.clocks_changed = clocks_changed,
};
