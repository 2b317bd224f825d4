/* What the rest of the chip asks of reset and clock control. */
#ifndef TARGETS_VIRTUAL_CHIP_RCC_H
#define TARGETS_VIRTUAL_CHIP_RCC_H

#include "state.h"

/* Registers by which peripherals are found: offsets of the enable registers. */
enum {
	RCC_AHB1ENR = 0x30,
	RCC_AHB2ENR = 0x34,
	RCC_AHB3ENR = 0x38,
	RCC_APB1ENR = 0x40,
	RCC_APB2ENR = 0x44,
};

enum { LSI_HZ = 32000 };

bool rcc_is_enabled(const struct chip *chip, unsigned offset, unsigned bit);
bool rcc_backup_sram_is_on(const struct chip *chip, bool write);

/* Frequencies now. `enable_register` tells on which bus a peripheral is. */
uint64_t rcc_bus_hz(const struct chip *chip, unsigned enable_register);
uint64_t rcc_timer_hz(const struct chip *chip, unsigned enable_register);

/* The clocks may have changed for a reason that RCC does not see: STOP, a fault switch. */
void rcc_update(struct chip *chip);

/* Wake-up from STOP: HSI runs, HSE and PLL are off. */
void rcc_wake_from_stop(struct chip *chip);

/* The watchdog runs, and with it the LSI oscillator. */
void rcc_hold_lsi(struct chip *chip);

extern const struct peripheral_ops rcc_ops;

#endif
