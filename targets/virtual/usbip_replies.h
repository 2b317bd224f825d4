/*
 * Replies that wait for their time to be sent, in order.
 *
 * Private to the USB/IP session. A reply is never overtaken by a later one, even if that is due
 * earlier: the kernel's side relies on it when a URB is unlinked.
 */
#ifndef TARGETS_VIRTUAL_USBIP_REPLIES_H
#define TARGETS_VIRTUAL_USBIP_REPLIES_H

#include <stddef.h>
#include <stdint.h>

struct usbip_reply;

struct usbip_replies {
	struct usbip_reply *first, *last;
	size_t bytes; /* of all that wait */
};

/* A new reply of `size` zero bytes at the end; returns its bytes, NULL when out of memory. */
uint8_t *usbip_replies_add(struct usbip_replies *replies, size_t size, uint64_t due_ns);

/* What is left of the first reply if it is due; 0: it is not, or there is none. */
size_t usbip_replies_peek(
	const struct usbip_replies *replies, uint64_t now_ns, const uint8_t **bytes);
void usbip_replies_drop(struct usbip_replies *replies, size_t size);

/* UINT64_MAX when there is none. */
uint64_t usbip_replies_due_ns(const struct usbip_replies *replies);

void usbip_replies_finish(struct usbip_replies *replies);

#endif
