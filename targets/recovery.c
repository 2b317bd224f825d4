/* Recovery: see recovery.h. Worker thread. */
#include "recovery.h"

#include "probe/log.h"

#define SUPPLY_WAIT_US 1000000u
#define SUPPLY_STEP_US 50000u
#define SUPPLY_MIN_MV  1800u

/* What wires of doubtful quality are slowed down to, step by step. */
static const unsigned steps_khz[] = {8000, 4000, 1800, 480, 100};

unsigned recovery_slower_khz(unsigned khz)
{
	for (size_t i = 0; i < sizeof(steps_khz) / sizeof(steps_khz[0]); i++)
		if (steps_khz[i] < khz)
			return steps_khz[i];
	return 0;
}

/* A probe that cannot tell the voltage is believed. */
static bool wait_for_supply(struct probe *probe)
{
	uint64_t deadline = probe_now_us(probe) + SUPPLY_WAIT_US;
	unsigned mv = 0;
	do {
		if (probe_read_voltage(probe, &mv))
			return false;
		if (mv == 0 || mv >= SUPPLY_MIN_MV)
			return true;
		probe_sleep_us(probe, SUPPLY_STEP_US);
	} while (probe_now_us(probe) < deadline);
	log_error("no second try: the supply stays at %u.%02u V", mv / 1000, mv % 1000 / 10);
	return false;
}

static bool narrow(const struct examiner *examiner, struct flash_settings *settings)
{
	enum flash_width used = examiner->evidence.trouble.width;
	if (used == FLASH_X8)
		return false;
	settings->widest = used - 1;
	log_warn("loading again, once, at %s instead of %s", flash_width_name(settings->widest),
		flash_width_name(used));
	return true;
}

static bool slow_down(unsigned *speed_khz)
{
	unsigned khz = recovery_slower_khz(*speed_khz);
	if (!khz)
		return false;
	log_warn("loading again with SWD at %u kHz instead of %u kHz", khz, *speed_khz);
	*speed_khz = khz;
	return true;
}

/* One more try, of whatever kind, except that the clock may go down step by step. */
static bool may_try(enum recovery recovery, const struct flash_settings *settings)
{
	return recovery == RECOVERY_SLOWER || (recovery != RECOVERY_NONE && !settings->second_try);
}

static bool choose(const struct examiner *examiner, enum recovery recovery,
	struct flash_settings *settings, unsigned *speed_khz)
{
	switch (recovery) {
	case RECOVERY_AGAIN:
		log_warn("loading again, once, after a reset");
		return true;
	case RECOVERY_NARROWER:
		return narrow(examiner, settings);
	case RECOVERY_SLOWER:
		return slow_down(speed_khz);
	case RECOVERY_NONE:
	case RECOVERY_WAIT:
	case RECOVERY_RESET:
		break;
	}
	return false;
}

bool recovery_prepare(struct examiner *examiner, const struct cause *cause,
	struct flash_settings *settings, unsigned *speed_khz)
{
	if (!cause || !may_try(cause->recovery, settings) ||
		!wait_for_supply(examiner->core->probe) ||
		!choose(examiner, cause->recovery, settings, speed_khz))
		return false;
	if (probe_enter(examiner->core->probe, *speed_khz, speed_khz))
		return false;
	settings->speed_khz = *speed_khz;
	examiner->evidence.link.khz = *speed_khz;
	return true;
}
