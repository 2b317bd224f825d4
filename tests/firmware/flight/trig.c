/*
 * Sine: quarter-wave table, linear between the steps (error (pi/2/1024)^2 / 8).
 * Arc tangent: Abramowitz and Stegun, Handbook of Mathematical Functions, 4.4.47.
 */
#include "trig.h"

#include <stdint.h>

#include "tables.h"

static float sine_at_step(int32_t step)
{
	uint32_t quarter = ((uint32_t)step / SINE_STEPS) % 4;
	uint32_t position = (uint32_t)step % SINE_STEPS;
	float value = sine_table[quarter % 2 == 0 ? position : SINE_STEPS - position];

	return quarter < 2 ? value : -value;
}

float trig_sin(float angle_rad)
{
	float position = angle_rad * (2 * SINE_STEPS / TRIG_PI);
	int32_t step = (int32_t)position - (position < 0.0F);
	float low = sine_at_step(step);
	float high = sine_at_step(step + 1);

	return low + (position - (float)step) * (high - low);
}

float trig_cos(float angle_rad)
{
	return trig_sin(angle_rad + TRIG_PI / 2);
}

/* For 0 <= x <= 1. */
static float arc_tangent(float x)
{
	float s = x * x;

	return x *
	       (0.9998660F +
		       s * (-0.3302995F + s * (0.1801410F + s * (-0.0851330F + s * 0.0208351F))));
}

float trig_atan2(float y, float x)
{
	float along = __builtin_fabsf(x);
	float across = __builtin_fabsf(y);
	float angle;

	if (across > along) {
		angle = TRIG_PI / 2 - arc_tangent(along / across);
	} else {
		angle = along > 0.0F ? arc_tangent(across / along) : 0.0F;
	}
	if (x < 0.0F) {
		angle = TRIG_PI - angle;
	}
	return y < 0.0F ? -angle : angle;
}
