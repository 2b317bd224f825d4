/* The clock tree: 84 MHz from the board's 16 MHz crystal, or the best that can be had. */
#ifndef FLIGHT_CLOCK_H
#define FLIGHT_CLOCK_H

#include <stdint.h>

enum clock_source {
	CLOCK_HSI,          /* 16 MHz, as after reset: the PLL did not lock */
	CLOCK_PLL_FROM_HSI, /* 84 MHz, but the crystal did not start */
	CLOCK_PLL_FROM_HSE, /* 84 MHz from the crystal */
};

/* What clock_start reached. */
extern uint32_t clock_hz;
extern enum clock_source clock_source;

/* Raises the clock from HSI, after reset or after STOP. Every wait is bounded: on a board without a
 * crystal, or on a model of a chip without an RCC, the program runs all the same, only slower. */
void clock_start(void);

#endif
