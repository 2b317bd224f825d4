/*
 * The ST-LINK as a USB device: endpoint 0, the command and reply endpoints, the trace endpoint.
 *
 * Driven by the two wires, the in-process one (wire.c) and USB/IP (usbip_urbs.c), one transfer at a
 * time; drives the firmware. From chapter 9 of the USB 2.0 specification; what an ST-LINK makes of
 * it, from the drivers that stlink_firmware.h names.
 *
 * Chosen here, because no document tells: a command that is not 16 bytes long stalls the command
 * endpoint, and so do bytes beyond a data phase; a second command is taken while a reply waits, a
 * third one is not. The configuration is set when the device is plugged, as a device that USB/IP
 * exports has been configured by its host.
 */
#ifndef TARGETS_VIRTUAL_USB_DEVICE_H
#define TARGETS_VIRTUAL_USB_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stlink_firmware.h"

#define USB_DEVICE_REPLY_ENDPOINT 0x81
#define USB_DEVICE_SETUP_SIZE     8
#define USB_DEVICE_CONTROL_MAX    256 /* the longest answer on endpoint 0 */
#define USB_DEVICE_REPLIES        2
#define USB_DEVICE_SERIAL_MAX     24

/* The device's answer to a transfer. */
enum usb_answer {
	USB_ANSWER_DONE,
	USB_ANSWER_NAK, /* not now: the transfer stays pending */
	USB_ANSWER_STALL,
	USB_ANSWER_OVERFLOW, /* a packet was larger than what is left of the host's buffer */
	USB_ANSWER_NONE,     /* no such endpoint, not configured, not plugged */
};

/* A transfer to the host, kept by the host's side while it is pending. */
struct usb_in {
	uint8_t *data;
	size_t size;
	size_t done;
};

struct usb_counts {
	uint64_t out, in, trace, control; /* transfers that came to their end */
	uint64_t out_bytes, in_bytes, trace_bytes;
};

struct usb_device {
	const struct stlink_model *model;
	struct firmware *firmware;
	struct timebase *time;

	/* called before each transfer to the command endpoint; NULL: nothing is */
	void (*before_command)(void *context);
	void *before_context;

	uint8_t serial[USB_DEVICE_SERIAL_MAX]; /* as it goes into the string, a unit each */
	size_t serial_length;

	bool cable_off; /* by the control language: it cannot be plugged */
	bool plugged;
	unsigned plugs; /* how often it was plugged: tells an old wire from the present one */
	uint8_t configuration;
	bool halted_out, halted_in, halted_trace;
	bool deaf;

	size_t data_expected, data_received; /* of a data phase out; 0: a command comes next */
	struct usb_reply {
		uint8_t bytes[FIRMWARE_REPLY_MAX];
		size_t size, sent;
	} replies[USB_DEVICE_REPLIES];
	unsigned reply_count;
	size_t stale_size; /* of a reply that is there once the device is plugged; 0: none */

	uint64_t transfer_end_ns; /* when the last transfer was over on the bus */
	struct usb_counts counts;
};

/* `serial`: 24 hex digits, or 12 raw bytes as an old probe has them. False when it is neither. */
bool usb_device_init(struct usb_device *device, struct firmware *firmware, const char *serial);

/* The cable. Unplugging takes the probe's power: mode, clock, NRST, everything is forgotten. False:
 * the cable is off. */
bool usb_device_plug(struct usb_device *device);
void usb_device_unplug(struct usb_device *device);

/* A bus reset or a new configuration: pending data are dropped, halts and deafness end. The
 * firmware keeps its mode. */
void usb_device_reset(struct usb_device *device);

/* A whole transfer to the command endpoint, `size` bytes. */
enum usb_answer usb_device_out(
	struct usb_device *device, uint8_t endpoint, const uint8_t *data, size_t size);

/* Goes on with a transfer from the reply or trace endpoint. After NAK, call again with the same
 * transfer when something has happened. */
enum usb_answer usb_device_in(struct usb_device *device, uint8_t endpoint, struct usb_in *in);

/* Puts `size` bytes into the reply endpoint as a killed host would have left them there; unplugged,
 * for when it is plugged. */
void usb_device_leave_stale(struct usb_device *device, size_t size);

/* A control transfer: eight bytes of setup, and for one to the host room for the answer. Done or
 * stalled. */
enum usb_answer usb_device_control(struct usb_device *device,
	const uint8_t setup[USB_DEVICE_SETUP_SIZE], uint8_t reply[USB_DEVICE_CONTROL_MAX],
	size_t *reply_size);

/* The halt of one bulk endpoint, NULL: no such endpoint. */
bool *usb_device_halt(struct usb_device *device, unsigned endpoint);

#endif
