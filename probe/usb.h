/*
 * The wire: one ST-LINK command with its one data phase, a trace stream, plug state, and time.
 *
 * This is the seam at which the real and the virtual world meet. Implementations: usb_libusb.c
 * (real USB), usb_usbip.c (a remote or virtual probe over USB/IP), and the in-process wire of the
 * virtual board. Code in probe/ and targets/ takes time only from here, because on the in-process
 * wire time is virtual.
 *
 * A wire belongs to one thread at a time. Every call blocks at most for its timeout.
 */
#ifndef PROBE_USB_H
#define PROBE_USB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probe/err.h"

#define USB_COMMAND_SIZE 16 /* bytes of every ST-LINK command, zero-padded */
#define USB_SERIAL_MAX   64
#define USB_PATH_MAX     96

/* What the bus tells about a device before anything is sent to it. */
struct usb_identity {
	uint16_t vid;
	uint16_t pid;
	char serial[USB_SERIAL_MAX]; /* printable; old 12-byte serials as 24 hex digits; "" if
					unreadable */
	char path[USB_PATH_MAX]; /* "1-2.3" on this machine, "usbip:HOST:PORT/BUSID" elsewhere */
};

enum usb_direction { USB_NONE, USB_IN, USB_OUT };

/* The data phase of a command. `data` is the caller's and holds `size` bytes, sent or received. A
 * device that sends more than `size` fails the transfer (ERR_USB_IO); less is no error. */
struct usb_data {
	enum usb_direction direction;
	uint8_t *data;
	size_t size;
	size_t received; /* set for USB_IN: bytes that came, at most `size` */
};

struct usb;

struct usb_ops {
	/* Sends the 16 command bytes, then runs the data phase (NULL: there is none).
	 * Errors: ERR_USB_GONE, _TIMEOUT, _STALL, _IO. After an error the wire can be used again.
	 */
	enum err (*command)(struct usb *usb, const uint8_t command[USB_COMMAND_SIZE],
		struct usb_data *data, unsigned timeout_ms) MUST_USE;

	/* Reads and drops what waits on the reply endpoint, until it has been silent for a few ms.
	 */
	enum err (*drain)(struct usb *usb) MUST_USE;

	/* Reads from the trace endpoint, at most `size` bytes; none within the timeout is ERR_OK
	 * with *received = 0. */
	enum err (*read_trace)(struct usb *usb, uint8_t *data, size_t size, size_t *received,
		unsigned timeout_ms) MUST_USE;

	/* Resets the device on its port and claims it again. Blocks up to 2 s. */
	enum err (*reset)(struct usb *usb) MUST_USE;

	/* False once the device is known to be unplugged. Never blocks. */
	bool (*plugged)(struct usb *usb);

	/* Microseconds since an arbitrary start, never running backwards. */
	uint64_t (*now_us)(struct usb *usb);
	void (*sleep_us)(struct usb *usb, uint64_t us);

	/* Releases the device and frees the wire. */
	void (*close)(struct usb *usb);
};

/* Base of every wire: the first member of its private struct. */
struct usb {
	const struct usb_ops *ops;
	struct usb_identity identity;
};

static inline enum err MUST_USE usb_command(struct usb *usb,
	const uint8_t command[USB_COMMAND_SIZE], struct usb_data *data, unsigned timeout_ms)
{
	return usb->ops->command(usb, command, data, timeout_ms);
}

static inline enum err MUST_USE usb_drain(struct usb *usb)
{
	return usb->ops->drain(usb);
}

static inline enum err MUST_USE usb_read_trace(
	struct usb *usb, uint8_t *data, size_t size, size_t *received, unsigned timeout_ms)
{
	return usb->ops->read_trace(usb, data, size, received, timeout_ms);
}

static inline enum err MUST_USE usb_reset(struct usb *usb)
{
	return usb->ops->reset(usb);
}

static inline bool usb_plugged(struct usb *usb)
{
	return usb->ops->plugged(usb);
}

static inline uint64_t usb_now_us(struct usb *usb)
{
	return usb->ops->now_us(usb);
}

static inline void usb_sleep_us(struct usb *usb, uint64_t us)
{
	usb->ops->sleep_us(usb, us);
}

/* NULL is allowed. */
static inline void usb_close(struct usb *usb)
{
	if (usb)
		usb->ops->close(usb);
}

#endif
