/*
 * The descriptors of the device, built from its model.
 *
 * Used by endpoint 0 (usb_control.c) and by the device list of USB/IP. From the USB 2.0
 * specification, 9.6; what an ST-LINK has in them, from the drivers that stlink_firmware.h names.
 */
#ifndef TARGETS_VIRTUAL_USB_DESCRIPTORS_H
#define TARGETS_VIRTUAL_USB_DESCRIPTORS_H

#include <stddef.h>
#include <stdint.h>

#include "usb_device.h"

#define USB_CLASS_VENDOR   0xff
#define USB_CLASS_MISC     0xef /* with subclass 2 and protocol 1: has interface associations */
#define USB_DEVICE_BCD     0x0100
#define USB_DESCRIPTOR_MAX 64

enum usb_descriptor_type {
	USB_DESCRIPTOR_DEVICE = 1,
	USB_DESCRIPTOR_CONFIGURATION = 2,
	USB_DESCRIPTOR_STRING = 3,
	USB_DESCRIPTOR_INTERFACE = 4,
	USB_DESCRIPTOR_ENDPOINT = 5,
	USB_DESCRIPTOR_QUALIFIER = 6,
	USB_DESCRIPTOR_OTHER_SPEED = 7
};

/* Writes the whole descriptor, at most USB_DESCRIPTOR_MAX bytes; returns its size, 0 when there is
 * none of that type and index. */
size_t usb_descriptor_build(
	const struct usb_device *device, uint8_t type, uint8_t index, uint8_t *bytes);

#endif
