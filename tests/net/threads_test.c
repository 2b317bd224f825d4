/*
 * The net on its loop, boards on threads of their own, clients on more threads: what the server
 * does, for the thread sanitizer to watch.
 */
#include <arpa/inet.h>
#include <ev.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "probe/log.h"
#include "server/mailbox.h"
#include "server/net/net.h"
#include "tests/prelude.h"

#define CLIENTS 4
#define ROUNDS  200

struct server {
	struct ev_loop *loop;
	ev_async wake;
	struct net *net;
	struct mailbox *down, *up;
	unsigned port;
	pthread_t board, clients[CLIENTS];
};

static void wake_loop(void *context)
{
	struct server *server = context;

	ev_async_send(server->loop, &server->wake);
}

/* Answers each packet with itself. */
static void *run_board(void *context)
{
	struct server *server = context;

	for (;;) {
		struct message *message = mailbox_wait(server->down, UINT64_MAX);
		bool quit = message->kind == MESSAGE_QUIT;
		if (message->kind == MESSAGE_PACKET || quit) {
			message->kind = quit ? MESSAGE_ENDED : MESSAGE_REPLY;
			mailbox_put(server->up, message);
		} else {
			message_destroy(message);
		}
		if (quit)
			return NULL;
	}
}

static void on_wake(struct ev_loop *loop, ev_async *watcher, int events)
{
	struct server *server = watcher->data;
	struct message *message;

	(void)events;
	while ((message = mailbox_take(server->up))) {
		if (message->kind == MESSAGE_ENDED)
			ev_break(loop, EVBREAK_ALL);
		net_deliver(server->net, message);
	}
}

static bool hears(int fd, const char *expected)
{
	char bytes[100] = "";
	ssize_t size = recv(fd, bytes, strlen(expected), MSG_WAITALL);

	return size == (ssize_t)strlen(expected) && strcmp(bytes, expected) == 0;
}

/* Returns its argument if all went well. */
static void *run_client(void *context)
{
	const struct server *server = context;
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons((in_port_t)server->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool ok = fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0;

	for (int i = 0; ok && i < ROUNDS; i++)
		ok = send(fd, "+$g#67", 6, MSG_NOSIGNAL) == 6 && hears(fd, "+$g#67");
	close(fd);
	return ok ? context : NULL;
}

/* Waits for the clients, then tells the board to quit. */
static void *run_day(void *context)
{
	struct server *server = context;
	void *result = context;

	for (int i = 0; i < CLIENTS; i++)
		if (pthread_create(&server->clients[i], NULL, run_client, server))
			abort();
	for (int i = 0; i < CLIENTS; i++) {
		void *client_result;
		pthread_join(server->clients[i], &client_result);
		if (!client_result)
			result = NULL;
	}
	mailbox_put(server->down, message_create(MESSAGE_QUIT, 0, NULL, 0));
	return result;
}

static void clients_are_served_across_threads(void **state)
{
	struct server server = {.loop = ev_loop_new(EVFLAG_AUTO)};
	pthread_t day;
	void *result;

	(void)state;
	ev_async_init(&server.wake, on_wake);
	server.wake.data = &server;
	ev_async_start(server.loop, &server.wake);
	server.net = net_create(server.loop);
	server.down = mailbox_create(NULL, NULL);
	server.up = mailbox_create(wake_loop, &server);
	assert_int_equal(net_listen(server.net, NULL, 0, server.down, &server.port), ERR_OK);
	assert_int_equal(pthread_create(&server.board, NULL, run_board, &server), 0);
	assert_int_equal(pthread_create(&day, NULL, run_day, &server), 0);

	ev_run(server.loop, 0);

	pthread_join(day, &result);
	assert_non_null(result);
	pthread_join(server.board, NULL);
	net_destroy(server.net);
	mailbox_destroy(server.down);
	mailbox_destroy(server.up);
	ev_loop_destroy(server.loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clients_are_served_across_threads),
	};

	log_set_level(LOG_WARN);
	return cmocka_run_group_tests_name("threads", tests, NULL, NULL);
}
