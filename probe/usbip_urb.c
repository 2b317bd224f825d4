/* Transfers over an imported USB/IP device. From Documentation/usb/usbip_protocol.rst. */
#include "usbip_urb.h"

#include <string.h>

#include "probe/bytes.h"
#include "probe/log.h"
#include "usb_clock.h"
#include "usb_product.h"

#define CONTROL_TIMEOUT_MS 1000
#define UNLINK_LIMIT_US    1000000
#define SETUP_IN           0x80

static enum err hang_up(struct usbip_link *link, const char *why)
{
	if (!link->stream.broken)
		log_error("%s: %s: the connection is given up", link->name, why);
	usbip_stream_break(&link->stream);
	return ERR_USB_IO;
}

/* ---- requests ---- */

/* All headers and data in one write: a request is one segment, and one wake-up of the peer. */
static enum err submit_all(
	struct usbip_link *link, struct usbip_urb *urbs, size_t count, uint64_t deadline_us)
{
	uint8_t headers[USBIP_URBS_MAX][USBIP_HEADER_SIZE];
	struct iovec parts[2 * USBIP_URBS_MAX];
	size_t used = 0;

	for (size_t i = 0; i < count; i++) {
		struct usbip_urb *urb = &urbs[i];
		urb->seqnum = ++link->seqnum;
		urb->state = USBIP_URB_PENDING;
		urb->result = ERR_OK;
		urb->actual = 0;
		usbip_encode_submit(&(struct usbip_submit){urb->seqnum, link->device, urb->endpoint,
					    urb->is_in, (uint32_t)urb->size, urb->setup},
			headers[i]);
		parts[used++] = (struct iovec){headers[i], USBIP_HEADER_SIZE};
		if (!urb->is_in && urb->size)
			parts[used++] = (struct iovec){urb->data, urb->size};
	}
	return usbip_stream_send(&link->stream, parts, used, deadline_us);
}

static enum err unlink_all(
	struct usbip_link *link, struct usbip_urb *urbs, size_t count, uint64_t deadline_us)
{
	uint8_t headers[USBIP_URBS_MAX][USBIP_HEADER_SIZE];
	struct iovec parts[USBIP_URBS_MAX];
	size_t used = 0;

	for (size_t i = 0; i < count; i++) {
		if (urbs[i].state != USBIP_URB_PENDING)
			continue;
		urbs[i].state = USBIP_URB_UNLINKING;
		urbs[i].result = ERR_USB_TIMEOUT;
		urbs[i].unlink_seqnum = ++link->seqnum;
		usbip_encode_unlink(
			urbs[i].unlink_seqnum, link->device, urbs[i].seqnum, headers[used]);
		parts[used] = (struct iovec){headers[used], USBIP_HEADER_SIZE};
		used++;
	}
	return usbip_stream_send(&link->stream, parts, used, deadline_us);
}

/* ---- replies ---- */

static struct usbip_urb *find(struct usbip_urb *urbs, size_t count, const struct usbip_reply *reply)
{
	for (size_t i = 0; i < count; i++) {
		struct usbip_urb *urb = &urbs[i];
		bool answers =
			reply->command == USBIP_RET_UNLINK
				? urb->state == USBIP_URB_UNLINKING &&
					  urb->unlink_seqnum == reply->seqnum
				: urb->state != USBIP_URB_ENDED && urb->seqnum == reply->seqnum;
		if (answers)
			return urb;
	}
	return NULL;
}

static void complete(struct usbip_urb *urb, const struct usbip_reply *reply, const uint8_t *payload)
{
	urb->actual = reply->actual;
	urb->result = usbip_status_error(reply->status);
	if (urb->is_in && reply->actual)
		memcpy(urb->data, payload, reply->actual);
	else if (!urb->result && !urb->is_in && urb->actual < urb->size)
		urb->result = ERR_USB_IO;
	/* One that is being taken back has a second answer coming. */
	if (urb->state == USBIP_URB_PENDING)
		urb->state = USBIP_URB_ENDED;
}

/* Takes one message, when it is there as a whole. */
static enum err take_reply(
	struct usbip_link *link, struct usbip_urb *urbs, size_t count, uint64_t deadline_us)
{
	const uint8_t *bytes;
	struct usbip_reply reply;
	enum err err = usbip_stream_peek(&link->stream, USBIP_HEADER_SIZE, deadline_us, &bytes);

	if (err)
		return err;
	if (!usbip_decode_reply(bytes, &reply))
		return hang_up(link, "a reply that is none");
	struct usbip_urb *urb = find(urbs, count, &reply);
	if (!urb)
		return hang_up(link, "a reply to nothing that was asked");
	if (reply.actual > urb->size)
		return hang_up(link, "a reply longer than what was asked for");

	size_t size = USBIP_HEADER_SIZE + (urb->is_in ? reply.actual : 0);
	err = usbip_stream_peek(&link->stream, size, deadline_us, &bytes);
	if (err)
		return err;
	if (reply.command == USBIP_RET_UNLINK)
		urb->state = USBIP_URB_ENDED;
	else
		complete(urb, &reply, bytes + USBIP_HEADER_SIZE);
	usbip_stream_take(&link->stream, size);
	return ERR_OK;
}

static bool is_any_open(const struct usbip_urb *urbs, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (urbs[i].state != USBIP_URB_ENDED)
			return true;
	return false;
}

static enum err worst_of(const struct usbip_urb *urbs, size_t count)
{
	enum err err = ERR_OK;

	for (size_t i = 0; i < count; i++)
		err = usb_worse_of(err, urbs[i].result);
	return err;
}

/* Until all have ended or one has failed. */
static enum err await(
	struct usbip_link *link, struct usbip_urb *urbs, size_t count, uint64_t deadline_us)
{
	enum err err = ERR_OK;

	while (!err && is_any_open(urbs, count) && !worst_of(urbs, count))
		err = take_reply(link, urbs, count, deadline_us);
	return err;
}

/* What is still open is unlinked; each unlink is answered, so nothing can come later that would be
 * taken for the answer to something else. */
static enum err take_back(struct usbip_link *link, struct usbip_urb *urbs, size_t count)
{
	uint64_t deadline = usb_clock_now_us() + UNLINK_LIMIT_US;
	enum err err = unlink_all(link, urbs, count, deadline);

	while (!err && is_any_open(urbs, count))
		err = take_reply(link, urbs, count, deadline);
	if (err == ERR_USB_TIMEOUT) {
		hang_up(link, "a cancelled transfer was not confirmed within 1 s");
		err = ERR_USB_GONE;
	}
	return err;
}

enum err usbip_run(
	struct usbip_link *link, struct usbip_urb *urbs, size_t count, unsigned timeout_ms)
{
	uint64_t deadline = usb_clock_now_us() + (uint64_t)timeout_ms * 1000;

	for (size_t i = 0; i < count; i++)
		if (urbs[i].size > USBIP_URB_SIZE_MAX)
			return ERR_ARGUMENT;
	enum err err = submit_all(link, urbs, count, deadline);
	if (!err)
		err = await(link, urbs, count, deadline);
	if (link->stream.broken)
		return err;
	if (is_any_open(urbs, count))
		err = take_back(link, urbs, count);
	if (err == ERR_OK || err == ERR_USB_TIMEOUT)
		err = worst_of(urbs, count);
	/* A device that was unplugged does not come back under this import. */
	if (err == ERR_USB_GONE)
		usbip_stream_break(&link->stream);
	return err;
}

enum err usbip_control(struct usbip_link *link, const uint8_t setup[USBIP_SETUP_SIZE],
	uint8_t *data, size_t *actual)
{
	struct usbip_urb urb = {
		.is_in = (setup[0] & SETUP_IN) != 0,
		.size = get_le16(setup + 6),
		.setup = setup,
	};

	urb.data = data;
	enum err err = usbip_run(link, &urb, 1, CONTROL_TIMEOUT_MS);

	if (actual)
		*actual = urb.actual;
	return err;
}
