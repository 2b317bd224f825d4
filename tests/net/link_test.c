/* Acknowledgments, retransmission and no-acknowledgment mode, as the manual describes them and as
 * gdb 13 uses them. */
#include "link.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/prelude.h"

static int set_up(void **state)
{
	*state = calloc(1, sizeof(struct link));
	return *state ? 0 : -1;
}

static int tear_down(void **state)
{
	link_finish(*state);
	free(*state);
	return 0;
}

/* The client says `bytes`; the events that follow are `expected`: `P`acket, `I`nterrupt,
 * `D`amaged, `F`aulty, `H`opeless. */
static void says(struct link *link, const char *bytes, const char *expected)
{
	static const char letters[] = {
		[LINK_PACKET] = 'P',
		[LINK_INTERRUPT] = 'I',
		[LINK_DAMAGED] = 'D',
		[LINK_FAULTY] = 'F',
		[LINK_HOPELESS] = 'H',
	};
	char events[100];
	size_t count = 0;
	size_t size = strlen(bytes);

	while (size > 0) {
		enum link_event event;
		size_t used = link_receive(link, (const uint8_t *)bytes, size, &event);
		assert_true(used > 0 && used <= size);
		bytes += used;
		size -= used;
		if (event != LINK_NONE)
			events[count++] = letters[event];
		assert_true(count < sizeof events);
	}
	events[count] = 0;
	assert_string_equal(events, expected);
}

static void sends(struct link *link, enum message_kind kind, const char *payload)
{
	struct message *message = message_create(kind, 1, payload, strlen(payload));

	assert_non_null(message);
	link_send(link, message);
}

static void replies(struct link *link, const char *payload)
{
	sends(link, MESSAGE_REPLY, payload);
}

/* Exactly these bytes are to be sent; they are taken away. */
static void hears(struct link *link, const char *expected)
{
	assert_int_equal(buffer_size(&link->out), strlen(expected));
	if (*expected)
		assert_memory_equal(buffer_front(&link->out), expected, strlen(expected));
	buffer_consume(&link->out, strlen(expected));
}

static void enter_no_ack_mode(struct link *link)
{
	says(link, "$QStartNoAckMode#b0", "P");
	sends(link, MESSAGE_NO_ACK, "OK");
	says(link, "+", "");
	hears(link, "+$OK#9a");
}

static void acknowledges_a_packet_and_replies(void **state)
{
	struct link *link = *state;

	says(link, "+$g#67", "P");
	assert_int_equal(link->reader.size, 1);
	assert_memory_equal(link->reader.payload, "g", 1);
	hears(link, "+");
	replies(link, "OK");
	hears(link, "$OK#9a");
	says(link, "+$g#67", "P");
	hears(link, "+");
}

static void acknowledgment_and_reply_are_one_piece(void **state)
{
	struct link *link = *state;

	says(link, "$g#67", "P");
	replies(link, "OK");
	hears(link, "+$OK#9a");
}

static void passes_interrupts_on(void **state)
{
	struct link *link = *state;

	says(link, "\x03", "I");
	hears(link, "");
	says(link, "$g#67\x03", "PI");
	hears(link, "+");
}

static void asks_again_for_a_damaged_packet(void **state)
{
	struct link *link = *state;

	says(link, "$g#00", "D");
	hears(link, "-");
	says(link, "$g#67", "P");
	hears(link, "+");
}

static void answers_what_it_cannot_read(void **state)
{
	struct link *link = *state;

	says(link, "$a}#de", "F");
	assert_int_equal(link->reader.fault, FRAME_BAD_ESCAPE);
	hears(link, "+$E01#a6");
	says(link, "+$g#67", "P");
	hears(link, "+");
}

static void answers_a_packet_that_is_too_long(void **state)
{
	struct link *link = *state;
	size_t size = FRAME_PAYLOAD_MAX + 1;
	char *packet = malloc(size + 5);

	assert_non_null(packet);
	memset(packet, 'x', size + 1);
	packet[0] = '$';
	snprintf(packet + size + 1, 4, "#%02x", (unsigned)(size * 'x') & 0xff);
	says(link, packet, "F");
	assert_int_equal(link->reader.fault, FRAME_TOO_LONG);
	hears(link, "+$E01#a6");
	free(packet);
}

static void repeats_a_refused_reply(void **state)
{
	struct link *link = *state;

	replies(link, "OK");
	hears(link, "$OK#9a");
	says(link, "-", "");
	hears(link, "$OK#9a");
	says(link, "--", "");
	hears(link, "$OK#9a$OK#9a");
	says(link, "+", "");
	says(link, "-", "");
	hears(link, "");
}

static void gives_up_a_client_that_always_refuses(void **state)
{
	struct link *link = *state;

	replies(link, "");
	hears(link, "$#00");
	for (int i = 0; i < LINK_REPEATS_MAX; i++) {
		says(link, "-", "");
		hears(link, "$#00");
	}
	says(link, "-", "H");
	hears(link, "");
}

static void each_reply_may_be_refused_as_often(void **state)
{
	struct link *link = *state;

	for (int reply = 0; reply < 3; reply++) {
		replies(link, "");
		for (int i = 0; i < LINK_REPEATS_MAX; i++)
			says(link, "-", "");
		says(link, "+", "");
	}
}

/* gdb sends `-` when a reply is late. The reply before it would be taken for the one it waits
 * for. */
static void a_late_reply_does_not_bring_the_old_one_back(void **state)
{
	struct link *link = *state;

	says(link, "$g#67", "P");
	replies(link, "old");
	says(link, "+$g#67", "P");
	hears(link, "+$old#3f+");
	says(link, "-", "");
	hears(link, "");
	replies(link, "new");
	hears(link, "$new#4a");
}

static void a_new_packet_settles_the_reply_before_it(void **state)
{
	struct link *link = *state;

	says(link, "$g#67", "P");
	replies(link, "old");
	says(link, "$g#67", "P");
	says(link, "-", "");
	hears(link, "+$old#3f+");
}

static void sends_one_packet_at_a_time(void **state)
{
	struct link *link = *state;

	replies(link, "O61");
	replies(link, "O62");
	replies(link, "OK");
	hears(link, "$O61#b6");
	assert_int_equal(link_backlog(link), 5);
	says(link, "-", "");
	hears(link, "$O61#b6");
	says(link, "+", "");
	hears(link, "$O62#b7");
	says(link, "-", "");
	hears(link, "$O62#b7");
	says(link, "+", "");
	hears(link, "$OK#9a");
	says(link, "+", "");
	hears(link, "");
	assert_int_equal(link_backlog(link), 0);
}

static void notifications_wait_for_nobody(void **state)
{
	struct link *link = *state;

	replies(link, "OK");
	sends(link, MESSAGE_NOTIFY, "Stop:T05");
	sends(link, MESSAGE_NOTIFY, "Stop:T05");
	hears(link, "$OK#9a%Stop:T05#99%Stop:T05#99");
	says(link, "-", "");
	hears(link, "$OK#9a");
}

static void notifications_keep_their_place(void **state)
{
	struct link *link = *state;

	replies(link, "O61");
	replies(link, "OK");
	sends(link, MESSAGE_NOTIFY, "Stop:T05");
	hears(link, "$O61#b6");
	says(link, "+", "");
	hears(link, "$OK#9a%Stop:T05#99");
}

static void no_ack_mode_begins_when_its_reply_is_acknowledged(void **state)
{
	struct link *link = *state;

	says(link, "$QStartNoAckMode#b0", "P");
	hears(link, "+");
	sends(link, MESSAGE_NO_ACK, "OK");
	hears(link, "$OK#9a");
	says(link, "-", ""); /* still in force */
	hears(link, "$OK#9a");
	says(link, "+", "");
	says(link, "$g#67", "P");
	hears(link, "");
}

static void no_ack_mode_begins_with_the_next_packet(void **state)
{
	struct link *link = *state;

	says(link, "$QStartNoAckMode#b0", "P");
	sends(link, MESSAGE_NO_ACK, "OK");
	hears(link, "+$OK#9a");
	says(link, "$g#67", "P");
	hears(link, "");
}

static void a_packet_before_that_reply_is_acknowledged(void **state)
{
	struct link *link = *state;

	says(link, "$QStartNoAckMode#b0$g#67", "PP");
	hears(link, "++");
}

static void no_ack_mode_ignores_acknowledgments(void **state)
{
	struct link *link = *state;

	enter_no_ack_mode(link);
	says(link, "$g#67", "P");
	replies(link, "OK");
	replies(link, "OK");
	hears(link, "$OK#9a$OK#9a");
	for (int i = 0; i < 2 * LINK_REPEATS_MAX; i++)
		says(link, "-+", "");
	hears(link, "");
}

static void no_ack_mode_answers_damage_with_an_error(void **state)
{
	struct link *link = *state;

	enter_no_ack_mode(link);
	says(link, "$g#00", "D");
	hears(link, "$E01#a6");
	says(link, "$a}#de", "F");
	hears(link, "$E01#a6");
}

static void no_ack_mode_may_be_asked_for_twice(void **state)
{
	struct link *link = *state;

	enter_no_ack_mode(link);
	says(link, "$QStartNoAckMode#b0", "P");
	sends(link, MESSAGE_NO_ACK, "OK");
	hears(link, "$OK#9a");
	says(link, "$g#67", "P");
	hears(link, "");
}

static void drains_what_is_held(void **state)
{
	struct link *link = *state;

	replies(link, "O61");
	replies(link, "OK");
	sends(link, MESSAGE_NOTIFY, "x:");
	link_drain(link);
	hears(link, "$O61#b6$OK#9a%x:#b2");
	assert_int_equal(link_backlog(link), 0);
}

static void finish_frees_what_is_held(void **state)
{
	struct link *link = *state;

	replies(link, "O61");
	replies(link, "O62");
	replies(link, "O63"); /* the leak checker is the judge */
}

static void long_replies_pass_through_the_buffer(void **state)
{
	struct link *link = *state;
	struct message *message = message_create(MESSAGE_REPLY, 1, NULL, MESSAGE_PACKET_MAX);

	assert_non_null(message);
	enter_no_ack_mode(link);
	memset(message->data, '*', message->size);
	link_send(link, message);
	assert_int_equal(link_backlog(link), 2 * MESSAGE_PACKET_MAX + 4);
	buffer_consume(&link->out, MESSAGE_PACKET_MAX);
	replies(link, "OK");
	buffer_consume(&link->out, MESSAGE_PACKET_MAX + 4);
	hears(link, "$OK#9a");
	assert_null(link->out.bytes); /* what it took was given back */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(acknowledges_a_packet_and_replies),
		TEST(acknowledgment_and_reply_are_one_piece),
		TEST(passes_interrupts_on),
		TEST(asks_again_for_a_damaged_packet),
		TEST(answers_what_it_cannot_read),
		TEST(answers_a_packet_that_is_too_long),
		TEST(repeats_a_refused_reply),
		TEST(gives_up_a_client_that_always_refuses),
		TEST(each_reply_may_be_refused_as_often),
		TEST(a_late_reply_does_not_bring_the_old_one_back),
		TEST(a_new_packet_settles_the_reply_before_it),
		TEST(sends_one_packet_at_a_time),
		TEST(notifications_wait_for_nobody),
		TEST(notifications_keep_their_place),
		TEST(no_ack_mode_begins_when_its_reply_is_acknowledged),
		TEST(no_ack_mode_begins_with_the_next_packet),
		TEST(a_packet_before_that_reply_is_acknowledged),
		TEST(no_ack_mode_ignores_acknowledgments),
		TEST(no_ack_mode_answers_damage_with_an_error),
		TEST(no_ack_mode_may_be_asked_for_twice),
		TEST(drains_what_is_held),
		TEST(finish_frees_what_is_held),
		TEST(long_replies_pass_through_the_buffer),
	};

	return cmocka_run_group_tests_name("link", tests, NULL, NULL);
}
