/* The list of exported devices, and the import of one. From Documentation/usb/usbip_protocol.rst.
 */
#include "usbip_import.h"

#include <stdio.h>
#include <string.h>

#include "probe/bytes.h"
#include "probe/log.h"
#include "usb_product.h"

#define DEVICES_MAX    1000 /* more is no list but garbage */
#define INTERFACE_SIZE 4

static enum err fail(const char *name, enum err err, const char *what)
{
	log_error("%s: %s (%s)", name, what, err_text(err));
	return err;
}

/* A peer that hangs up here is no USB/IP server, or is busy with somebody else. */
static enum err get(
	struct usbip_stream *stream, size_t size, uint64_t deadline_us, const uint8_t **bytes)
{
	enum err err = usbip_stream_peek(stream, size, deadline_us, bytes);

	if (!err)
		usbip_stream_take(stream, size);
	return err == ERR_USB_GONE ? ERR_USB_IO : err;
}

static enum err put(
	struct usbip_stream *stream, uint8_t *message, size_t size, uint64_t deadline_us)
{
	struct iovec part = {.iov_len = size};

	part.iov_base = message;
	enum err err = usbip_stream_send(stream, &part, 1, deadline_us);

	return err == ERR_USB_GONE ? ERR_USB_IO : err;
}

/* Asks and takes the head of the reply; *status is the server's. */
static enum err ask(struct usbip_stream *stream, uint8_t *message, size_t size, enum usbip_op reply,
	uint64_t deadline_us, uint32_t *status)
{
	const uint8_t *head;
	enum err err = put(stream, message, size, deadline_us);

	if (!err)
		err = get(stream, USBIP_OP_SIZE, deadline_us, &head);
	if (!err && !usbip_decode_op(head, reply, status))
		err = ERR_USB_IO;
	return err;
}

static enum err read_entry(
	struct usbip_stream *stream, uint64_t deadline_us, struct usbip_device *device)
{
	const uint8_t *entry;
	enum err err = get(stream, USBIP_DEVICE_SIZE, deadline_us, &entry);

	if (err)
		return err;
	usbip_decode_device(entry, device);
	return get(stream, (size_t)INTERFACE_SIZE * device->interfaces, deadline_us, &entry);
}

static bool is_wanted(const struct usbip_device *device)
{
	const struct usb_product *product = usb_product_find(device->vid, device->pid);
	return product && !product->refusal;
}

/* Reads the list to its end, because the same connection may go on. */
static enum err read_list(
	struct usbip_stream *stream, uint64_t deadline_us, char busid[USBIP_BUSID_SIZE + 1])
{
	const uint8_t *bytes;
	enum err err = get(stream, 4, deadline_us, &bytes);
	uint32_t count = err ? 0 : get_be32(bytes);

	busid[0] = '\0';
	if (count > DEVICES_MAX)
		return ERR_USB_IO;
	for (uint32_t i = 0; i < count && !err; i++) {
		struct usbip_device device;
		err = read_entry(stream, deadline_us, &device);
		if (!err && !busid[0] && is_wanted(&device))
			memcpy(busid, device.busid, USBIP_BUSID_SIZE + 1);
	}
	return err;
}

enum err usbip_import_find(struct usbip_stream *stream, const char *name, uint64_t deadline_us,
	char busid[USBIP_BUSID_SIZE + 1])
{
	uint8_t message[USBIP_OP_SIZE];
	uint32_t status;

	usbip_encode_op(USBIP_OP_REQ_DEVLIST, message);
	enum err err =
		ask(stream, message, sizeof(message), USBIP_OP_REP_DEVLIST, deadline_us, &status);
	if (!err && status)
		err = usbip_op_error(status);
	if (!err)
		err = read_list(stream, deadline_us, busid);
	if (err)
		return fail(name, err, "no USB/IP device list came: is this a USB/IP server?");
	if (!busid[0])
		return fail(name, ERR_USB_NOT_FOUND, "no ST-LINK is exported there: bind it first");
	return ERR_OK;
}

enum err usbip_import(struct usbip_stream *stream, const char *name, const char *busid,
	uint64_t deadline_us, struct usbip_device *device)
{
	uint8_t message[USBIP_OP_SIZE + USBIP_BUSID_SIZE] = {0};
	uint32_t status;
	const uint8_t *entry;

	if (strlen(busid) >= USBIP_BUSID_SIZE)
		return fail(name, ERR_ARGUMENT, "this bus id is too long");
	usbip_encode_op(USBIP_OP_REQ_IMPORT, message);
	snprintf((char *)message + USBIP_OP_SIZE, USBIP_BUSID_SIZE, "%s", busid);
	enum err err =
		ask(stream, message, sizeof(message), USBIP_OP_REP_IMPORT, deadline_us, &status);
	if (err)
		return fail(name, err, "the import was not answered: is this a USB/IP server?");
	if (status)
		return fail(name, usbip_op_error(status),
			"the import was refused: see what the server exports (usbip list -r)");
	err = get(stream, USBIP_DEVICE_SIZE, deadline_us, &entry);
	if (err)
		return fail(name, err, "the reply to the import was cut off");
	usbip_decode_device(entry, device);
	return ERR_OK;
}
