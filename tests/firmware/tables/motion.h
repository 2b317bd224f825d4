/*
 * The flight that the record shows: a quadrotor on a gimbal stand, motors running, flown through
 * turns about all three axes for RECORD_SECONDS. Everything is a sum of whole oscillations, so the
 * end joins the beginning and the firmware can fly it for ever.
 */
#ifndef TABLES_MOTION_H
#define TABLES_MOTION_H

enum { ROLL, PITCH, YAW, AXES };
enum { RECORD_SECONDS = 7 };

struct motion {
	double angle_rad[AXES]; /* Euler angles: yaw, then pitch, then roll */
	double rate_rps[AXES];  /* about the body's axes: x forward, y right, z down */
	double force_g[AXES];   /* specific force along them, as an ideal accelerometer reads it */
};

/* At `seconds` after the start; any value, the record repeats. */
struct motion motion_at(double seconds);

/* What the motors' vibration adds at `seconds` to a rate (rad/s) and to a force (g) of an axis. */
double motion_vibration_rps(unsigned axis, double seconds);
double motion_vibration_g(unsigned axis, double seconds);

#endif
