/* What a ground station would see, ten times a second. */
#ifndef FLIGHT_TELEMETRY_H
#define FLIGHT_TELEMETRY_H

#include <stdint.h>

#include "attitude.h"

enum { TELEMETRY_PERIOD_MS = 100, TELEMETRY_BYTES = 40 };

struct telemetry {
	uint32_t frames;                /* made so far */
	struct euler euler;             /* attitude in degrees */
	uint8_t frame[TELEMETRY_BYTES]; /* the last one, as it would go over the air */
};

extern struct telemetry telemetry;

void telemetry_update(void);

#endif
