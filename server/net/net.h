/*
 * Sockets, bytes and RSP framing on the libev loop. Knows nothing of what a packet means.
 *
 * Loop thread only. One `struct net` serves all boards of the process: each listening port belongs
 * to a board's mailbox, each connection to the port it came in by. Never blocks.
 */
#ifndef SERVER_NET_NET_H
#define SERVER_NET_NET_H

#include <stdbool.h>
#include <stddef.h>

#include "probe/err.h"
#include "server/mailbox.h"

struct ev_loop;
struct net;

/* NULL when out of memory. */
struct net *net_create(struct ev_loop *loop);

/* Sends what can be sent without waiting, and closes every socket. NULL is allowed. */
void net_destroy(struct net *net);

/* Listens for the board whose messages go `down`, which must outlive the net. `address`: NULL for
 * loopback, IPv4 and IPv6; else a numeric address or a name, or unix:PATH for a local socket that
 * only its owner may use (*bound is then 0). `port` 0: any free one, the same for
 * IPv4 and IPv6. *bound is the port. Errors: ERR_IO (logged: the port in use, with its owner where
 * that can be read). */
enum err net_listen(struct net *net, const char *address, unsigned port, struct mailbox *down,
	unsigned *bound) MUST_USE;

/* Listens at sockets that somebody else has opened (`count` is 1 to NET_SOCKETS_MAX); takes them,
 * in every case. Errors: ERR_NO_MEMORY (logged). */
#define NET_SOCKETS_MAX 8
enum err net_listen_at(
	struct net *net, const int *fds, size_t count, struct mailbox *down) MUST_USE;

/* Serves one client that is there already, at a socket or at two ends of pipes; makes them
 * non-blocking and takes them, in every case. Errors: ERR_NO_MEMORY, ERR_IO (logged). */
enum err net_serve(struct net *net, int in, int out, struct mailbox *down) MUST_USE;

/* Stops listening for that board. Its clients, if it has any, stay. */
void net_unlisten(struct net *net, const struct mailbox *down);

/* Listens for the console of a board's program: plain bytes. What is typed goes `down` as
 * MESSAGE_TYPED, what a MESSAGE_CONSOLE brings is printed, both with *id for their client. Address,
 * port and errors as above. */
enum err net_listen_console(struct net *net, const char *address, unsigned port,
	struct mailbox *down, unsigned *id, unsigned *bound) MUST_USE;

/* Sends one message that came up: the client it names gets it; a client already gone does not.
 * Takes the message. */
void net_deliver(struct net *net, struct message *message);

/* How many clients are connected: those a board was told of (MESSAGE_OPENED) and not yet that they
 * are gone. */
size_t net_clients(const struct net *net);

#endif
