/* Low power, resets, and the two ways in which firmware most often loses its debugger. */
#ifndef FLIGHT_POWER_H
#define FLIGHT_POWER_H

#include <stdint.h>

/* The independent watchdog, 500 ms, never fed: it resets the chip, again after each start of it. */
void power_start_watchdog(void);

/* STOP with the tick off: only a debugger or a reset ends it. Afterwards the clock is raised again.
 */
void power_enter_stop(void);

/* STANDBY: only a reset ends it. */
void power_enter_standby(void);

/* PA13 and PA14 become analog inputs: SWD is gone until the next reset. */
void power_release_swd_pins(void);

/* SYSRESETREQ. */
void power_reset(void);

/* Logs and clears the causes of the last reset. */
void power_log_reset_cause(void);

#endif
