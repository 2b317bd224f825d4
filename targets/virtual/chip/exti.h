/* What the rest of the chip tells the EXTI. */
#ifndef TARGETS_VIRTUAL_CHIP_EXTI_H
#define TARGETS_VIRTUAL_CHIP_EXTI_H

#include "state.h"

/* A line's level was `before` and is `now`: an edge may set its pending bit. */
void exti_set_line(struct chip *chip, unsigned line, bool before, bool now);

extern const struct peripheral_ops exti_ops;

#endif
