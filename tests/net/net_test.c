/* A client and a board talk through the net: real sockets, the board is the test. */
#include "server/net/net.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rig.h"
#include "tests/prelude.h"

static void a_look_at_the_port_does_not_reach_the_board(void **state)
{
	struct rig *rig = *state;
	int fd = rig_connect(rig);

	close(fd);
	rig_await_log(rig, "before it said a word");
	rig_expect_no_message(rig);
	assert_int_equal(net_clients(rig->net), 0);
}

static void the_first_byte_opens(void **state)
{
	struct rig *rig = *state;
	unsigned id;
	int fd = rig_connect_client(rig, &id);

	assert_int_not_equal(id, 0);
	assert_int_equal(net_clients(rig->net), 1);
	rig_expect_no_message(rig);
	close(fd);
	rig_expect(rig, MESSAGE_CLOSED, id, "");
	rig_await_clients(rig, 0);
	rig_expect_no_message(rig);
}

static void a_packet_goes_down_and_its_reply_up(void **state)
{
	struct rig *rig = *state;
	unsigned id;
	int fd = rig_connect_client(rig, &id);

	rig_say(fd, "$m0,4#fd");
	rig_hear(rig, fd, "+"); /* at once: the reply is not there yet */
	rig_expect(rig, MESSAGE_PACKET, id, "m0,4");
	rig_deliver(rig, MESSAGE_REPLY, id, "a*b");
	rig_hear(rig, fd, "$a}\nb#4a");
	rig_say(fd, "+$g#67");
	rig_expect(rig, MESSAGE_PACKET, id, "g");
	rig_hear(rig, fd, "+");
	close(fd);
}

static void packets_may_come_byte_by_byte(void **state)
{
	struct rig *rig = *state;
	unsigned id;
	int fd = rig_connect_client(rig, &id);

	for (const char *byte = "$X0,3:}\x03\x03}]#7e"; *byte; byte++) {
		char text[] = {*byte, 0};
		rig_hear_nothing(fd);
		rig_say(fd, text);
		ev_run(rig->loop, EVRUN_ONCE);
	}
	rig_hear(rig, fd, "+");
	rig_expect(rig, MESSAGE_PACKET, id, "X0,3:#\x03}");
	close(fd);
}

static void a_damaged_packet_is_asked_for_again(void **state)
{
	struct rig *rig = *state;
	unsigned id;
	int fd = rig_connect_client(rig, &id);

	rig_say(fd, "$g#00");
	rig_hear(rig, fd, "-");
	rig_expect_no_message(rig);
	assert_non_null(strstr(rig->log, "wrong checksum"));
	close(fd);
}

static void a_refused_reply_is_sent_again(void **state)
{
	struct rig *rig = *state;
	unsigned id;
	int fd = rig_connect_client(rig, &id);

	rig_deliver(rig, MESSAGE_REPLY, id, "OK");
	rig_hear(rig, fd, "$OK#9a");
	rig_say(fd, "-");
	rig_hear(rig, fd, "$OK#9a");
	close(fd);
}

static void no_ack_mode(void **state)
{
	struct rig *rig = *state;
	unsigned id;
	int fd = rig_connect_client(rig, &id);

	rig_say(fd, "$QStartNoAckMode#b0");
	rig_expect(rig, MESSAGE_PACKET, id, "QStartNoAckMode");
	rig_deliver(rig, MESSAGE_NO_ACK, id, "OK");
	rig_hear(rig, fd, "+$OK#9a");
	rig_say(fd, "+$g#67");
	rig_expect(rig, MESSAGE_PACKET, id, "g");
	rig_deliver(rig, MESSAGE_REPLY, id, "00");
	rig_deliver(rig, MESSAGE_NOTIFY, id, "Stop:T05");
	rig_hear(rig, fd, "$00#60%Stop:T05#99");
	close(fd);
}

static void an_interrupt_goes_down(void **state)
{
	struct rig *rig = *state;
	unsigned id;
	int fd = rig_connect_client(rig, &id);

	rig_say(fd, "$c#63\x03");
	rig_expect(rig, MESSAGE_PACKET, id, "c");
	rig_expect(rig, MESSAGE_INTERRUPT, id, "");
	assert_int_equal(mailbox_count(rig->down, id), 0);
	close(fd);
}

static void each_client_gets_its_own(void **state)
{
	struct rig *rig = *state;
	unsigned first;
	unsigned second;
	int first_fd = rig_connect_client(rig, &first);
	int second_fd = rig_connect_client(rig, &second);

	assert_int_not_equal(first, second);
	rig_deliver(rig, MESSAGE_REPLY, second, "2");
	rig_deliver(rig, MESSAGE_REPLY, first, "1");
	rig_hear(rig, first_fd, "$1#31");
	rig_hear(rig, second_fd, "$2#32");
	close(first_fd);
	rig_expect(rig, MESSAGE_CLOSED, first, "");
	assert_int_equal(net_clients(rig->net), 1);
	close(second_fd);
}

static void ipv6_is_served_at_the_same_port(void **state)
{
	struct rig *rig = *state;
	int fd = rig_connect_ipv6(rig);

	if (fd < 0)
		skip();
	rig_say(fd, "$g#67");
	rig_hear(rig, fd, "+");
	assert_non_null(strstr(rig->log, "connected from [::1]:"));
	close(fd);
}

static void a_port_in_use_is_an_error(void **state)
{
	struct rig *rig = *state;
	unsigned bound = 0;
	unsigned id;

	assert_int_equal(net_listen(rig->net, NULL, rig->port, rig->down, &bound), ERR_IO);
	assert_int_equal(bound, 0);
	assert_non_null(strstr(rig->log, "is in use by pid"));
	close(rig_connect_client(rig, &id));
}

static void an_id_is_not_used_again(void **state)
{
	struct rig *rig = *state;
	unsigned last = 0;

	for (int i = 0; i < 50; i++) {
		unsigned id;
		int fd = rig_connect_client(rig, &id);
		assert_true(id > last);
		last = id;
		close(fd);
		rig_expect(rig, MESSAGE_CLOSED, id, "");
	}
	assert_int_equal(net_clients(rig->net), 0);
}

static void messages_for_nobody_are_dropped(void **state)
{
	struct rig *rig = *state;
	unsigned id;
	int fd = rig_connect_client(rig, &id);

	rig_deliver(rig, MESSAGE_REPLY, id + 1, "OK");
	rig_deliver(rig, MESSAGE_HANG_UP, id + 1, "");
	rig_deliver(rig, MESSAGE_ENDED, 0, "");
	rig_deliver(rig, MESSAGE_REPLY, id, "OK");
	rig_hear(rig, fd, "$OK#9a");
	close(fd);
}

static void hanging_up_sends_the_rest_first(void **state)
{
	struct rig *rig = *state;
	unsigned id;
	int fd = rig_connect_client(rig, &id);

	rig_deliver(rig, MESSAGE_REPLY, id, "O61");
	rig_deliver(rig, MESSAGE_REPLY, id, "OK"); /* waits for an acknowledgment otherwise */
	rig_deliver(rig, MESSAGE_HANG_UP, id, "");
	rig_deliver(rig, MESSAGE_REPLY, id, "too late");
	rig_say(fd, "$g#67"); /* not listened to, and no reason to reset the connection */
	rig_hear(rig, fd, "$O61#b6$OK#9a");
	rig_hear_end(rig, fd);
	assert_int_equal(net_clients(rig->net), 1);
	close(fd);
	rig_expect(rig, MESSAGE_CLOSED, id, "");
	assert_int_equal(net_clients(rig->net), 0);
}

static void hanging_up_does_not_wait_for_ever(void **state)
{
	struct rig *rig = *state;
	unsigned id;
	int fd = rig_connect_client(rig, &id);

	rig_deliver(rig, MESSAGE_HANG_UP, id, "");
	rig_hear_end(rig, fd);
	rig_expect(rig, MESSAGE_CLOSED, id, ""); /* although this side stays open */
	close(fd);
}

static void say_and_wait(struct rig *rig, int fd, unsigned id)
{
	rig_say(fd, "$g#67");
	rig_hear(rig, fd, "+");
	rig_expect(rig, MESSAGE_PACKET, id, "g");
}

/* The last one's second keep-alive comes after all that the others could have got. */
static void late_replies_keep_only_those_alive_who_wait(void **state)
{
	struct rig *rig = *state;
	enum { NOT_ASKED, RUNNING, ANSWERED, WAITING, CLIENTS };
	unsigned ids[CLIENTS];
	int fds[CLIENTS];

	for (int i = 0; i < CLIENTS; i++) {
		fds[i] = rig_connect_client(rig, &ids[i]);
		if (i != NOT_ASKED)
			rig_deliver(rig, MESSAGE_KEEP_ALIVE, ids[i], "");
		say_and_wait(rig, fds[i], ids[i]);
	}
	rig_deliver(rig, MESSAGE_RUNNING, ids[RUNNING], "");
	rig_deliver(rig, MESSAGE_REPLY, ids[ANSWERED], "OK");
	rig_hear(rig, fds[ANSWERED], "$OK#9a");
	rig_hear(rig, fds[WAITING], "%stlink-gdb-alive:#67%stlink-gdb-alive:#67");
	for (int i = NOT_ASKED; i < WAITING; i++)
		rig_hear_nothing(fds[i]);
	rig_deliver(rig, MESSAGE_REPLY, ids[WAITING], "OK");
	rig_hear(rig, fds[WAITING], "$OK#9a");
	for (int i = 0; i < CLIENTS; i++)
		close(fds[i]);
}

/* A board that answers at once, on the loop's own thread. */
struct inline_board {
	struct net *net;
	struct mailbox *down;
};

static void answer_at_once(void *context)
{
	struct inline_board *board = context;
	struct message *message = mailbox_take(board->down);

	if (!message)
		return;
	if (message->kind == MESSAGE_PACKET && message->data[0] == 'D')
		net_deliver(board->net, message_create(MESSAGE_HANG_UP, message->client, NULL, 0));
	else if (message->kind == MESSAGE_PACKET)
		net_deliver(board->net, message_create(MESSAGE_REPLY, message->client, "OK", 2));
	message_destroy(message);
}

static bool has_bytes(void *context)
{
	char byte;

	return recv(*(const int *)context, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 1;
}

static void what_is_ready_together_leaves_together(void **state)
{
	struct rig *rig = *state;
	struct inline_board board = {.net = rig->net};
	char heard[100];

	board.down = mailbox_create(answer_at_once, &board);
	assert_int_equal(net_listen(rig->net, NULL, 0, board.down, &rig->port), ERR_OK);
	int fd = rig_connect(rig);
	rig_say(fd, "+$g#67");
	rig_run_until(rig, has_bytes, &fd);
	assert_int_equal(recv(fd, heard, sizeof heard, MSG_DONTWAIT), 7);
	assert_memory_equal(heard, "+$OK#9a", 7);

	rig_say(fd, "+$g#67+$g#67$D#44$g#67");
	rig_hear(rig, fd, "+$OK#9a+$OK#9a+");
	rig_hear_end(rig, fd);
	close(fd);
	rig_await_clients(rig, 0);
	net_destroy(rig->net);
	rig->net = NULL;
	mailbox_destroy(board.down);
}

static void boards_have_ports_of_their_own(void **state)
{
	struct rig *rig = *state;
	struct mailbox *other = mailbox_create(NULL, NULL);
	unsigned first_port = rig->port;
	unsigned id;

	assert_int_equal(net_listen(rig->net, NULL, 0, other, &rig->port), ERR_OK);
	assert_int_not_equal(rig->port, first_port);
	int other_fd = rig_connect(rig);
	rig_say(other_fd, "$g#67");
	rig_hear(rig, other_fd, "+");
	rig->port = first_port;
	int fd = rig_connect_client(rig, &id);
	rig_say(fd, "$c#63");
	rig_expect(rig, MESSAGE_PACKET, id, "c");

	struct message *message = mailbox_take(other);
	assert_int_equal(message->kind, MESSAGE_OPENED);
	message_destroy(message);
	message = mailbox_take(other);
	assert_string_equal((const char *)message->data, "g");
	message_destroy(message);
	close(fd);
	close(other_fd);
	net_destroy(rig->net);
	rig->net = NULL;
	mailbox_destroy(other);
}

static void destroy_sends_what_it_can(void **state)
{
	struct rig *rig = *state;
	unsigned id;
	int fd = rig_connect_client(rig, &id);

	rig_deliver(rig, MESSAGE_REPLY, id, "W00");
	net_destroy(rig->net);
	rig->net = NULL;
	rig_hear(rig, fd, "$W00#b7");
	rig_hear_end(rig, fd);
	close(fd);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_set_up, rig_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_look_at_the_port_does_not_reach_the_board),
		TEST(the_first_byte_opens),
		TEST(a_packet_goes_down_and_its_reply_up),
		TEST(packets_may_come_byte_by_byte),
		TEST(a_damaged_packet_is_asked_for_again),
		TEST(a_refused_reply_is_sent_again),
		TEST(no_ack_mode),
		TEST(an_interrupt_goes_down),
		TEST(each_client_gets_its_own),
		TEST(ipv6_is_served_at_the_same_port),
		TEST(a_port_in_use_is_an_error),
		TEST(an_id_is_not_used_again),
		TEST(messages_for_nobody_are_dropped),
		TEST(hanging_up_sends_the_rest_first),
		TEST(hanging_up_does_not_wait_for_ever),
		TEST(late_replies_keep_only_those_alive_who_wait),
		TEST(what_is_ready_together_leaves_together),
		TEST(boards_have_ports_of_their_own),
		TEST(destroy_sends_what_it_can),
	};

	return cmocka_run_group_tests_name("net", tests, NULL, NULL);
}
