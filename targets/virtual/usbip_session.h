/*
 * One client of the USB/IP server: bytes in, bytes out, no socket and no wall clock.
 *
 * Driven by `stlink-board`'s loop, or by a test byte by byte. It takes operations until a device is
 * imported, then URBs for that device. Time is the device's own: each reply has a due time, and
 * nothing is done for the client while the device's clock is ahead of the given horizon.
 *
 * A client that sends what cannot be meant is to be closed; nobody else notices. Closing unplugs
 * the device, in whatever phase it was.
 */
#ifndef TARGETS_VIRTUAL_USBIP_SESSION_H
#define TARGETS_VIRTUAL_USBIP_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probe/err.h"
#include "usb_device.h"

#define USBIP_NEVER      UINT64_MAX
#define USBIP_BUSID_SIZE 32

struct usbip_session;

/* A device that can be imported, by one client at a time. */
struct usbip_export {
	char busid[USBIP_BUSID_SIZE]; /* "1-1" */
	unsigned devnum;              /* on bus 1 */
	struct usb_device *device;
	struct usbip_session *user; /* NULL: free */
};

struct usbip_exports {
	struct usbip_export *all;
	size_t count;
};

/* NULL when out of memory. `exports` must outlive the session. */
struct usbip_session *usbip_session_create(struct usbip_exports *exports);
void usbip_session_destroy(struct usbip_session *session);

/* Takes what came in, cut anywhere. Errors, after which the session is to be destroyed:
 * ERR_ARGUMENT (the client made no sense; logged), ERR_NO_MEMORY. */
enum err usbip_session_feed(
	struct usbip_session *session, const uint8_t *bytes, size_t size) MUST_USE;

/* Lets pending URBs go on while the device's clock has not passed `horizon_ns`. Errors:
 * ERR_USB_GONE (the device was unplugged), ERR_NO_MEMORY. */
enum err usbip_session_pump(struct usbip_session *session, uint64_t horizon_ns) MUST_USE;

/* What is to be sent and due by `now_ns` of the device's clock; returns how many bytes, 0: none.
 * Valid until the next call. usbip_session_sent says how many of them went out. */
size_t usbip_session_output(struct usbip_session *session, uint64_t now_ns, const uint8_t **bytes);
void usbip_session_sent(struct usbip_session *session, size_t size);

/* The device's time at which there is something to do without new bytes; USBIP_NEVER: none. */
uint64_t usbip_session_due_ns(const struct usbip_session *session);

/* The imported device, NULL before. */
const struct usbip_export *usbip_session_export(const struct usbip_session *session);

#endif
