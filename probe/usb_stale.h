/*
 * What an earlier program left in the probe: the reply to a command that it never fetched. For the
 * wires that reach a real endpoint, on the thread of the wire.
 */
#ifndef PROBE_USB_STALE_H
#define PROBE_USB_STALE_H

#include "probe/usb.h"

/* Reads from the reply endpoint, at most `size` bytes; none within the timeout is ERR_OK with
 * *received = 0. */
typedef enum err usb_stale_reader(
	struct usb *usb, uint8_t *data, size_t size, size_t *received, unsigned timeout_ms);

/* Reads and drops what is there, until the endpoint has been silent for 5 ms, or 256 KiB have come.
 * Errors: the reader's. */
enum err usb_stale_drop(struct usb *usb, usb_stale_reader *read) MUST_USE;

#endif
