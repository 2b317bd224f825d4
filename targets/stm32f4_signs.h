/*
 * The signs of the causes: what each row of stm32f4_causes.c asks of the evidence, a line or two of
 * symptoms.h each. A sign is to be believed only where the rows above it do not apply. Pure.
 */
#ifndef TARGETS_STM32F4_SIGNS_H
#define TARGETS_STM32F4_SIGNS_H

#include <stdbool.h>

#include "evidence.h"

/* ---- probe and power ---- */

bool sign_is_unplugged(const struct evidence *e);
bool sign_is_taken(const struct evidence *e);
bool sign_is_old(const struct evidence *e);
bool sign_is_probe(const struct evidence *e);
bool sign_is_resetting(const struct evidence *e);

/* ---- link ---- */

bool sign_is_held_in_reset(const struct evidence *e);
bool sign_is_stopped(const struct evidence *e);
bool sign_was_standby(const struct evidence *e);
bool sign_was_pins_off(const struct evidence *e);
bool sign_is_dead(const struct evidence *e);
bool sign_is_closed(const struct evidence *e);
bool sign_has_bad_link(const struct evidence *e);
bool sign_is_noisy(const struct evidence *e);
bool sign_has_senseless_fault(const struct evidence *e);
bool sign_is_nrst_open(const struct evidence *e);

/* ---- a reset while the firmware ran ---- */

bool sign_ran_out_of_power(const struct evidence *e);
bool sign_ran_into_hardware_watchdog(const struct evidence *e);
bool sign_ran_into_watchdog(const struct evidence *e);
bool sign_ran_into_low_power(const struct evidence *e);
bool sign_reset_itself(const struct evidence *e);
bool sign_was_reset_by_pin(const struct evidence *e);
bool sign_was_reset_somehow(const struct evidence *e);

/* ---- identity ---- */

bool sign_was_half_known(const struct evidence *e);
bool sign_is_unknown(const struct evidence *e);
bool sign_has_bad_id(const struct evidence *e);
bool sign_is_named(const struct evidence *e);
bool sign_is_foreign(const struct evidence *e);
bool sign_is_too_big(const struct evidence *e);

/* ---- protection ---- */

bool sign_has_intrusion(const struct evidence *e);
bool sign_is_read_protected(const struct evidence *e);
bool sign_is_write_protected(const struct evidence *e);
bool sign_is_pcrop(const struct evidence *e);

/* ---- what was there before ---- */

bool sign_cannot_halt(const struct evidence *e);
bool sign_is_erasing_itself(const struct evidence *e);
bool sign_had_stale_flags(const struct evidence *e);
bool sign_is_key_locked(const struct evidence *e);
bool sign_is_running(const struct evidence *e);
bool sign_is_clock_slow(const struct evidence *e);

/* ---- during an operation ---- */

bool sign_is_stuck_busy(const struct evidence *e);
bool sign_is_stalled(const struct evidence *e);
bool sign_has_lost_loader(const struct evidence *e);
bool sign_is_loader_damaged(const struct evidence *e);
bool sign_is_hardware_watchdog(const struct evidence *e);
bool sign_is_software_watchdog(const struct evidence *e);
bool sign_is_width_too_wide(const struct evidence *e);
bool sign_has_lost_power(const struct evidence *e);
bool sign_has_drooped(const struct evidence *e);
bool sign_is_near_brown_out(const struct evidence *e);
bool sign_was_reset_from_outside(const struct evidence *e);

/* ---- after it ---- */

bool sign_is_not_blank(const struct evidence *e);
bool sign_is_mismatch(const struct evidence *e);
bool sign_is_slow(const struct evidence *e);
bool sign_starts_bootloader(const struct evidence *e);
bool sign_is_asleep(const struct evidence *e);

#endif
