/* Clients that vanish, misbehave or are no clients at all. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "framing.h"
#include "rig.h"
#include "tests/prelude.h"

/* Closes so that the other side gets a reset instead of an end. */
static void reset(int fd)
{
	const struct linger linger = {.l_onoff = 1, .l_linger = 0};

	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger), 0);
	close(fd);
}

static void leave(int fd)
{
	close(fd);
}

/* The server goes on: somebody else is served. */
static void assert_serves(struct rig *rig)
{
	unsigned id;
	int fd = rig_connect_client(rig, &id);

	rig_say(fd, "$g#67");
	rig_expect(rig, MESSAGE_PACKET, id, "g");
	rig_deliver(rig, MESSAGE_REPLY, id, "OK");
	rig_hear(rig, fd, "+$OK#9a");
	close(fd);
	rig_expect(rig, MESSAGE_CLOSED, id, "");
	rig_await_clients(rig, 0);
	rig_expect_no_message(rig);
}

static void vanish_in_each_state(struct rig *rig, void (*vanish)(int fd))
{
	static const char *const words[] = {"+", "$", "$m0,", "$g#6", "$a*", "$a}", "%x"};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		unsigned id;
		int fd = rig_connect_client(rig, &id);
		rig_say(fd, words[i]);
		vanish(fd);
		rig_expect(rig, MESSAGE_CLOSED, id, "");
		rig_expect_no_message(rig);
	}
	assert_serves(rig);
}

static void may_leave_in_mid_packet(void **state)
{
	vanish_in_each_state(*state, leave);
}

static void may_be_reset_in_mid_packet(void **state)
{
	vanish_in_each_state(*state, reset);
}

static void may_leave_before_its_reply(void **state)
{
	struct rig *rig = *state;
	unsigned id;
	int fd = rig_connect_client(rig, &id);

	rig_deliver(rig, MESSAGE_KEEP_ALIVE, id, "");
	rig_say(fd, "$g#67");
	rig_expect(rig, MESSAGE_PACKET, id, "g");
	close(fd);
	rig_expect(rig, MESSAGE_CLOSED, id, "");
	rig_deliver(rig, MESSAGE_REPLY, id, "OK");
	rig_deliver(rig, MESSAGE_RUNNING, id, "");
	rig_deliver(rig, MESSAGE_HANG_UP, id, "");
	assert_serves(rig);
}

static void may_leave_with_replies_on_the_way(void **state)
{
	struct rig *rig = *state;
	unsigned id;
	int fd = rig_connect_client(rig, &id);

	rig_deliver(rig, MESSAGE_REPLY, id, "O61");
	rig_deliver(rig, MESSAGE_REPLY, id, "O62");
	reset(fd);
	rig_expect(rig, MESSAGE_CLOSED, id, "");
	assert_serves(rig);
}

static void may_be_reset_while_it_is_hung_up(void **state)
{
	struct rig *rig = *state;
	unsigned id;
	int fd = rig_connect_client(rig, &id);

	rig_deliver(rig, MESSAGE_HANG_UP, id, "");
	rig_hear_end(rig, fd);
	reset(fd);
	rig_expect(rig, MESSAGE_CLOSED, id, "");
	assert_serves(rig);
}

static int lowest_free_descriptor(void)
{
	int fd = dup(STDERR_FILENO);

	close(fd);
	return fd;
}

static void leaves_no_descriptor_behind(void **state)
{
	struct rig *rig = *state;
	int lowest = lowest_free_descriptor();

	for (int i = 0; i < 200; i++) {
		unsigned id;
		int fd = rig_connect_client(rig, &id);
		rig_say(fd, "$m0,");
		(i % 2 ? reset : leave)(fd);
		rig_expect(rig, MESSAGE_CLOSED, id, "");
	}
	assert_int_equal(lowest_free_descriptor(), lowest);
	assert_serves(rig);
}

static void enter_no_ack_mode(struct rig *rig, int fd, unsigned id)
{
	rig_say(fd, "$QStartNoAckMode#b0");
	rig_expect(rig, MESSAGE_PACKET, id, "QStartNoAckMode");
	rig_deliver(rig, MESSAGE_NO_ACK, id, "OK");
	rig_hear(rig, fd, "+$OK#9a");
	rig_say(fd, "+");
}

static void deliver_long_reply(struct rig *rig, unsigned id)
{
	struct message *message = message_create(MESSAGE_REPLY, id, NULL, MESSAGE_PACKET_MAX);

	assert_non_null(message);
	memset(message->data, '0', message->size);
	net_deliver(rig->net, message);
}

static int connect_in_no_ack_mode(struct rig *rig, unsigned *id)
{
	int fd = rig_connect_client(rig, id);

	enter_no_ack_mode(rig, fd, *id);
	rig_say(fd, "$?#3f");
	rig_expect(rig, MESSAGE_PACKET, *id, "?");
	return fd;
}

/* How many replies of 128 KiB a client gets that reads none, before it is hung up. */
static int overfill(struct rig *rig, unsigned id)
{
	int count = 0;

	while (net_clients(rig->net) == 1) {
		assert_true(count < 2000);
		deliver_long_reply(rig, id);
		count++;
	}
	rig_expect(rig, MESSAGE_CLOSED, id, "");
	return count;
}

/* A number of replies that fills the socket, and some of what may wait behind it. */
static int count_that_blocks(struct rig *rig)
{
	unsigned id;
	int fd = connect_in_no_ack_mode(rig, &id);
	int count = overfill(rig, id);

	close(fd);
	assert_true(count > 30);
	return count - 10;
}

static void a_client_that_never_reads_is_hung_up(void **state)
{
	struct rig *rig = *state;
	unsigned id;
	int fd = connect_in_no_ack_mode(rig, &id);

	overfill(rig, id);
	assert_non_null(strstr(rig->log, "has not read"));
	assert_serves(rig);
	close(fd);
}

/* As above, but held back by the acknowledgments that do not come. */
static void a_client_that_never_acknowledges_is_hung_up(void **state)
{
	struct rig *rig = *state;
	unsigned id;
	int fd = rig_connect_client(rig, &id);

	overfill(rig, id);
	assert_serves(rig);
	close(fd);
}

struct reading {
	int fd;
	uint8_t *bytes;
	size_t size, wanted;
};

/* A little at a time. */
static bool read_some(void *context)
{
	struct reading *reading = context;
	size_t left = reading->wanted - reading->size;
	ssize_t size = recv(reading->fd, reading->bytes + reading->size, left < 9999 ? left : 9999,
		MSG_DONTWAIT);

	if (size > 0)
		reading->size += (size_t)size;
	return reading->size == reading->wanted;
}

static void a_client_that_reads_slowly_gets_everything(void **state)
{
	struct rig *rig = *state;
	size_t count = (size_t)count_that_blocks(rig);
	size_t framed = MESSAGE_PACKET_MAX + 4; /* nothing in it is escaped */
	struct frame_reader *frames = calloc(1, sizeof *frames);
	struct reading reading = {.wanted = count * framed, .bytes = malloc(count * framed)};
	unsigned id;

	assert_non_null(frames);
	assert_non_null(reading.bytes);
	reading.fd = connect_in_no_ack_mode(rig, &id);
	for (size_t i = 0; i < count; i++)
		deliver_long_reply(rig, id);
	rig_run_until(rig, read_some, &reading);

	for (size_t i = 0; i < count; i++) {
		enum frame_event event;
		const uint8_t *frame = reading.bytes + i * framed;
		assert_int_equal(frame_read(frames, frame, framed, &event), framed);
		assert_int_equal(event, FRAME_PACKET);
		assert_int_equal(frames->size, MESSAGE_PACKET_MAX);
	}
	free(frames);
	free(reading.bytes);
	close(reading.fd);
}

static void a_blocked_client_may_vanish(void **state)
{
	struct rig *rig = *state;
	int count = count_that_blocks(rig);
	unsigned id;
	int fd = connect_in_no_ack_mode(rig, &id);

	for (int i = 0; i < count; i++)
		deliver_long_reply(rig, id);
	ev_run(rig->loop, EVRUN_ONCE);
	reset(fd);
	rig_expect(rig, MESSAGE_CLOSED, id, "");
	assert_serves(rig);
}

static void a_blocked_client_may_be_hung_up(void **state)
{
	struct rig *rig = *state;
	int count = count_that_blocks(rig);
	unsigned id;
	int fd = connect_in_no_ack_mode(rig, &id);

	for (int i = 0; i < count; i++)
		deliver_long_reply(rig, id);
	rig_deliver(rig, MESSAGE_HANG_UP, id, "");
	rig_expect(rig, MESSAGE_CLOSED, id, ""); /* it never reads */
	assert_serves(rig);
	close(fd);
}

static void a_stranger_is_shown_out(
	struct rig *rig, const char *words, size_t size, const char *protocol)
{
	int fd = rig_connect(rig);

	assert_int_equal(send(fd, words, size, MSG_NOSIGNAL), size);
	rig_hear_end(rig, fd);
	rig_await_log(rig, protocol);
	rig_expect_no_message(rig);
	assert_int_equal(net_clients(rig->net), 0);
	close(fd);
}

static void http_is_shown_out(void **state)
{
	static const char request[] = "POST / HTTP/1.1\r\nHost: x\r\n\r\n$c#63";

	a_stranger_is_shown_out(*state, request, sizeof request - 1, "it speaks HTTP");
	assert_serves(*state);
}

static void http_is_known_by_its_first_byte(void **state)
{
	a_stranger_is_shown_out(*state, "G", 1, "it speaks HTTP");
}

static void tls_is_shown_out(void **state)
{
	a_stranger_is_shown_out(*state, "\x16\x03\x01\x02\x00\x01", 6, "it speaks TLS");
	assert_serves(*state);
}

static void junk_between_packets_is_ignored(void **state)
{
	struct rig *rig = *state;
	unsigned id;
	int fd = rig_connect_client(rig, &id);

	rig_say(fd, "\r\n junk $g#67\r\nGET / \r\n$g#67");
	rig_expect(rig, MESSAGE_PACKET, id, "g");
	rig_expect(rig, MESSAGE_PACKET, id, "g");
	rig_hear(rig, fd, "++");
	close(fd);
	rig_await_log(rig, "18 bytes between packets");
}

static void a_packet_that_is_too_long_gets_an_error(void **state)
{
	struct rig *rig = *state;
	size_t size = FRAME_PAYLOAD_MAX + 1;
	uint8_t *payload = calloc(1, size);
	uint8_t *frame = malloc(frame_size_max(size));
	unsigned id;
	int fd = rig_connect_client(rig, &id);

	assert_non_null(payload);
	assert_non_null(frame);
	size_t framed = frame_write(frame, FRAME_AS_PACKET, payload, size);
	rig_say_bytes(rig, fd, frame, framed);
	rig_hear(rig, fd, "+$E01#a6");
	assert_non_null(strstr(rig->log, "longer than the PacketSize"));
	rig_expect_no_message(rig);
	close(fd);
	rig_expect(rig, MESSAGE_CLOSED, id, "");
	free(payload);
	free(frame);
}

static void the_longest_packet_gets_through(void **state)
{
	struct rig *rig = *state;
	size_t size = MESSAGE_PACKET_MAX;
	uint8_t *payload = malloc(size);
	uint8_t *frame = malloc(frame_size_max(size));
	unsigned id;
	int fd = rig_connect_client(rig, &id);

	assert_non_null(payload);
	assert_non_null(frame);
	memset(payload, '}', size);
	rig_say_bytes(rig, fd, frame, frame_write(frame, FRAME_AS_PACKET, payload, size));
	struct message *message = rig_take(rig);
	assert_int_equal(message->kind, MESSAGE_PACKET);
	assert_int_equal(message->size, size);
	assert_memory_equal(message->data, payload, size);
	message_destroy(message);
	rig_hear(rig, fd, "+");
	close(fd);
	free(payload);
	free(frame);
}

static void a_client_that_refuses_everything_is_hung_up(void **state)
{
	struct rig *rig = *state;
	unsigned id;
	int fd = rig_connect_client(rig, &id);

	rig_deliver(rig, MESSAGE_REPLY, id, "OK");
	rig_say(fd, "-----------");
	rig_expect(rig, MESSAGE_CLOSED, id, "");
	assert_non_null(strstr(rig->log, "refused the same reply"));
	assert_serves(rig);
	close(fd);
}

static void a_client_that_never_waits_is_hung_up(void **state)
{
	static const char *const words[] = {"$g#67", "\x03"};
	struct rig *rig = *state;

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		char flood[500];
		size_t length = strlen(words[i]);
		unsigned id;
		int fd = rig_connect_client(rig, &id);
		struct message *message;
		size_t count = 0;
		for (size_t j = 0; j < 65; j++)
			memcpy(flood + j * length, words[i], length + 1);
		rig_say(fd, flood);
		while ((message = rig_take(rig))->kind != MESSAGE_CLOSED) {
			count++;
			message_destroy(message);
			/* The rest waits until it is too much. */
			if (count == 1)
				rig_await_clients(rig, 0);
		}
		message_destroy(message);
		assert_true(count >= 64);
		close(fd);
	}
	assert_serves(rig);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_set_up, rig_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(may_leave_in_mid_packet),
		TEST(may_be_reset_in_mid_packet),
		TEST(may_leave_before_its_reply),
		TEST(may_leave_with_replies_on_the_way),
		TEST(may_be_reset_while_it_is_hung_up),
		TEST(leaves_no_descriptor_behind),
		TEST(a_client_that_never_reads_is_hung_up),
		TEST(a_client_that_never_acknowledges_is_hung_up),
		TEST(a_client_that_reads_slowly_gets_everything),
		TEST(a_blocked_client_may_vanish),
		TEST(a_blocked_client_may_be_hung_up),
		TEST(http_is_shown_out),
		TEST(http_is_known_by_its_first_byte),
		TEST(tls_is_shown_out),
		TEST(junk_between_packets_is_ignored),
		TEST(a_packet_that_is_too_long_gets_an_error),
		TEST(the_longest_packet_gets_through),
		TEST(a_client_that_refuses_everything_is_hung_up),
		TEST(a_client_that_never_waits_is_hung_up),
	};

	return cmocka_run_group_tests_name("client", tests, NULL, NULL);
}
