/*
 * Timers 1 to 14: time base, output compare, PWM registers, update and compare interrupts.
 *
 * From: RM0368 chapters 12 to 14. The counter is computed when somebody looks. Good for a loop
 * clock and for PWM: no input capture, no slave mode, no repetition counter; a centre-aligned
 * counter counts up and down with the right period. Channels raise their flags once in a period.
 */
#include "tim.h"
#include "blocks.h"
#include "clock.h"
#include "model.h"
#include "rcc.h"

enum {
	CR1 = 0x00,
	DIER = 0x0c,
	SR = 0x10,
	EGR = 0x14,
	CNT = 0x24,
	PSC = 0x28,
	ARR = 0x2c,
	CCR1 = 0x34,
	CCR4 = 0x40,
	WORDS = 0x60 / 4,
};

enum {
	CR1_CEN = 1 << 0,
	CR1_UDIS = 1 << 1,
	CR1_URS = 1 << 2,
	CR1_OPM = 1 << 3,
	CR1_DIR = 1 << 4,
	CR1_CMS = 3 << 5,
	CR1_ARPE = 1 << 7,
	UIF = 1 << 0, /* in SR, DIER and EGR */
	CC_FLAGS = 0x1e,
};

enum { CHANNELS = 4 };

struct tim {
	uint32_t words[WORDS];
	uint32_t prescaler, period; /* the buffered registers in use */
	uint32_t phase;             /* position within the period at base_ticks */
	struct clock clock;
	uint64_t base_ticks;
};

/* ---- the time base ---- */

static bool is_counting(const struct tim *tim)
{
	return (tim->words[CR1 / 4] & CR1_CEN) != 0 && tim->period != 0;
}

static bool is_centred(const struct tim *tim)
{
	return (tim->words[CR1 / 4] & CR1_CMS) != 0;
}

/* Counts from one update to the next. */
static uint64_t length(const struct tim *tim)
{
	return is_centred(tim) ? 2 * (uint64_t)tim->period : (uint64_t)tim->period + 1;
}

static uint64_t counter_at(const struct tim *tim, uint64_t phase)
{
	if (is_centred(tim))
		return phase <= tim->period ? phase : 2 * (uint64_t)tim->period - phase;
	return (tim->words[CR1 / 4] & CR1_DIR) != 0 ? tim->period - phase : phase;
}

static uint64_t phase_of(const struct tim *tim, uint64_t counter)
{
	if (!is_centred(tim) && (tim->words[CR1 / 4] & CR1_DIR) != 0)
		return counter <= tim->period ? tim->period - counter : 0;
	return counter;
}

static uint64_t ticks_per_count(const struct tim *tim)
{
	return (uint64_t)tim->prescaler + 1;
}

static void load_buffers(struct tim *tim)
{
	tim->prescaler = tim->words[PSC / 4] & 0xffff;
	tim->period = tim->words[ARR / 4];
}

static void update_irq(struct peripheral *peripheral)
{
	const struct tim *tim = peripheral->state;
	uint32_t up = tim->words[SR / 4] & tim->words[DIER / 4];
	bool compare = (up & CC_FLAGS) != 0;
	/* Advanced timers have a line of their own for compare events. */
	bool shared = peripheral->row->irqs[TIM_IRQ_COMPARE] == 0;
	peripheral_set_irq(peripheral, TIM_IRQ_UPDATE,
		(up & UIF) != 0 || (shared && (up & ~(uint32_t)UIF) != 0));
	peripheral_set_irq(peripheral, TIM_IRQ_COMPARE, compare);
}

/* Channels whose compare value lies in (from, to] of this period, or 0 at its start. */
static void set_compare_flags(struct tim *tim, uint64_t from, uint64_t to)
{
	for (unsigned i = 0; i < CHANNELS; i++) {
		uint64_t at = phase_of(tim, tim->words[CCR1 / 4 + i]);
		at += at == 0 ? length(tim) : 0;
		if (at > from && at <= to)
			tim->words[SR / 4] |= 2u << i;
	}
}

static void overflow(struct tim *tim)
{
	if ((tim->words[CR1 / 4] & CR1_UDIS) == 0) {
		tim->words[SR / 4] |= UIF;
		load_buffers(tim);
	}
	if ((tim->words[CR1 / 4] & CR1_OPM) != 0)
		tim->words[CR1 / 4] &= ~(uint32_t)CR1_CEN;
}

static void tick(struct peripheral *peripheral)
{
	struct tim *tim = peripheral->state;
	uint64_t now = clock_ticks(&tim->clock, chip_now(peripheral->chip));
	if (!is_counting(tim)) {
		tim->base_ticks = now;
		return;
	}
	uint64_t counts = (now - tim->base_ticks) / ticks_per_count(tim);
	while (is_counting(tim) && tim->phase + counts >= length(tim)) {
		uint64_t left = length(tim) - tim->phase;
		set_compare_flags(tim, tim->phase, length(tim));
		tim->base_ticks += left * ticks_per_count(tim);
		tim->phase = 0;
		overflow(tim);
		counts = (now - tim->base_ticks) / ticks_per_count(tim);
		/* From here on every period is the same. */
		uint64_t whole = is_counting(tim) ? counts / length(tim) : 0;
		if (whole > 1) {
			tim->base_ticks += (whole - 1) * length(tim) * ticks_per_count(tim);
			counts -= (whole - 1) * length(tim);
		}
	}
	if (is_counting(tim)) {
		set_compare_flags(tim, tim->phase, tim->phase + counts);
		tim->phase += (uint32_t)counts;
		tim->base_ticks += counts * ticks_per_count(tim);
	}
	update_irq(peripheral);
}

/* The next phase at which an enabled interrupt that is not up already comes. */
static uint64_t next_event(const struct tim *tim)
{
	uint32_t waiting = tim->words[DIER / 4] & ~tim->words[SR / 4];
	uint64_t next = (waiting & UIF) != 0 ? length(tim) : UINT64_MAX;
	if ((tim->words[CR1 / 4] & CR1_OPM) != 0)
		next = length(tim);
	for (unsigned i = 0; i < CHANNELS; i++) {
		uint64_t at = phase_of(tim, tim->words[CCR1 / 4 + i]);
		if ((waiting & 2u << i) == 0 || at > length(tim))
			continue;
		at += at <= tim->phase ? length(tim) : 0;
		next = at < next ? at : next;
	}
	return next;
}

static uint64_t deadline(const struct peripheral *peripheral)
{
	const struct tim *tim = peripheral->state;
	if (!is_counting(tim))
		return CLOCK_NEVER;
	uint64_t event = next_event(tim);
	if (event == UINT64_MAX)
		return CLOCK_NEVER;
	return clock_ns(&tim->clock, tim->base_ticks + (event - tim->phase) * ticks_per_count(tim));
}

static void clocks_changed(struct peripheral *peripheral)
{
	struct tim *tim = peripheral->state;
	uint64_t hz = peripheral_is_frozen(peripheral)
			      ? 0
			      : rcc_timer_hz(peripheral->chip, peripheral->row->enable);
	if (hz == tim->clock.hz)
		return;
	tick(peripheral);
	clock_set_rate(&tim->clock, chip_now(peripheral->chip), hz);
}

/* ---- registers ---- */

static uint32_t counter_mask(const struct peripheral *peripheral)
{
	const struct tim_variant *variant = peripheral->row->variant;
	return variant->wide ? 0xffffffff : 0xffff;
}

static void reset(struct peripheral *peripheral, enum reset_kind kind)
{
	struct tim *tim = peripheral->state;
	if (kind == RESET_CORE)
		return;
	const struct clock clock = tim->clock;
	*tim = (struct tim){.clock = clock};
	tim->words[ARR / 4] = counter_mask(peripheral);
	load_buffers(tim);
	update_irq(peripheral);
}

static enum chip_ack read(struct peripheral *peripheral, uint32_t offset, uint32_t *value)
{
	const struct tim *tim = peripheral->state;
	tick(peripheral);
	if (offset == CNT)
		*value = (uint32_t)counter_at(tim, tim->phase);
	else
		*value = offset / 4 < WORDS && offset != EGR ? tim->words[offset / 4] : 0;
	return CHIP_OK;
}

static void generate(struct tim *tim, uint32_t events)
{
	if ((events & UIF) != 0) {
		load_buffers(tim);
		tim->phase = 0;
		if ((tim->words[CR1 / 4] & (CR1_UDIS | CR1_URS)) == 0)
			tim->words[SR / 4] |= UIF;
	}
	tim->words[SR / 4] |= events & CC_FLAGS;
}

static void set_word(struct peripheral *peripheral, uint32_t offset, uint32_t value, uint32_t lanes)
{
	struct tim *tim = peripheral->state;
	uint32_t *word = &tim->words[offset / 4];
	bool counter = offset == ARR || (offset >= CCR1 && offset <= CCR4);
	*word = merge_lanes(*word, value, lanes) & (counter ? counter_mask(peripheral) : 0xffff);
	if (offset == ARR && (tim->words[CR1 / 4] & CR1_ARPE) == 0)
		tim->period = *word;
}

static enum chip_ack write(
	struct peripheral *peripheral, uint32_t offset, uint32_t value, uint32_t lanes)
{
	struct tim *tim = peripheral->state;
	if (offset / 4 >= WORDS)
		return CHIP_OK;
	tick(peripheral);
	if (offset == SR)
		tim->words[SR / 4] &= value | ~lanes;
	else if (offset == EGR)
		generate(tim, value & lanes);
	else if (offset == CNT)
		tim->phase = (uint32_t)phase_of(tim, value & lanes & counter_mask(peripheral));
	else
		set_word(peripheral, offset, value, lanes);
	if (tim->phase >= length(tim)) /* past the end the silicon would run on to the top */
		tim->phase = 0;
	update_irq(peripheral);
	chip_attend(peripheral->chip);
	return CHIP_OK;
}

const struct peripheral_ops tim_ops = {
	.name = "TIM",
	.state_size = sizeof(struct tim),
	.reset = reset,
	.read = read,
	.write = write,
	.deadline = deadline,
	.tick = tick,
	.clocks_changed = clocks_changed,
};
