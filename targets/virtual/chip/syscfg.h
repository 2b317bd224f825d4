/* What the rest of the chip asks of the system configuration controller. */
#ifndef TARGETS_VIRTUAL_CHIP_SYSCFG_H
#define TARGETS_VIRTUAL_CHIP_SYSCFG_H

#include "state.h"

/* SYSCFG_MEMRMP.MEM_MODE: what is at address 0. */
enum { SYSCFG_MEMORY_FLASH = 0, SYSCFG_MEMORY_SYSTEM = 1, SYSCFG_MEMORY_SRAM = 3 };

unsigned syscfg_memory_mode(const struct chip *chip);

/* The port (0 is A) that drives an EXTI line. */
unsigned syscfg_exti_port(const struct chip *chip, unsigned line);

extern const struct peripheral_ops syscfg_ops;

#endif
