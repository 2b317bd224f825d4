/* Pending URBs. See the header. */
#include "usbip_urbs.h"

#include <stdlib.h>
#include <string.h>

#include "probe/bytes.h"
#include "usbip_protocol.h"

struct usbip_urb {
	struct usbip_urb *next;
	uint32_t seqnum;
	uint32_t packets; /* given back as it came */
	bool in, short_not_ok;
	uint8_t endpoint; /* address, direction bit included */
	struct usb_in transfer;
	uint8_t bytes[];
};

/* ---- answers ---- */

struct completion {
	uint32_t seqnum, packets;
	int32_t status;
	uint32_t actual;     /* bytes transferred */
	const uint8_t *data; /* of those, NULL: nothing is sent along */
};

static enum err complete(struct usbip_urbs *urbs, const struct completion *completion)
{
	size_t size = completion->data ? completion->actual : 0;
	uint8_t *reply = usbip_replies_add(
		urbs->replies, URB_HEADER_SIZE + size, urbs->device->transfer_end_ns);
	if (!reply)
		return ERR_NO_MEMORY;
	put_be32(reply + URB_COMMAND_AT, RET_SUBMIT);
	put_be32(reply + URB_SEQNUM_AT, completion->seqnum);
	put_be32(reply + RETURN_STATUS_AT, (uint32_t)completion->status);
	put_be32(reply + RETURN_LENGTH_AT, completion->actual);
	put_be32(reply + RETURN_PACKETS_AT, completion->packets);
	if (size > 0)
		memcpy(reply + URB_HEADER_SIZE, completion->data, size);
	return ERR_OK;
}

static int32_t status_of(enum usb_answer answer)
{
	switch (answer) {
	case USB_ANSWER_STALL:
		return URB_PIPE;
	case USB_ANSWER_OVERFLOW:
		return URB_OVERFLOW;
	case USB_ANSWER_NONE:
		return URB_PROTOCOL;
	case USB_ANSWER_DONE:
	case USB_ANSWER_NAK:
	default:
		return URB_OK;
	}
}

static enum err complete_urb(
	struct usbip_urbs *urbs, const struct usbip_urb *urb, enum usb_answer answer)
{
	struct completion completion = {
		.seqnum = urb->seqnum,
		.packets = urb->packets,
		.status = status_of(answer),
	};
	if (urb->in) {
		completion.actual = (uint32_t)urb->transfer.done;
		completion.data = urb->bytes;
		if (answer == USB_ANSWER_DONE && urb->short_not_ok &&
			urb->transfer.done < urb->transfer.size)
			completion.status = URB_REMOTE_IO;
	} else if (answer == USB_ANSWER_DONE) {
		completion.actual = (uint32_t)urb->transfer.size;
	}
	return complete(urbs, &completion);
}

/* ---- the list ---- */

static void append(struct usbip_urbs *urbs, struct usbip_urb *urb)
{
	struct usbip_urb **end = &urbs->first;
	while (*end)
		end = &(*end)->next;
	*end = urb;
	urbs->count++;
	urbs->bytes += urb->transfer.size;
}

static void take_out(struct usbip_urbs *urbs, struct usbip_urb **link)
{
	struct usbip_urb *urb = *link;
	*link = urb->next;
	urbs->count--;
	urbs->bytes -= urb->transfer.size;
	free(urb);
}

void usbip_urbs_finish(struct usbip_urbs *urbs)
{
	while (urbs->first)
		take_out(urbs, &urbs->first);
}

/* ---- messages ---- */

static enum err submit_control(struct usbip_urbs *urbs, const uint8_t *message)
{
	uint8_t reply[USB_DEVICE_CONTROL_MAX];
	size_t size;
	enum usb_answer answer =
		usb_device_control(urbs->device, message + SUBMIT_SETUP_AT, reply, &size);
	uint32_t room = get_be32(message + SUBMIT_LENGTH_AT);
	bool in = get_be32(message + URB_DIRECTION_AT) == DIRECTION_IN;
	struct completion completion = {
		.seqnum = get_be32(message + URB_SEQNUM_AT),
		.packets = get_be32(message + SUBMIT_PACKETS_AT),
		.status = status_of(answer),
		.actual = size < room ? (uint32_t)size : room,
		.data = in ? reply : NULL,
	};
	return complete(urbs, &completion);
}

enum err usbip_urbs_submit(struct usbip_urbs *urbs, const uint8_t *message)
{
	uint32_t endpoint = get_be32(message + URB_ENDPOINT_AT);
	if (endpoint == 0)
		return submit_control(urbs, message);
	size_t size = get_be32(message + SUBMIT_LENGTH_AT);
	struct usbip_urb *urb = calloc(1, sizeof *urb + size);
	if (!urb)
		return ERR_NO_MEMORY;
	urb->seqnum = get_be32(message + URB_SEQNUM_AT);
	urb->packets = get_be32(message + SUBMIT_PACKETS_AT);
	urb->in = get_be32(message + URB_DIRECTION_AT) == DIRECTION_IN;
	urb->short_not_ok = get_be32(message + SUBMIT_FLAGS_AT) & FLAG_SHORT_NOT_OK;
	urb->endpoint = (uint8_t)(endpoint | (urb->in ? 0x80 : 0));
	urb->transfer = (struct usb_in){.data = urb->bytes, .size = size};
	if (!urb->in)
		memcpy(urb->bytes, message + URB_HEADER_SIZE, size);
	append(urbs, urb);
	return ERR_OK;
}

enum err usbip_urbs_unlink(struct usbip_urbs *urbs, const uint8_t *message)
{
	uint32_t victim = get_be32(message + UNLINK_SEQNUM_AT);
	int32_t status = URB_OK; /* it was completed already, and its answer is on the way */
	for (struct usbip_urb **link = &urbs->first; *link; link = &(*link)->next) {
		if ((*link)->seqnum != victim)
			continue;
		take_out(urbs, link);
		status = URB_CONN_RESET;
		break;
	}
	uint8_t *reply = usbip_replies_add(urbs->replies, URB_HEADER_SIZE, 0);
	if (!reply)
		return ERR_NO_MEMORY;
	put_be32(reply + URB_COMMAND_AT, RET_UNLINK);
	put_be32(reply + URB_SEQNUM_AT, get_be32(message + URB_SEQNUM_AT));
	put_be32(reply + RETURN_STATUS_AT, (uint32_t)status);
	return ERR_OK;
}

/* ---- service ---- */

static enum usb_answer serve(struct usb_device *device, struct usbip_urb *urb)
{
	if (urb->in)
		return usb_device_in(device, urb->endpoint, &urb->transfer);
	return usb_device_out(device, urb->endpoint, urb->bytes, urb->transfer.size);
}

/* Serves the first URB of each endpoint until one is finished; *progress tells whether. */
static enum err pump_once(struct usbip_urbs *urbs, bool *progress)
{
	bool waiting[256] = {false};
	*progress = false;
	for (struct usbip_urb **link = &urbs->first; *link; link = &(*link)->next) {
		struct usbip_urb *urb = *link;
		if (waiting[urb->endpoint])
			continue;
		enum usb_answer answer = serve(urbs->device, urb);
		waiting[urb->endpoint] = true;
		if (answer == USB_ANSWER_NAK)
			continue;
		enum err err = complete_urb(urbs, urb, answer);
		take_out(urbs, link);
		*progress = true;
		return err;
	}
	return ERR_OK;
}

enum err usbip_urbs_pump(struct usbip_urbs *urbs, uint64_t horizon_ns)
{
	bool progress = true;
	enum err err = ERR_OK;
	while (!err && progress && urbs->first && urbs->device->time->now_ns <= horizon_ns)
		err = pump_once(urbs, &progress);
	urbs->held = progress && urbs->first;
	return err;
}
