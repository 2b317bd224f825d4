/*
 * The URBs of one imported device that are not finished yet, and the answers to those that are.
 *
 * Private to the USB/IP session. URBs of one endpoint are served in order; those of different
 * endpoints do not wait for each other.
 */
#ifndef TARGETS_VIRTUAL_USBIP_URBS_H
#define TARGETS_VIRTUAL_USBIP_URBS_H

#include <stdbool.h>
#include <stdint.h>

#include "probe/err.h"
#include "usb_device.h"
#include "usbip_replies.h"

struct usbip_urb;

struct usbip_urbs {
	struct usb_device *device;
	struct usbip_replies *replies;
	struct usbip_urb *first;
	size_t count, bytes; /* of what is pending */
	bool held;           /* the last pump ended at its horizon */
};

/* A SUBMIT message, whole and checked for size. Control transfers are answered at once. */
enum err usbip_urbs_submit(struct usbip_urbs *urbs, const uint8_t *message) MUST_USE;

/* An UNLINK message. */
enum err usbip_urbs_unlink(struct usbip_urbs *urbs, const uint8_t *message) MUST_USE;

/* Lets the device serve what it can until its clock has passed `horizon_ns`. */
enum err usbip_urbs_pump(struct usbip_urbs *urbs, uint64_t horizon_ns) MUST_USE;

void usbip_urbs_finish(struct usbip_urbs *urbs);

#endif
