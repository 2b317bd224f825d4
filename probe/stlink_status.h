/*
 * The status byte in the ST-LINK's replies: what it means, which error it is to us, whether the
 * command may be given again. Pure.
 */
#ifndef PROBE_STLINK_STATUS_H
#define PROBE_STLINK_STATUS_H

#include <stdint.h>

#include "probe/err.h"

/* The codes that are more to the driver than a row of the table. */
enum stlink_code {
	STLINK_OK = 0x80,
	STLINK_COMMAND_ERROR = 0x08,
	STLINK_AP_WAIT = 0x10,
	STLINK_AP_FAULT = 0x11,
	STLINK_DP_WAIT = 0x14,
	STLINK_BAD_AP = 0x1D,
	STLINK_CONFIGURATION_CHANGED = 0x40,
	STLINK_FREQUENCY_NOT_SUPPORTED = 0x41,
	STLINK_UNKNOWN_COMMAND = 0x42,
};

enum stlink_remedy {
	STLINK_NONE,
	STLINK_RETRY, /* the target was busy: the same command may succeed in a moment */
	STLINK_CLEAR, /* a sticky error may be left in the debug port's CTRL/STAT */
};

struct stlink_status {
	uint8_t code;
	enum err err; /* ERR_OK: the command was carried out */
	enum stlink_remedy remedy;
	const char *name;
};

/* Never NULL: an unknown code is an ERR_PROBE_PROTOCOL. */
const struct stlink_status *stlink_status_find(uint8_t code);

#endif
