/* What the rest of the chip asks of the window watchdog. */
#ifndef TARGETS_VIRTUAL_CHIP_WWDG_H
#define TARGETS_VIRTUAL_CHIP_WWDG_H

#include "state.h"

/* Starts it as firmware would, with its longest period. */
void wwdg_start(struct chip *chip);

extern const struct peripheral_ops wwdg_ops;

#endif
