/*
 * A stream socket with deadlines: what USB/IP is sent through. On the worker thread of the board.
 *
 * Deadlines are those of usb_clock.h. A peer that closes, a socket that fails, or a message that
 * was sent in part break the stream for good.
 */
#ifndef PROBE_USBIP_STREAM_H
#define PROBE_USBIP_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "probe/err.h"

struct usbip_stream {
	int socket;
	bool broken;
	uint8_t *buffer; /* what has come and was not taken: [taken, filled) */
	size_t capacity, taken, filled;
};

/* Connects to host:port. Errors: ERR_USB_NOT_FOUND (no such host, or nobody listens),
 * ERR_USB_TIMEOUT, ERR_USB_IO. */
enum err usbip_stream_dial(
	const char *host, const char *port, uint64_t deadline_us, int *socket) MUST_USE;

/* Takes `socket` in every case. `capacity` is the longest run of bytes that
 * usbip_stream_peek() can be asked for. Errors: ERR_NO_MEMORY. */
enum err usbip_stream_init(struct usbip_stream *stream, int socket, size_t capacity) MUST_USE;

/* Closes the socket. A zeroed stream is allowed. */
void usbip_stream_finish(struct usbip_stream *stream);

/* Sends all of the parts, as one write if the socket takes it; changes `parts`. Errors:
 * ERR_USB_TIMEOUT, ERR_USB_GONE; after either the stream is broken. */
enum err usbip_stream_send(struct usbip_stream *stream, struct iovec *parts, size_t count,
	uint64_t deadline_us) MUST_USE;

/* Waits until the next `size` bytes are there and shows them; they stay until taken. A time-out
 * loses nothing. Errors: ERR_USB_TIMEOUT, ERR_USB_GONE (the stream is broken then). */
enum err usbip_stream_peek(struct usbip_stream *stream, size_t size, uint64_t deadline_us,
	const uint8_t **bytes) MUST_USE;

/* Takes `size` bytes that were shown. */
void usbip_stream_take(struct usbip_stream *stream, size_t size);

/* Gives it up: whatever is asked of it fails from now on, and the peer sees the end. */
void usbip_stream_break(struct usbip_stream *stream);

/* Whether the peer is still there, as far as can be known without waiting. */
bool usbip_stream_is_alive(struct usbip_stream *stream);

#endif
