/* A USB/IP server that follows a script. */
#include "usbip_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/prelude.h"

#define STEPS_MAX   64
#define MESSAGE_MAX 20000
#define PATIENCE_S  20 /* for a client that sends nothing: the test has failed then */
#define NO_SPLIT    SIZE_MAX

enum action { EXPECT, SEND, HANG_UP };

struct step {
	enum action action;
	uint8_t *bytes;
	size_t size;
};

struct server {
	struct step steps[STEPS_MAX];
	size_t count;
	size_t split_at, sent;
	int listener, socket; /* -1: none */
	pthread_t thread;
	char failure[300]; /* "" when the client did well */
};

/* ---- the script ---- */

static void add(struct server *server, enum action action, const uint8_t *bytes, size_t size)
{
	assert_true(server->count < STEPS_MAX);
	struct step *step = &server->steps[server->count++];
	step->action = action;
	step->size = size;
	step->bytes = malloc(size + 1);
	assert_non_null(step->bytes);
	if (size)
		memcpy(step->bytes, bytes, size);
}

void server_expect(struct server *server, const uint8_t *bytes, size_t size)
{
	add(server, EXPECT, bytes, size);
}

void server_send(struct server *server, const uint8_t *bytes, size_t size)
{
	add(server, SEND, bytes, size);
}

void server_hang_up(struct server *server)
{
	add(server, HANG_UP, NULL, 0);
}

void server_cut_after(struct server *server, size_t steps)
{
	assert_true(steps < server->count);
	while (server->count > steps)
		free(server->steps[--server->count].bytes);
	server_hang_up(server);
}

void server_split_at(struct server *server, size_t at)
{
	server->split_at = at;
}

/* ---- messages ---- */

static void put16(uint8_t *p, unsigned value)
{
	p[0] = (uint8_t)(value >> 8);
	p[1] = (uint8_t)value;
}

static void put32(uint8_t *p, uint32_t value)
{
	put16(p, value >> 16);
	put16(p + 2, value & 0xFFFF);
}

/* 0x80 in `endpoint`: direction IN, and then URB_DIR_IN in the flags, as the kernel sends it. */
static void put_submit_header(uint8_t *header, uint32_t seqnum, unsigned endpoint, size_t size)
{
	bool is_in = (endpoint & 0x80) != 0;

	memset(header, 0, 48);
	put32(header, 1);
	put32(header + 4, seqnum);
	put32(header + 8, SERVER_DEVICE);
	put32(header + 0x0C, is_in);
	put32(header + 0x10, endpoint & 0x0F);
	put32(header + 0x14, is_in ? 0x200 : 0);
	put32(header + 0x18, (uint32_t)size);
}

size_t server_put_submit(uint8_t *message, size_t length, uint32_t seqnum, unsigned endpoint,
	const uint8_t *data, size_t size)
{
	put_submit_header(message + length, seqnum, endpoint, size);
	length += 48;
	if (!data)
		return length;
	memcpy(message + length, data, size);
	return length + size;
}

void server_expect_control(struct server *server, uint32_t seqnum, const uint8_t setup[8])
{
	uint8_t message[48];

	put_submit_header(message, seqnum, setup[0] & 0x80, (size_t)(setup[6] | setup[7] << 8));
	memcpy(message + 0x28, setup, 8);
	server_expect(server, message, sizeof(message));
}

void server_expect_unlink(struct server *server, uint32_t seqnum, uint32_t unlinked)
{
	uint8_t message[48] = {0};

	put32(message, 2);
	put32(message + 4, seqnum);
	put32(message + 8, SERVER_DEVICE);
	put32(message + 0x14, unlinked);
	server_expect(server, message, sizeof(message));
}

void server_send_submitted(struct server *server, uint32_t seqnum, int32_t status, uint32_t actual,
	const uint8_t *data)
{
	uint8_t message[MESSAGE_MAX] = {0};

	put32(message, 3);
	put32(message + 4, seqnum);
	put32(message + 0x14, (uint32_t)status);
	put32(message + 0x18, actual);
	put32(message + 0x20, seqnum % 2 ? 0xFFFFFFFF : 0); /* both are in use */
	if (data)
		memcpy(message + 48, data, actual);
	server_send(server, message, 48 + (data ? actual : 0));
}

void server_send_unlinked(struct server *server, uint32_t seqnum, int32_t status)
{
	uint8_t message[48] = {0};

	put32(message, 4);
	put32(message + 4, seqnum);
	put32(message + 0x14, (uint32_t)status);
	server_send(server, message, sizeof(message));
}

static size_t put_device(
	uint8_t *entry, const char *busid, unsigned vid, unsigned pid, unsigned interfaces)
{
	memset(entry, 0, 312);
	snprintf((char *)entry, 256, "/sys/devices/pci0000:00/usb1/%s", busid);
	snprintf((char *)entry + 256, 32, "%s", busid);
	put32(entry + 0x120, 1);
	put32(entry + 0x124, 2);
	put32(entry + 0x128, 2);
	put16(entry + 0x12C, vid);
	put16(entry + 0x12E, pid);
	entry[0x135] = 1;
	entry[0x136] = 1;
	entry[0x137] = (uint8_t)interfaces;
	return 312;
}

void server_expect_list(struct server *server)
{
	static const uint8_t request[8] = {0x01, 0x11, 0x80, 0x05};
	uint8_t reply[12 + 3 * (312 + 16)] = {0x01, 0x11, 0x00, 0x05, [11] = 3};
	size_t size = 12;

	server_expect(server, request, sizeof(request));
	size += put_device(reply + size, "2-1", 0x046D, 0xC31C, 2) + 8;
	size += put_device(reply + size, "1-1", 0x0483, 0x374B, 4) + 16;
	size += put_device(reply + size, "1-2", 0x0483, 0x3748, 1) + 4;
	server_send(server, reply, size);
}

/* A V2-1: interface 0 is ours, interface 1 mass storage. */
static const uint8_t configuration[] = {9, 2, 62, 0, 2, 1, 0, 0x80, 50, /* configuration 1 */
	9, 4, 0, 0, 3, 0xFF, 0xFF, 0xFF, 4,                             /* debug */
	7, 5, 0x81, 2, 64, 0, 0, 7, 5, 0x01, 2, 64, 0, 0, 7, 5, 0x82, 2, 32, 0, 0, /* endpoints */
	9, 4, 1, 0, 2, 8, 6, 0x50, 6,                                              /* storage */
	7, 5, 0x83, 2, 64, 0, 0};

static void expect_descriptors(struct server *server)
{
	static const uint8_t device[18] = {
		18, 1, 0, 2, 0xEF, 2, 1, 64, 0x83, 0x04, 0x4B, 0x37, 0, 1, 1, 2, 3, 1};
	static const char text[] = "066EFF373535503457062922";
	uint8_t serial[50] = {50, 3};

	for (size_t i = 0; i < 24; i++)
		serial[2 + 2 * i] = (uint8_t)text[i];
	server_expect_control(server, 1, (const uint8_t[8]){0x80, 6, 0, 1, 0, 0, 18, 0});
	server_send_submitted(server, 1, 0, sizeof(device), device);
	server_expect_control(server, 2, (const uint8_t[8]){0x80, 6, 0, 2, 0, 0, 0, 4});
	server_send_submitted(server, 2, 0, sizeof(configuration), configuration);
	server_expect_control(server, 3, (const uint8_t[8]){0x00, 9, 1, 0, 0, 0, 0, 0});
	server_send_submitted(server, 3, 0, 0, NULL);
	server_expect_control(server, 4, (const uint8_t[8]){0x80, 6, 3, 3, 9, 4, 255, 0});
	server_send_submitted(server, 4, 0, sizeof(serial), serial);
}

void server_expect_import(struct server *server)
{
	static const uint8_t request[40] = {0x01, 0x11, 0x80, 0x03, 0, 0, 0, 0, '1', '-', '1'};
	uint8_t reply[8 + 312] = {0x01, 0x11, 0x00, 0x03};

	server_expect(server, request, sizeof(request));
	put_device(reply + 8, "1-1", 0x0483, 0x374B, 4);
	server_send(server, reply, sizeof(reply));
	expect_descriptors(server);
}

/* ---- running ---- */

/* Over TCP a message may come in pieces; on the pair it must not. */
static bool receive(struct server *server, const struct step *step)
{
	uint8_t message[MESSAGE_MAX];
	size_t size = 0;

	do {
		ssize_t got = recv(server->socket, message + size, sizeof(message) - size, 0);
		if (got <= 0)
			break;
		size += (size_t)got;
	} while (server->listener >= 0 && size < step->size);
	if (size != step->size) {
		snprintf(server->failure, sizeof(server->failure),
			"a message of %zu bytes came instead of %zu", size, step->size);
		return false;
	}
	for (size_t i = 0; i < size; i++) {
		if (message[i] == step->bytes[i])
			continue;
		snprintf(server->failure, sizeof(server->failure),
			"byte %zu of the message is %02x instead of %02x", i, message[i],
			step->bytes[i]);
		return false;
	}
	return true;
}

/* The client may have hung up meanwhile, which is for the test to judge. */
static void transmit(struct server *server, const struct step *step)
{
	size_t first = step->size;

	if (server->split_at > server->sent && server->split_at < server->sent + step->size)
		first = server->split_at - server->sent;
	if (send(server->socket, step->bytes, first, MSG_NOSIGNAL) > 0 && first < step->size)
		(void)send(server->socket, step->bytes + first, step->size - first, MSG_NOSIGNAL);
	server->sent += step->size;
}

static void hang_up(struct server *server)
{
	if (server->socket >= 0)
		close(server->socket);
	server->socket = -1;
}

static void *serve(void *context)
{
	struct server *server = context;
	const struct timeval patience = {PATIENCE_S, 0};
	bool good = true;

	for (size_t i = 0; i < server->count && good; i++) {
		const struct step *step = &server->steps[i];
		if (server->socket < 0) {
			server->socket = accept(server->listener, NULL, NULL);
			setsockopt(server->socket, SOL_SOCKET, SO_RCVTIMEO, &patience,
				sizeof(patience));
		}
		if (step->action == EXPECT)
			good = receive(server, step);
		else if (step->action == SEND)
			transmit(server, step);
		else
			hang_up(server);
		if (!good) {
			size_t length = strlen(server->failure);
			snprintf(server->failure + length, sizeof(server->failure) - length,
				" (step %zu)", i);
			hang_up(server);
		}
	}
	return NULL;
}

struct server *server_create(void)
{
	struct server *server = calloc(1, sizeof(*server));

	assert_non_null(server);
	server->listener = server->socket = -1;
	server->split_at = NO_SPLIT;
	return server;
}

int server_start(struct server *server)
{
	const struct timeval patience = {PATIENCE_S, 0};
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	server->socket = pair[0];
	setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	assert_int_equal(pthread_create(&server->thread, NULL, serve, server), 0);
	return pair[1];
}

unsigned server_start_tcp(struct server *server)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t length = sizeof(address);

	server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(server->listener >= 0);
	assert_int_equal(bind(server->listener, (struct sockaddr *)&address, length), 0);
	assert_int_equal(listen(server->listener, 4), 0);
	assert_int_equal(getsockname(server->listener, (struct sockaddr *)&address, &length), 0);
	assert_int_equal(pthread_create(&server->thread, NULL, serve, server), 0);
	return ntohs(address.sin_port);
}

void server_finish(struct server *server)
{
	pthread_join(server->thread, NULL);
	hang_up(server);
	if (server->listener >= 0)
		close(server->listener);
	if (server->failure[0])
		fail_msg("%s", server->failure);
	for (size_t i = 0; i < server->count; i++)
		free(server->steps[i].bytes);
	free(server);
}
