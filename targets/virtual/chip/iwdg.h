/* What the rest of the chip asks of the independent watchdog. */
#ifndef TARGETS_VIRTUAL_CHIP_IWDG_H
#define TARGETS_VIRTUAL_CHIP_IWDG_H

#include "state.h"

/* Starts it as firmware would, with about this period. */
void iwdg_start(struct chip *chip, uint64_t period_ns);

extern const struct peripheral_ops iwdg_ops;

#endif
