/*
 * A port for a program's console: plain bytes both ways, no protocol. Loop thread.
 *
 * One connection at a time; a new one takes the place of the old. What is printed while nobody is
 * connected is kept for who comes, up to a limit.
 */
#ifndef SERVER_NET_CONSOLE_H
#define SERVER_NET_CONSOLE_H

#include <stddef.h>

#include "bind.h"

struct console;
struct ev_loop;
struct mailbox;

/* Takes the sockets if it succeeds. What is typed goes `down` as MESSAGE_TYPED of client `id`. NULL
 * when out of memory. */
struct console *console_create(struct ev_loop *loop, const struct bind_sockets *sockets,
	unsigned id, struct mailbox *down);

/* Sends what can be sent without waiting, and closes. NULL is allowed. */
void console_destroy(struct console *console);

unsigned console_id(const struct console *console);

/* Prints; never blocks. */
void console_print(struct console *console, const void *bytes, size_t size);

#endif
