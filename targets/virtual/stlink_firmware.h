/*
 * The firmware of the ST-LINK: takes 16-byte commands and their data, gives replies.
 *
 * Called by the USB device (usb_device.c) on the board's thread; calls SWD, NRST and the fault
 * switches. ST publishes no document of the protocol: stlink_*.c, swd*.[ch] and the USB device are
 * written from what the open drivers send and expect (OpenOCD, stlink, pyOCD, probe-rs, Black Magic
 * Debug, psdb). Where they do not tell, the choice made here is told in a comment beside it.
 *
 * What a command meets in the wrong mode: its data phase stalls, in or out. A debug command that
 * this firmware does not know is answered with the two bytes 42 00; any other unknown first byte
 * stalls the reply.
 */
#ifndef TARGETS_VIRTUAL_STLINK_FIRMWARE_H
#define TARGETS_VIRTUAL_STLINK_FIRMWARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pins.h"
#include "stlink_faults.h"
#include "stlink_model.h"
#include "swd.h"

#define FIRMWARE_COMMAND_SIZE 16
#define FIRMWARE_REPLY_MAX    9816  /* RW_MISC_IN on a V3 */
#define FIRMWARE_DATA_MAX     65536 /* WRITEMEM's 16-bit length */
#define FIRMWARE_MISC_MAX     1227
#define FIRMWARE_TRACE_SIZE   4096
#define FIRMWARE_COMMANDS     64 /* room for the counters of stlink_commands.c */

/* What a command, or its data, leads to. */
enum outcome {
	OUTCOME_NOTHING,   /* no data phase, or a reply that will never come */
	OUTCOME_REPLY,     /* reply[0 .. reply_size) is to be fetched */
	OUTCOME_DATA,      /* data_size bytes are expected */
	OUTCOME_STALL_IN,  /* the reply endpoint stalls */
	OUTCOME_STALL_OUT, /* the command endpoint stalls */
	OUTCOME_DEAF,      /* the probe answers nothing any more until it is reset */
};

struct stlink_command;

struct firmware {
	const struct stlink_model *model;
	struct stlink_version version;
	struct swd *swd;
	struct pins *pins;
	struct stlink_faults *faults;
	struct timebase *time;

	enum stlink_mode mode;
	bool mode_kept; /* the next power-up finds `mode` instead of the model's own */

	/* the command in progress */
	const struct stlink_command *command;
	uint8_t arguments[FIRMWARE_COMMAND_SIZE];
	uint8_t reply[FIRMWARE_REPLY_MAX];
	size_t reply_size;
	uint8_t data[FIRMWARE_DATA_MAX];
	size_t data_size;

	/* GETLASTRWSTATUS */
	uint8_t memory_status;
	uint32_t memory_address;

	/* RW_MISC: results stay until the next command */
	unsigned misc_items;
	uint32_t misc_value[FIRMWARE_MISC_MAX];
	uint32_t misc_status[FIRMWARE_MISC_MAX];

	/* access ports opened by INIT_AP, a bit each */
	uint32_t open_aps;

	/* clocks as set; V3 keeps SWD's and JTAG's */
	unsigned com_khz[2];
	uint8_t prescaler;

	/* trace: bytes that came in and wait for the host */
	bool tracing, trace_spoilt;
	uint8_t trace[FIRMWARE_TRACE_SIZE];
	size_t trace_head, trace_count;
	size_t trace_announced; /* by GET_TRACE_NB, to be fetched */

	/* for the books, by index in stlink_commands.c */
	uint64_t counts[FIRMWARE_COMMANDS];
	uint64_t unknown_commands;
};

void firmware_init(struct firmware *firmware, const struct stlink_model *model,
	const struct stlink_version *version, struct swd *swd, struct stlink_faults *faults);

/* The probe gets its power from USB, or loses it (and lets NRST go). */
void firmware_power_up(struct firmware *firmware);
void firmware_power_down(struct firmware *firmware);

/* Puts the firmware into this mode; without power, for when it has. */
void firmware_force_mode(struct firmware *firmware, enum stlink_mode mode, bool powered);

/* One command, and the data that it asked for once they are all in `data`. */
enum outcome firmware_command(
	struct firmware *firmware, const uint8_t bytes[FIRMWARE_COMMAND_SIZE]);
enum outcome firmware_data(struct firmware *firmware);

/* Takes at most `size` bytes off the trace buffer; returns how many. */
size_t firmware_take_trace(struct firmware *firmware, uint8_t *data, size_t size);

/* The target's trace pin sent these bytes. */
void firmware_feed_trace(struct firmware *firmware, const uint8_t *data, size_t size);

#endif
