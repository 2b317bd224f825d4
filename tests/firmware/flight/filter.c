/* Coefficients: R. Bristow-Johnson, Audio EQ Cookbook. Structure: direct form II, transposed. */
#include "filter.h"

#include "ticks.h"
#include "trig.h"

/* b0..b2 and a1, a2 as given; all divided by a0, state cleared. */
static void set(struct filter *filter, const float b[3], float a0, float a1, float a2)
{
	*filter = (struct filter){
		.b0 = b[0] / a0,
		.b1 = b[1] / a0,
		.b2 = b[2] / a0,
		.a1 = a1 / a0,
		.a2 = a2 / a0,
	};
}

void filter_init_lowpass(struct filter *filter, float cutoff_hz, float q)
{
	float angle = 2 * TRIG_PI * cutoff_hz / TICKS_HZ;
	float cosine = trig_cos(angle);
	float alpha = trig_sin(angle) / (2 * q);
	const float b[] = {(1 - cosine) / 2, 1 - cosine, (1 - cosine) / 2};

	set(filter, b, 1 + alpha, -2 * cosine, 1 - alpha);
}

void filter_init_notch(struct filter *filter, float centre_hz, float q)
{
	float angle = 2 * TRIG_PI * centre_hz / TICKS_HZ;
	float cosine = trig_cos(angle);
	float alpha = trig_sin(angle) / (2 * q);
	const float b[] = {1, -2 * cosine, 1};

	set(filter, b, 1 + alpha, -2 * cosine, 1 - alpha);
}

float filter_update(struct filter *filter, float input)
{
	float output = filter->b0 * input + filter->z1;

	filter->z1 = filter->b1 * input - filter->a1 * output + filter->z2;
	filter->z2 = filter->b2 * input - filter->a2 * output;
	return output;
}
