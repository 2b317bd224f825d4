/*
 * One connection: its socket on the loop, its link, its timers. Loop thread.
 *
 * A client is never freed while the loop may be inside it: it is marked gone, its socket is closed
 * at once, and net.c frees it before the loop sleeps.
 */
#ifndef SERVER_NET_CLIENT_H
#define SERVER_NET_CLIENT_H

#include <ev.h>
#include <stdbool.h>

#include "link.h"
#include "server/mailbox.h"

enum client_state {
	CLIENT_SILENT,  /* has not said a word; the board does not know of it */
	CLIENT_TALKING, /* the board knows it */
	CLIENT_LEAVING, /* gets what is left to send, and is not listened to */
	CLIENT_LEFT,    /* was sent everything; has to close its side */
	CLIENT_GONE,    /* closed; to be freed */
};

struct client {
	struct client *next; /* for the list that it is in */
	enum client_state state;
	unsigned id;
	struct mailbox *down; /* the board's */

	/* client.c's own */
	struct ev_loop *loop;
	int in, out; /* the same, for a socket; -1: closed */
	bool is_kept_alive;
	ev_io readable;
	ev_io writable;
	ev_timer late;  /* runs while a client that is kept alive waits for a reply */
	ev_timer leave; /* runs while LEAVING or LEFT */
	struct link link;
	char peer[80];
};

/* `in` and `out` are a connected socket, or two ends of pipes; non-blocking, and taken if this
 * succeeds. `id` is not 0. NULL when out of memory. */
struct client *client_create(
	struct ev_loop *loop, int in, int out, unsigned id, struct mailbox *down);

/* Takes it for a client before it says a word: the program was started for it. */
void client_welcome(struct client *client);

/* Closes the socket; tells the board nothing. NULL is allowed. */
void client_destroy(struct client *client);

/* Takes a message from the board; drops it if the client is on its way out. */
void client_deliver(struct client *client, struct message *message);

/* Sends what waits, as far as the socket takes it. */
void client_flush(struct client *client);

/* Closes a silent connection that has to make way for another. */
void client_evict(struct client *client);

/* Whether the board knows it, and it is not gone. */
bool client_is_known(const struct client *client);

#endif
