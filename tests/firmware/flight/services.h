/* Supervisor calls: the SVC instruction's number selects a service. */
#ifndef FLIGHT_SERVICES_H
#define FLIGHT_SERVICES_H

#include <stdint.h>

/* SVC 0: the tick counter. */
uint32_t service_ticks(void);

/* SVC 1: logs `text` and `value` from the highest priority that thread code can reach. */
void service_log(const char *text, uint32_t value);

/* Exception 11. */
void services_handler(void);

#endif
