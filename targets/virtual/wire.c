/*
 * The in-process wire: `struct usb` straight into the board, on the board's own clock.
 *
 * For tests and for anybody in the same process. What a kernel and a cable would do is done here:
 * transfers wait for their reply until the time-out, in modelled time; a stalled endpoint is
 * cleared after the error has been told.
 */
#include <stdlib.h>
#include <string.h>

#include "board_inside.h"
#include "probe/usb.h"

#define DRAIN_SILENCE_NS (5 * NS_PER_MS)
#define RESET_NS         (150 * NS_PER_MS)
#define DRAIN_SIZE       16384 /* a multiple of every packet size */

struct wire {
	struct usb usb;
	struct board *board;
	unsigned plug; /* which plugging this wire is; another one makes it a loose end */
};

static struct wire *wire_of(struct usb *usb)
{
	return (struct wire *)usb;
}

static struct usb_device *device_of(struct usb *usb)
{
	return &wire_of(usb)->board->device;
}

static bool wire_plugged(struct usb *usb)
{
	const struct usb_device *device = device_of(usb);
	return device->plugged && device->plugs == wire_of(usb)->plug;
}

static uint64_t wire_now_us(struct usb *usb)
{
	return wire_of(usb)->board->time.now_ns / NS_PER_US;
}

static void wire_sleep_us(struct usb *usb, uint64_t us)
{
	board_run(wire_of(usb)->board, us * NS_PER_US);
}

static void wait_until(struct wire *wire, uint64_t deadline_ns)
{
	uint64_t now_ns = wire->board->time.now_ns;
	if (deadline_ns > now_ns)
		board_run(wire->board, deadline_ns - now_ns);
}

/* ---- transfers ---- */

static enum err conclude(
	struct wire *wire, uint8_t endpoint, enum usb_answer answer, uint64_t deadline_ns)
{
	switch (answer) {
	case USB_ANSWER_DONE:
		return ERR_OK;
	case USB_ANSWER_NAK:
		wait_until(wire, deadline_ns);
		return ERR_USB_TIMEOUT;
	case USB_ANSWER_STALL:
		*usb_device_halt(&wire->board->device, endpoint) = false;
		return ERR_USB_STALL;
	case USB_ANSWER_OVERFLOW:
		return ERR_USB_IO;
	case USB_ANSWER_NONE:
	default:
		return ERR_USB_GONE;
	}
}

static enum err transfer_out(
	struct wire *wire, const uint8_t *data, size_t size, uint64_t deadline_ns)
{
	struct usb_device *device = &wire->board->device;
	enum usb_answer answer = usb_device_out(device, device->model->out, data, size);
	return conclude(wire, device->model->out, answer, deadline_ns);
}

/* A reply that comes after the deadline stays in the probe, as it would in a real one. */
static enum err transfer_in(
	struct wire *wire, uint8_t endpoint, struct usb_in *in, uint64_t deadline_ns)
{
	enum usb_answer answer = USB_ANSWER_NAK;
	if (wire->board->time.now_ns <= deadline_ns)
		answer = usb_device_in(&wire->board->device, endpoint, in);
	return conclude(wire, endpoint, answer, deadline_ns);
}

static enum err wire_command(struct usb *usb, const uint8_t command[USB_COMMAND_SIZE],
	struct usb_data *data, unsigned timeout_ms)
{
	struct wire *wire = wire_of(usb);
	if (data)
		data->received = 0;
	if (!wire_plugged(usb))
		return ERR_USB_GONE;
	uint64_t deadline_ns = wire->board->time.now_ns + timeout_ms * NS_PER_MS;
	enum err err = transfer_out(wire, command, USB_COMMAND_SIZE, deadline_ns);
	if (err || !data || data->direction == USB_NONE)
		return err;
	if (data->direction == USB_OUT)
		return transfer_out(wire, data->data, data->size, deadline_ns);
	struct usb_in in = {.data = data->data, .size = data->size};
	err = transfer_in(wire, USB_DEVICE_REPLY_ENDPOINT, &in, deadline_ns);
	data->received = in.done;
	return err;
}

static enum err wire_drain(struct usb *usb)
{
	struct wire *wire = wire_of(usb);
	uint8_t bytes[DRAIN_SIZE];
	enum usb_answer answer = USB_ANSWER_DONE;
	while (answer == USB_ANSWER_DONE && wire_plugged(usb)) {
		struct usb_in in = {.data = bytes, .size = sizeof bytes};
		answer = usb_device_in(&wire->board->device, USB_DEVICE_REPLY_ENDPOINT, &in);
	}
	if (!wire_plugged(usb))
		return ERR_USB_GONE;
	if (answer == USB_ANSWER_STALL)
		wire->board->device.halted_in = false;
	board_run(wire->board, DRAIN_SILENCE_NS);
	return ERR_OK;
}

static enum err wire_read_trace(
	struct usb *usb, uint8_t *data, size_t size, size_t *received, unsigned timeout_ms)
{
	struct wire *wire = wire_of(usb);
	*received = 0;
	if (!wire_plugged(usb))
		return ERR_USB_GONE;
	struct usb_in in = {.size = size};
	in.data = data;
	uint64_t deadline_ns = wire->board->time.now_ns + timeout_ms * NS_PER_MS;
	enum err err = transfer_in(wire, wire->board->device.model->trace, &in, deadline_ns);
	*received = in.done;
	return err == ERR_USB_TIMEOUT ? ERR_OK : err;
}

static enum err wire_reset(struct usb *usb)
{
	struct wire *wire = wire_of(usb);
	if (!wire_plugged(usb))
		return ERR_USB_GONE;
	usb_device_reset(&wire->board->device);
	board_run(wire->board, RESET_NS);
	return ERR_OK;
}

static void wire_close(struct usb *usb)
{
	if (wire_plugged(usb))
		usb_device_unplug(device_of(usb));
	free(wire_of(usb));
}

/* ---- plugging ---- */

static const struct usb_ops wire_ops = {
	.command = wire_command,
	.drain = wire_drain,
	.read_trace = wire_read_trace,
	.reset = wire_reset,
	.plugged = wire_plugged,
	.now_us = wire_now_us,
	.sleep_us = wire_sleep_us,
	.close = wire_close,
};

static void identify(const struct usb_device *device, struct usb_identity *identity)
{
	identity->vid = STLINK_VID;
	identity->pid = device->model->pid;
	struct text serial = {.bytes = identity->serial, .size = sizeof identity->serial};
	bool printable = device->serial_length == USB_DEVICE_SERIAL_MAX;
	for (size_t i = 0; i < device->serial_length; i++)
		text_add(&serial, printable ? "%c" : "%02X", device->serial[i]);
	struct text path = {.bytes = identity->path, .size = sizeof identity->path};
	text_add(&path, "virtual");
}

struct usb *board_wire(struct board *board)
{
	struct wire *wire = calloc(1, sizeof *wire);
	if (!wire)
		return NULL;
	usb_device_plug(&board->device);
	wire->usb.ops = &wire_ops;
	wire->board = board;
	wire->plug = board->device.plugs;
	identify(&board->device, &wire->usb.identity);
	return &wire->usb;
}
