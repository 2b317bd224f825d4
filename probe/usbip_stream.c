/* A stream socket with deadlines. */
#include "usbip_stream.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "usb_clock.h"

/* ---- waiting ---- */

/* Rounded up, so that the last wait does not spin. */
static enum err wait_for(int socket, short events, uint64_t deadline_us)
{
	for (;;) {
		uint64_t now = usb_clock_now_us();
		if (now >= deadline_us)
			return ERR_USB_TIMEOUT;
		struct pollfd waiter = {.fd = socket, .events = events};
		int ready = poll(&waiter, 1, (int)((deadline_us - now + 999) / 1000));
		if (ready > 0)
			return ERR_OK;
		if (ready < 0 && errno != EINTR)
			return ERR_USB_IO;
	}
}

static bool would_block(void)
{
	return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

/* The far end shall know, too: it keeps the device for us until then. */
void usbip_stream_break(struct usbip_stream *stream)
{
	stream->broken = true;
	(void)shutdown(stream->socket, SHUT_RDWR);
}

static enum err break_stream(struct usbip_stream *stream, enum err err)
{
	usbip_stream_break(stream);
	return err;
}

/* ---- connecting ---- */

static enum err dial_address(const struct addrinfo *address, uint64_t deadline_us, int *result)
{
	int error = 0;
	socklen_t length = sizeof(error);
	int fd = socket(address->ai_family, address->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
		address->ai_protocol);

	if (fd < 0)
		return ERR_USB_IO;
	enum err err = ERR_OK;
	if (connect(fd, address->ai_addr, address->ai_addrlen) < 0) {
		err = errno == EINPROGRESS ? wait_for(fd, POLLOUT, deadline_us) : ERR_USB_NOT_FOUND;
		if (!err && (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0 || error))
			err = ERR_USB_NOT_FOUND;
	}
	if (err)
		close(fd);
	else
		*result = fd;
	return err;
}

enum err usbip_stream_dial(const char *host, const char *port, uint64_t deadline_us, int *socket)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	struct addrinfo *list;
	enum err err = ERR_USB_NOT_FOUND;

	if (getaddrinfo(host, port, &hints, &list) != 0)
		return ERR_USB_NOT_FOUND;
	for (struct addrinfo *address = list; address && err; address = address->ai_next)
		err = dial_address(address, deadline_us, socket);
	freeaddrinfo(list);
	return err;
}

/* ---- life ---- */

/* TCP_NODELAY fails on a socket pair, which has no delay anyway. */
enum err usbip_stream_init(struct usbip_stream *stream, int socket, size_t capacity)
{
	int on = 1;

	*stream = (struct usbip_stream){.socket = socket, .capacity = capacity};
	stream->buffer = malloc(capacity);
	if (!stream->buffer) {
		close(socket);
		return ERR_NO_MEMORY;
	}
	(void)setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	(void)setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	return ERR_OK;
}

void usbip_stream_finish(struct usbip_stream *stream)
{
	if (!stream->buffer)
		return;
	close(stream->socket);
	free(stream->buffer);
	stream->buffer = NULL;
}

/* ---- sending ---- */

static void skip(struct iovec **parts, size_t *count, size_t sent)
{
	while (*count && sent >= (*parts)->iov_len) {
		sent -= (*parts)->iov_len;
		(*parts)++;
		(*count)--;
	}
	if (*count) {
		(*parts)->iov_base = (uint8_t *)(*parts)->iov_base + sent;
		(*parts)->iov_len -= sent;
	}
}

enum err usbip_stream_send(
	struct usbip_stream *stream, struct iovec *parts, size_t count, uint64_t deadline_us)
{
	if (stream->broken)
		return ERR_USB_GONE;
	while (count) {
		struct msghdr message = {.msg_iov = parts, .msg_iovlen = count};
		ssize_t sent = sendmsg(stream->socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent >= 0) {
			skip(&parts, &count, (size_t)sent);
			continue;
		}
		if (!would_block())
			return break_stream(stream, ERR_USB_GONE);
		enum err err = wait_for(stream->socket, POLLOUT, deadline_us);
		if (err)
			return break_stream(stream, err);
	}
	return ERR_OK;
}

/* ---- receiving ---- */

/* One read of whatever is there. */
static enum err fill(struct usbip_stream *stream, uint64_t deadline_us)
{
	ssize_t got = recv(stream->socket, stream->buffer + stream->filled,
		stream->capacity - stream->filled, MSG_DONTWAIT);

	if (got > 0) {
		stream->filled += (size_t)got;
		return ERR_OK;
	}
	if (got == 0 || !would_block())
		return break_stream(stream, ERR_USB_GONE);
	enum err err = wait_for(stream->socket, POLLIN, deadline_us);
	return err == ERR_USB_IO ? break_stream(stream, ERR_USB_GONE) : err;
}

enum err usbip_stream_peek(
	struct usbip_stream *stream, size_t size, uint64_t deadline_us, const uint8_t **bytes)
{
	if (size > stream->capacity)
		return break_stream(stream, ERR_USB_IO);
	if (stream->capacity - stream->taken < size) {
		stream->filled -= stream->taken;
		memmove(stream->buffer, stream->buffer + stream->taken, stream->filled);
		stream->taken = 0;
	}
	while (stream->filled - stream->taken < size) {
		enum err err = stream->broken ? ERR_USB_GONE : fill(stream, deadline_us);
		if (err)
			return err;
	}
	*bytes = stream->buffer + stream->taken;
	return ERR_OK;
}

void usbip_stream_take(struct usbip_stream *stream, size_t size)
{
	stream->taken += size;
	if (stream->taken == stream->filled)
		stream->taken = stream->filled = 0;
}

bool usbip_stream_is_alive(struct usbip_stream *stream)
{
	uint8_t byte;

	if (stream->broken)
		return false;
	ssize_t got = recv(stream->socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
	stream->broken = got == 0 || (got < 0 && !would_block());
	return !stream->broken;
}
