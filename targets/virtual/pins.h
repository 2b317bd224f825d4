/*
 * The wires between probe and chip that are not SWD: NRST and the supply.
 *
 * Everything that changes a pin first lets the chip run up to now. Used by the firmware (its side
 * of NRST) and by the control language (the button, the wire, the supply).
 */
#ifndef TARGETS_VIRTUAL_PINS_H
#define TARGETS_VIRTUAL_PINS_H

#include <stdbool.h>

#include "timebase.h"

struct chip;

enum nrst_wire {
	NRST_WIRED, /* follows the probe */
	NRST_OPEN,  /* the probe's wire is off */
	NRST_LOW,   /* held low from outside: a pressed button, a short */
};

struct pins {
	struct timebase *time;
	struct chip *chip;
	bool probe_low; /* what the probe drives */
	enum nrst_wire nrst;
	unsigned supply_mv; /* when it is on */
	bool powered;
};

void pins_init(struct pins *pins, struct timebase *time, struct chip *chip, unsigned supply_mv);

/* Lets the chip catch up with the board's clock. */
void pins_run_chip(struct pins *pins);

void pins_drive_nrst(struct pins *pins, bool low);
void pins_wire_nrst(struct pins *pins, enum nrst_wire wire);

/* Switches the supply; pins_set_supply changes its voltage, at once when it is on. */
void pins_power(struct pins *pins, bool on);
void pins_set_supply(struct pins *pins, unsigned millivolts);

#endif
