/*
 * The ST-LINK products as USB shows them: product ids, endpoints, serial numbers.
 *
 * Called by the wires and by discovery. Pure; any thread. Written from the endpoint and serial
 * tables of the drivers in the field (ST publishes none).
 */
#ifndef PROBE_USB_PRODUCT_H
#define PROBE_USB_PRODUCT_H

#include <stddef.h>
#include <stdint.h>

#include "probe/err.h"
#include "probe/usb.h"

#define USB_VID_ST         0x0483
#define USB_INTERFACE      0    /* of every ST-LINK */
#define USB_REPLY_ENDPOINT 0x81 /* of every ST-LINK */

enum usb_family { USB_FAMILY_V1, USB_FAMILY_V2, USB_FAMILY_V21, USB_FAMILY_V3 };

struct usb_product {
	enum usb_family family;
	uint16_t pid;
	uint8_t command_endpoint; /* bulk OUT */
	uint8_t trace_endpoint;   /* bulk IN */
	const char *model;
	const char *refusal; /* why this product cannot be driven, and what to do; NULL: it can */
};

/* NULL when this is no ST-LINK. */
const struct usb_product *usb_product_find(uint16_t vid, uint16_t pid);

/* The serial number in a string descriptor of `size` bytes; "" when there is none. Firmware before
 * J21 puts its 12 bytes into the string as they are: they become 24 hex digits, as the other
 * programs print them. */
void usb_serial_from_descriptor(
	const uint8_t *descriptor, size_t size, char serial[USB_SERIAL_MAX]);

/* The same for a serial number that the operating system has made text of (UTF-8). */
void usb_serial_from_text(const char *text, char serial[USB_SERIAL_MAX]);

/* The error of two transfers that were under way together: the one that says most. The other may
 * have failed only because it was cancelled. */
enum err usb_worse_of(enum err a, enum err b);

/* All of them, one after the other; NULL behind the last. */
const struct usb_product *usb_product_at(size_t i);

#endif
