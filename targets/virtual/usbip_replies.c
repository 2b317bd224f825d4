/* The queue of replies. See the header. */
#include "usbip_replies.h"

#include <stdlib.h>

struct usbip_reply {
	struct usbip_reply *next;
	uint64_t due_ns;
	size_t size, sent;
	uint8_t bytes[];
};

uint8_t *usbip_replies_add(struct usbip_replies *replies, size_t size, uint64_t due_ns)
{
	struct usbip_reply *reply = calloc(1, sizeof *reply + size);
	if (!reply)
		return NULL;
	reply->due_ns = due_ns;
	reply->size = size;
	if (replies->last)
		replies->last->next = reply;
	else
		replies->first = reply;
	replies->last = reply;
	replies->bytes += size;
	return reply->bytes;
}

size_t usbip_replies_peek(
	const struct usbip_replies *replies, uint64_t now_ns, const uint8_t **bytes)
{
	const struct usbip_reply *reply = replies->first;
	if (!reply || reply->due_ns > now_ns)
		return 0;
	*bytes = reply->bytes + reply->sent;
	return reply->size - reply->sent;
}

static void drop_first(struct usbip_replies *replies)
{
	struct usbip_reply *reply = replies->first;
	replies->first = reply->next;
	if (!replies->first)
		replies->last = NULL;
	replies->bytes -= reply->size;
	free(reply);
}

void usbip_replies_drop(struct usbip_replies *replies, size_t size)
{
	replies->first->sent += size;
	if (replies->first->sent == replies->first->size)
		drop_first(replies);
}

uint64_t usbip_replies_due_ns(const struct usbip_replies *replies)
{
	return replies->first ? replies->first->due_ns : UINT64_MAX;
}

void usbip_replies_finish(struct usbip_replies *replies)
{
	while (replies->first)
		drop_first(replies);
}
