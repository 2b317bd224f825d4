/*
 * Which ST-LINK this is: the products that the board can be, and their firmware versions.
 *
 * Data only, used when a board is created and by the firmware to know what it can do. Sources: see
 * stlink_firmware.h.
 */
#ifndef TARGETS_VIRTUAL_STLINK_MODEL_H
#define TARGETS_VIRTUAL_STLINK_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "timebase.h"

#define STLINK_VID 0x0483

/* What GET_CURRENT_MODE answers. */
enum stlink_mode { MODE_DFU, MODE_IDLE, MODE_DEBUG, MODE_SWIM, MODE_BOOTLOADER, MODE_COUNT };

enum stlink_generation { STLINK_V2, STLINK_V3, STLINK_V3PWR, STLINK_GENERATIONS };

struct stlink_model {
	const char *name; /* as `--probe` says it */
	enum stlink_generation generation;
	uint16_t pid;
	bool high_speed;
	bool composite;  /* class 239/2/1 instead of 0/0/0 */
	uint8_t out;     /* address of the command endpoint */
	uint8_t trace;   /* address of the trace endpoint */
	uint16_t packet; /* wMaxPacketSize of the bulk endpoints */
	uint16_t trace_packet;
	uint8_t max_power; /* in units of 2 mA */
	const char *product;
	const char *interface;     /* interface string, NULL: none */
	const char *configuration; /* configuration string, NULL: none */
	enum stlink_mode power_up; /* a fresh V2 waits in DFU mode for the host to leave it */
	unsigned misc_items;       /* items that RW_MISC takes */
	struct time_costs costs;
	const char *firmware; /* the version when none is asked for */
	const char *serial;   /* the serial when none is asked for */
};

/* The model of this name, NULL when there is none. */
const struct stlink_model *firmware_model_find(const char *name);

/* The fields of a version such as V2J37M26: V the hardware, J debugging, S SWIM, M mass storage
 * and virtual COM port, B bridge, P power. */
struct stlink_version {
	enum stlink_generation generation;
	unsigned major, jtag, swim, msd, bridge, power;
};

/* False when `text` is no version or one that `model` cannot have. */
bool firmware_version_parse(
	struct stlink_version *version, const struct stlink_model *model, const char *text);

enum stlink_feature {
	FEATURE_ALWAYS,
	FEATURE_TRACE, /* and the target's voltage */
	FEATURE_RW_STATUS2,
	FEATURE_FPU_REGISTERS,
	FEATURE_SWD_SET_FREQ,
	FEATURE_JTAG_SET_FREQ,
	FEATURE_DAP_REGISTERS,
	FEATURE_MEMORY_16BIT, /* and writes without address increment */
	FEATURE_TAR_WRAP,     /* the firmware writes TAR anew where its increment ends */
	FEATURE_INIT_AP,
	FEATURE_CLOSE_AP_STATUS,
	FEATURE_AP_8,    /* eight access ports instead of three */
	FEATURE_RW_MISC, /* banked DP registers, AP and CSW in memory commands */
	FEATURE_MEMORY_8BIT_512,
	FEATURE_BOARD_IDENTIFIERS,
	FEATURE_COM_FREQ,
	FEATURE_VERSION_EX,
	FEATURE_ENTER_AGAIN, /* ENTER in debug mode, without EXIT before */
	FEATURE_COUNT
};

bool firmware_version_has(const struct stlink_version *version, enum stlink_feature feature);

#endif
