/* Listening sockets on the loop. See listener.h. */
#include "listener.h"

#include <errno.h>
#include <ev.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "probe/log.h"

/* After a lack of descriptors or memory: a socket that stays readable would keep the loop busy. */
#define PAUSE_S 1.0

struct listener {
	struct ev_loop *loop;
	struct bind_sockets sockets;
	ev_io watchers[BIND_SOCKETS_MAX];
	ev_timer pause;
	listener_accepted *accepted;
	void *context;
};

static void start(struct listener *listener)
{
	for (size_t i = 0; i < listener->sockets.count; i++)
		ev_io_start(listener->loop, &listener->watchers[i]);
}

static void stop(struct listener *listener)
{
	for (size_t i = 0; i < listener->sockets.count; i++)
		ev_io_stop(listener->loop, &listener->watchers[i]);
}

static void on_pause_over(struct ev_loop *loop, ev_timer *timer, int events)
{
	(void)loop;
	(void)events;
	start(timer->data);
}

static bool is_shortage(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

/* Any other error is of one connection that is gone already: see accept(2), "Error handling". */
static void handle_error(struct listener *listener, int error)
{
	if (!is_shortage(error))
		return;
	log_warn("cannot accept a connection: %s; trying again in a second", strerror(error));
	stop(listener);
	ev_timer_set(&listener->pause, PAUSE_S, 0);
	ev_timer_start(listener->loop, &listener->pause);
}

static void on_connection(struct ev_loop *loop, ev_io *watcher, int events)
{
	struct listener *listener = watcher->data;
	int fd = accept4(watcher->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	(void)loop;
	(void)events;
	if (fd < 0)
		handle_error(listener, errno);
	else
		listener->accepted(listener->context, fd);
}

struct listener *listener_create(struct ev_loop *loop, const struct bind_sockets *sockets,
	listener_accepted *accepted, void *context)
{
	struct listener *listener = calloc(1, sizeof *listener);

	if (!listener)
		return NULL;
	listener->loop = loop;
	listener->sockets = *sockets;
	listener->accepted = accepted;
	listener->context = context;
	ev_timer_init(&listener->pause, on_pause_over, PAUSE_S, 0);
	listener->pause.data = listener;
	for (size_t i = 0; i < sockets->count; i++) {
		ev_io_init(&listener->watchers[i], on_connection, sockets->fds[i], EV_READ);
		listener->watchers[i].data = listener;
	}
	start(listener);
	return listener;
}

void listener_destroy(struct listener *listener)
{
	if (!listener)
		return;
	stop(listener);
	ev_timer_stop(listener->loop, &listener->pause);
	bind_close(&listener->sockets);
	free(listener);
}
