/* See rig.h. */
#include "rig.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "probe/log.h"
#include "tests/prelude.h"

/* A test that waits so long has failed. */
#define PATIENCE_S 30.0
/* The loop comes round at least so often, to look at what the loop does not watch. */
#define TICK_S 0.001

static void on_tick(struct ev_loop *loop, ev_timer *timer, int events)
{
	(void)loop;
	(void)timer;
	(void)events;
}

static void keep_log(void *context, enum log_level level, const char *text)
{
	struct rig *rig = context;

	(void)level;
	snprintf(rig->log + strlen(rig->log), sizeof rig->log - strlen(rig->log), "%s\n", text);
}

int rig_set_up(void **state)
{
	struct rig *rig = calloc(1, sizeof *rig);

	assert_non_null(rig);
	log_set_level(LOG_DEBUG);
	log_listen(keep_log, rig);
	rig->loop = ev_loop_new(EVFLAG_AUTO);
	rig->net = net_create(rig->loop);
	rig->down = mailbox_create(NULL, NULL);
	ev_timer_init(&rig->tick, on_tick, TICK_S, TICK_S);
	ev_timer_start(rig->loop, &rig->tick);
	assert_int_equal(net_listen(rig->net, NULL, 0, rig->down, &rig->port), ERR_OK);
	*state = rig;
	return 0;
}

int rig_tear_down(void **state)
{
	struct rig *rig = *state;

	net_destroy(rig->net);
	mailbox_destroy(rig->down);
	ev_timer_stop(rig->loop, &rig->tick);
	ev_loop_destroy(rig->loop);
	log_listen(NULL, NULL);
	free(rig);
	return 0;
}

void rig_run_until(struct rig *rig, bool (*done)(void *context), void *context)
{
	ev_tstamp start = ev_time();

	while (!done(context)) {
		if (ev_time() - start > PATIENCE_S)
			fail_msg("waited in vain");
		ev_run(rig->loop, EVRUN_ONCE);
	}
}

int rig_connect(struct rig *rig)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons((in_port_t)rig->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
	return fd;
}

int rig_connect_ipv6(struct rig *rig)
{
	struct sockaddr_in6 address = {
		.sin6_family = AF_INET6,
		.sin6_port = htons((in_port_t)rig->port),
		.sin6_addr = IN6ADDR_LOOPBACK_INIT,
	};
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address)) {
		assert_int_equal(errno, EADDRNOTAVAIL);
		close(fd);
		return -1;
	}
	return fd;
}

int rig_connect_client(struct rig *rig, unsigned *id)
{
	int fd = rig_connect(rig);

	rig_say(fd, "+");
	struct message *message = rig_take(rig);
	assert_int_equal(message->kind, MESSAGE_OPENED);
	*id = message->client;
	message_destroy(message);
	return fd;
}

void rig_say(int fd, const char *text)
{
	size_t size = strlen(text);

	assert_int_equal(send(fd, text, size, MSG_NOSIGNAL | MSG_DONTWAIT), size);
}

struct saying {
	int fd;
	const char *bytes;
	size_t size;
};

static bool say_some(void *context)
{
	struct saying *saying = context;
	ssize_t sent = send(saying->fd, saying->bytes, saying->size, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (sent > 0) {
		saying->bytes += sent;
		saying->size -= (size_t)sent;
	}
	return saying->size == 0 || (sent < 0 && errno != EAGAIN);
}

void rig_say_bytes(struct rig *rig, int fd, const void *bytes, size_t size)
{
	struct saying saying = {fd, bytes, size};

	rig_run_until(rig, say_some, &saying);
}

struct hearing {
	int fd;
	char bytes[1000];
	size_t size, wanted;
	bool ended;
};

static bool hear_some(void *context)
{
	struct hearing *hearing = context;
	ssize_t size = recv(hearing->fd, hearing->bytes + hearing->size,
		hearing->wanted - hearing->size, MSG_DONTWAIT);

	if (size > 0)
		hearing->size += (size_t)size;
	if (size == 0 || (size < 0 && errno != EAGAIN))
		hearing->ended = true;
	return hearing->ended || hearing->size == hearing->wanted;
}

void rig_hear(struct rig *rig, int fd, const char *expected)
{
	struct hearing hearing = {.fd = fd, .wanted = strlen(expected)};

	assert_true(hearing.wanted < sizeof hearing.bytes);
	rig_run_until(rig, hear_some, &hearing);
	assert_string_equal(hearing.bytes, expected);
}

void rig_hear_end(struct rig *rig, int fd)
{
	struct hearing hearing = {.fd = fd, .wanted = 1};

	rig_run_until(rig, hear_some, &hearing);
	assert_true(hearing.ended);
	assert_int_equal(hearing.size, 0);
}

void rig_hear_nothing(int fd)
{
	char byte;

	assert_int_equal(recv(fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK), -1);
	assert_int_equal(errno, EAGAIN);
}

struct taking {
	struct mailbox *down;
	struct message *message;
};

static bool take_one(void *context)
{
	struct taking *taking = context;

	taking->message = mailbox_take(taking->down);
	return taking->message;
}

struct message *rig_take(struct rig *rig)
{
	struct taking taking = {rig->down, NULL};

	rig_run_until(rig, take_one, &taking);
	return taking.message;
}

void rig_expect(struct rig *rig, enum message_kind kind, unsigned client, const char *data)
{
	struct message *message = rig_take(rig);

	assert_int_equal(message->kind, kind);
	assert_int_equal(message->client, client);
	assert_int_equal(message->size, strlen(data));
	assert_string_equal((const char *)message->data, data);
	message_destroy(message);
}

void rig_expect_no_message(struct rig *rig)
{
	assert_null(mailbox_take(rig->down));
}

void rig_deliver(struct rig *rig, enum message_kind kind, unsigned client, const char *data)
{
	struct message *message = message_create(kind, client, data, strlen(data));

	assert_non_null(message);
	net_deliver(rig->net, message);
}

struct counting {
	struct net *net;
	size_t count;
};

static bool has_clients(void *context)
{
	const struct counting *counting = context;

	return net_clients(counting->net) == counting->count;
}

void rig_await_clients(struct rig *rig, size_t count)
{
	struct counting counting = {rig->net, count};

	rig_run_until(rig, has_clients, &counting);
}

struct reading {
	const char *log, *text;
};

static bool log_says(void *context)
{
	const struct reading *reading = context;

	return strstr(reading->log, reading->text);
}

void rig_await_log(struct rig *rig, const char *text)
{
	struct reading reading = {rig->log, text};

	rig_run_until(rig, log_says, &reading);
}
