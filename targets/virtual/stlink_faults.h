/*
 * Fault switches of the probe and of its wires: what can be made to go wrong on this side of the
 * chip's pins.
 *
 * Set by the control language (`fault NAME ...`), asked by the firmware, the USB device and the SWD
 * driver at the place where each fault strikes. Everything is counted and seeded, so the same
 * lines give the same run.
 *
 * A switch is a line of words:
 *
 *     NAME [VALUE] [on COMMAND] [above KHZ] [seed N] [skip N] [xN]
 *     NAME off
 *     none
 *
 * `on` restricts it to one command by its name, `above` to SWD clocks over KHZ, `skip` lets the
 * first N occasions pass, `xN` ends it after N strikes. Without `xN` an event strikes once and a
 * condition stays until `off`.
 */
#ifndef TARGETS_VIRTUAL_STLINK_FAULTS_H
#define TARGETS_VIRTUAL_STLINK_FAULTS_H

#include <stdbool.h>
#include <stdint.h>

enum fault_id {
	/* events: one strike unless told otherwise */
	FAULT_STATUS,        /* VALUE (hex) instead of doing the command */
	FAULT_USB_STALL,     /* the command's data phase stalls */
	FAULT_USB_TIMEOUT,   /* the command is swallowed: nothing done, no reply */
	FAULT_LOST_REPLY,    /* done, but the reply never comes */
	FAULT_SHORT_REPLY,   /* only the first VALUE bytes of the reply come */
	FAULT_GARBLED_REPLY, /* a reply of the right length and random content */
	FAULT_DELAY,         /* VALUE milliseconds pass before the command is done */
	FAULT_SWD_WAIT,      /* an access port transfer is answered WAIT */
	FAULT_SWD_FAULT,     /* an access port transfer is answered FAULT */
	/* conditions: until `off` */
	FAULT_SWD_SILENT,   /* the target does not answer on SWD: wire off */
	FAULT_LINK_BER,     /* each bit on SWD is wrong with probability VALUE */
	FAULT_VOLTAGE_ZERO, /* the reference of GET_TARGET_VOLTAGE reads 0, as on some clones */
	FAULT_STRICT_AP,    /* memory commands answer 1D until INIT_AP */
	FAULT_CLOSE_AP,     /* CLOSE_AP_DBG always answers 1D, as J28 does */
	FAULT_TAR_WRAP,     /* TAR wraps every VALUE (1024) bytes, and the firmware lets it */
	FAULT_CRASH_8BIT,   /* an 8-bit transfer over the limit makes the probe deaf */
	FAULT_MISC_GOES_ON, /* RW_MISC goes on after an item that failed */
	FAULT_DEAF_ENTER,   /* ENTER without a target makes the probe deaf */
	FAULT_CHAOS,        /* with probability VALUE a command meets one of the events */
	FAULT_COUNT
};

struct fault {
	bool on;
	uint32_t left; /* strikes to come; 0: no limit */
	uint32_t skip; /* occasions still to be let pass */
	uint32_t value;
	uint32_t above_khz;
	char command[24]; /* only on this command; "": on any */
};

struct stlink_faults {
	struct fault all[FAULT_COUNT];
	uint64_t random;
};

enum stlink_faults_answer { FAULTS_SET, FAULTS_UNKNOWN, FAULTS_INVALID };

void stlink_faults_init(struct stlink_faults *faults);

/* Obeys one line. FAULTS_UNKNOWN: no switch of that name here, nothing changed. FAULTS_INVALID: the
 * name is known and the rest is not understood, nothing changed. */
enum stlink_faults_answer stlink_faults_set(struct stlink_faults *faults, const char *line);

/* Whether the fault strikes on this occasion; NULL: it does not. Counts. `command` is the name of
 * the command in progress, NULL outside one. Valid until the next stlink_faults_ call. */
const struct fault *stlink_faults_strike(
	struct stlink_faults *faults, enum fault_id id, const char *command);

/* True with a probability of `chance` in 2^32. */
bool stlink_faults_chance(struct stlink_faults *faults, uint32_t chance);

/* The next of a sequence that depends on the seed only. */
uint32_t stlink_faults_random(struct stlink_faults *faults);

#endif
