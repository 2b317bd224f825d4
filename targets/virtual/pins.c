/* NRST and supply of the virtual board. See the header. */
#include "pins.h"

#include "targets/virtual/chip.h"

void pins_run_chip(struct pins *pins)
{
	chip_run_until(pins->chip, pins->time->now_ns);
}

static void update_nrst(struct pins *pins)
{
	pins_run_chip(pins);
	bool driven = pins->probe_low && pins->nrst == NRST_WIRED;
	chip_set_nrst(pins->chip, driven || pins->nrst == NRST_LOW);
}

static void update_supply(struct pins *pins)
{
	pins_run_chip(pins);
	chip_set_vdd(pins->chip, pins->powered ? pins->supply_mv : 0);
}

void pins_init(struct pins *pins, struct timebase *time, struct chip *chip, unsigned supply_mv)
{
	*pins = (struct pins){.time = time, .chip = chip, .supply_mv = supply_mv, .powered = true};
	update_supply(pins);
}

void pins_drive_nrst(struct pins *pins, bool low)
{
	pins->probe_low = low;
	update_nrst(pins);
}

void pins_wire_nrst(struct pins *pins, enum nrst_wire wire)
{
	pins->nrst = wire;
	update_nrst(pins);
}

void pins_power(struct pins *pins, bool on)
{
	pins->powered = on;
	update_supply(pins);
}

void pins_set_supply(struct pins *pins, unsigned millivolts)
{
	pins->supply_mv = millivolts;
	update_supply(pins);
}
