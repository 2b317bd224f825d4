/*
 * Real USB: what is plugged in, and a wire to one of it. For discover.c only.
 *
 * Every call makes a libusb context of its own (a wire keeps it), so that the boards of one process
 * share nothing, and one that went through an unplug leaves nothing behind.
 */
#ifndef PROBE_USB_LIBUSB_H
#define PROBE_USB_LIBUSB_H

#include <stddef.h>
#include <stdint.h>

#include "probe/err.h"
#include "probe/usb.h"

struct usb_found {
	struct usb_identity identity;
	uint8_t bus, address; /* as in /dev/bus/usb/BUS/ADDRESS */
	enum err access;      /* ERR_OK when the device could be opened; nothing was claimed */
};

/* The ST-LINKs on this machine, at most `max`, in the order of their paths. No USB at all is an
 * empty list. Errors: ERR_USB_IO, ERR_NO_MEMORY. */
enum err usb_libusb_scan(struct usb_found *found, size_t max, size_t *count) MUST_USE;

/* Opens and claims the device that is plugged in at identity->path, if it still has the same
 * product id. Errors: ERR_USB_NOT_FOUND, ERR_USB_ACCESS, ERR_USB_BUSY, ERR_USB_IO, ERR_NO_MEMORY.
 */
enum err usb_libusb_open(const struct usb_identity *identity, struct usb **usb) MUST_USE;

/* Shared by the two files behind this header. */
struct libusb_context;
struct libusb_device;

/* The error code that stands for a LIBUSB_ERROR_*. */
enum err usb_libusb_error(int libusb_error);

/* "1-2.3": bus and ports, as the kernel names it. */
void usb_libusb_path(struct libusb_device *device, char path[USB_PATH_MAX]);

#endif
