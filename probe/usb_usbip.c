/*
 * A wire over USB/IP. On the worker thread of its board.
 *
 * usbip_import.c gets the device, usbip_urb.c runs transfers on it. Here the device is configured
 * and the verbs of the wire become transfers. Time is this machine's.
 */
#include "probe/usb_usbip.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "probe/bytes.h"
#include "probe/log.h"
#include "usb_clock.h"
#include "usb_product.h"
#include "usb_stale.h"
#include "usbip_import.h"
#include "usbip_urb.h"

#define NETWORK_MS        2000 /* that the network, or a busy machine at its end, may add */
#define CONNECT_LIMIT_US  3000000
#define CONFIGURATION_MAX 1024

struct usbip_wire {
	struct usb usb;
	struct usbip_link link;
	struct usbip_endpoints endpoints;
};

static struct usbip_wire *wire_from_usb(struct usb *usb)
{
	return (struct usbip_wire *)usb;
}

/* ---- standard requests (USB 2.0, section 9.4) ---- */

enum request {
	CLEAR_FEATURE = 1,
	SET_FEATURE = 3,
	GET_DESCRIPTOR = 6,
	SET_CONFIGURATION = 9,
};

#define TO_DEVICE           0x00
#define TO_ENDPOINT         0x02
#define TO_PORT             0x23 /* a class request to a hub */
#define FROM_DEVICE         0x80
#define ENDPOINT_HALT       0
#define PORT_RESET          4
#define DEVICE_DESCRIPTOR   1
#define CONFIG_DESCRIPTOR   2
#define STRING_DESCRIPTOR   3
#define LANGUAGE_ENGLISH_US 0x0409

static enum err request(
	struct usbip_wire *wire, uint8_t type, enum request what, uint16_t value, uint16_t index)
{
	uint8_t setup[USBIP_SETUP_SIZE] = {type, (uint8_t)what};

	put_le16(setup + 2, value);
	put_le16(setup + 4, index);
	return usbip_control(&wire->link, setup, NULL, NULL);
}

static enum err get_descriptor(struct usbip_wire *wire, uint8_t type, uint8_t number,
	uint16_t language, uint8_t *data, size_t size, size_t *actual)
{
	uint8_t setup[USBIP_SETUP_SIZE] = {FROM_DEVICE, GET_DESCRIPTOR, number, type};

	put_le16(setup + 4, language);
	put_le16(setup + 6, (uint16_t)size);
	return usbip_control(&wire->link, setup, data, actual);
}

static enum err configure(struct usbip_wire *wire)
{
	return request(wire, TO_DEVICE, SET_CONFIGURATION, wire->endpoints.configuration, 0);
}

/* ---- what the device says about itself ---- */

static enum err nonsense(const struct usbip_wire *wire, const char *what)
{
	log_error("%s: its %s descriptor makes no sense", wire->usb.identity.path, what);
	return ERR_USB_IO;
}

static enum err tell(const struct usbip_wire *wire, enum err err, const char *what)
{
	if (err)
		log_error("%s: it was imported, but its %s failed: %s; plug the probe in again",
			wire->usb.identity.path, what, err_text(err));
	return err;
}

static enum err read_device(struct usbip_wire *wire, uint8_t *serial_index)
{
	uint8_t descriptor[18];
	size_t actual;
	enum err err = get_descriptor(
		wire, DEVICE_DESCRIPTOR, 0, 0, descriptor, sizeof(descriptor), &actual);

	if (err)
		return tell(wire, err, "device descriptor");
	if (actual < sizeof(descriptor) || descriptor[1] != DEVICE_DESCRIPTOR)
		return nonsense(wire, "device");
	wire->usb.identity.vid = get_le16(descriptor + 8);
	wire->usb.identity.pid = get_le16(descriptor + 10);
	*serial_index = descriptor[16];

	const struct usb_product *product =
		usb_product_find(wire->usb.identity.vid, wire->usb.identity.pid);
	if (product && !product->refusal)
		return ERR_OK;
	log_error("%s: %s", wire->usb.identity.path,
		product ? product->refusal : "this is not an ST-LINK");
	return product ? ERR_UNSUPPORTED : ERR_USB_NOT_FOUND;
}

static enum err read_configuration(struct usbip_wire *wire)
{
	uint8_t descriptor[CONFIGURATION_MAX];
	size_t actual;
	enum err err = get_descriptor(
		wire, CONFIG_DESCRIPTOR, 0, 0, descriptor, sizeof(descriptor), &actual);

	if (err)
		return tell(wire, err, "configuration descriptor");
	if (!usbip_find_endpoints(descriptor, actual, &wire->endpoints))
		return nonsense(wire, "configuration");
	return ERR_OK;
}

/* A probe without a readable serial number can still be used. */
static enum err read_serial(struct usbip_wire *wire, uint8_t index)
{
	uint8_t descriptor[255];
	size_t actual = 0;

	if (!index)
		return ERR_OK;
	enum err err = get_descriptor(wire, STRING_DESCRIPTOR, index, LANGUAGE_ENGLISH_US,
		descriptor, sizeof(descriptor), &actual);
	usb_serial_from_descriptor(descriptor, err ? 0 : actual, wire->usb.identity.serial);
	return err == ERR_USB_STALL ? ERR_OK : tell(wire, err, "serial number");
}

static enum err describe(struct usbip_wire *wire)
{
	uint8_t serial_index = 0;
	enum err err = read_device(wire, &serial_index);

	if (!err)
		err = read_configuration(wire);
	if (!err)
		err = tell(wire, configure(wire), "configuration");
	if (!err)
		err = read_serial(wire, serial_index);
	return err;
}

/* ---- the verbs of a wire ---- */

static enum err run(
	struct usbip_wire *wire, struct usbip_urb *urbs, size_t count, unsigned timeout_ms)
{
	enum err err = usbip_run(&wire->link, urbs, count, timeout_ms);

	/* A stalled endpoint refuses everything until it is told to go on. */
	for (size_t i = 0; i < count && err == ERR_USB_STALL; i++)
		if (urbs[i].result == ERR_USB_STALL &&
			request(wire, TO_ENDPOINT, CLEAR_FEATURE, ENDPOINT_HALT, urbs[i].endpoint))
			log_debug("%s: endpoint %02x stays halted", wire->usb.identity.path,
				urbs[i].endpoint);
	return err;
}

static enum err wire_command(struct usb *usb, const uint8_t command[USB_COMMAND_SIZE],
	struct usb_data *data, unsigned timeout_ms)
{
	struct usbip_wire *wire = wire_from_usb(usb);
	bool has_data = data && data->direction != USB_NONE;
	uint8_t bytes[USB_COMMAND_SIZE];
	struct usbip_urb urbs[2] = {{
		.endpoint = wire->endpoints.command,
		.data = bytes,
		.size = sizeof(bytes),
	}};

	memcpy(bytes, command, sizeof(bytes));
	if (has_data) {
		urbs[1].is_in = data->direction == USB_IN;
		urbs[1].endpoint = urbs[1].is_in ? wire->endpoints.reply : wire->endpoints.command;
		urbs[1].data = data->data;
		urbs[1].size = data->size;
	}
	enum err err = run(wire, urbs, has_data ? 2 : 1, timeout_ms + NETWORK_MS);
	if (data)
		data->received = !err && urbs[1].is_in ? urbs[1].actual : 0;
	return err;
}

static enum err read_endpoint(struct usbip_wire *wire, uint8_t endpoint, uint8_t *data, size_t size,
	size_t *received, unsigned timeout_ms)
{
	struct usbip_urb urb = {.endpoint = endpoint, .is_in = true, .size = size};

	urb.data = data;
	enum err err = run(wire, &urb, 1, timeout_ms);

	*received = err ? 0 : urb.actual;
	return err == ERR_USB_TIMEOUT ? ERR_OK : err;
}

static enum err read_reply(
	struct usb *usb, uint8_t *data, size_t size, size_t *received, unsigned timeout_ms)
{
	struct usbip_wire *wire = wire_from_usb(usb);
	return read_endpoint(wire, wire->endpoints.reply, data, size, received, timeout_ms);
}

static enum err wire_drain(struct usb *usb)
{
	return usb_stale_drop(usb, read_reply);
}

static enum err wire_read_trace(
	struct usb *usb, uint8_t *data, size_t size, size_t *received, unsigned timeout_ms)
{
	struct usbip_wire *wire = wire_from_usb(usb);

	*received = 0;
	if (!wire->endpoints.trace)
		return ERR_UNSUPPORTED;
	return read_endpoint(wire, wire->endpoints.trace, data, size, received, timeout_ms);
}

/* The kernel's server resets a device when it sees the request that a hub's driver would make; one
 * that does not know it stalls, and setting the configuration is then the next best. */
static enum err wire_reset(struct usb *usb)
{
	struct usbip_wire *wire = wire_from_usb(usb);
	enum err err = request(wire, TO_PORT, SET_FEATURE, PORT_RESET, 0);

	if (!err || err == ERR_USB_STALL)
		err = configure(wire);
	return err;
}

static bool wire_plugged(struct usb *usb)
{
	return usbip_stream_is_alive(&wire_from_usb(usb)->link.stream);
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

static void wire_close(struct usb *usb)
{
	usbip_stream_finish(&wire_from_usb(usb)->link.stream);
	free(usb);
}

static const struct usb_ops usbip_ops = {
	.command = wire_command,
	.drain = wire_drain,
	.read_trace = wire_read_trace,
	.reset = wire_reset,
	.plugged = wire_plugged,
	.now_us = wire_now_us,
	.sleep_us = wire_sleep_us,
	.close = wire_close,
};

/* ---- opening ---- */

static enum err import(struct usbip_wire *wire, const char *busid, uint64_t deadline_us)
{
	const char *name = wire->usb.identity.path;
	char found[USBIP_BUSID_SIZE + 1];
	struct usbip_device device;
	enum err err = ERR_OK;

	if (!busid || !busid[0]) {
		err = usbip_import_find(&wire->link.stream, name, deadline_us, found);
		busid = found;
	}
	if (!err)
		err = usbip_import(&wire->link.stream, name, busid, deadline_us, &device);
	if (err)
		return err;
	wire->link.device = device.id;
	wire->link.name = name;
	err = describe(wire);
	return err == ERR_USB_GONE ? ERR_USB_IO : err;
}

static enum err adopt(
	int socket, const char *busid, const char *path, uint64_t deadline_us, struct usb **usb)
{
	struct usbip_wire *wire = calloc(1, sizeof(*wire));

	if (!wire) {
		close(socket);
		return ERR_NO_MEMORY;
	}
	wire->usb.ops = &usbip_ops;
	snprintf(wire->usb.identity.path, sizeof(wire->usb.identity.path), "%s", path);
	enum err err = usbip_stream_init(&wire->link.stream, socket, USBIP_BUFFER_SIZE);
	if (!err)
		err = import(wire, busid, deadline_us);
	if (err) {
		wire_close(&wire->usb);
		return err;
	}
	*usb = &wire->usb;
	return ERR_OK;
}

enum err usb_usbip_adopt(int socket, const char *busid, const char *path, struct usb **usb)
{
	return adopt(socket, busid, path, usb_clock_now_us() + CONNECT_LIMIT_US, usb);
}

static enum err dial(
	const char *host, const char *port, const char *path, uint64_t deadline_us, int *socket)
{
	enum err err = usbip_stream_dial(host, port, deadline_us, socket);

	if (err)
		log_error("%s: cannot connect (%s): is a USB/IP server listening there?", path,
			err_text(err));
	return err;
}

/* A server closes the connection after its list, so the import needs another. */
static enum err find_first(const char *host, const char *port, const char *path,
	uint64_t deadline_us, char busid[USBIP_BUSID_SIZE + 1])
{
	struct usbip_stream stream;
	int socket;
	enum err err = dial(host, port, path, deadline_us, &socket);

	if (!err)
		err = usbip_stream_init(&stream, socket, USBIP_BUFFER_SIZE);
	if (err)
		return err;
	err = usbip_import_find(&stream, path, deadline_us, busid);
	usbip_stream_finish(&stream);
	return err;
}

enum err usb_usbip_connect(const char *host, const char *port, const char *busid, struct usb **usb)
{
	uint64_t deadline = usb_clock_now_us() + CONNECT_LIMIT_US;
	char path[USB_PATH_MAX], found[USBIP_BUSID_SIZE + 1];
	int socket;

	snprintf(path, sizeof(path), "usbip:%s:%s", host, port);
	if (!busid || !busid[0]) {
		enum err err = find_first(host, port, path, deadline, found);
		if (err)
			return err;
		busid = found;
	}
	snprintf(path, sizeof(path), "usbip:%s:%s/%s", host, port, busid);
	enum err err = dial(host, port, path, deadline, &socket);
	return err ? err : adopt(socket, busid, path, deadline, usb);
}
