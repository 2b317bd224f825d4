/*
 * Four motors on PB6 to PB9: TIM4, channels 1 to 4, PWM at 8 kHz.
 *
 * The timer and its compare registers run from the start; the pins are held low until somebody sets
 * `motors_armed`, so that a board with propellers stays on the table while it is being debugged.
 */
#ifndef FLIGHT_MOTORS_H
#define FLIGHT_MOTORS_H

#include <stdint.h>

#include "sensors.h"

enum { MOTORS = 4 };

/* Non-zero connects the pins to the timer at the next motors_write. */
extern volatile uint32_t motors_armed;

void motors_start(void);

/* Distributes throttle (0..1) and the three torques (-1..1) over the motors; `thrust` gets each
 * motor's part, 0..1. Throttle gives way before a torque does. */
void motors_mix(float throttle, const float torque[AXES], float thrust[MOTORS]);

/* Sets the compare registers. */
void motors_write(const float thrust[MOTORS]);

/* Pins low, compare registers 0, disarmed. Safe from any context, at any time. */
void motors_stop(void);

#endif
