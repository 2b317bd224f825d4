/*
 * Constant tables, made on the building machine by ../tables (its formulas, its comments) and
 * linked into flash. No table is there to fill space: take one away and something stops working.
 */
#ifndef FLIGHT_TABLES_H
#define FLIGHT_TABLES_H

#include <stdint.h>

/* First quarter of a sine: sine_table[i] = sin(i / SINE_STEPS * pi / 2). */
enum { SINE_STEPS = 1024 };
extern const float sine_table[SINE_STEPS + 1];

/* Rate asked for by a stick `i` microseconds off centre, as a part of the greatest rate. */
enum { EXPO_STEPS = 500 };
extern const float expo_table[EXPO_STEPS + 1];

/* Duty that makes a motor push with i / THRUST_STEPS of its greatest thrust. */
enum { THRUST_STEPS = 1024 };
extern const float thrust_table[THRUST_STEPS + 1];

/* CRC-32 of each byte (IEEE 802.3, reflected). */
extern const uint32_t crc32_table[256];

/* Seven seconds of flight that join up end to start: sensor counts and stick pulses. */
enum {
	RECORD_GYRO_SAMPLES = 7000,  /* at 1 kHz; 70 mdps a count */
	RECORD_ACCEL_SAMPLES = 1750, /* at 250 Hz; 0.244 mg a count */
	RECORD_STICK_SAMPLES = 350,  /* at 50 Hz; microseconds: roll, pitch, yaw, throttle */
};
extern const int16_t record_gyro[RECORD_GYRO_SAMPLES][3];
extern const int16_t record_accel[RECORD_ACCEL_SAMPLES][3];
extern const uint16_t record_sticks[RECORD_STICK_SAMPLES][4];

#endif
