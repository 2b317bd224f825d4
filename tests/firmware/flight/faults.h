/* Every fault, and every interrupt that nobody asked for, ends here. */
#ifndef FLIGHT_FAULTS_H
#define FLIGHT_FAULTS_H

#include <stdint.h>

#include "cpu.h"

struct fault {
	uint32_t count;               /* faults since reset; 0: the rest means nothing */
	uint32_t exception;           /* number, 3 for HardFault */
	uint32_t exc_return;          /* bit 2 set: thread mode, on the process stack */
	uint32_t stack;               /* address of the stacked frame */
	struct exception_frame frame; /* a copy of it; zero when the stack is not in RAM */
	uint32_t cfsr, hfsr, mmfar, bfar;
	volatile uint32_t hold;  /* the handler spins while this is not 0 */
	volatile uint32_t spins; /* it counts here: the sign that it still runs */
};

extern struct fault last_fault;

/* Stops the motors, fills last_fault, then spins. A debugger that has mended the cause (or moved
 * the stacked pc) sets last_fault.hold to 0, and the program goes on. */
void fault_handler(void);

#endif
