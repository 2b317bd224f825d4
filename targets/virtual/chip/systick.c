/*
 * SysTick. Counts the core's cycles, or one in eight of them; stands still in debug state.
 *
 * From: ARMv7-M ARM B3.3. The count is computed when somebody looks, not kept.
 */
#include "m4.h"

enum { CSR = 0x0, RVR = 0x4, CVR = 0x8, CALIB = 0xc };

enum { ENABLE = 1 << 0, TICKINT = 1 << 1, CLKSOURCE = 1 << 2, COUNTFLAG = 1 << 16 };

#define CALIBRATION UINT32_C(0x40002904) /* 1 ms at 84 MHz / 8, with skew */

struct systick {
	uint32_t control; /* ENABLE, TICKINT, CLKSOURCE */
	bool flag;
	uint32_t reload;
	uint32_t value; /* at `base` */
	uint64_t base;  /* m4_ticks() */
};

static unsigned divider(const struct systick *systick)
{
	return (systick->control & CLKSOURCE) != 0 ? 1 : 8;
}

static bool is_counting(const struct systick *systick)
{
	return (systick->control & ENABLE) != 0 && (systick->reload != 0 || systick->value != 0);
}

/* Counts from `base` until the counter gets to 0; a counter at 0 is reloaded first. */
static uint64_t counts_to_zero(const struct systick *systick)
{
	return systick->value != 0 ? systick->value : (uint64_t)systick->reload + 1;
}

/* Moves the base to now. */
static void tick(struct peripheral *peripheral)
{
	struct m4 *core = peripheral->chip->core;
	struct systick *systick = peripheral->state;
	uint64_t ticks = m4_ticks(core);
	uint64_t counts = (ticks - systick->base) / divider(systick);
	if (!is_counting(systick)) {
		systick->base = ticks;
		return;
	}
	systick->base += counts * divider(systick);
	uint64_t first = counts_to_zero(systick);
	if (counts < first) {
		if (systick->value != 0)
			systick->value -= (uint32_t)counts;
		else if (counts > 0)
			systick->value = systick->reload - (uint32_t)(counts - 1);
		return;
	}
	uint64_t rest = (counts - first) % ((uint64_t)systick->reload + 1);
	systick->value = rest == 0 ? 0 : systick->reload - (uint32_t)(rest - 1);
	systick->flag = true;
	if ((systick->control & TICKINT) != 0)
		nvic_pend(core, EXCEPTION_SYSTICK);
}

static uint64_t deadline(const struct peripheral *peripheral)
{
	const struct systick *systick = peripheral->state;
	if (!is_counting(systick) || (systick->control & TICKINT) == 0)
		return CLOCK_NEVER;
	return m4_ticks_ns(
		peripheral->chip->core, systick->base + counts_to_zero(systick) * divider(systick));
}

static void reset(struct peripheral *peripheral, enum reset_kind kind)
{
	struct systick *systick = peripheral->state;
	(void)kind;
	*systick = (struct systick){.base = m4_ticks(peripheral->chip->core)};
}

static enum chip_ack read(struct peripheral *peripheral, uint32_t offset, uint32_t *value)
{
	struct systick *systick = peripheral->state;
	tick(peripheral);
	switch (offset) {
	case CSR:
		*value = systick->control | (systick->flag ? COUNTFLAG : 0);
		if (peripheral->chip->master == MASTER_CORE)
			systick->flag = false;
		break;
	case RVR:
		*value = systick->reload;
		break;
	case CVR:
		*value = systick->value;
		break;
	default:
		*value = CALIBRATION;
	}
	return CHIP_OK;
}

static enum chip_ack write(
	struct peripheral *peripheral, uint32_t offset, uint32_t value, uint32_t lanes)
{
	struct systick *systick = peripheral->state;
	tick(peripheral);
	switch (offset) {
	case CSR:
		systick->control = merge_lanes(systick->control, value, lanes) &
				   (ENABLE | TICKINT | CLKSOURCE);
		break;
	case RVR:
		systick->reload = merge_lanes(systick->reload, value, lanes) & 0xffffff;
		break;
	case CVR:
		systick->value = 0;
		systick->flag = false;
		break;
	default:
		return CHIP_OK;
	}
	chip_attend(peripheral->chip);
	return CHIP_OK;
}

const struct peripheral_ops systick_ops = {
	.name = "SysTick",
	.state_size = sizeof(struct systick),
	.reset = reset,
	.read = read,
	.write = write,
	.deadline = deadline,
	.tick = tick,
};
