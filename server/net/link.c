/* Acknowledgments: one packet of ours is under way at a time. See link.h. */
#include "link.h"

#include <string.h>

/* All that can be said to a packet of any kind that could not be read. */
static const char unreadable[] = "E01";

void link_finish(struct link *link)
{
	message_destroy(link->unacked);
	link->unacked = NULL;
	while (link->held) {
		struct message *message = link->held;
		link->held = message->next;
		message_destroy(message);
	}
	buffer_finish(&link->out);
}

static void put_byte(struct link *link, char byte)
{
	uint8_t *room = buffer_reserve(&link->out, 1);

	if (!room)
		return;
	*room = (uint8_t)byte;
	buffer_commit(&link->out, 1);
}

static void put_frame(struct link *link, const struct message *message)
{
	bool is_notification = message->kind == MESSAGE_NOTIFY;
	uint8_t *room = buffer_reserve(&link->out, frame_size_max(message->size));

	if (!room)
		return;
	size_t size = frame_write(room, is_notification ? FRAME_AS_NOTIFICATION : FRAME_AS_PACKET,
		message->data, message->size);
	buffer_commit(&link->out, size);
}

static void hold(struct link *link, struct message *message)
{
	message->next = NULL;
	if (link->held)
		link->held_end->next = message;
	else
		link->held = message;
	link->held_end = message;
	link->held_size += message->size;
}

static struct message *unhold(struct link *link)
{
	struct message *message = link->held;

	link->held = message->next;
	link->held_size -= message->size;
	return message;
}

/* Nobody acknowledges a notification, and it takes effect at once. */
static void settle(struct link *link, struct message *message)
{
	if (message->kind == MESSAGE_NO_ACK)
		link->no_ack = true;
	message_destroy(message);
}

/* Puts out what may go out now, in order. */
static void release(struct link *link)
{
	while (link->held && (!link->unacked || link->held->kind == MESSAGE_NOTIFY)) {
		struct message *message = unhold(link);
		put_frame(link, message);
		if (link->no_ack || message->kind == MESSAGE_NOTIFY) {
			settle(link, message);
		} else {
			link->unacked = message;
			link->repeats = 0;
		}
	}
}

static void take_ack(struct link *link)
{
	struct message *message = link->unacked;

	if (!message)
		return;
	link->unacked = NULL;
	settle(link, message);
	release(link);
}

static enum link_event take_nak(struct link *link)
{
	if (!link->unacked)
		return LINK_NONE;
	if (link->repeats++ == LINK_REPEATS_MAX)
		return LINK_HOPELESS;
	put_frame(link, link->unacked);
	return LINK_NONE;
}

/* A client that sends its next packet has done with our last one, whether it said so or not. */
static void give_ack(struct link *link)
{
	take_ack(link);
	if (!link->no_ack)
		put_byte(link, '+');
}

/* The same bytes would come again: an acknowledgment and an error spare both sides that. */
static void give_error(struct link *link)
{
	struct message *reply = message_create(MESSAGE_REPLY, 0, unreadable, strlen(unreadable));

	give_ack(link);
	if (reply)
		link_send(link, reply);
	else
		link->out.failed = true;
}

static enum link_event handle(struct link *link, enum frame_event event)
{
	switch (event) {
	case FRAME_PACKET:
		give_ack(link);
		return LINK_PACKET;
	case FRAME_DAMAGED:
		/* Without acknowledgments nothing can ask for the packet again. */
		if (link->no_ack)
			give_error(link);
		else
			put_byte(link, '-');
		return LINK_DAMAGED;
	case FRAME_FAULTY:
		give_error(link);
		return LINK_FAULTY;
	case FRAME_ACK:
		take_ack(link);
		return LINK_NONE;
	case FRAME_NAK:
		return take_nak(link);
	case FRAME_INTERRUPT:
		return LINK_INTERRUPT;
	case FRAME_NONE:
		break;
	}
	return LINK_NONE;
}

size_t link_receive(struct link *link, const uint8_t *bytes, size_t size, enum link_event *event)
{
	size_t used = 0;

	*event = LINK_NONE;
	while (used < size && *event == LINK_NONE) {
		enum frame_event frame_event;
		used += frame_read(&link->reader, bytes + used, size - used, &frame_event);
		*event = handle(link, frame_event);
	}
	return used;
}

void link_send(struct link *link, struct message *message)
{
	hold(link, message);
	release(link);
}

void link_drain(struct link *link)
{
	link->no_ack = true;
	take_ack(link);
	release(link);
}

size_t link_backlog(const struct link *link)
{
	return buffer_size(&link->out) + link->held_size;
}
