/* What the rest of the chip asks of power control. */
#ifndef TARGETS_VIRTUAL_CHIP_PWR_H
#define TARGETS_VIRTUAL_CHIP_PWR_H

#include "state.h"

/* WFI or WFE with SLEEPDEEP: STOP or STANDBY, as PWR_CR says. */
void pwr_enter_deep_sleep(struct chip *chip);
void pwr_enter_stop(struct chip *chip);
void pwr_enter_standby(struct chip *chip);
/* An exception or the debugger wakes the core. */
void pwr_wake(struct chip *chip);

/* No clock for bus and core: STOP without DBG_STOP, STANDBY. */
bool pwr_clocks_are_off(const struct chip *chip);
/* Whether the core can execute: neither STOP nor STANDBY. */
bool pwr_core_is_clocked(const struct chip *chip);
/* The debug port is without power: STANDBY without DBG_STANDBY. */
bool pwr_debug_is_off(const struct chip *chip);
bool pwr_is_standby(const struct chip *chip);

/* PWR_CR.DBP: the backup domain may be written. */
bool pwr_backup_is_open(const struct chip *chip);

/* The supply has changed: the voltage detector looks. */
void pwr_supply_changed(struct chip *chip);

extern const struct peripheral_ops pwr_ops;

#endif
