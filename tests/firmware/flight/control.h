/*
 * The control loop: sensors and sticks in, motors out, once a tick, in PendSV.
 * `flight` is the whole state of it, in one place to look at.
 */
#ifndef FLIGHT_CONTROL_H
#define FLIGHT_CONTROL_H

#include "attitude.h"
#include "motors.h"
#include "pid.h"
#include "sensors.h"

struct flight {
	uint32_t loops;            /* steps done */
	struct sensors sensors;    /* as measured */
	struct sticks sticks;      /* as asked for */
	float rate_dps[AXES];      /* measured, filtered, less the sensor's zero error */
	struct attitude attitude;  /* estimated */
	struct pid pid[AXES];      /* one controller an axis, with its terms */
	float thrust[MOTORS];      /* 0..1 */
	struct filter notch[AXES]; /* takes out the motors' vibration */
	struct filter smooth[AXES];
};

extern struct flight flight;

void control_start(void);

/* Exception 14. */
void control_handler(void);

#endif
