/*
 * A wire over USB/IP: a probe plugged into another machine, or a virtual board.
 *
 * Written from the kernel's Documentation/usb/usbip_protocol.rst. Userspace only: no root, no
 * kernel module.
 */
#ifndef PROBE_USB_USBIP_H
#define PROBE_USB_USBIP_H

#include "probe/err.h"
#include "probe/usb.h"

/* Connects to HOST:PORT and imports BUSID (NULL or "": the first ST-LINK exported there).
 * Blocks up to 5 s, and as long as the resolver takes when HOST is a name. Errors, each logged:
 * ERR_USB_NOT_FOUND, ERR_USB_BUSY, ERR_USB_IO, ERR_USB_TIMEOUT, ERR_UNSUPPORTED (an ST-LINK/V1),
 * ERR_NO_MEMORY. */
enum err usb_usbip_connect(
	const char *host, const char *port, const char *busid, struct usb **usb) MUST_USE;

/* The same over an already connected stream socket, which the wire takes in every case. Without a
 * BUSID the list is asked for on this same connection, which Linux's own usbipd does not allow.
 * `path` names the device in messages and in the identity. */
enum err usb_usbip_adopt(
	int socket, const char *busid, const char *path, struct usb **usb) MUST_USE;

#endif
