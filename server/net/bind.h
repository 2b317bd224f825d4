/*
 * Opens the listening sockets of one port. Start of the program; loop thread. A name may be looked
 * up, which blocks; nothing else does.
 */
#ifndef SERVER_NET_BIND_H
#define SERVER_NET_BIND_H

#include <stddef.h>

#include "probe/err.h"

#define BIND_SOCKETS_MAX 8
#define BIND_PATH_MAX    108 /* unix(7) */

struct bind_sockets {
	int fds[BIND_SOCKETS_MAX]; /* listening, non-blocking, closed on exec */
	size_t count;
	unsigned port;
	char path[BIND_PATH_MAX]; /* of a local socket, to be removed; else "" */
};

/* Listens at `address` (see net_listen()). On success there is at least one socket. Logs what
 * fails, and warns of addresses that other machines can reach. */
enum err bind_open(const char *address, unsigned port, struct bind_sockets *sockets) MUST_USE;

void bind_close(struct bind_sockets *sockets);

#endif
