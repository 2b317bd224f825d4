/*
 * A clock of the chip: turns modelled time into ticks and back, across changes of its frequency.
 *
 * The tick count never goes back. Tick k has happened at the first nanosecond t for which
 * clock_ticks(t) >= k, and clock_ns(k) is that t. A stopped clock (0 Hz) keeps its count.
 */
#ifndef TARGETS_VIRTUAL_CHIP_CLOCK_H
#define TARGETS_VIRTUAL_CHIP_CLOCK_H

#include <stdint.h>

#define CLOCK_NEVER UINT64_MAX

struct clock {
	uint64_t hz; /* at most 1 GHz */
	uint64_t base_ns, base_ticks;
};

uint64_t clock_ticks(const struct clock *clock, uint64_t now_ns);

/* When the count reaches `ticks`; CLOCK_NEVER if it is stopped before. A count that was reached
 * already gives a time not later than the last change of frequency. */
uint64_t clock_ns(const struct clock *clock, uint64_t ticks);

/* From `now_ns` on the clock runs at `hz`. The begun tick is lost. */
void clock_set_rate(struct clock *clock, uint64_t now_ns, uint64_t hz);

#endif
