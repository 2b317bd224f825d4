/*
 * The wire form of the GDB remote protocol: bytes to packets and back.
 *
 * Pure: no socket, no clock, no allocation; any thread. Bytes come in pieces of any size. What an
 * acknowledgment does is link.h's matter.
 *
 * Written from the GDB manual, appendix E, sections "Overview" and "Notification Packets".
 */
#ifndef SERVER_NET_FRAMING_H
#define SERVER_NET_FRAMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/mailbox.h"

#define FRAME_PAYLOAD_MAX (MESSAGE_PACKET_MAX + MESSAGE_PACKET_SLACK)

enum frame_event {
	FRAME_NONE,      /* all bytes are used up and nothing is complete */
	FRAME_PACKET,    /* a packet: `payload`, `size` */
	FRAME_DAMAGED,   /* a packet whose checksum is wrong */
	FRAME_FAULTY,    /* a packet whose checksum is right and which cannot be read: `fault` */
	FRAME_ACK,       /* `+` between packets */
	FRAME_NAK,       /* `-` between packets */
	FRAME_INTERRUPT, /* the byte 0x03 between packets */
};

enum frame_fault {
	FRAME_SOUND,
	FRAME_TOO_LONG,   /* more than FRAME_PAYLOAD_MAX bytes */
	FRAME_BAD_ESCAPE, /* `}` at the end */
};

/* Zeroed memory is a reader that waits for its first packet. The payload is not touched before
 * it is needed, so that a reader in fresh memory costs no more than it reads. */
struct frame_reader {
	uint8_t state;
	bool is_notification;
	bool is_escaped;
	uint8_t sum;
	uint8_t sent_sum;
	enum frame_fault fault;
	uint64_t junk; /* bytes between packets that mean nothing, so far */
	size_t size;   /* how long the payload is, or would be if it is too long */
	uint8_t payload[FRAME_PAYLOAD_MAX];
};

/* Reads on until something is complete or the bytes are used up; returns how many it took. What
 * the event hands over is valid until the next call. A `$` always starts a packet, and silently
 * drops one that was not complete: the sender has given it up. */
size_t frame_read(
	struct frame_reader *reader, const uint8_t *bytes, size_t size, enum frame_event *event);

/* A phrase for the log. */
const char *frame_fault_text(enum frame_fault fault);

enum frame_kind { FRAME_AS_PACKET, FRAME_AS_NOTIFICATION };

/* The most bytes that a payload of `size` bytes takes when framed. */
size_t frame_size_max(size_t size);

/* Escapes and frames a payload into `out`; returns the number of bytes. */
size_t frame_write(uint8_t *out, enum frame_kind kind, const uint8_t *payload, size_t size);

#endif
