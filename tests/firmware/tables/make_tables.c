/*
 * Writes the firmware's constant tables, as a C file, to standard output. Runs on the building
 * machine (build.sh); ../flight/tables.h says what each table is for.
 *
 * Results are rounded to single precision or to whole counts, and the noise comes from integers, so
 * the same bytes come out wherever double is IEEE 754 and <math.h> is right to a few units in the
 * last place.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "../flight/tables.h"
#include "motion.h"

static const double pi = 3.141592653589793;

/* LSM6DSL data sheet, table 3: sensitivity at 2000 dps and 8 g, zero-rate level, noise. */
static const double gyro_dps_per_count = 0.070;
static const double accel_g_per_count = 0.000244;
static const double gyro_noise_dps = 0.15;
static const double accel_noise_g = 0.004;
static const double gyro_bias_dps[AXES] = {0.8, -0.5, 0.3};

/* A craft follows its pilot: the stick moves this long before the craft does. */
static const double pilot_lead_s = 0.030;
static const double greatest_rate_dps = 400.0;

/* G. Marsaglia, Xorshift RNGs, 2003: the triple 13, 17, 5. */
static uint32_t random32(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

/* Near enough to normal, mean 0, standard deviation 1: twelve uniform numbers, summed. */
static double noise(uint32_t *state)
{
	double sum = -6.0;

	for (unsigned i = 0; i < 12; i++) {
		sum += random32(state) / 4294967296.0;
	}
	return sum;
}

static double degrees(double radians)
{
	return radians * 180.0 / pi;
}

/* Rate for a stick deflection of 0..1, as a part of the greatest: gentle about the centre. */
static double expo(double deflection)
{
	return 0.6 * deflection + 0.4 * deflection * deflection * deflection;
}

/* The other way round, by bisection; `rate` in -1..1. */
static double expo_inverse(double rate)
{
	double low = 0.0, high = 1.0;

	for (unsigned i = 0; i < 50; i++) {
		double middle = (low + high) / 2;

		if (expo(middle) < fabs(rate)) {
			low = middle;
		} else {
			high = middle;
		}
	}
	return copysign(low, rate);
}

/* A propeller's thrust grows with 0.35 d + 0.65 d^2 of the duty; this is d. */
static double duty_for(double thrust)
{
	return (sqrt(0.35 * 0.35 + 4 * 0.65 * thrust) - 0.35) / (2 * 0.65);
}

/* IEEE 802.3 polynomial, reflected. */
static uint32_t crc32_of_byte(uint32_t byte)
{
	for (unsigned bit = 0; bit < 8; bit++) {
		byte = byte >> 1 ^ (byte & 1 ? 0xEDB88320u : 0);
	}
	return byte;
}

/* `%a` is exact. */
static void write_curve(const char *name, unsigned steps, double (*value)(double))
{
	printf("const float %s[] = {\n", name);
	for (unsigned i = 0; i <= steps; i++) {
		printf("%aF,\n", (float)value((double)i / steps));
	}
	printf("};\n");
}

static double quarter_sine(double part)
{
	return sin(part * pi / 2);
}

static void write_crc32(void)
{
	printf("const uint32_t crc32_table[] = {\n");
	for (uint32_t byte = 0; byte < 256; byte++) {
		printf("0x%08X,\n", (unsigned)crc32_of_byte(byte));
	}
	printf("};\n");
}

static void write_gyro(uint32_t *seed)
{
	printf("const int16_t record_gyro[][3] = {\n");
	for (unsigned i = 0; i < RECORD_GYRO_SAMPLES; i++) {
		double seconds = (double)i * RECORD_SECONDS / RECORD_GYRO_SAMPLES;
		struct motion motion = motion_at(seconds);
		long count[AXES];

		for (unsigned axis = 0; axis < AXES; axis++) {
			double rps = motion.rate_rps[axis] + motion_vibration_rps(axis, seconds);
			double dps =
				degrees(rps) + gyro_bias_dps[axis] + gyro_noise_dps * noise(seed);
			count[axis] = lround(dps / gyro_dps_per_count);
		}
		printf("{%ld, %ld, %ld},\n", count[ROLL], count[PITCH], count[YAW]);
	}
	printf("};\n");
}

static void write_accel(uint32_t *seed)
{
	printf("const int16_t record_accel[][3] = {\n");
	for (unsigned i = 0; i < RECORD_ACCEL_SAMPLES; i++) {
		double seconds = (double)i * RECORD_SECONDS / RECORD_ACCEL_SAMPLES;
		struct motion motion = motion_at(seconds);
		long count[AXES];

		for (unsigned axis = 0; axis < AXES; axis++) {
			double force = motion.force_g[axis] + motion_vibration_g(axis, seconds) +
				       accel_noise_g * noise(seed);
			count[axis] = lround(force / accel_g_per_count);
		}
		printf("{%ld, %ld, %ld},\n", count[ROLL], count[PITCH], count[YAW]);
	}
	printf("};\n");
}

/* The throttle is the stand's: slow swells about the middle. */
static double throttle_us(double seconds)
{
	double turn = 2 * pi * seconds / RECORD_SECONDS;

	return 1500 + 100 * sin(turn) + 30 * sin(6 * turn);
}

static void write_sticks(void)
{
	printf("const uint16_t record_sticks[][4] = {\n");
	for (unsigned i = 0; i < RECORD_STICK_SAMPLES; i++) {
		double seconds = (double)i * RECORD_SECONDS / RECORD_STICK_SAMPLES;
		struct motion motion = motion_at(seconds + pilot_lead_s);

		putchar('{');
		for (unsigned axis = 0; axis < AXES; axis++) {
			double part = degrees(motion.rate_rps[axis]) / greatest_rate_dps;
			printf("%ld, ", 1500 + lround(EXPO_STEPS * expo_inverse(part)));
		}
		printf("%ld},\n", lround(throttle_us(seconds)));
	}
	printf("};\n");
}

int main(void)
{
	uint32_t seed = 20240229;

	printf("#include \"tables.h\"\n");
	write_curve("sine_table", SINE_STEPS, quarter_sine);
	write_curve("expo_table", EXPO_STEPS, expo);
	write_curve("thrust_table", THRUST_STEPS, duty_for);
	write_crc32();
	write_gyro(&seed);
	write_accel(&seed);
	write_sticks();
	return fflush(stdout) == 0 && ferror(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
