/* The products and their firmware features, as data. See the header. */
#include "stlink_model.h"

#include <ctype.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define FULL_SPEED_COSTS                                                 \
	{                                                                \
		.usb_transfer_ns = 125 * NS_PER_US, .usb_byte_ns = 1000, \
		.command_ns = 60 * NS_PER_US                             \
	}
#define HIGH_SPEED_COSTS                                              \
	{                                                             \
		.usb_transfer_ns = 60 * NS_PER_US, .usb_byte_ns = 50, \
		.command_ns = 30 * NS_PER_US, .swd_word_min_ns = 6300 \
	}

static const struct stlink_model models[] = {
	{
		.name = "v2",
		.generation = STLINK_V2,
		.pid = 0x3748,
		.out = 0x02,
		.trace = 0x83,
		.packet = 64,
		.trace_packet = 64,
		.max_power = 50,
		.product = "STM32 STLink",
		.power_up = MODE_DFU,
		.misc_items = 64,
		.costs = FULL_SPEED_COSTS,
		.firmware = "V2J37S7",
		.serial = "37FF71064E57343628521543",
	},
	{
		.name = "v21",
		.generation = STLINK_V2,
		.pid = 0x374b,
		.composite = true,
		.out = 0x01,
		.trace = 0x82,
		.packet = 64,
		.trace_packet = 32,
		.max_power = 50,
		.product = "STM32 STLink",
		.interface = "ST-Link Debug",
		.power_up = MODE_IDLE,
		.misc_items = 64,
		.costs = FULL_SPEED_COSTS,
		.firmware = "V2J37M26",
		.serial = "0669FF505153898667161820",
	},
	{
		.name = "v3",
		.generation = STLINK_V3,
		.pid = 0x374e,
		.high_speed = true,
		.composite = true,
		.out = 0x01,
		.trace = 0x82,
		.packet = 512,
		.trace_packet = 512,
		.max_power = 250,
		.product = "STLINK-V3",
		.interface = "ST-Link Debug",
		.configuration = "Default Config",
		.power_up = MODE_IDLE,
		.misc_items = 1227,
		.costs = HIGH_SPEED_COSTS,
		.firmware = "V3J16M6",
		.serial = "002F00283137511239383538",
	},
	{
		.name = "v3pwr",
		.generation = STLINK_V3PWR,
		.pid = 0x3757,
		.high_speed = true,
		.composite = true,
		.out = 0x01,
		.trace = 0x82,
		.packet = 512,
		.trace_packet = 512,
		.max_power = 250,
		.product = "STLINK-V3PWR",
		.interface = "ST-Link Debug",
		.configuration = "Default Config",
		.power_up = MODE_IDLE,
		.misc_items = 1227,
		.costs = HIGH_SPEED_COSTS,
		.firmware = "V4J5B1P5",
		.serial = "004A00373234510E37333439",
	},
};

const struct stlink_model *firmware_model_find(const char *name)
{
	for (size_t i = 0; i < sizeof models / sizeof models[0]; i++)
		if (strcmp(models[i].name, name) == 0)
			return &models[i];
	return NULL;
}

/* ---- versions ---- */

static unsigned *version_field(struct stlink_version *version, char letter)
{
	switch (letter) {
	case 'V':
		return &version->major;
	case 'J':
		return &version->jtag;
	case 'S':
		return &version->swim;
	case 'M':
		return &version->msd;
	case 'B':
		return &version->bridge;
	case 'P':
		return &version->power;
	default:
		return NULL;
	}
}

/* The hardware version as the firmware reports it: a V3PWR calls itself 4. */
static const unsigned majors[] = {[STLINK_V2] = 2, [STLINK_V3] = 3, [STLINK_V3PWR] = 4};

/* V2's version word has six bits for each field; the extended answer of later ones has eight. */
static unsigned field_max(const struct stlink_version *version)
{
	return version->generation == STLINK_V2 ? 63 : 255;
}

bool firmware_version_parse(
	struct stlink_version *version, const struct stlink_model *model, const char *text)
{
	*version = (struct stlink_version){.generation = model->generation};
	while (*text) {
		unsigned *field = version_field(version, *text);
		if (!field || !isdigit((unsigned char)text[1]))
			return false;
		char *end;
		unsigned long value = strtoul(text + 1, &end, 10);
		if (value > field_max(version))
			return false;
		*field = (unsigned)value;
		text = end;
	}
	return version->major == majors[model->generation];
}

#define NEVER 1000

/* The lowest J that has the feature, by generation. */
static const unsigned feature_since[FEATURE_COUNT][STLINK_GENERATIONS] = {
	[FEATURE_ALWAYS] = {0, 0, 0},
	[FEATURE_TRACE] = {13, 0, 0},
	[FEATURE_RW_STATUS2] = {15, 0, 0},
	[FEATURE_FPU_REGISTERS] = {15, 0, 0},
	[FEATURE_SWD_SET_FREQ] = {22, NEVER, NEVER},
	[FEATURE_JTAG_SET_FREQ] = {24, NEVER, NEVER},
	[FEATURE_DAP_REGISTERS] = {24, 0, 0},
	[FEATURE_MEMORY_16BIT] = {26, 0, 0},
	/* Told of "newer" firmware only. Hosts that ignore the boundary read right on J26. */
	[FEATURE_TAR_WRAP] = {26, 0, 0},
	[FEATURE_INIT_AP] = {28, 0, 0},
	[FEATURE_CLOSE_AP_STATUS] = {29, 0, 0},
	[FEATURE_AP_8] = {32, 0, 0},
	[FEATURE_RW_MISC] = {32, 2, 0},
	[FEATURE_MEMORY_8BIT_512] = {NEVER, 6, 0},
	[FEATURE_BOARD_IDENTIFIERS] = {36, 6, 6},
	[FEATURE_COM_FREQ] = {NEVER, 0, 0},
	[FEATURE_VERSION_EX] = {NEVER, 0, 0},
	[FEATURE_ENTER_AGAIN] = {0, 5, 0},
};

bool firmware_version_has(const struct stlink_version *version, enum stlink_feature feature)
{
	return version->jtag >= feature_since[feature][version->generation];
}
