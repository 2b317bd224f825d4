/* A client of the USB/IP server. See the header. */
#include "usbip_session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probe/bytes.h"
#include "probe/log.h"
#include "usb_descriptors.h"
#include "usbip_protocol.h"
#include "usbip_replies.h"
#include "usbip_urbs.h"

#define BUSNUM        1
#define TRANSFER_MAX  (1U << 20)  /* bytes of one URB */
#define PENDING_MAX   (16U << 20) /* of all that is pending or waits to be sent */
#define URBS_MAX      1024
#define CLASS_BYTES   3
#define ENDPOINT_LAST 15

struct usbip_session {
	struct usbip_exports *exports;
	struct usbip_export *export; /* what was imported */
	struct usbip_urbs urbs;
	struct usbip_replies replies;
	uint8_t *input; /* a message that has begun */
	size_t input_size, input_room;
};

struct usbip_session *usbip_session_create(struct usbip_exports *exports)
{
	struct usbip_session *session = calloc(1, sizeof *session);
	if (session) {
		session->exports = exports;
		session->urbs.replies = &session->replies;
	}
	return session;
}

void usbip_session_destroy(struct usbip_session *session)
{
	if (!session)
		return;
	if (session->export) {
		usb_device_unplug(session->export->device);
		session->export->user = NULL;
	}
	usbip_urbs_finish(&session->urbs);
	usbip_replies_finish(&session->replies);
	free(session->input);
	free(session);
}

const struct usbip_export *usbip_session_export(const struct usbip_session *session)
{
	return session->export;
}

/* ---- operations ---- */

static uint8_t *add_operation(
	struct usbip_session *session, size_t body, uint16_t code, uint32_t status)
{
	uint8_t *reply = usbip_replies_add(&session->replies, OP_HEADER_SIZE + body, 0);
	if (!reply)
		return NULL;
	put_be16(reply + OP_VERSION_AT, USBIP_VERSION);
	put_be16(reply + OP_CODE_AT, code);
	put_be32(reply + OP_STATUS_AT, status);
	return reply + OP_HEADER_SIZE;
}

static void describe(const struct usbip_export *export, uint8_t *bytes)
{
	uint8_t device[USB_DESCRIPTOR_MAX];
	usb_descriptor_build(export->device, USB_DESCRIPTOR_DEVICE, 0, device);
	snprintf((char *)bytes + DEVICE_PATH_AT, DEVICE_PATH_SIZE,
		"/sys/devices/platform/stlink-board/usb%d/%s", BUSNUM, export->busid);
	memcpy(bytes + DEVICE_BUSID_AT, export->busid, OP_BUSID_SIZE);
	put_be32(bytes + DEVICE_BUSNUM_AT, BUSNUM);
	put_be32(bytes + DEVICE_DEVNUM_AT, export->devnum);
	put_be32(bytes + DEVICE_SPEED_AT,
		export->device->model->high_speed ? SPEED_HIGH : SPEED_FULL);
	put_be16(bytes + DEVICE_VENDOR_AT, STLINK_VID);
	put_be16(bytes + DEVICE_PRODUCT_AT, export->device->model->pid);
	put_be16(bytes + DEVICE_BCD_AT, USB_DEVICE_BCD);
	memcpy(bytes + DEVICE_CLASS_AT, device + 4, CLASS_BYTES);
	bytes[DEVICE_CONFIGURATION_AT] = 1;
	bytes[DEVICE_CONFIGURATIONS_AT] = 1;
	bytes[DEVICE_INTERFACES_AT] = 1;
}

static size_t count_plugged(const struct usbip_exports *exports)
{
	size_t count = 0;
	for (size_t i = 0; i < exports->count; i++)
		count += !exports->all[i].device->cable_off;
	return count;
}

static uint8_t *list(const struct usbip_exports *exports, bool used, uint8_t *next)
{
	for (size_t i = 0; i < exports->count; i++) {
		const struct usbip_export *export = &exports->all[i];
		if (export->device->cable_off || (export->user != NULL) != used)
			continue;
		describe(export, next);
		memset(next + OP_DEVICE_SIZE, USB_CLASS_VENDOR, CLASS_BYTES);
		next += OP_DEVICE_SIZE + OP_INTERFACE_SIZE;
	}
	return next;
}

/* Free devices come first, for clients that take the first one. */
static enum err list_devices(struct usbip_session *session)
{
	size_t count = count_plugged(session->exports);
	size_t body = 4 + count * (OP_DEVICE_SIZE + OP_INTERFACE_SIZE);
	uint8_t *reply = add_operation(session, body, OP_REP_DEVLIST, OP_STATUS_OK);
	if (!reply)
		return ERR_NO_MEMORY;
	put_be32(reply, (uint32_t)count);
	uint8_t *next = list(session->exports, false, reply + 4);
	list(session->exports, true, next);
	return ERR_OK;
}

static struct usbip_export *find_export(struct usbip_exports *exports, const uint8_t *busid)
{
	for (size_t i = 0; i < exports->count; i++)
		if (strncmp(exports->all[i].busid, (const char *)busid, OP_BUSID_SIZE) == 0)
			return &exports->all[i];
	return NULL;
}

static enum err import_device(struct usbip_session *session, const uint8_t *message)
{
	struct usbip_export *export = find_export(session->exports, message + OP_HEADER_SIZE);
	uint32_t status = OP_STATUS_OK;
	if (export && export->user)
		status = OP_STATUS_BUSY;
	else if (!export || !usb_device_plug(export->device))
		status = OP_STATUS_NO_DEVICE;
	size_t body = status == OP_STATUS_OK ? OP_DEVICE_SIZE : 0;
	uint8_t *reply = add_operation(session, body, OP_REP_IMPORT, status);
	if (!reply)
		return ERR_NO_MEMORY;
	if (status != OP_STATUS_OK)
		return ERR_OK;
	describe(export, reply);
	export->user = session;
	session->export = export;
	session->urbs.device = export->device;
	return ERR_OK;
}

/* ---- messages ---- */

#define SIZE_UNKNOWN  0 /* more bytes are needed to know */
#define SIZE_NONSENSE SIZE_MAX

static size_t operation_size(const uint8_t *message, size_t have)
{
	if (have < OP_HEADER_SIZE)
		return SIZE_UNKNOWN;
	if (get_be16(message + OP_VERSION_AT) != USBIP_VERSION)
		return SIZE_NONSENSE;
	switch (get_be16(message + OP_CODE_AT)) {
	case OP_REQ_DEVLIST:
		return OP_HEADER_SIZE;
	case OP_REQ_IMPORT:
		return OP_IMPORT_SIZE;
	default:
		return SIZE_NONSENSE;
	}
}

static bool submit_makes_sense(const uint8_t *message)
{
	return get_be32(message + URB_DIRECTION_AT) <= DIRECTION_IN &&
	       get_be32(message + URB_ENDPOINT_AT) <= ENDPOINT_LAST &&
	       get_be32(message + SUBMIT_LENGTH_AT) <= TRANSFER_MAX;
}

static size_t urb_size(const struct usbip_session *session, const uint8_t *message, size_t have)
{
	if (have < URB_HEADER_SIZE)
		return SIZE_UNKNOWN;
	if (get_be32(message + URB_DEVID_AT) != (BUSNUM << 16 | session->export->devnum))
		return SIZE_NONSENSE;
	switch (get_be32(message + URB_COMMAND_AT)) {
	case CMD_UNLINK:
		return URB_HEADER_SIZE;
	case CMD_SUBMIT:
		if (!submit_makes_sense(message))
			return SIZE_NONSENSE;
		if (get_be32(message + URB_DIRECTION_AT) == DIRECTION_IN)
			return URB_HEADER_SIZE;
		return URB_HEADER_SIZE + get_be32(message + SUBMIT_LENGTH_AT);
	default:
		return SIZE_NONSENSE;
	}
}

static size_t message_size(const struct usbip_session *session, const uint8_t *message, size_t have)
{
	return session->export ? urb_size(session, message, have) : operation_size(message, have);
}

static enum err handle(struct usbip_session *session, const uint8_t *message)
{
	if (session->export) {
		if (get_be32(message + URB_COMMAND_AT) == CMD_UNLINK)
			return usbip_urbs_unlink(&session->urbs, message);
		return usbip_urbs_submit(&session->urbs, message);
	}
	if (get_be16(message + OP_CODE_AT) == OP_REQ_DEVLIST)
		return list_devices(session);
	return import_device(session, message);
}

static bool within_limits(const struct usbip_session *session)
{
	return session->urbs.count <= URBS_MAX &&
	       session->urbs.bytes + session->replies.bytes <= PENDING_MAX;
}

/* Handles the first message of the input; *used is its size, 0 when it is not complete. */
static enum err handle_first(
	struct usbip_session *session, const uint8_t *message, size_t have, size_t *used)
{
	size_t size = message_size(session, message, have);
	*used = 0;
	if (size == SIZE_NONSENSE) {
		log_warn("USB/IP: a client sent what is no request; closing its connection");
		return ERR_ARGUMENT;
	}
	if (size == SIZE_UNKNOWN || have < size)
		return ERR_OK;
	*used = size;
	enum err err = handle(session, message);
	if (!err && !within_limits(session)) {
		log_warn("USB/IP: a client has more than %u URBs or %u bytes pending; closing its "
			 "connection",
			URBS_MAX, PENDING_MAX);
		err = ERR_ARGUMENT;
	}
	return err;
}

static enum err append_input(struct usbip_session *session, const uint8_t *bytes, size_t size)
{
	size_t needed = session->input_size + size;
	if (needed > session->input_room) {
		uint8_t *grown = realloc(session->input, needed);
		if (!grown)
			return ERR_NO_MEMORY;
		session->input = grown;
		session->input_room = needed;
	}
	memcpy(session->input + session->input_size, bytes, size);
	session->input_size = needed;
	return ERR_OK;
}

enum err usbip_session_feed(struct usbip_session *session, const uint8_t *bytes, size_t size)
{
	if (size == 0)
		return ERR_OK;
	enum err err = append_input(session, bytes, size);
	size_t done = 0;
	size_t used = 1;
	while (!err && used > 0 && done < session->input_size) {
		err = handle_first(
			session, session->input + done, session->input_size - done, &used);
		done += used;
	}
	if (err)
		return err;
	session->input_size -= done;
	memmove(session->input, session->input + done, session->input_size);
	return ERR_OK;
}

/* ---- the other way ---- */

enum err usbip_session_pump(struct usbip_session *session, uint64_t horizon_ns)
{
	if (!session->export)
		return ERR_OK;
	if (!session->export->device->plugged)
		return ERR_USB_GONE;
	return usbip_urbs_pump(&session->urbs, horizon_ns);
}

size_t usbip_session_output(struct usbip_session *session, uint64_t now_ns, const uint8_t **bytes)
{
	return usbip_replies_peek(&session->replies, now_ns, bytes);
}

void usbip_session_sent(struct usbip_session *session, size_t size)
{
	usbip_replies_drop(&session->replies, size);
}

uint64_t usbip_session_due_ns(const struct usbip_session *session)
{
	uint64_t due_ns = usbip_replies_due_ns(&session->replies);
	if (session->urbs.held && session->urbs.device->time->now_ns < due_ns)
		return session->urbs.device->time->now_ns;
	return due_ns;
}
