/*
 * One client's side of the conversation below the meaning of packets: acknowledgment and
 * retransmission, and the switch to no-acknowledgment mode.
 *
 * Pure: bytes in, events and bytes to send out; no socket, no clock. Loop thread.
 *
 * Written from the GDB manual, appendix E, sections "Overview" and "Packet Acknowledgment", and
 * from what gdb 13 does: it sends `-` when it has waited `remotetimeout` for a reply, in
 * no-acknowledgment mode too, so a `-` that answers no packet of ours is not for any packet.
 */
#ifndef SERVER_NET_LINK_H
#define SERVER_NET_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"
#include "framing.h"
#include "server/mailbox.h"

/* How often one reply is sent again before the client is given up. */
#define LINK_REPEATS_MAX 10

enum link_event {
	LINK_NONE,      /* all bytes are used up */
	LINK_PACKET,    /* a packet: `reader.payload`, `reader.size` */
	LINK_INTERRUPT, /* the byte 0x03 between packets */
	LINK_DAMAGED,   /* for the log: a wrong checksum; the client has been told */
	LINK_FAULTY,    /* for the log: a packet with `reader.fault`; the client has been told */
	LINK_HOPELESS,  /* the client has refused the same reply too often: hang up */
};

/* Zeroed memory is the link of a client that has just connected. */
struct link {
	struct frame_reader reader;
	struct buffer out; /* bytes to send, in order */
	struct message
		*unacked; /* the packet that was sent last, while it may have to be sent again */
	struct message *held; /* what must wait until that one is acknowledged */
	struct message *held_end;
	size_t held_size;
	unsigned repeats;
	bool no_ack;
};

void link_finish(struct link *link);

/* Takes bytes from the client until something happened or they are used up; returns how many.
 * Appends to `out` what the protocol answers by itself. */
size_t link_receive(struct link *link, const uint8_t *bytes, size_t size, enum link_event *event);

/* Sends a reply, a notification or a MESSAGE_NO_ACK; takes it. */
void link_send(struct link *link, struct message *message);

/* Waits for no more acknowledgments: everything held is put out. */
void link_drain(struct link *link);

/* How many bytes the client has not been sent yet. */
size_t link_backlog(const struct link *link);

#endif
