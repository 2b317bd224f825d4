/* LSM6DSL data sheet, table 3: 70 mdps a count at 2000 dps, 0.244 mg a count at 8 g. */
#include "sensors.h"

#include "tables.h"

static const float gyro_dps_per_count = 0.070F;
static const float accel_g_per_count = 0.000244F;
static const float greatest_rate_dps = 400.0F;

enum {
	ACCEL_PERIOD_MS = 4,
	STICK_PERIOD_MS = 20,
	STICK_CENTRE_US = 1500,
	STICK_LOWEST_US = 1000,
	THROTTLE = AXES, /* its place in a stick sample */
};

static float stick_rate_dps(uint16_t pulse_us)
{
	int32_t offset = (int32_t)pulse_us - STICK_CENTRE_US;

	if (offset < 0) {
		return -greatest_rate_dps * expo_table[-offset];
	}
	return greatest_rate_dps * expo_table[offset];
}

void sensors_read(struct sensors *sensors, uint32_t tick)
{
	const int16_t *gyro = record_gyro[tick % RECORD_GYRO_SAMPLES];
	const int16_t *accel = record_accel[tick / ACCEL_PERIOD_MS % RECORD_ACCEL_SAMPLES];

	for (unsigned axis = 0; axis < AXES; axis++) {
		sensors->rate_dps[axis] = gyro_dps_per_count * (float)gyro[axis];
		sensors->accel_g[axis] = accel_g_per_count * (float)accel[axis];
	}
}

void sticks_read(struct sticks *sticks, uint32_t tick)
{
	const uint16_t *pulses = record_sticks[tick / STICK_PERIOD_MS % RECORD_STICK_SAMPLES];

	for (unsigned axis = 0; axis < AXES; axis++) {
		sticks->rate_dps[axis] = stick_rate_dps(pulses[axis]);
	}
	sticks->throttle = (float)(pulses[THROTTLE] - STICK_LOWEST_US) / (2 * EXPO_STEPS);
}
