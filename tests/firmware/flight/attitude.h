/* Which way is up: a quaternion from body rates, held to gravity by the accelerometer. */
#ifndef FLIGHT_ATTITUDE_H
#define FLIGHT_ATTITUDE_H

#include "sensors.h"

/* Rotation from body axes to north-east-down, and the gyro's estimated zero error. */
struct attitude {
	float w, x, y, z;
	float bias_rps[AXES];
};

struct euler {
	float roll_deg, pitch_deg, yaw_deg;
};

void attitude_init(struct attitude *attitude);

/* One step of 1 / TICKS_HZ from rates in rad/s and a specific force in g. */
void attitude_update(
	struct attitude *attitude, const float rate_rps[AXES], const float accel_g[AXES]);

/* Yaw, then pitch, then roll. */
struct euler attitude_euler(const struct attitude *q);

#endif
