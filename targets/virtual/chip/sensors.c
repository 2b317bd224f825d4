/* The sensors on the board's SPI bus; see sensors.h. From their datasheets' register maps. */
#include "sensors.h"

#include "gpio.h"

#define SPI2 UINT32_C(0x40003800)

enum { PORT_A, PORT_B, PORT_C };

struct preset {
	uint8_t address, value;
};

enum { PRESETS = 8 };

static const struct sensor {
	uint32_t spi_base;
	uint8_t select_port, select_pin;
	uint8_t wobbles; /* address of a 16-bit sample that moves; 0: none */
	struct preset presets[PRESETS];
} sensors_on_board[SENSORS] = {
	/* LSM6DSL: data ready; 1 g on Z at +-2 g */
	{SPI2, PORT_A, 8, 0x22, {{0x0f, 0x6a}, {0x12, 0x04}, {0x1e, 0x07}, {0x2d, 0x40}}},
	/* LIS2MDL: data ready, some field on X */
	{SPI2, PORT_B, 12, 0x6a, {{0x4f, 0x40}, {0x60, 0x03}, {0x67, 0x0f}, {0x69, 0x01}}},
	/* LPS22HD: 1013 hPa, 25 degrees */
	{SPI2, PORT_C, 13, 0,
		{{0x0f, 0xb1}, {0x27, 0x03}, {0x29, 0x50}, {0x2a, 0x3f}, {0x2b, 0xc4},
			{0x2c, 0x09}}},
};

void sensors_reset(struct sensors *sensors)
{
	*sensors = (struct sensors){.states = {{.falls = 0}}};
	for (unsigned i = 0; i < SENSORS; i++)
		for (unsigned j = 0; j < PRESETS; j++) {
			const struct preset *preset = &sensors_on_board[i].presets[j];
			if (preset->address != 0)
				sensors->states[i].registers[preset->address] = preset->value;
		}
}

/* A triangle of a few hundred units, 256 ms long. */
static uint16_t wobble(const struct chip *chip)
{
	unsigned phase = (unsigned)(chip_now(chip) / 1000000 % 256);
	return (uint16_t)(phase < 128 ? phase * 4 : (256 - phase) * 4);
}

static uint8_t read_register(
	const struct chip *chip, const struct sensor *sensor, const struct sensor_state *state)
{
	unsigned byte = state->address - sensor->wobbles;
	if (sensor->wobbles != 0 && byte < 2)
		return (uint8_t)(wobble(chip) >> (8 * byte));
	return state->registers[state->address % SENSOR_REGISTERS];
}

/* The selected sensor on this bus; its access begins anew with each fall of its select line. */
static struct sensor_state *selected(const struct chip *chip, struct sensors *sensors,
	uint32_t spi_base, const struct sensor **sensor)
{
	for (unsigned i = 0; i < SENSORS; i++) {
		*sensor = &sensors_on_board[i];
		struct sensor_state *state = &sensors->states[i];
		unsigned port = (*sensor)->select_port, pin = (*sensor)->select_pin;
		if ((*sensor)->spi_base != spi_base || gpio_level(chip, port, pin))
			continue;
		unsigned falls = gpio_falls(chip, port, pin);
		if (falls != state->falls)
			state->addressed = false;
		state->falls = falls;
		return state;
	}
	return NULL;
}

uint8_t sensors_listen(struct chip *chip, struct sensors *sensors, uint32_t spi_base)
{
	const struct sensor *sensor;
	struct sensor_state *state = selected(chip, sensors, spi_base, &sensor);
	if (state == NULL || !state->addressed || !state->reading)
		return 0xff;
	uint8_t value = read_register(chip, sensor, state);
	state->address = (uint8_t)((state->address + 1) % SENSOR_REGISTERS);
	return value;
}

uint8_t sensors_exchange(
	struct chip *chip, struct sensors *sensors, uint32_t spi_base, uint8_t sent)
{
	const struct sensor *sensor;
	struct sensor_state *state = selected(chip, sensors, spi_base, &sensor);
	if (state == NULL)
		return 0xff;
	if (!state->addressed) {
		state->addressed = true;
		state->reading = (sent & 0x80) != 0;
		state->address = sent & 0x7f;
		return 0xff;
	}
	if (state->reading)
		return sensors_listen(chip, sensors, spi_base);
	state->registers[state->address] = sent;
	state->address = (uint8_t)((state->address + 1) % SENSOR_REGISTERS);
	return 0xff;
}
