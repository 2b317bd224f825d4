/* What tells one timer from another. */
#ifndef TARGETS_VIRTUAL_CHIP_TIM_H
#define TARGETS_VIRTUAL_CHIP_TIM_H

#include "peripheral.h"

struct tim_variant {
	bool wide; /* 32 bits, as TIM2 and TIM5 */
};

/* Into struct peripheral_row.irqs. */
enum { TIM_IRQ_UPDATE, TIM_IRQ_COMPARE };

extern const struct peripheral_ops tim_ops;

#endif
