/* The clocks of the ST-LINK family, as data. Pure; see stlink_speed.c. */
#ifndef PROBE_STLINK_SPEED_H
#define PROBE_STLINK_SPEED_H

#include <stddef.h>
#include <stdint.h>

#define STLINK_V2_DEFAULT_KHZ  4000
#define STLINK_V3_DEFAULT_KHZ  24000
#define STLINK_V2_POWER_UP_KHZ 1800 /* divisor 1: what a V2 has until it is told otherwise */

struct stlink_clock {
	uint16_t divisor;      /* a delay-loop count, not a divider */
	unsigned khz;          /* what it is sold as */
	unsigned measured_khz; /* what a V2-1 was seen to make of it */
};

/* The fastest clock of a V2 that is called no faster than `khz`; NULL: all are faster. */
const struct stlink_clock *stlink_v2_clock(unsigned khz);

/* The fastest of `count` clocks that is no faster than `khz`; 0: all are faster. */
unsigned stlink_v3_clock(const uint32_t *list_khz, size_t count, unsigned khz);

/* Nanoseconds for one word over SWD. A V3 takes at least 6.3 us, whatever its clock. */
unsigned stlink_word_ns(unsigned measured_khz, unsigned hardware);

#endif
