/*
 * A peripheral: a block of registers on the bus, with its reset, its time and its behaviour.
 *
 * One file, one peripheral, one `const struct peripheral_ops`. Which peripherals a chip has, and
 * where, is data (struct peripheral_row in model.h). The blocks of the core's private bus (NVIC,
 * DWT, ...) are peripherals too. Everything runs on the thread that owns the chip.
 */
#ifndef TARGETS_VIRTUAL_CHIP_PERIPHERAL_H
#define TARGETS_VIRTUAL_CHIP_PERIPHERAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "targets/virtual/chip.h"

enum reset_kind {
	RESET_POWER_ON,
	RESET_BROWN_OUT,
	RESET_PIN,
	RESET_SOFTWARE,
	RESET_IWDG,
	RESET_WWDG,
	RESET_LOW_POWER, /* STOP or STANDBY was entered although the option bytes forbid it */
	RESET_STANDBY,   /* wake-up from STANDBY: the core domain was off */
	RESET_CORE,      /* AIRCR.VECTRESET: the core alone */
};

/* Which resets take the supply of the debug blocks away with them. */
static inline bool reset_is_power(enum reset_kind kind)
{
	return kind == RESET_POWER_ON || kind == RESET_BROWN_OUT;
}

struct peripheral;

struct peripheral_ops {
	const char *name;
	size_t state_size;

	/* Brings the registers to their reset values, unless this kind of reset spares them. */
	void (*reset)(struct peripheral *peripheral, enum reset_kind kind);

	/* Offsets are multiples of 4 and below the size of the block. `lanes` has ones in the bits
	 * that the access drives: a half-word at offset 2 has 0xffff0000. A write returns
	 * CHIP_FAULT for a bus error and CHIP_WAIT when the access must be made again later. */
	enum chip_ack (*read)(struct peripheral *peripheral, uint32_t offset, uint32_t *value);
	enum chip_ack (*write)(
		struct peripheral *peripheral, uint32_t offset, uint32_t value, uint32_t lanes);

	/* When tick() must be called at the latest; NULL: never. */
	uint64_t (*deadline)(const struct peripheral *peripheral);
	/* Brings the state up to chip_now(). NULL if time changes nothing. */
	void (*tick)(struct peripheral *peripheral);
	/* Some clock has changed, or stopped, or the core was halted or released; NULL: no matter.
	 * chip_now() is the moment of the change. */
	void (*clocks_changed)(struct peripheral *peripheral);
};

struct peripheral {
	const struct peripheral_ops *ops;
	const struct peripheral_row *row;
	struct chip *chip;
	void *state;         /* ops->state_size bytes, zero at first */
	unsigned irq_levels; /* bit n: row->irqs[n] is up */
};

/* What a register holds after a write of some of its bytes. */
static inline uint32_t merge_lanes(uint32_t old, uint32_t value, uint32_t lanes)
{
	return (old & ~lanes) | (value & lanes);
}

#endif
