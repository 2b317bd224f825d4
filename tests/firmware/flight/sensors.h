/*
 * The inertial sensor and the pilot. On this board the sensor would be an LSM6DSL on SPI; here both
 * are a recorded flight in flash, so that a run can be repeated sample for sample.
 */
#ifndef FLIGHT_SENSORS_H
#define FLIGHT_SENSORS_H

#include <stdint.h>

enum axis { ROLL, PITCH, YAW, AXES };

struct sensors {
	float rate_dps[AXES]; /* body rates, x forward, y right, z down */
	float accel_g[AXES];  /* specific force in the same axes: (0, 0, -1) at rest */
};

struct sticks {
	float rate_dps[AXES]; /* what the pilot asks for */
	float throttle;       /* 0..1 */
};

/* The samples in force at `tick` ms; the accelerometer and the sticks change more slowly. */
void sensors_read(struct sensors *sensors, uint32_t tick);
void sticks_read(struct sticks *sticks, uint32_t tick);

#endif
