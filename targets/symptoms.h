/*
 * Symptoms: yes-or-no questions to the evidence, each from a few bits of the manual. Pure.
 *
 * The rows of stm32f4_causes.c are made of these. Sources: RM0090 rev 21 3.9 (FLASH), 5.4 (PWR),
 * 6.3 (RCC); RM0368 for SPRMOD; ARMv7-M ARM C1.6 (DHCSR), B3.2 (faults).
 */
#ifndef TARGETS_SYMPTOMS_H
#define TARGETS_SYMPTOMS_H

#include "evidence.h"

/* ---- the job ---- */

bool symptom_failed(const struct evidence *e);
bool symptom_in_load(const struct evidence *e);      /* any part of it */
bool symptom_in_operation(const struct evidence *e); /* erase or write */
bool symptom_over_limit(const struct evidence *e);   /* longer than the sheet allows, by far */

/* ---- supply ---- */

bool symptom_no_power(const struct evidence *e);
bool symptom_drooped(const struct evidence *e);      /* measured */
bool symptom_power_cycled(const struct evidence *e); /* by its traces on the chip */
bool symptom_too_low_for_width(const struct evidence *e);
bool symptom_pvd_low(const struct evidence *e); /* the chip's own detector says so */

/* ---- link ---- */

bool symptom_dp_answers(const struct evidence *e);
bool symptom_ap_answers(const struct evidence *e);
bool symptom_ap_waits(const struct evidence *e);

/* No answer to a mere question: wire, pins, Standby and level 2 look the same until the reset line
 * has been tried. */
bool symptom_silent_so_far(const struct evidence *e);

/* ---- core and resets ---- */

bool symptom_held_in_reset(const struct evidence *e);
bool symptom_was_reset(const struct evidence *e); /* in the midst of an operation */
bool symptom_halted(const struct evidence *e);
bool symptom_reset_flag(const struct evidence *e, uint32_t rcc_csr_flags);

/* The same, and it was not set before the job. */
bool symptom_new_reset_flag(const struct evidence *e, uint32_t rcc_csr_flags);

/* The flags of the reset that was seen: one, or those of which one may be it. */
uint32_t symptom_reset_causes(const struct evidence *e);

/* What the word in SRAM tells; neither is true when there was none. */
bool symptom_canary_lives(const struct evidence *e);
bool symptom_canary_is_gone(const struct evidence *e);

/* ---- identity ---- */

bool symptom_senseless_cpuid(const struct evidence *e);
bool symptom_other_core(const struct evidence *e);
bool symptom_foreign_maker(const struct evidence *e);
bool symptom_id_changed(const struct evidence *e);
bool symptom_map_changed(const struct evidence *e);

/* ---- flash controller ---- */

bool symptom_busy(const struct evidence *e);
bool symptom_locked(const struct evidence *e);
unsigned symptom_rdp_level(const struct evidence *e); /* 0, 1, 2; 0 when it is unknown */
bool symptom_sprmod(const struct evidence *e);

/* The load's sectors that the option bytes protect, a bit for each by its index. */
uint32_t symptom_protected(const struct evidence *e);

/* The independent watchdog's period at 32 kHz, as set before the job if that is known, else now;
 * 0: unknown. */
unsigned symptom_watchdog_ms(const struct evidence *e);
bool symptom_knows_watchdog_before(const struct evidence *e);

/* 0: unknown. Assumes HSE no faster than 50 MHz: for "too slow" that is the safe side. */
uint32_t symptom_hclk_hz(const struct evidence *e);

#endif
