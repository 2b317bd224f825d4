/*
 * The frame: sync, length, tick, loops, attitude in centidegrees, rates in tenths of a degree per
 * second, compare values, CRC-32 of all before it. Little-endian.
 */
#include "telemetry.h"

#include "control.h"
#include "cpu.h"
#include "image.h"
#include "registers.h"
#include "ticks.h"

struct telemetry telemetry;

static void put16(uint8_t *to, uint32_t value)
{
	to[0] = (uint8_t)value;
	to[1] = (uint8_t)(value >> 8);
}

static void put32(uint8_t *to, uint32_t value)
{
	put16(to, value);
	put16(to + 2, value >> 16);
}

static uint32_t scaled(float value, float scale)
{
	return (uint32_t)(int32_t)(value * scale);
}

/* One line a field, and no branch: the place to try `next` and `step`. */
__attribute__((noinline)) static void telemetry_pack(
	uint8_t *frame, const struct euler *euler, const float rate_dps[AXES])
{
	uint32_t roll = scaled(euler->roll_deg, 100.0F);
	uint32_t pitch = scaled(euler->pitch_deg, 100.0F);
	uint32_t yaw = scaled(euler->yaw_deg, 100.0F);
	uint32_t p = scaled(rate_dps[ROLL], 10.0F);
	uint32_t q = scaled(rate_dps[PITCH], 10.0F);
	uint32_t r = scaled(rate_dps[YAW], 10.0F);

	frame[0] = 0xA5;
	frame[1] = TELEMETRY_BYTES;
	put16(frame + 2, telemetry.frames);
	put32(frame + 4, ticks);
	put32(frame + 8, flight.loops);
	put16(frame + 12, roll);
	put16(frame + 14, pitch);
	put16(frame + 16, yaw);
	put16(frame + 18, p);
	put16(frame + 20, q);
	put16(frame + 22, r);
	put16(frame + 24, tim4.ccr[0]);
	put16(frame + 26, tim4.ccr[1]);
	put16(frame + 28, tim4.ccr[2]);
	put16(frame + 30, tim4.ccr[3]);
	put16(frame + 32, motors_armed);
	put16(frame + 34, image.passes);
	put32(frame + 36, crc32_update(0, frame, 36));
}

/* The control loop interrupts this one: take its numbers in one piece, then count with them. */
void telemetry_update(void)
{
	float rate_dps[AXES];
	uint32_t primask = cpu_mask_interrupts();
	struct attitude attitude = flight.attitude;

	for (unsigned axis = 0; axis < AXES; axis++) {
		rate_dps[axis] = flight.rate_dps[axis];
	}
	cpu_unmask_interrupts(primask);

	telemetry.euler = attitude_euler(&attitude);
	telemetry_pack(telemetry.frame, &telemetry.euler, rate_dps);
	telemetry.frames++;
}
