/*
 * Transfers over an imported USB/IP device: several at once, with a deadline, never left behind.
 * On the worker thread of the board.
 */
#ifndef PROBE_USBIP_URB_H
#define PROBE_USBIP_URB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probe/err.h"
#include "usbip_protocol.h"
#include "usbip_stream.h"

#define USBIP_URB_SIZE_MAX 65536
#define USBIP_URBS_MAX     2
#define USBIP_BUFFER_SIZE  (USBIP_HEADER_SIZE + USBIP_URB_SIZE_MAX) /* for the stream */

struct usbip_link {
	struct usbip_stream stream;
	uint32_t device; /* its id from the import */
	uint32_t seqnum; /* the last one used */
	const char *name;
};

enum usbip_urb_state { USBIP_URB_ENDED, USBIP_URB_PENDING, USBIP_URB_UNLINKING };

struct usbip_urb {
	uint8_t endpoint; /* as in its descriptor; 0: control */
	bool is_in;
	uint8_t *data;
	size_t size;          /* at most USBIP_URB_SIZE_MAX */
	const uint8_t *setup; /* of a control transfer, else NULL */

	/* set by usbip_run() */
	size_t actual;
	enum err result;
	enum usbip_urb_state state;
	uint32_t seqnum, unlink_seqnum;
};

/* Runs at most USBIP_URBS_MAX transfers together and waits for all. When the time is up, or one
 * has failed, the others are taken back; one that completes all the same counts. Nothing is under
 * way when this returns. Returns the worst of the results: ERR_USB_TIMEOUT, _STALL, _IO, _GONE.
 * A peer that breaks the protocol is hung up on (ERR_USB_IO now, ERR_USB_GONE from then on). */
enum err usbip_run(struct usbip_link *link, struct usbip_urb *urbs, size_t count,
	unsigned timeout_ms) MUST_USE;

/* One control transfer of the 8 setup bytes. `data` takes or gives what they say; *actual (may be
 * NULL) is set. Errors: as usbip_run. */
enum err usbip_control(struct usbip_link *link, const uint8_t setup[USBIP_SETUP_SIZE],
	uint8_t *data, size_t *actual) MUST_USE;

#endif
