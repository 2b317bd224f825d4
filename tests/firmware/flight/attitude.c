/*
 * Explicit complementary filter: R. Mahony, T. Hamel, J.-M. Pflimlin, Nonlinear Complementary
 * Filters on the Special Orthogonal Group, IEEE Trans. Automatic Control 53(5), 2008, eq. 32.
 * Kinematics and Euler angles: J. Diebel, Representing Attitude, 2006, sections 6.5 and 8.
 */
#include "attitude.h"

#include "ticks.h"
#include "trig.h"

static const float gravity_gain = 1.0F;
static const float bias_gain = 0.3F;

void attitude_init(struct attitude *attitude)
{
	*attitude = (struct attitude){.w = 1.0F};
}

/* Down in body axes, as the quaternion has it. */
static void estimate_down(const struct attitude *q, float down[AXES])
{
	down[0] = 2 * (q->x * q->z - q->w * q->y);
	down[1] = 2 * (q->w * q->x + q->y * q->z);
	down[2] = q->w * q->w - q->x * q->x - q->y * q->y + q->z * q->z;
}

/* error = measured x estimated: the small rotation that would bring the estimate to the
 * accelerometer. At rest the accelerometer reads up, hence the signs. */
static void gravity_error(const float accel[AXES], const float down[AXES], float error[AXES])
{
	float square = accel[0] * accel[0] + accel[1] * accel[1] + accel[2] * accel[2];
	float scale = square > 0.0F ? -1.0F / __builtin_sqrtf(square) : 0.0F;

	error[0] = scale * (accel[1] * down[2] - accel[2] * down[1]);
	error[1] = scale * (accel[2] * down[0] - accel[0] * down[2]);
	error[2] = scale * (accel[0] * down[1] - accel[1] * down[0]);
}

static void rotate(struct attitude *q, const float angle_rad[AXES])
{
	float x = angle_rad[0] / 2, y = angle_rad[1] / 2, z = angle_rad[2] / 2;
	struct attitude old = *q;

	q->w -= old.x * x + old.y * y + old.z * z;
	q->x += old.w * x + old.y * z - old.z * y;
	q->y += old.w * y - old.x * z + old.z * x;
	q->z += old.w * z + old.x * y - old.y * x;
}

static void normalize(struct attitude *q)
{
	float scale = 1.0F / __builtin_sqrtf(q->w * q->w + q->x * q->x + q->y * q->y + q->z * q->z);

	q->w *= scale;
	q->x *= scale;
	q->y *= scale;
	q->z *= scale;
}

void attitude_update(
	struct attitude *attitude, const float rate_rps[AXES], const float accel_g[AXES])
{
	float down[AXES], error[AXES], angle_rad[AXES];

	estimate_down(attitude, down);
	gravity_error(accel_g, down, error);
	for (unsigned axis = 0; axis < AXES; axis++) {
		attitude->bias_rps[axis] -= bias_gain * error[axis] / TICKS_HZ;
		float rate = rate_rps[axis] - attitude->bias_rps[axis] + gravity_gain * error[axis];
		angle_rad[axis] = rate / TICKS_HZ;
	}
	rotate(attitude, angle_rad);
	normalize(attitude);
}

struct euler attitude_euler(const struct attitude *q)
{
	float degrees = 180.0F / TRIG_PI;
	float sine = 2 * (q->w * q->y - q->z * q->x);
	float cosine = 1 - sine * sine;

	return (struct euler){
		.roll_deg = degrees * trig_atan2(2 * (q->w * q->x + q->y * q->z),
					      1 - 2 * (q->x * q->x + q->y * q->y)),
		.pitch_deg =
			degrees * trig_atan2(sine, cosine > 0.0F ? __builtin_sqrtf(cosine) : 0.0F),
		.yaw_deg = degrees * trig_atan2(2 * (q->w * q->z + q->x * q->y),
					     1 - 2 * (q->y * q->y + q->z * q->z)),
	};
}
