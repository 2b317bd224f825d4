/* The 1 kHz heartbeat. */
#ifndef FLIGHT_TICKS_H
#define FLIGHT_TICKS_H

#include <stdint.h>

enum { TICKS_HZ = 1000 };

/* Milliseconds since the start. Wraps after 49 days; compare by subtraction. */
extern volatile uint32_t ticks;

/* Starts SysTick from clock_hz. Priorities: SysTick above SVC, PendSV below everything. */
void ticks_start(void);

/* Exception 15. Counts, then pends the control loop, so that counting never waits for it. */
void ticks_handler(void);

#endif
