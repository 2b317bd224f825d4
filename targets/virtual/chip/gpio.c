/*
 * A port: 16 pins. Nothing outside drives the pins, so an input reads what its pull resistor says.
 *
 * From: RM0368 chapter 8. The lock register holds its value but locks nothing.
 */
#include "gpio.h"

#include "exti.h"
#include "model.h"
#include "syscfg.h"

enum {
	MODER = 0x00,
	OTYPER = 0x04,
	OSPEEDR = 0x08,
	PUPDR = 0x0c,
	IDR = 0x10,
	ODR = 0x14,
	BSRR = 0x18,
	LCKR = 0x1c,
	AFRL = 0x20,
	AFRH = 0x24,
	WORDS = 10,
};

enum { PINS = 16, SWDIO = 13, SWCLK = 14 };

enum { MODE_OUTPUT = 1, MODE_ALTERNATE = 2, PULL_UP = 1 };

struct gpio {
	uint32_t words[WORDS];
	unsigned falls[PINS];
};

static unsigned field(const struct gpio *gpio, unsigned offset, unsigned pin)
{
	return gpio->words[offset / 4] >> (2 * pin) & 3;
}

static bool level(const struct gpio *gpio, unsigned pin)
{
	if (field(gpio, MODER, pin) == MODE_OUTPUT)
		return (gpio->words[ODR / 4] >> pin & 1) != 0;
	return field(gpio, PUPDR, pin) == PULL_UP;
}

static uint32_t levels(const struct gpio *gpio)
{
	uint32_t value = 0;
	for (unsigned pin = 0; pin < PINS; pin++)
		value |= (uint32_t)level(gpio, pin) << pin;
	return value;
}

static const struct gpio *find_port(const struct chip *chip, unsigned port)
{
	for (size_t i = 0; i < chip->peripheral_count; i++) {
		const struct peripheral *peripheral = &chip->peripherals[i];
		const struct gpio_variant *variant = peripheral->row->variant;
		if (peripheral->ops == &gpio_ops && variant->port == port)
			return peripheral->state;
	}
	return NULL;
}

bool gpio_level(const struct chip *chip, unsigned port, unsigned pin)
{
	const struct gpio *gpio = find_port(chip, port);
	return gpio != NULL && level(gpio, pin);
}

unsigned gpio_falls(const struct chip *chip, unsigned port, unsigned pin)
{
	const struct gpio *gpio = find_port(chip, port);
	return gpio == NULL ? 0 : gpio->falls[pin];
}

bool gpio_swd_is_on(const struct chip *chip)
{
	const struct gpio *gpio = chip->gpioa_block->state;
	uint32_t alternates = gpio->words[AFRH / 4] >> (4 * (SWDIO - 8)) & 0xff;
	return field(gpio, MODER, SWDIO) == MODE_ALTERNATE &&
	       field(gpio, MODER, SWCLK) == MODE_ALTERNATE && alternates == 0;
}

static void reset(struct peripheral *peripheral, enum reset_kind kind)
{
	struct gpio *gpio = peripheral->state;
	const struct gpio_variant *variant = peripheral->row->variant;
	if (kind == RESET_CORE)
		return;
	*gpio = (struct gpio){.words = {[MODER / 4] = variant->moder,
				      [OSPEEDR / 4] = variant->ospeedr,
				      [PUPDR / 4] = variant->pupdr}};
}

static enum chip_ack read(struct peripheral *peripheral, uint32_t offset, uint32_t *value)
{
	const struct gpio *gpio = peripheral->state;
	*value = 0;
	if (offset == IDR)
		*value = levels(gpio);
	else if (offset / 4 < WORDS && offset != BSRR)
		*value = gpio->words[offset / 4];
	return CHIP_OK;
}

static void set_register(struct gpio *gpio, uint32_t offset, uint32_t value, uint32_t lanes)
{
	bool half = offset == OTYPER || offset == ODR;
	uint32_t *word = &gpio->words[offset / 4];
	*word = merge_lanes(*word, value, half ? lanes & 0xffff : lanes);
}

/* Lines of the EXTI that listen to this port hear of every edge. */
static void report_edges(struct peripheral *peripheral, uint32_t before)
{
	const struct gpio_variant *variant = peripheral->row->variant;
	struct gpio *gpio = peripheral->state;
	uint32_t now = levels(gpio);
	for (uint32_t changed = before ^ now; changed != 0; changed &= changed - 1) {
		unsigned pin = (unsigned)__builtin_ctz(changed);
		gpio->falls[pin] += before >> pin & 1;
		if (syscfg_exti_port(peripheral->chip, pin) == variant->port)
			exti_set_line(peripheral->chip, pin, (before >> pin & 1) != 0,
				(now >> pin & 1) != 0);
	}
}

static enum chip_ack write(
	struct peripheral *peripheral, uint32_t offset, uint32_t value, uint32_t lanes)
{
	struct gpio *gpio = peripheral->state;
	uint32_t before = levels(gpio);
	if (offset == BSRR) { /* the lower half sets and wins */
		value &= lanes;
		gpio->words[ODR / 4] &= ~(value >> 16);
		gpio->words[ODR / 4] |= value & 0xffff;
	} else if (offset / 4 < WORDS && offset != IDR) {
		set_register(gpio, offset, value, lanes);
	}
	report_edges(peripheral, before);
	return CHIP_OK;
}

const struct peripheral_ops gpio_ops = {
	.name = "GPIO",
	.state_size = sizeof(struct gpio),
	.reset = reset,
	.read = read,
	.write = write,
};
