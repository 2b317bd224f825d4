/*
 * Parallel form; D acts on the measurement, so that a jump of the stick gives no kick; I is clamped
 * (anti-windup). K. J. Astrom, T. Hagglund, Advanced PID Control, chapter 3.
 */
#include "pid.h"

#include "ticks.h"

static const float greatest_i = 0.15F;
static const float d_cutoff_hz = 60.0F;
static const float butterworth = 0.70710678F;

static float clamp(float value, float limit)
{
	if (value > limit) {
		return limit;
	}
	return value < -limit ? -limit : value;
}

void pid_init(struct pid *pid, float kp, float ki, float kd)
{
	*pid = (struct pid){.kp = kp, .ki = ki, .kd = kd};
	filter_init_lowpass(&pid->smooth, d_cutoff_hz, butterworth);
}

float pid_update(struct pid *pid, float setpoint_dps, float rate_dps)
{
	float error = setpoint_dps - rate_dps;
	float slope = (pid->previous_dps - rate_dps) * TICKS_HZ;

	pid->p = pid->kp * error;
	pid->i = clamp(pid->i + pid->ki * error / TICKS_HZ, greatest_i);
	pid->d = pid->kd * filter_update(&pid->smooth, slope);
	pid->previous_dps = rate_dps;
	pid->output = clamp(pid->p + pid->i + pid->d, 1.0F);
	return pid->output;
}
