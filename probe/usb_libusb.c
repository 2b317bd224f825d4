/*
 * A wire over real USB, by libusb-1.0. On the worker thread of its board.
 *
 * The command and its data phase are submitted together and waited for together, as OpenOCD does
 * with every ST-LINK: the probe NAKs the reply until it has one, and a round trip through the
 * kernel is saved. Only interface 0 is claimed; it is vendor specific, so no kernel driver has to
 * be detached, and mass storage and serial port stay with the kernel.
 */
#include <libusb.h>
#include <stdlib.h>
#include <string.h>

#include "probe/log.h"
#include "usb_clock.h"
#include "usb_libusb.h"
#include "usb_product.h"
#include "usb_stale.h"

#define GONE_GRACE_US 300000 /* a hub reports an unplugged device after up to 256 ms */
#define REOPEN_US     1500000
#define EVENT_STEP_US 50000

struct libusb_wire {
	struct usb usb;
	const struct usb_product *product;
	libusb_context *context;
	libusb_device_handle *handle;
	struct libusb_transfer *transfers[2]; /* the command, and its data phase */
	int done[2];
	bool gone;
	uint8_t command[USB_COMMAND_SIZE];
};

static struct libusb_wire *wire_from_usb(struct usb *usb)
{
	return (struct libusb_wire *)usb;
}

/* ---- transfers ---- */

static void LIBUSB_CALL on_done(struct libusb_transfer *transfer)
{
	*(int *)transfer->user_data = 1;
}

static void fill(struct libusb_wire *wire, size_t i, uint8_t endpoint, uint8_t *data, size_t size)
{
	libusb_fill_bulk_transfer(wire->transfers[i], wire->handle, endpoint, data, (int)size,
		on_done, &wire->done[i], 0);
}

static void handle_events(struct libusb_wire *wire, uint64_t us)
{
	struct timeval timeout = {(time_t)(us / 1000000), (suseconds_t)(us % 1000000)};
	libusb_handle_events_timeout_completed(wire->context, &timeout, NULL);
}

static enum err transfer_result(const struct libusb_transfer *transfer)
{
	switch (transfer->status) {
	case LIBUSB_TRANSFER_COMPLETED:
		return ERR_OK;
	case LIBUSB_TRANSFER_NO_DEVICE:
		return ERR_USB_GONE;
	case LIBUSB_TRANSFER_STALL:
		return ERR_USB_STALL;
	case LIBUSB_TRANSFER_CANCELLED:
	case LIBUSB_TRANSFER_TIMED_OUT:
		return ERR_USB_TIMEOUT;
	default:
		return ERR_USB_IO;
	}
}

/* Whether all have ended, and whether one of them in vain. */
static bool are_done(const struct libusb_wire *wire, size_t count, bool *failed)
{
	bool all = true;

	*failed = false;
	for (size_t i = 0; i < count; i++) {
		all = all && wire->done[i];
		*failed = *failed || (wire->done[i] && transfer_result(wire->transfers[i]));
	}
	return all;
}

/* Returns only when the kernel has let go of every buffer. A cancelled transfer ends at once on
 * Linux, also when the device is gone, so the deadline holds. */
static void wait_for(struct libusb_wire *wire, size_t count, uint64_t deadline_us, bool give_up)
{
	bool failed, cancelled = false;

	while (!are_done(wire, count, &failed)) {
		uint64_t now = usb_clock_now_us();
		if (!cancelled && (give_up || failed || now >= deadline_us)) {
			for (size_t i = 0; i < count; i++)
				if (!wire->done[i])
					libusb_cancel_transfer(wire->transfers[i]);
			cancelled = true;
		}
		handle_events(wire, cancelled ? EVENT_STEP_US : deadline_us - now);
	}
}

/* A device that is being unplugged first fails in odd ways; the hot-plug event tells for sure. */
static enum err settle_error(struct libusb_wire *wire, enum err err)
{
	uint64_t deadline = usb_clock_now_us() + GONE_GRACE_US;

	if (err == ERR_USB_GONE)
		wire->gone = true;
	while (err == ERR_USB_IO && !wire->gone && usb_clock_now_us() < deadline)
		handle_events(wire, deadline - usb_clock_now_us());
	return wire->gone ? ERR_USB_GONE : err;
}

/* Runs the first `count` transfers, filled in before, to their end. */
static enum err run(struct libusb_wire *wire, size_t count, unsigned timeout_ms)
{
	uint64_t deadline = usb_clock_now_us() + (uint64_t)timeout_ms * 1000;
	enum err err = ERR_OK;
	size_t submitted = 0;

	if (wire->gone)
		return ERR_USB_GONE;
	while (submitted < count && !err) {
		wire->done[submitted] = 0;
		err = usb_libusb_error(libusb_submit_transfer(wire->transfers[submitted]));
		if (!err)
			submitted++;
	}
	wait_for(wire, submitted, deadline, err != ERR_OK);

	for (size_t i = 0; i < submitted; i++) {
		enum err result = transfer_result(wire->transfers[i]);
		if (result == ERR_USB_STALL)
			libusb_clear_halt(wire->handle, wire->transfers[i]->endpoint);
		err = usb_worse_of(err, result);
	}
	return err ? settle_error(wire, err) : ERR_OK;
}

static enum err wire_command(struct usb *usb, const uint8_t command[USB_COMMAND_SIZE],
	struct usb_data *data, unsigned timeout_ms)
{
	struct libusb_wire *wire = wire_from_usb(usb);
	bool has_data = data && data->direction != USB_NONE;

	memcpy(wire->command, command, USB_COMMAND_SIZE);
	fill(wire, 0, wire->product->command_endpoint, wire->command, USB_COMMAND_SIZE);
	if (has_data)
		fill(wire, 1,
			data->direction == USB_IN ? USB_REPLY_ENDPOINT
						  : wire->product->command_endpoint,
			data->data, data->size);
	enum err err = run(wire, has_data ? 2 : 1, timeout_ms);
	if (data)
		data->received = !err && data->direction == USB_IN
					 ? (size_t)wire->transfers[1]->actual_length
					 : 0;
	return err;
}

static enum err read_endpoint(struct libusb_wire *wire, uint8_t endpoint, uint8_t *data,
	size_t size, size_t *received, unsigned timeout_ms)
{
	fill(wire, 0, endpoint, data, size);
	enum err err = run(wire, 1, timeout_ms);
	/* What came before the time was up still counts. */
	*received = !err || err == ERR_USB_TIMEOUT ? (size_t)wire->transfers[0]->actual_length : 0;
	return err == ERR_USB_TIMEOUT ? ERR_OK : err;
}

static enum err read_reply(
	struct usb *usb, uint8_t *data, size_t size, size_t *received, unsigned timeout_ms)
{
	struct libusb_wire *wire = wire_from_usb(usb);
	return read_endpoint(wire, USB_REPLY_ENDPOINT, data, size, received, timeout_ms);
}

static enum err wire_drain(struct usb *usb)
{
	return usb_stale_drop(usb, read_reply);
}

static enum err wire_read_trace(
	struct usb *usb, uint8_t *data, size_t size, size_t *received, unsigned timeout_ms)
{
	struct libusb_wire *wire = wire_from_usb(usb);
	return read_endpoint(wire, wire->product->trace_endpoint, data, size, received, timeout_ms);
}

/* ---- plugging ---- */

static int LIBUSB_CALL on_left(
	libusb_context *context, libusb_device *device, libusb_hotplug_event event, void *user_data)
{
	struct libusb_wire *wire = user_data;

	(void)context;
	(void)event;
	if (wire->handle && device == libusb_get_device(wire->handle))
		wire->gone = true;
	return 0;
}

static bool wire_plugged(struct usb *usb)
{
	struct libusb_wire *wire = wire_from_usb(usb);

	handle_events(wire, 0);
	return !wire->gone;
}

static void detach(struct libusb_wire *wire)
{
	if (!wire->handle)
		return;
	libusb_release_interface(wire->handle, USB_INTERFACE);
	libusb_close(wire->handle);
	wire->handle = NULL;
}

/* A probe that nobody has configured (a machine without any driver for it) has configuration 0. */
static int claim(libusb_device_handle *handle)
{
	int configuration;
	int failure = libusb_get_configuration(handle, &configuration);

	if (!failure && configuration == 0)
		failure = libusb_set_configuration(handle, 1);
	if (!failure)
		failure = libusb_claim_interface(handle, USB_INTERFACE);
	return failure;
}

static bool is_wanted(const struct libusb_wire *wire, libusb_device *device)
{
	struct libusb_device_descriptor descriptor;
	char path[USB_PATH_MAX];

	usb_libusb_path(device, path);
	return strcmp(path, wire->usb.identity.path) == 0 &&
	       libusb_get_device_descriptor(device, &descriptor) == LIBUSB_SUCCESS &&
	       descriptor.idVendor == wire->usb.identity.vid &&
	       descriptor.idProduct == wire->usb.identity.pid;
}

/* Opens and claims what is plugged in at the wire's path. */
static enum err attach(struct libusb_wire *wire)
{
	libusb_device **devices;
	ssize_t total = libusb_get_device_list(wire->context, &devices);
	int failure = LIBUSB_ERROR_NO_DEVICE;

	if (total < 0)
		return usb_libusb_error((int)total);
	for (ssize_t i = 0; i < total && !wire->handle; i++)
		if (is_wanted(wire, devices[i]))
			failure = libusb_open(devices[i], &wire->handle);
	libusb_free_device_list(devices, 1);
	if (!failure)
		failure = claim(wire->handle);
	if (!failure) {
		wire->gone = false;
		return ERR_OK;
	}
	detach(wire);
	log_debug("%s: cannot be claimed: %s", wire->usb.identity.path, libusb_strerror(failure));
	return usb_libusb_error(failure);
}

static enum err wire_reset(struct usb *usb)
{
	struct libusb_wire *wire = wire_from_usb(usb);
	uint64_t deadline = usb_clock_now_us() + REOPEN_US;

	if (wire->gone || !wire->handle)
		return ERR_USB_GONE;
	int failure = libusb_reset_device(wire->handle);
	if (!failure)
		return ERR_OK;
	/* It came back as a new device, or has not come back yet. */
	enum err err = ERR_USB_GONE;
	detach(wire);
	while (err && usb_clock_now_us() < deadline) {
		handle_events(wire, EVENT_STEP_US);
		err = attach(wire);
	}
	wire->gone = err != ERR_OK;
	return err;
}

/* ---- life ---- */

static void wire_close(struct usb *usb)
{
	struct libusb_wire *wire = wire_from_usb(usb);

	detach(wire);
	libusb_free_transfer(wire->transfers[0]);
	libusb_free_transfer(wire->transfers[1]);
	if (wire->context)
		libusb_exit(wire->context);
	free(wire);
}

static uint64_t wire_now_us(struct usb *usb)
{
	(void)usb;
	return usb_clock_now_us();
}

static void wire_sleep_us(struct usb *usb, uint64_t us)
{
	(void)usb;
	usb_clock_sleep_us(us);
}

static const struct usb_ops libusb_ops = {
	.command = wire_command,
	.drain = wire_drain,
	.read_trace = wire_read_trace,
	.reset = wire_reset,
	.plugged = wire_plugged,
	.now_us = wire_now_us,
	.sleep_us = wire_sleep_us,
	.close = wire_close,
};

/* Where there are no hot-plug events, an unplugged probe shows at the next transfer. */
static enum err prepare(struct libusb_wire *wire)
{
	int failure = libusb_init(&wire->context);

	if (failure)
		return usb_libusb_error(failure);
	wire->transfers[0] = libusb_alloc_transfer(0);
	wire->transfers[1] = libusb_alloc_transfer(0);
	if (!wire->transfers[0] || !wire->transfers[1])
		return ERR_NO_MEMORY;
	libusb_hotplug_register_callback(wire->context, LIBUSB_HOTPLUG_EVENT_DEVICE_LEFT, 0,
		wire->usb.identity.vid, wire->usb.identity.pid, LIBUSB_HOTPLUG_MATCH_ANY, on_left,
		wire, NULL);
	return ERR_OK;
}

enum err usb_libusb_open(const struct usb_identity *identity, struct usb **usb)
{
	const struct usb_product *product = usb_product_find(identity->vid, identity->pid);

	if (!product)
		return ERR_USB_NOT_FOUND;
	struct libusb_wire *wire = calloc(1, sizeof(*wire));
	if (!wire)
		return ERR_NO_MEMORY;
	wire->usb.ops = &libusb_ops;
	wire->usb.identity = *identity;
	wire->product = product;
	enum err err = prepare(wire);
	if (!err)
		err = attach(wire);
	if (err) {
		wire_close(&wire->usb);
		return err == ERR_USB_GONE ? ERR_USB_NOT_FOUND : err;
	}
	*usb = &wire->usb;
	return ERR_OK;
}
