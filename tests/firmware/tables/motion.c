/*
 * Angles are given, rates follow from them: p = roll' - yaw' sin(pitch), and so on (J. Diebel,
 * Representing Attitude, 2006, 8.2). The stand holds the craft in place, so the specific force is
 * gravity alone, turned into the body's axes.
 */
#include "motion.h"

#include <math.h>
#include <stddef.h>

static const double two_pi = 6.283185307179586;

/* Degrees of amplitude at a whole number of oscillations in the record. */
static const struct oscillation {
	unsigned axis, cycles;
	double amplitude_deg, phase_rad;
} oscillations[] = {
	{ROLL, 2, 18.0, 0.0},
	{ROLL, 5, 6.0, 1.1},
	{ROLL, 11, 1.5, 2.3},
	{PITCH, 3, 12.0, 0.7},
	{PITCH, 7, 4.0, 1.9},
	{PITCH, 13, 1.0, 0.2},
	{YAW, 1, 40.0, 0.0},
	{YAW, 4, 5.0, 0.9},
};

enum { OSCILLATIONS = sizeof oscillations / sizeof oscillations[0] };

/* The motors turn 210 times a second, a little out of balance. */
static const double vibration_hz = 210.0;
static const double vibration_dps[AXES] = {8.0, 6.0, 3.0};
static const double vibration_g[AXES] = {0.10, 0.12, 0.20};
static const double vibration_phase_rad[AXES] = {0.0, 1.6, 0.8};

static double radians(double degrees)
{
	return degrees * two_pi / 360.0;
}

/* Angles and their time derivatives. */
static void sum_oscillations(double seconds, double angle[AXES], double slope[AXES])
{
	for (size_t i = 0; i < OSCILLATIONS; i++) {
		const struct oscillation *o = &oscillations[i];
		double omega = two_pi * o->cycles / RECORD_SECONDS;
		double amplitude = radians(o->amplitude_deg);

		angle[o->axis] += amplitude * sin(omega * seconds + o->phase_rad);
		slope[o->axis] += amplitude * omega * cos(omega * seconds + o->phase_rad);
	}
}

struct motion motion_at(double seconds)
{
	struct motion motion = {0};
	double slope[AXES] = {0};

	sum_oscillations(seconds, motion.angle_rad, slope);

	double sin_roll = sin(motion.angle_rad[ROLL]), cos_roll = cos(motion.angle_rad[ROLL]);
	double sin_pitch = sin(motion.angle_rad[PITCH]), cos_pitch = cos(motion.angle_rad[PITCH]);

	motion.rate_rps[ROLL] = slope[ROLL] - slope[YAW] * sin_pitch;
	motion.rate_rps[PITCH] = slope[PITCH] * cos_roll + slope[YAW] * cos_pitch * sin_roll;
	motion.rate_rps[YAW] = slope[YAW] * cos_pitch * cos_roll - slope[PITCH] * sin_roll;
	motion.force_g[ROLL] = sin_pitch;
	motion.force_g[PITCH] = -cos_pitch * sin_roll;
	motion.force_g[YAW] = -cos_pitch * cos_roll;
	return motion;
}

static double vibration(unsigned axis, double seconds)
{
	return sin(two_pi * vibration_hz * seconds + vibration_phase_rad[axis]);
}

double motion_vibration_rps(unsigned axis, double seconds)
{
	return radians(vibration_dps[axis]) * vibration(axis, seconds);
}

double motion_vibration_g(unsigned axis, double seconds)
{
	return vibration_g[axis] * vibration(axis, seconds);
}
