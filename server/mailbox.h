/*
 * The seam between the loop thread (which owns bytes) and a board's worker thread (which owns
 * meaning): two mailboxes of owned messages.
 *
 * The sender gives a message away; the taker frees it. Sending never blocks and never fails for
 * want of room. Only the mailbox, the worker and the log know that there is more than one thread.
 */
#ifndef SERVER_MAILBOX_H
#define SERVER_MAILBOX_H

#include <stddef.h>
#include <stdint.h>

/* What may be advertised as PacketSize, in bytes. A packet that comes down may be longer by up to
 * MESSAGE_PACKET_SLACK, for clients that do not count their header; longer ones never come down. */
#define MESSAGE_PACKET_MAX   0x20000
#define MESSAGE_PACKET_SLACK 64

enum message_kind {
	/* down: loop to worker */
	MESSAGE_OPENED, /* a client connected and sent its first byte */
	MESSAGE_PACKET, /* one packet's payload: unescaped, checksum proved */
	MESSAGE_INTERRUPT, /* the byte 0x03 between packets */
	MESSAGE_CLOSED,    /* the client is gone; nothing more comes from it */
	MESSAGE_TYPED,     /* keys for the program; the client is the console's number */
	MESSAGE_QUIT,      /* finish; no client */

	/* up: worker to loop */
	MESSAGE_REPLY,  /* payload of one packet to send, not yet escaped or framed */
	MESSAGE_NOTIFY, /* payload of a notification (`%`) */
	MESSAGE_NO_ACK, /* a reply after which no packet is acknowledged any more, either way */
	/* From now on, whenever a reply is more than 1 s late, the client gets a notification each
	 * second that says nothing. Only for clients that ignore notifications they do not know:
	 * gdb does, LLDB up to 22 takes one for the reply. */
	MESSAGE_KEEP_ALIVE,
	/* The last packet has no reply for now (the core runs) or never (`k`): it is not late. */
	MESSAGE_RUNNING,
	MESSAGE_CONSOLE, /* what the program prints; the client is the console's number */
	MESSAGE_HANG_UP, /* close the client's connection once everything before this is sent */
	MESSAGE_ENDED,   /* the worker has finished; no client */
};

struct message {
	struct message *next; /* for the queue that it is in */
	enum message_kind kind;
	unsigned client; /* a connection, unique while the process lives; 0: none */
	size_t size;
	uint8_t data[]; /* `size` bytes, then a 0 that is not counted */
};

/* NULL when out of memory. `data` may be NULL: the bytes are then for the caller to fill. */
struct message *message_create(
	enum message_kind kind, unsigned client, const void *data, size_t size);
void message_destroy(struct message *message); /* NULL is allowed */

struct mailbox;

/* `wake` (may be NULL) is called on the sender's thread after each message. NULL when out of
 * memory. */
struct mailbox *mailbox_create(void (*wake)(void *context), void *context);

/* Frees the messages still in it. NULL is allowed. */
void mailbox_destroy(struct mailbox *mailbox);

/* Takes `message` in every case. NULL is allowed and ignored. */
void mailbox_put(struct mailbox *mailbox, struct message *message);

/* The oldest message, or NULL. Never blocks. */
struct message *mailbox_take(struct mailbox *mailbox);

/* The oldest message; waits for one up to `timeout_us` (UINT64_MAX: for ever), then NULL. */
struct message *mailbox_wait(struct mailbox *mailbox, uint64_t timeout_us);

/* How many messages of `client` are waiting. Never blocks, takes nothing. */
size_t mailbox_count(struct mailbox *mailbox, unsigned client);

#endif
