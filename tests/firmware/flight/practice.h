/* Places worth stopping at, run once a second: recursion, code in RAM, a supervisor call. */
#ifndef FLIGHT_PRACTICE_H
#define FLIGHT_PRACTICE_H

#include <stdint.h>

enum { PRACTICE_PERIOD_MS = 1000 };

struct practice {
	uint32_t rounds;
	uint32_t factorial; /* 10! = 3628800 */
	uint32_t ram_sum;   /* of the vector table's words */
	uint32_t ticks;     /* as the supervisor call returned them */
};

extern struct practice practice;

void practice_round(void);

#endif
