/*
 * All ports and all clients of the process. See net.h.
 *
 * Before the loop sleeps, everything that was said in this round is sent, and the clients that are
 * gone are freed: no callback has to fear for the client it is in.
 */
#include "server/net/net.h"

#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "console.h"
#include "listener.h"
#include "probe/log.h"

/* Connections for one board: a few gdbs, their live watches, and room for what is just leaving. */
#define CLIENTS_MAX 16

struct port {
	struct port *next;
	struct net *net;
	struct listener *listener;
	struct mailbox *down;
};

struct console_port {
	struct console_port *next;
	struct console *console;
};

struct net {
	struct ev_loop *loop;
	ev_prepare before_sleep;
	struct port *ports;
	struct console_port *consoles;
	struct client *clients; /* oldest first */
	unsigned last_id;
};

static void on_before_sleep(struct ev_loop *loop, ev_prepare *watcher, int events)
{
	struct net *net = watcher->data;

	(void)loop;
	(void)events;
	for (struct client **at = &net->clients; *at;) {
		struct client *client = *at;
		client_flush(client);
		if (client->state != CLIENT_GONE) {
			at = &client->next;
			continue;
		}
		*at = client->next;
		client_destroy(client);
	}
}

struct net *net_create(struct ev_loop *loop)
{
	struct net *net = calloc(1, sizeof *net);

	if (!net)
		return NULL;
	net->loop = loop;
	ev_prepare_init(&net->before_sleep, on_before_sleep);
	net->before_sleep.data = net;
	ev_prepare_start(loop, &net->before_sleep);
	return net;
}

void net_destroy(struct net *net)
{
	if (!net)
		return;
	ev_prepare_stop(net->loop, &net->before_sleep);
	while (net->ports) {
		struct port *port = net->ports;
		net->ports = port->next;
		listener_destroy(port->listener);
		free(port);
	}
	while (net->consoles) {
		struct console_port *port = net->consoles;
		net->consoles = port->next;
		console_destroy(port->console);
		free(port);
	}
	while (net->clients) {
		struct client *client = net->clients;
		net->clients = client->next;
		client_flush(client);
		client_destroy(client);
	}
	free(net);
}

/* Whether a further client may come; one that has not said a word makes way. */
static bool make_room(struct net *net, const struct mailbox *down)
{
	struct client *silent = NULL;
	size_t count = 0;

	for (struct client *client = net->clients; client; client = client->next) {
		if (client->state == CLIENT_GONE || client->down != down)
			continue;
		count++;
		if (!silent && client->state == CLIENT_SILENT)
			silent = client;
	}
	if (count < CLIENTS_MAX)
		return true;
	if (!silent)
		return false;
	client_evict(silent);
	return true;
}

static void append(struct net *net, struct client *client)
{
	struct client **end = &net->clients;

	while (*end)
		end = &(*end)->next;
	*end = client;
}

static unsigned next_id(struct net *net)
{
	/* 0 is nobody, also after four thousand million connections. */
	if (++net->last_id == 0)
		net->last_id = 1;
	return net->last_id;
}

static void on_accepted(void *context, int fd)
{
	struct port *port = context;
	struct net *net = port->net;

	if (!make_room(net, port->down)) {
		log_warn("connection refused: the board has %d clients already", CLIENTS_MAX);
		close(fd);
		return;
	}
	struct client *client = client_create(net->loop, fd, fd, next_id(net), port->down);
	if (!client) {
		log_error("connection refused: out of memory");
		close(fd);
		return;
	}
	append(net, client);
}

static enum err make_nonblocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) >= 0 &&
		fcntl(fd, F_SETFD, FD_CLOEXEC) >= 0)
		return ERR_OK;
	log_error("file descriptor %d cannot be served: %s", fd, strerror(errno));
	return ERR_IO;
}

enum err net_serve(struct net *net, int in, int out, struct mailbox *down)
{
	enum err err = make_nonblocking(in);
	if (!err)
		err = make_nonblocking(out);
	struct client *client = err ? NULL : client_create(net->loop, in, out, next_id(net), down);
	if (client) {
		append(net, client);
		client_welcome(client);
		return ERR_OK;
	}
	close(in);
	if (out != in)
		close(out);
	return err ? err : ERR_NO_MEMORY;
}

static struct port *port_create(
	struct net *net, const struct bind_sockets *sockets, struct mailbox *down)
{
	struct port *port = calloc(1, sizeof *port);

	if (!port)
		return NULL;
	port->net = net;
	port->down = down;
	port->listener = listener_create(net->loop, sockets, on_accepted, port);
	if (!port->listener) {
		free(port);
		return NULL;
	}
	return port;
}

static enum err add_port(struct net *net, struct bind_sockets *sockets, struct mailbox *down)
{
	struct port *port = port_create(net, sockets, down);

	if (!port) {
		log_error("cannot listen: out of memory");
		bind_close(sockets);
		return ERR_NO_MEMORY;
	}
	port->next = net->ports;
	net->ports = port;
	return ERR_OK;
}

enum err net_listen_at(struct net *net, const int *fds, size_t count, struct mailbox *down)
{
	struct bind_sockets sockets = {.count = count};
	enum err err = ERR_OK;

	_Static_assert(NET_SOCKETS_MAX <= BIND_SOCKETS_MAX, "no room for the sockets");
	memcpy(sockets.fds, fds, count * sizeof(*fds));
	for (size_t i = 0; i < count && !err; i++)
		err = make_nonblocking(fds[i]);
	if (err)
		bind_close(&sockets);
	return err ? err : add_port(net, &sockets, down);
}

enum err net_listen(struct net *net, const char *address, unsigned port_number,
	struct mailbox *down, unsigned *bound)
{
	struct bind_sockets sockets;
	enum err err = bind_open(address, port_number, &sockets);

	if (err)
		return err;
	*bound = sockets.port;
	return add_port(net, &sockets, down);
}

void net_unlisten(struct net *net, const struct mailbox *down)
{
	for (struct port **at = &net->ports; *at;) {
		struct port *port = *at;
		if (port->down != down) {
			at = &port->next;
			continue;
		}
		*at = port->next;
		listener_destroy(port->listener);
		free(port);
	}
}

enum err net_listen_console(struct net *net, const char *address, unsigned port_number,
	struct mailbox *down, unsigned *id, unsigned *bound)
{
	struct bind_sockets sockets;
	enum err err = bind_open(address, port_number, &sockets);

	if (err)
		return err;
	struct console_port *port = calloc(1, sizeof *port);
	*id = next_id(net);
	if (port)
		port->console = console_create(net->loop, &sockets, *id, down);
	if (!port || !port->console) {
		log_error("cannot listen at port %u: out of memory", sockets.port);
		bind_close(&sockets);
		free(port);
		return ERR_NO_MEMORY;
	}
	port->next = net->consoles;
	net->consoles = port;
	*bound = sockets.port;
	return ERR_OK;
}

static void print(struct net *net, struct message *message)
{
	for (struct console_port *port = net->consoles; port; port = port->next) {
		if (console_id(port->console) == message->client)
			console_print(port->console, message->data, message->size);
	}
	message_destroy(message);
}

void net_deliver(struct net *net, struct message *message)
{
	if (message->kind == MESSAGE_CONSOLE) {
		print(net, message);
		return;
	}
	for (struct client *client = net->clients; client; client = client->next) {
		if (client->id == message->client) {
			client_deliver(client, message);
			return;
		}
	}
	message_destroy(message);
}

size_t net_clients(const struct net *net)
{
	size_t count = 0;

	for (const struct client *client = net->clients; client; client = client->next)
		count += client_is_known(client);
	return count;
}
