/*
 * Error codes of the whole program.
 *
 * Who discovers an error logs it once, with the measured facts; the code then travels up in
 * silence, and the session turns it into a reply. A function that can fail returns `enum err` and
 * is MUST_USE; 0 is success.
 */
#ifndef PROBE_ERR_H
#define PROBE_ERR_H

#define MUST_USE __attribute__((warn_unused_result))

enum err {
	ERR_OK = 0,

	/* our own side */
	ERR_NO_MEMORY,   /* the host has no memory left */
	ERR_ARGUMENT,    /* the caller asked for something that cannot be meant */
	ERR_CANCELLED,   /* the job was cancelled: client gone, signal, quit */
	ERR_UNSUPPORTED, /* this probe, chip or file cannot do that */
	ERR_IO,          /* a file or socket of the host failed */

	/* the wire to the probe */
	ERR_USB_NOT_FOUND, /* no such probe on the bus */
	ERR_USB_AMBIGUOUS, /* several probes match */
	ERR_USB_ACCESS,    /* no permission to open the device */
	ERR_USB_BUSY,      /* another program has claimed the interface */
	ERR_USB_GONE,      /* the probe was unplugged */
	ERR_USB_TIMEOUT,   /* the probe did not answer in time */
	ERR_USB_STALL,     /* the probe refused the transfer (endpoint stall) */
	ERR_USB_IO,        /* any other transfer failure */

	/* the probe */
	ERR_PROBE_PROTOCOL, /* the probe's answer makes no sense */
	ERR_PROBE_OLD,      /* the probe's firmware lacks what was asked */

	/* the target, as the probe reports it */
	ERR_TARGET_POWER,   /* no voltage on the target */
	ERR_TARGET_NO_LINK, /* the debug port does not answer */
	ERR_TARGET_WAIT,    /* the access port stays busy */
	ERR_TARGET_FAULT,   /* the bus refused this address */
	ERR_TARGET_TIMEOUT, /* the target answers, but what was waited for did not come */
	ERR_TARGET_STATE,   /* not possible in this state: needs the core halted, or running */
	ERR_TARGET_UNKNOWN, /* no known chip */

	/* flash */
	ERR_FLASH_RANGE,     /* outside the flash of this chip */
	ERR_FLASH_PROTECTED, /* write or read protection forbids it */
	ERR_FLASH_ERASE,     /* the controller reported a failed erase */
	ERR_FLASH_PROGRAM,   /* the controller reported a failed write */
	ERR_FLASH_VERIFY,    /* what is there now is not what was sent */

	ERR_COUNT
};

/* A short lower-case phrase for the code, never NULL; static storage. */
const char *err_text(enum err err);

#endif
