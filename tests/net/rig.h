/*
 * A net on a loop of its own, with real sockets over loopback, all on the test's thread: whoever
 * waits for something runs the loop meanwhile. Waiting too long fails the test.
 */
#ifndef TESTS_NET_RIG_H
#define TESTS_NET_RIG_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>

#include "server/mailbox.h"
#include "server/net/net.h"

struct rig {
	struct ev_loop *loop;
	ev_timer tick;
	struct net *net;
	struct mailbox *down;
	unsigned port;
	char log[20000]; /* what was logged, a line each */
};

/* Set-up and tear-down of a test whose state is a rig that listens at loopback. */
int rig_set_up(void **state);
int rig_tear_down(void **state);

/* Runs the loop until `done`, which is asked again and again. */
void rig_run_until(struct rig *rig, bool (*done)(void *context), void *context);

/* A client's socket, connected. */
int rig_connect(struct rig *rig);
/* The same over IPv6; -1 where there is none. */
int rig_connect_ipv6(struct rig *rig);
/* As rig_connect(), and it has said `+`; *id is how the board knows it. */
int rig_connect_client(struct rig *rig, unsigned *id);

void rig_say(int fd, const char *text);
void rig_say_bytes(struct rig *rig, int fd, const void *bytes, size_t size);

/* Exactly these bytes come next. */
void rig_hear(struct rig *rig, int fd, const char *expected);
/* The server closes the connection, and nothing comes before. */
void rig_hear_end(struct rig *rig, int fd);
/* Nothing has come so far. */
void rig_hear_nothing(int fd);

/* The next message down. */
struct message *rig_take(struct rig *rig);
void rig_expect(struct rig *rig, enum message_kind kind, unsigned client, const char *data);
void rig_expect_no_message(struct rig *rig);

/* A message up. */
void rig_deliver(struct rig *rig, enum message_kind kind, unsigned client, const char *data);

/* Until the net has so many clients. */
void rig_await_clients(struct rig *rig, size_t count);

/* Until the log says so. */
void rig_await_log(struct rig *rig, const char *text);

#endif
