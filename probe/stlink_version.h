/*
 * Version words of the ST-LINK's firmware, and what each version can do. Pure.
 */
#ifndef PROBE_STLINK_VERSION_H
#define PROBE_STLINK_VERSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STLINK_VERSION_SIZE    6  /* reply of GET_VERSION */
#define STLINK_VERSION_EX_SIZE 12 /* reply of GET_VERSION_EX */

struct stlink_version {
	unsigned hardware; /* 1, 2, 3; the V3PWR says 4 */
	unsigned jtag;     /* "J": what a debugger lives on; 0: the probe cannot debug */
	unsigned storage;  /* "M" */
	unsigned bridge;   /* "B" */
	unsigned swim;     /* "S" */
	unsigned power;    /* "P" */
};

/* False: the reply makes no sense (it carries no ST-LINK's vendor and product id). `pid` is the
 * product id that USB reports: it decides what the second number of the word means. */
bool stlink_version_decode(const uint8_t reply[STLINK_VERSION_SIZE], uint16_t pid,
	struct stlink_version *version) __attribute__((warn_unused_result));
bool stlink_version_decode_ex(const uint8_t reply[STLINK_VERSION_EX_SIZE],
	struct stlink_version *version) __attribute__((warn_unused_result));

/* As ST writes it: "V2J37M26", "V3J7M3B4S1". */
void stlink_version_format(const struct stlink_version *version, char *text, size_t size);

enum stlink_feature {
	STLINK_HAS_VOLTAGE = 1 << 0,
	STLINK_HAS_STATUS2 = 1 << 1,       /* GETLASTRWSTATUS2, with the fault address */
	STLINK_HAS_FPU_REGISTERS = 1 << 2, /* in READREG and WRITEREG */
	STLINK_HAS_DIVISOR = 1 << 3,       /* SWD_SET_FREQ */
	STLINK_HAS_COM_FREQ = 1 << 4,      /* GET_ and SET_COM_FREQ */
	STLINK_HAS_DAP_REGISTERS = 1 << 5,
	STLINK_HAS_HALFWORDS = 1 << 6, /* 16-bit memory commands */
	STLINK_HAS_INIT_AP = 1 << 7,
	STLINK_HAS_BATCHES = 1 << 8,     /* RW_MISC */
	STLINK_HAS_LONG_BLOCKS = 1 << 9, /* sets TAR again where its increment wraps */
	STLINK_HAS_LONG_BYTES = 1 << 10, /* 8-bit commands beyond 64 bytes */
	STLINK_HAS_REENTER = 1 << 11,    /* takes ENTER in debug mode */
	STLINK_HAS_WAIT_FAULT = 1 << 12, /* an access after a WAIT may report AP FAULT */
};

/* The features of this firmware, or'ed. */
unsigned stlink_version_features(const struct stlink_version *version);

#endif
