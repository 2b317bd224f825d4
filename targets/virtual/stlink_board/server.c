/* The loop. See the header. */
#include "server.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "clients.h"
#include "probe/log.h"
#include "shelf.h"
#include "sockets.h"
#include "timebase.h"

#define USB_CLIENTS     32
#define CONTROL_CLIENTS 8
#define SAVE_EVERY_NS   (5 * NS_PER_S)

enum { SLOT_SIGNALS, SLOT_LISTENER, SLOT_CONTROL, SLOT_CLIENTS };

struct server {
	struct shelf shelf;
	int signals, listener, control;
	const char *control_path;
	struct usb_client usb[USB_CLIENTS];
	struct control_client speakers[CONTROL_CLIENTS];
	bool only_fd; /* ends with its one client */
	bool stopping;
	uint64_t saved_ns; /* when the states were written */
};

static uint64_t wall_now_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

/* ---- opening ---- */

/* A Ctrl-C in the terminal of a program that runs this board is meant for that program. */
static enum err catch_signals(struct server *server)
{
	sigset_t mask;
	sigemptyset(&mask);
	sigaddset(&mask, SIGTERM);
	sigaddset(&mask, SIGINT);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	if (server->only_fd)
		sigdelset(&mask, SIGINT);
	server->signals = signalfd(-1, &mask, SFD_NONBLOCK | SFD_CLOEXEC);
	return server->signals < 0 ? ERR_IO : ERR_OK;
}

static enum err adopt(struct server *server, int fd)
{
	enum err err = sockets_make_nonblocking(fd);
	if (err)
		return err;
	return usb_client_open(&server->usb[0], fd, &server->shelf) ? ERR_OK : ERR_NO_MEMORY;
}

static enum err open_sockets(struct server *server, const struct options *options)
{
	enum err err = catch_signals(server);
	if (!err && options->control)
		err = sockets_listen_unix(options->control, &server->control);
	if (!err && server->control >= 0)
		server->control_path = options->control;
	if (!err && options->fd >= 0)
		err = adopt(server, options->fd);
	if (err || !options->listen)
		return err;
	char name[128];
	err = sockets_listen_tcp(options->listen, &server->listener, name, sizeof name);
	if (err)
		return err;
	printf("Listening on %s\n", name);
	fflush(stdout);
	return ERR_OK;
}

static struct server *create(const struct options *options)
{
	struct server *server = calloc(1, sizeof *server);
	if (!server)
		return NULL;
	server->signals = server->listener = server->control = -1;
	server->only_fd = options->fd >= 0 && !options->listen;
	for (unsigned i = 0; i < USB_CLIENTS; i++)
		server->usb[i].fd = -1;
	for (unsigned i = 0; i < CONTROL_CLIENTS; i++)
		server->speakers[i].fd = -1;
	return server;
}

static void close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

static void destroy(struct server *server)
{
	for (unsigned i = 0; i < USB_CLIENTS; i++)
		if (server->usb[i].fd >= 0)
			usb_client_close(&server->usb[i], &server->shelf);
	for (unsigned i = 0; i < CONTROL_CLIENTS; i++)
		if (server->speakers[i].fd >= 0)
			control_client_close(&server->speakers[i]);
	shelf_clear(&server->shelf);
	close_fd(server->listener);
	close_fd(server->control);
	close_fd(server->signals);
	if (server->control_path)
		unlink(server->control_path);
	free(server);
}

/* ---- clients ---- */

static void accept_usb(struct server *server)
{
	int fd = sockets_accept(server->listener);
	for (unsigned i = 0; fd >= 0 && i < USB_CLIENTS; i++) {
		if (server->usb[i].fd >= 0)
			continue;
		if (!usb_client_open(&server->usb[i], fd, &server->shelf))
			log_error("no memory for another client");
		return;
	}
	close_fd(fd);
}

static void accept_control(struct server *server)
{
	int fd = sockets_accept(server->control);
	for (unsigned i = 0; fd >= 0 && i < CONTROL_CLIENTS; i++) {
		if (server->speakers[i].fd >= 0)
			continue;
		control_client_open(&server->speakers[i], fd);
		return;
	}
	close_fd(fd);
}

static void drop_usb(struct server *server, struct usb_client *client)
{
	usb_client_close(client, &server->shelf);
	server->stopping |= server->only_fd;
}

static void serve_usb(struct server *server, uint64_t wall_ns)
{
	for (unsigned i = 0; i < USB_CLIENTS; i++) {
		struct usb_client *client = &server->usb[i];
		if (client->fd >= 0 && !usb_client_serve(client, &server->shelf, wall_ns))
			drop_usb(server, client);
	}
}

/* ---- waiting ---- */

static uint64_t next_ns(struct server *server, uint64_t wall_ns)
{
	uint64_t next = shelf_next_ns(&server->shelf, wall_ns);
	if (shelf_is_dirty(&server->shelf) && server->saved_ns + SAVE_EVERY_NS < next)
		next = server->saved_ns + SAVE_EVERY_NS;
	for (unsigned i = 0; i < USB_CLIENTS; i++) {
		if (server->usb[i].fd < 0)
			continue;
		uint64_t due = usb_client_due_ns(&server->usb[i], &server->shelf);
		if (due < next)
			next = due;
	}
	return next;
}

static struct timespec *span_until(uint64_t next, struct timespec *span)
{
	uint64_t now = wall_now_ns();
	uint64_t wait = next > now ? next - now : 0;
	if (next == PACE_NEVER)
		return NULL;
	span->tv_sec = (time_t)(wait / NS_PER_S);
	span->tv_nsec = (long)(wait % NS_PER_S);
	return span;
}

#define SLOTS (SLOT_CLIENTS + USB_CLIENTS + CONTROL_CLIENTS)

static void fill_slots(const struct server *server, struct pollfd slots[SLOTS])
{
	slots[SLOT_SIGNALS] = (struct pollfd){server->signals, POLLIN, 0};
	slots[SLOT_LISTENER] = (struct pollfd){server->listener, POLLIN, 0};
	slots[SLOT_CONTROL] = (struct pollfd){server->control, POLLIN, 0};
	struct pollfd *slot = slots + SLOT_CLIENTS;
	for (unsigned i = 0; i < USB_CLIENTS; i++) {
		short events = server->usb[i].full ? POLLIN | POLLOUT : POLLIN;
		*slot++ = (struct pollfd){server->usb[i].fd, events, 0};
	}
	for (unsigned i = 0; i < CONTROL_CLIENTS; i++)
		*slot++ = (struct pollfd){server->speakers[i].fd, POLLIN, 0};
}

static void read_slots(struct server *server, const struct pollfd slots[SLOTS])
{
	const struct pollfd *slot = slots + SLOT_CLIENTS;
	for (unsigned i = 0; i < USB_CLIENTS; i++, slot++) {
		struct usb_client *client = &server->usb[i];
		bool is_gone = client->fd < 0; /* dropped since the wait */
		if (!is_gone && slot->revents & ~POLLOUT && !usb_client_read(client))
			drop_usb(server, client);
	}
	for (unsigned i = 0; i < CONTROL_CLIENTS; i++, slot++)
		if (slot->revents && !control_client_read(&server->speakers[i], &server->shelf))
			control_client_close(&server->speakers[i]);
	if (slots[SLOT_LISTENER].revents)
		accept_usb(server);
	if (slots[SLOT_CONTROL].revents)
		accept_control(server);
	if (slots[SLOT_SIGNALS].revents)
		server->stopping = true;
}

/* One wait, and everything that is due after it. */
static enum err turn(struct server *server)
{
	struct pollfd slots[SLOTS];
	struct timespec span;
	fill_slots(server, slots);
	uint64_t wall_ns = wall_now_ns();
	uint64_t next = next_ns(server, wall_ns);
	shelf_wait(&server->shelf, wall_ns);
	if (ppoll(slots, SLOTS, span_until(next, &span), NULL) < 0 && errno != EINTR) {
		log_error("poll failed: %s", strerror(errno));
		return ERR_IO;
	}
	/* Work that waited for its time begins when the work before it ended, so no lateness adds
	 * up. Then the rest of the time passes, and what has come in finds the chip as it is now.
	 */
	wall_ns = wall_now_ns();
	serve_usb(server, wall_ns);
	shelf_follow(&server->shelf, wall_ns);
	read_slots(server, slots);
	serve_usb(server, wall_ns);
	if (wall_ns >= server->saved_ns + SAVE_EVERY_NS) {
		shelf_save(&server->shelf);
		server->saved_ns = wall_ns;
	}
	return ERR_OK;
}

enum err server_run(const struct options *options)
{
	struct server *server = create(options);
	if (!server)
		return ERR_NO_MEMORY;
	enum err err = shelf_fill(&server->shelf, options, wall_now_ns());
	if (!err)
		err = open_sockets(server, options);
	while (!err && !server->stopping)
		err = turn(server);
	destroy(server);
	return err;
}
