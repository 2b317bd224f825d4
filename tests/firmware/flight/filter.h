/* Second-order filters for one signal. */
#ifndef FLIGHT_FILTER_H
#define FLIGHT_FILTER_H

struct filter {
	float b0, b1, b2, a1, a2; /* coefficients, a0 = 1 */
	float z1, z2;             /* state */
};

/* At a sample rate of TICKS_HZ. `q` of a low-pass: 0.7071 for Butterworth. */
void filter_init_lowpass(struct filter *filter, float cutoff_hz, float q);
void filter_init_notch(struct filter *filter, float centre_hz, float q);

float filter_update(struct filter *filter, float input);

#endif
