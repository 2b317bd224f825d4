/*
 * The first part of a USB/IP conversation: the list of exported devices, and the import of one.
 * Errors are logged here.
 */
#ifndef PROBE_USBIP_IMPORT_H
#define PROBE_USBIP_IMPORT_H

#include <stdint.h>

#include "probe/err.h"
#include "usbip_protocol.h"
#include "usbip_stream.h"

/* The bus id of the first ST-LINK in the peer's list that can be driven. Errors: ERR_USB_NOT_FOUND,
 * ERR_USB_IO, ERR_USB_TIMEOUT. */
enum err usbip_import_find(struct usbip_stream *stream, const char *name, uint64_t deadline_us,
	char busid[USBIP_BUSID_SIZE + 1]) MUST_USE;

/* Imports `busid`. Errors: ERR_USB_NOT_FOUND, ERR_USB_BUSY, ERR_USB_IO, ERR_USB_TIMEOUT,
 * ERR_ARGUMENT (a bus id that is too long). */
enum err usbip_import(struct usbip_stream *stream, const char *name, const char *busid,
	uint64_t deadline_us, struct usbip_device *device) MUST_USE;

#endif
