/*
 * Accepts connections at one port. Loop thread.
 */
#ifndef SERVER_NET_LISTENER_H
#define SERVER_NET_LISTENER_H

#include "bind.h"

struct ev_loop;
struct listener;

/* Gets each new connection, non-blocking and closed on exec; owns it. */
typedef void listener_accepted(void *context, int fd);

/* Takes the sockets if it succeeds. NULL when out of memory. */
struct listener *listener_create(struct ev_loop *loop, const struct bind_sockets *sockets,
	listener_accepted *accepted, void *context);

/* Closes the sockets. NULL is allowed. */
void listener_destroy(struct listener *listener);

#endif
