/* A port for a program's console. See console.h. Loop thread. */
#include "console.h"

#include <errno.h>
#include <ev.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "buffer.h"
#include "listener.h"
#include "probe/log.h"
#include "server/mailbox.h"

#define READ_SIZE   1024
#define BACKLOG_MAX 65536 /* bytes kept for a slow reader, or for who comes later */

struct console {
	struct ev_loop *loop;
	struct listener *listener;
	struct mailbox *down;
	unsigned id;
	int fd; /* of the connection, or -1 */
	ev_io readable, writable;
	struct buffer out;
	bool lost; /* some of the output, and it was said */
};

static void hang_up(struct console *console)
{
	if (console->fd < 0)
		return;
	ev_io_stop(console->loop, &console->readable);
	ev_io_stop(console->loop, &console->writable);
	close(console->fd);
	console->fd = -1;
}

static void flush(struct console *console)
{
	while (console->fd >= 0 && buffer_size(&console->out)) {
		ssize_t sent = send(console->fd, buffer_front(&console->out),
			buffer_size(&console->out), MSG_NOSIGNAL);
		if (sent > 0) {
			buffer_consume(&console->out, (size_t)sent);
			continue;
		}
		if (errno == EAGAIN) {
			ev_io_start(console->loop, &console->writable);
			return;
		}
		if (errno != EINTR)
			hang_up(console);
	}
	if (console->fd < 0)
		return;
	console->lost = false;
	ev_io_stop(console->loop, &console->writable);
}

static void on_writable(struct ev_loop *loop, ev_io *watcher, int events)
{
	(void)loop;
	(void)events;
	flush(watcher->data);
}

static void on_readable(struct ev_loop *loop, ev_io *watcher, int events)
{
	struct console *console = watcher->data;
	char bytes[READ_SIZE];
	ssize_t size = recv(console->fd, bytes, sizeof(bytes), 0);

	(void)loop;
	(void)events;
	if (size > 0)
		mailbox_put(console->down,
			message_create(MESSAGE_TYPED, console->id, bytes, (size_t)size));
	else if (size == 0 || (errno != EAGAIN && errno != EINTR))
		hang_up(console);
}

static void on_accepted(void *context, int fd)
{
	struct console *console = context;

	hang_up(console);
	console->fd = fd;
	ev_io_set(&console->readable, fd, EV_READ);
	ev_io_set(&console->writable, fd, EV_WRITE);
	ev_io_start(console->loop, &console->readable);
	flush(console);
}

struct console *console_create(
	struct ev_loop *loop, const struct bind_sockets *sockets, unsigned id, struct mailbox *down)
{
	struct console *console = calloc(1, sizeof(*console));

	if (!console)
		return NULL;
	console->loop = loop;
	console->down = down;
	console->id = id;
	console->fd = -1;
	ev_init(&console->readable, on_readable);
	ev_init(&console->writable, on_writable);
	console->readable.data = console;
	console->writable.data = console;
	console->listener = listener_create(loop, sockets, on_accepted, console);
	if (console->listener)
		return console;
	free(console);
	return NULL;
}

void console_destroy(struct console *console)
{
	if (!console)
		return;
	flush(console);
	hang_up(console);
	listener_destroy(console->listener);
	buffer_finish(&console->out);
	free(console);
}

unsigned console_id(const struct console *console)
{
	return console->id;
}

void console_print(struct console *console, const void *bytes, size_t size)
{
	uint8_t *room = NULL;

	if (buffer_size(&console->out) + size <= BACKLOG_MAX)
		room = buffer_reserve(&console->out, size);
	if (room) {
		memcpy(room, bytes, size);
		buffer_commit(&console->out, size);
	} else if (!console->lost) {
		log_warn("the program's console is not read: output is lost");
		console->lost = true;
	}
	flush(console);
}
