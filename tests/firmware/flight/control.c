/* Gains: for a quadrotor of some 100 g, by trial on the record. */
#include "control.h"

#include "ticks.h"
#include "trig.h"

static const float vibration_hz = 210.0F;
static const float vibration_q = 2.0F;
static const float cutoff_hz = 90.0F;
static const float butterworth = 0.70710678F;

static const float degrees_per_radian = 180.0F / TRIG_PI;

static const struct {
	float kp, ki, kd;
} gains[AXES] = {
	[ROLL] = {0.0040F, 0.020F, 0.00004F},
	[PITCH] = {0.0045F, 0.022F, 0.00005F},
	[YAW] = {0.0080F, 0.030F, 0.0F},
};

struct flight flight;

void control_start(void)
{
	attitude_init(&flight.attitude);
	for (unsigned axis = 0; axis < AXES; axis++) {
		pid_init(&flight.pid[axis], gains[axis].kp, gains[axis].ki, gains[axis].kd);
		filter_init_notch(&flight.notch[axis], vibration_hz, vibration_q);
		filter_init_lowpass(&flight.smooth[axis], cutoff_hz, butterworth);
	}
}

/* The sensor's zero error is known only after the attitude is. */
static void estimate(void)
{
	float filtered_dps[AXES], rate_rps[AXES];

	for (unsigned axis = 0; axis < AXES; axis++) {
		float quiet = filter_update(&flight.notch[axis], flight.sensors.rate_dps[axis]);
		filtered_dps[axis] = filter_update(&flight.smooth[axis], quiet);
		rate_rps[axis] = filtered_dps[axis] / degrees_per_radian;
	}
	attitude_update(&flight.attitude, rate_rps, flight.sensors.accel_g);
	for (unsigned axis = 0; axis < AXES; axis++) {
		float bias_dps = flight.attitude.bias_rps[axis] * degrees_per_radian;
		flight.rate_dps[axis] = filtered_dps[axis] - bias_dps;
	}
}

static void steer(void)
{
	float torque[AXES];

	for (unsigned axis = 0; axis < AXES; axis++) {
		torque[axis] = pid_update(
			&flight.pid[axis], flight.sticks.rate_dps[axis], flight.rate_dps[axis]);
	}
	motors_mix(flight.sticks.throttle, torque, flight.thrust);
	motors_write(flight.thrust);
}

static void control_step(uint32_t tick)
{
	sensors_read(&flight.sensors, tick);
	sticks_read(&flight.sticks, tick);
	estimate();
	steer();
	flight.loops++;
}

void control_handler(void)
{
	control_step(ticks);
}
