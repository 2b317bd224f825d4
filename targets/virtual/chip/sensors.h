/*
 * The sensors on the board's SPI bus, as the drone controller STEVAL-FCU001V1 has them: gyroscope
 * and accelerometer LSM6DSL, magnetometer LIS2MDL, barometer LPS22HD. Register tables with a few
 * values that move; enough for firmware to find them and to read samples.
 */
#ifndef TARGETS_VIRTUAL_CHIP_SENSORS_H
#define TARGETS_VIRTUAL_CHIP_SENSORS_H

#include "state.h"

enum { SENSORS = 3, SENSOR_REGISTERS = 128 };

struct sensor_state {
	unsigned falls; /* of its chip select, when the access under way began */
	bool addressed; /* the first byte of the access has come */
	bool reading;
	uint8_t address;
	uint8_t registers[SENSOR_REGISTERS];
};

struct sensors {
	struct sensor_state states[SENSORS];
};

void sensors_reset(struct sensors *sensors);

/* One byte to and from whichever sensor on the bus at `spi_base` is selected; 0xFF if none is. */
uint8_t sensors_exchange(
	struct chip *chip, struct sensors *sensors, uint32_t spi_base, uint8_t sent);

/* Three-wire mode: the master listens, and sends nothing. */
uint8_t sensors_listen(struct chip *chip, struct sensors *sensors, uint32_t spi_base);

#endif
