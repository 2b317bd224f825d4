/* What the rest of the chip asks of DBGMCU. */
#ifndef TARGETS_VIRTUAL_CHIP_DBGMCU_H
#define TARGETS_VIRTUAL_CHIP_DBGMCU_H

#include "state.h"

bool dbgmcu_keeps_sleep_clocked(const struct chip *chip);
bool dbgmcu_keeps_stop_clocked(const struct chip *chip);
bool dbgmcu_keeps_standby_powered(const struct chip *chip);

/* A bit of a freeze register, APB1_FZ or APB2_FZ by its offset. */
bool dbgmcu_freezes(const struct chip *chip, unsigned offset, unsigned bit);

enum { DBGMCU_APB1_FZ = 0x08, DBGMCU_APB2_FZ = 0x0c };

extern const struct peripheral_ops dbgmcu_ops;

#endif
