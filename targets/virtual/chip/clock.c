/* A clock of the chip; see clock.h. Whole seconds are split off so that 64 bits never overflow. */
#include "clock.h"

#define NS_PER_S UINT64_C(1000000000)

uint64_t clock_ticks(const struct clock *clock, uint64_t now_ns)
{
	if (now_ns <= clock->base_ns)
		return clock->base_ticks;
	uint64_t ns = now_ns - clock->base_ns;
	return clock->base_ticks + ns / NS_PER_S * clock->hz + ns % NS_PER_S * clock->hz / NS_PER_S;
}

uint64_t clock_ns(const struct clock *clock, uint64_t ticks)
{
	if (ticks <= clock->base_ticks)
		return clock->base_ns;
	if (clock->hz == 0)
		return CLOCK_NEVER;
	uint64_t count = ticks - clock->base_ticks;
	uint64_t seconds = count / clock->hz;
	if (seconds > (CLOCK_NEVER - clock->base_ns) / NS_PER_S - 1)
		return CLOCK_NEVER;
	uint64_t rest = (count % clock->hz * NS_PER_S + clock->hz - 1) / clock->hz;
	return clock->base_ns + seconds * NS_PER_S + rest;
}

void clock_set_rate(struct clock *clock, uint64_t now_ns, uint64_t hz)
{
	clock->base_ticks = clock_ticks(clock, now_ns);
	clock->base_ns = now_ns > clock->base_ns ? now_ns : clock->base_ns;
	clock->hz = hz;
}
