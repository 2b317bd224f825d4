/*
 * Modelled time: runs the core in slices that end at the next thing that happens by itself.
 *
 * A slice is cut short when a register access changes what its length was computed from
 * (chip_attend); the loop then computes again.
 */
#include "ahb.h"
#include "dbgmcu.h"
#include "m4.h"
#include "model.h"
#include "pwr.h"
#include "rcc.h"

uint64_t chip_now(const struct chip *chip)
{
	if (!chip->in_slice)
		return chip->now_ns;
	uint64_t ns =
		clock_ns(&chip->hclk, chip->slice_ticks + engine_executed(chip->core->engine));
	/* The clock may just have been stopped or changed: time does not go back for it. */
	return ns == CLOCK_NEVER || ns < chip->now_ns ? chip->now_ns : ns;
}

void chip_attend(struct chip *chip)
{
	chip->attention = true;
	engine_interrupt(chip->core->engine);
}

void chip_clocks_changed(struct chip *chip)
{
	for (size_t i = 0; i < chip->peripheral_count; i++) {
		struct peripheral *peripheral = &chip->peripherals[i];
		if (peripheral->ops->clocks_changed != NULL)
			peripheral->ops->clocks_changed(peripheral);
	}
	chip_attend(chip);
}

/* splitmix64, as published by Vigna: every bit of the key stirs every bit of the result. */
uint32_t chip_random(const struct chip *chip, uint64_t key)
{
	uint64_t x = chip->seed + (key + 1) * UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return (uint32_t)(x >> 32 ^ x >> 16);
}

static uint64_t next_deadline(const struct chip *chip)
{
	uint64_t next = faults_deadline(chip);
	for (size_t i = 0; chip->powered && i < chip->peripheral_count; i++) {
		const struct peripheral *peripheral = &chip->peripherals[i];
		if (peripheral->ops->deadline == NULL)
			continue;
		uint64_t deadline = peripheral->ops->deadline(peripheral);
		next = deadline < next ? deadline : next;
	}
	return next;
}

/* Everything whose time has come. */
static void fire(struct chip *chip)
{
	for (size_t i = 0; chip->powered && i < chip->peripheral_count; i++) {
		struct peripheral *peripheral = &chip->peripherals[i];
		if (peripheral->ops->deadline != NULL &&
			peripheral->ops->deadline(peripheral) <= chip->now_ns)
			peripheral->ops->tick(peripheral);
	}
	if (faults_deadline(chip) <= chip->now_ns)
		faults_tick(chip);
	chip_settle(chip);
}

/* Lets the core execute until `until_ns`, or until it cannot or must not go on. */
static void advance(struct chip *chip, uint64_t until_ns)
{
	m4_wake_if_due(chip->core); /* from STOP, where there are no cycles to do it in */
	uint64_t begin = clock_ticks(&chip->hclk, chip->now_ns);
	uint64_t end = clock_ticks(&chip->hclk, until_ns);
	chip->slice_ticks = begin;
	chip->attention = false;
	chip->in_slice = true;
	uint64_t done = end > begin ? m4_run(chip->core, end - begin) : 0;
	chip->in_slice = false;
	uint64_t now = until_ns;
	if (done > 0)
		now = clock_ns(&chip->hclk, begin + done);
	else if (chip->attention)
		now = chip->now_ns;
	if (now == CLOCK_NEVER || now < chip->now_ns) /* the clock was stopped meanwhile */
		now = chip->now_ns;
	chip->now_ns = now;
	chip_settle(chip);
}

void chip_run_until(struct chip *chip, uint64_t now_ns)
{
	while (chip->now_ns < now_ns) {
		uint64_t until = next_deadline(chip);
		if (until > chip->now_ns)
			advance(chip, until < now_ns ? until : now_ns);
		fire(chip);
	}
}

bool chip_is_active(const struct chip *chip)
{
	bool executing =
		m4_is_running(chip->core) && !chip->core->sleeping && pwr_core_is_clocked(chip);
	return executing || next_deadline(chip) != CLOCK_NEVER;
}
