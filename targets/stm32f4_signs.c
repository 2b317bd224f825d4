/*
 * The signs of the causes: see stm32f4_signs.h. Pure. Sources: RM0090 rev 21 chapter 3; DS10086
 * (voltages, times).
 */
#include "stm32f4_signs.h"

#include "cortexm_registers.h"
#include "stm32f4_chips.h"
#include "stm32f4_registers.h"
#include "symptoms.h"

#define HCLK_MIN_HZ     1000000u /* for any flash operation (RM0090 3.6.1) */
#define RESETS_A_SECOND 3u
#define SLOW_PERCENT    180u
#define BOR_LEVEL_3_MV  3000u /* trips at up to 2.88 V */
#define SYSTEM_MEMORY   0x1FFF0000u
#define SYSTEM_END      0x1FFF7800u

/* ---- probe and power ---- */

bool sign_is_unplugged(const struct evidence *e)
{
	return e->trouble.err == ERR_USB_GONE || (e->now.taken && !e->now.plugged);
}

bool sign_is_taken(const struct evidence *e)
{
	return e->trouble.err == ERR_USB_BUSY || e->trouble.err == ERR_USB_ACCESS;
}

bool sign_is_old(const struct evidence *e)
{
	return e->trouble.err == ERR_PROBE_OLD;
}

bool sign_is_probe(const struct evidence *e)
{
	return (e->trouble.err >= ERR_USB_NOT_FOUND && e->trouble.err <= ERR_USB_IO) ||
	       e->trouble.err == ERR_PROBE_PROTOCOL;
}

bool sign_is_resetting(const struct evidence *e)
{
	return e->link.resets > 1 && e->link.resets * 1000 > RESETS_A_SECOND * e->link.watched_ms;
}

/* ---- link ---- */

/* How the last attach went, and what that tells, is told once. */
static bool went_under_reset(const struct evidence *e, enum err first)
{
	return e->trouble.doing == DOING_ATTACH && e->link.under_reset == ATTEMPT_WORKED &&
	       e->link.first == first;
}

bool sign_is_held_in_reset(const struct evidence *e)
{
	return symptom_held_in_reset(e);
}

bool sign_is_stopped(const struct evidence *e)
{
	return went_under_reset(e, ERR_TARGET_WAIT) ||
	       (symptom_ap_waits(e) && !symptom_in_load(e) && symptom_failed(e));
}

bool sign_was_standby(const struct evidence *e)
{
	return went_under_reset(e, ERR_TARGET_NO_LINK) &&
	       snapshot_word(&e->now, SNAPSHOT_PWR_CSR) & PWR_CSR_SBF;
}

bool sign_was_pins_off(const struct evidence *e)
{
	return went_under_reset(e, ERR_TARGET_NO_LINK);
}

bool sign_is_dead(const struct evidence *e)
{
	return !e->link.was_attached && !symptom_ap_answers(e) && e->now.taken &&
	       e->link.under_reset == ATTEMPT_FAILED;
}

/* The access port is closed though the debug port answers: nothing but level 2 does that. */
bool sign_is_closed(const struct evidence *e)
{
	return symptom_dp_answers(e) && !symptom_ap_answers(e) && e->now.memory == ERR_TARGET_FAULT;
}

bool sign_has_bad_link(const struct evidence *e)
{
	if (symptom_power_cycled(e) || symptom_drooped(e) || symptom_silent_so_far(e))
		return false;
	if (e->trouble.doing == DOING_ATTACH && e->link.slowed_from_khz)
		return true;
	return e->trouble.err == ERR_TARGET_NO_LINK ||
	       (symptom_failed(e) && e->now.taken && !symptom_ap_answers(e));
}

bool sign_is_noisy(const struct evidence *e)
{
	return symptom_failed(e) && e->trouble.is_noisy;
}

/* Every address that a load uses exists. */
bool sign_has_senseless_fault(const struct evidence *e)
{
	return symptom_in_load(e) && e->trouble.err == ERR_TARGET_FAULT;
}

bool sign_is_nrst_open(const struct evidence *e)
{
	return e->link.nrst == ATTEMPT_FAILED && symptom_ap_answers(e) &&
	       (e->trouble.doing == DOING_RESET ||
		       (e->trouble.doing == DOING_ATTACH && !symptom_failed(e)));
}

/* ---- a reset while the firmware ran ---- */

static bool was_reset(const struct evidence *e)
{
	return e->trouble.doing == DOING_RUN && e->trouble.was_reset &&
	       snapshot_has(&e->now, SNAPSHOT_RCC_CSR);
}

static bool was_reset_by(const struct evidence *e, uint32_t flags)
{
	uint32_t causes = symptom_reset_causes(e);
	return was_reset(e) && causes && !(causes & ~flags);
}

bool sign_ran_out_of_power(const struct evidence *e)
{
	return was_reset_by(e, CSR_POWER_FLAGS);
}

bool sign_ran_into_hardware_watchdog(const struct evidence *e)
{
	return was_reset_by(e, CSR_IWDGRSTF) &&
	       !(snapshot_word(&e->now, SNAPSHOT_FLASH_OPTCR) & OPTCR_WDG_SW);
}

bool sign_ran_into_watchdog(const struct evidence *e)
{
	return was_reset_by(e, CSR_IWDGRSTF) || was_reset_by(e, CSR_WWDGRSTF);
}

bool sign_ran_into_low_power(const struct evidence *e)
{
	return was_reset_by(e, CSR_LPWRRSTF);
}

bool sign_reset_itself(const struct evidence *e)
{
	return was_reset_by(e, CSR_SFTRSTF);
}

bool sign_was_reset_by_pin(const struct evidence *e)
{
	return was_reset_by(e, CSR_PINRSTF);
}

bool sign_was_reset_somehow(const struct evidence *e)
{
	return was_reset(e);
}

/* ---- identity ---- */

/* As it was at attach, so that it is no noise. */
static bool stays_without_family(const struct evidence *e)
{
	return !e->device->family && e->device->name[0] && snapshot_has(&e->now, SNAPSHOT_IDCODE) &&
	       snapshot_word(&e->now, SNAPSHOT_IDCODE) == e->device->id;
}

/* The debug unit tells what it is, and nothing else did. */
bool sign_was_half_known(const struct evidence *e)
{
	return stays_without_family(e) && stm32f4_find_chip(e->device->id & 0xFFF) &&
	       !symptom_other_core(e);
}

bool sign_is_unknown(const struct evidence *e)
{
	return stays_without_family(e) && !sign_was_half_known(e);
}

bool sign_has_bad_id(const struct evidence *e)
{
	if (sign_is_unknown(e))
		return false;
	return symptom_senseless_cpuid(e) || (symptom_id_changed(e) && !symptom_foreign_maker(e));
}

bool sign_is_named(const struct evidence *e)
{
	return e->device->family && e->device->is_named && snapshot_has(&e->now, SNAPSHOT_IDCODE) &&
	       !symptom_id_changed(e);
}

bool sign_is_foreign(const struct evidence *e)
{
	return !sign_is_named(e) && (symptom_other_core(e) || symptom_foreign_maker(e));
}

bool sign_is_too_big(const struct evidence *e)
{
	return e->trouble.err == ERR_FLASH_RANGE;
}

/* ---- protection ---- */

static bool concerns_flash(const struct evidence *e)
{
	enum err err = e->trouble.err;
	return !symptom_failed(e) || symptom_in_load(e) || err == ERR_TARGET_FAULT ||
	       err == ERR_FLASH_PROTECTED || err == ERR_FLASH_VERIFY;
}

bool sign_has_intrusion(const struct evidence *e)
{
	if (!concerns_flash(e) || e->now.flash != ERR_TARGET_FAULT)
		return false;
	bool core_shut_out = snapshot_word(&e->now, SNAPSHOT_HFSR) & HFSR_FORCED &&
			     snapshot_word(&e->now, SNAPSHOT_CFSR) & CFSR_IBUSERR;
	return symptom_rdp_level(e) == 0 || (symptom_rdp_level(e) == 1 && core_shut_out);
}

bool sign_is_read_protected(const struct evidence *e)
{
	return concerns_flash(e) && symptom_rdp_level(e) == 1;
}

bool sign_is_write_protected(const struct evidence *e)
{
	return symptom_in_load(e) && !symptom_sprmod(e) && symptom_protected(e);
}

bool sign_is_pcrop(const struct evidence *e)
{
	return symptom_in_load(e) && symptom_sprmod(e) &&
	       (symptom_protected(e) || snapshot_word(&e->now, SNAPSHOT_FLASH_SR) & SR_RDERR);
}

/* ---- what was there before ---- */

bool sign_cannot_halt(const struct evidence *e)
{
	return e->trouble.doing == DOING_HALT && e->trouble.err == ERR_TARGET_TIMEOUT &&
	       symptom_ap_answers(e) && !symptom_halted(e);
}

bool sign_is_erasing_itself(const struct evidence *e)
{
	return sign_cannot_halt(e) && symptom_busy(e);
}

bool sign_had_stale_flags(const struct evidence *e)
{
	return !symptom_failed(e) && symptom_in_load(e) &&
	       snapshot_word(&e->before, SNAPSHOT_FLASH_SR) & SR_ERRORS;
}

bool sign_is_key_locked(const struct evidence *e)
{
	return e->trouble.doing == DOING_UNLOCK && symptom_failed(e) && symptom_locked(e);
}

bool sign_is_running(const struct evidence *e)
{
	return symptom_failed(e) && e->trouble.doing >= DOING_UNLOCK &&
	       e->trouble.doing <= DOING_ERASE && symptom_ap_answers(e) && !symptom_halted(e) &&
	       !symptom_was_reset(e) && !symptom_power_cycled(e);
}

bool sign_is_clock_slow(const struct evidence *e)
{
	uint32_t hz = symptom_hclk_hz(e);
	return symptom_in_load(e) && symptom_failed(e) && hz > 0 && hz < HCLK_MIN_HZ;
}

/* ---- during an operation ---- */

bool sign_is_stuck_busy(const struct evidence *e)
{
	return symptom_failed(e) && symptom_busy(e) && symptom_over_limit(e) && !symptom_drooped(e);
}

bool sign_is_stalled(const struct evidence *e)
{
	return e->trouble.err == ERR_TARGET_WAIT && symptom_in_operation(e);
}

bool sign_has_lost_loader(const struct evidence *e)
{
	return symptom_failed(e) && e->trouble.loader_lost && !symptom_was_reset(e);
}

bool sign_is_loader_damaged(const struct evidence *e)
{
	return symptom_failed(e) && e->trouble.loader_damaged && !symptom_power_cycled(e);
}

static bool was_iwdg_reset(const struct evidence *e)
{
	return symptom_failed(e) && symptom_in_load(e) && symptom_new_reset_flag(e, CSR_IWDGRSTF) &&
	       !symptom_power_cycled(e);
}

bool sign_is_hardware_watchdog(const struct evidence *e)
{
	return was_iwdg_reset(e) && !(snapshot_word(&e->now, SNAPSHOT_FLASH_OPTCR) & OPTCR_WDG_SW);
}

bool sign_is_software_watchdog(const struct evidence *e)
{
	return was_iwdg_reset(e) ||
	       (symptom_failed(e) && symptom_in_load(e) &&
		       symptom_new_reset_flag(e, CSR_WWDGRSTF) && !symptom_power_cycled(e));
}

bool sign_is_width_too_wide(const struct evidence *e)
{
	return symptom_failed(e) && symptom_in_load(e) && !symptom_drooped(e) &&
	       !symptom_power_cycled(e) &&
	       (symptom_too_low_for_width(e) ||
		       (e->trouble.width == FLASH_X32 && symptom_pvd_low(e)));
}

bool sign_has_lost_power(const struct evidence *e)
{
	return symptom_failed(e) && symptom_power_cycled(e);
}

bool sign_has_drooped(const struct evidence *e)
{
	return symptom_failed(e) && symptom_drooped(e);
}

/* A brown-out level this high can trip at a voltage that is fine for everything else. */
bool sign_is_near_brown_out(const struct evidence *e)
{
	return !symptom_failed(e) && symptom_in_load(e) && e->now.vdd_mv > 0 &&
	       e->now.vdd_mv < BOR_LEVEL_3_MV && snapshot_has(&e->now, SNAPSHOT_FLASH_OPTCR) &&
	       OPTCR_BOR(snapshot_word(&e->now, SNAPSHOT_FLASH_OPTCR)) == 0;
}

bool sign_was_reset_from_outside(const struct evidence *e)
{
	return symptom_failed(e) && symptom_was_reset(e);
}

/* ---- after it ---- */

bool sign_is_not_blank(const struct evidence *e)
{
	return symptom_failed(e) && e->trouble.has_mismatch && e->trouble.wanted_blank;
}

bool sign_is_mismatch(const struct evidence *e)
{
	return symptom_failed(e) && e->trouble.has_mismatch;
}

bool sign_is_slow(const struct evidence *e)
{
	const struct trouble *trouble = &e->trouble;
	return !symptom_failed(e) && trouble->typical_ms > 0 &&
	       trouble->took_ms * 100 > trouble->typical_ms * SLOW_PERCENT;
}

bool sign_starts_bootloader(const struct evidence *e)
{
	uint32_t pc = snapshot_word(&e->now, SNAPSHOT_PC);
	return !symptom_failed(e) && e->trouble.doing == DOING_START && pc >= SYSTEM_MEMORY &&
	       pc < SYSTEM_END;
}

bool sign_is_asleep(const struct evidence *e)
{
	return !symptom_failed(e) && !symptom_in_load(e) &&
	       snapshot_word(&e->now, SNAPSHOT_DHCSR_AGAIN) & DHCSR_S_SLEEP;
}
