/* System memory: the ROM, OTP, and what the factory wrote there. */
#ifndef TARGETS_VIRTUAL_CHIP_SYSTEM_MEMORY_H
#define TARGETS_VIRTUAL_CHIP_SYSTEM_MEMORY_H

#include "state.h"

enum { SYSTEM_OTP_SIZE = 528 }; /* 16 blocks of 32 bytes, and 16 lock bytes */

void system_memory_fill(struct chip *chip);

/* The OTP area, within chip->system. */
uint8_t *system_memory_otp(const struct chip *chip);

#endif
