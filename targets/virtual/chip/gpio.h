/* What the rest of the chip asks of the ports. */
#ifndef TARGETS_VIRTUAL_CHIP_GPIO_H
#define TARGETS_VIRTUAL_CHIP_GPIO_H

#include "state.h"

/* What tells one port from another: its number and its reset values. */
struct gpio_variant {
	unsigned port; /* 0 is A */
	uint32_t moder, ospeedr, pupdr;
};

/* Whether PA13 and PA14 are still SWDIO and SWCLK. */
bool gpio_swd_is_on(const struct chip *chip);

/* The level of a pin, as an output drives it or its pull resistor holds it. */
bool gpio_level(const struct chip *chip, unsigned port, unsigned pin);

/* How often the pin's output has fallen: tells a device one selection from the next. */
unsigned gpio_falls(const struct chip *chip, unsigned port, unsigned pin);

extern const struct peripheral_ops gpio_ops;

#endif
