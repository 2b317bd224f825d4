/* The mailbox: order, ownership, waiting, counting, and many threads at once. */
#include "server/mailbox.h"

#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "tests/prelude.h"

#define SENDERS  4
#define MESSAGES 2000

static void put(struct mailbox *mailbox, enum message_kind kind, unsigned client, const char *text)
{
	struct message *message = message_create(kind, client, text, strlen(text));

	assert_non_null(message);
	mailbox_put(mailbox, message);
}

static void assert_taken(struct message *message, enum message_kind kind, const char *text)
{
	assert_non_null(message);
	assert_int_equal(message->kind, kind);
	assert_int_equal(message->size, strlen(text));
	assert_string_equal((const char *)message->data, text);
	message_destroy(message);
}

static void message_carries_its_bytes(void **state)
{
	(void)state;
	struct message *message = message_create(MESSAGE_PACKET, 7, "a\0b", 3);

	assert_non_null(message);
	assert_int_equal(message->client, 7);
	assert_int_equal(message->size, 3);
	assert_memory_equal(message->data, "a\0b\0", 4);
	message_destroy(message);
}

static void message_without_data_is_for_the_caller_to_fill(void **state)
{
	(void)state;
	struct message *message = message_create(MESSAGE_REPLY, 1, NULL, 4);

	assert_non_null(message);
	assert_int_equal(message->size, 4);
	assert_int_equal(message->data[4], 0);
	memcpy(message->data, "fill", 4);
	assert_taken(message, MESSAGE_REPLY, "fill");
}

static void message_may_be_empty(void **state)
{
	(void)state;
	assert_taken(message_create(MESSAGE_OPENED, 1, NULL, 0), MESSAGE_OPENED, "");
	message_destroy(NULL);
}

static void takes_in_the_order_put(void **state)
{
	(void)state;
	struct mailbox *mailbox = mailbox_create(NULL, NULL);

	assert_null(mailbox_take(mailbox));
	put(mailbox, MESSAGE_PACKET, 1, "first");
	put(mailbox, MESSAGE_INTERRUPT, 1, "");
	assert_taken(mailbox_take(mailbox), MESSAGE_PACKET, "first");
	put(mailbox, MESSAGE_PACKET, 1, "third");
	assert_taken(mailbox_take(mailbox), MESSAGE_INTERRUPT, "");
	assert_taken(mailbox_take(mailbox), MESSAGE_PACKET, "third");
	assert_null(mailbox_take(mailbox));
	put(mailbox, MESSAGE_PACKET, 1, "after it was empty");
	assert_taken(mailbox_take(mailbox), MESSAGE_PACKET, "after it was empty");
	mailbox_destroy(mailbox);
}

static void ignores_null(void **state)
{
	(void)state;
	struct mailbox *mailbox = mailbox_create(NULL, NULL);

	mailbox_put(mailbox, NULL);
	assert_null(mailbox_take(mailbox));
	mailbox_destroy(mailbox);
	mailbox_destroy(NULL);
}

static void destroy_frees_what_is_left(void **state)
{
	(void)state;
	struct mailbox *mailbox = mailbox_create(NULL, NULL);

	put(mailbox, MESSAGE_PACKET, 1, "nobody takes");
	put(mailbox, MESSAGE_PACKET, 2, "these");
	mailbox_destroy(mailbox); /* the leak checker is the judge */
}

static void wait_gives_up_at_its_deadline(void **state)
{
	(void)state;
	struct mailbox *mailbox = mailbox_create(NULL, NULL);

	assert_null(mailbox_wait(mailbox, 0));
	assert_null(mailbox_wait(mailbox, 1));
	assert_null(mailbox_wait(mailbox, 1500));
	mailbox_destroy(mailbox);
}

static void wait_takes_what_is_there(void **state)
{
	(void)state;
	struct mailbox *mailbox = mailbox_create(NULL, NULL);

	put(mailbox, MESSAGE_PACKET, 1, "now");
	put(mailbox, MESSAGE_PACKET, 1, "and again");
	assert_taken(mailbox_wait(mailbox, 0), MESSAGE_PACKET, "now");
	assert_taken(mailbox_wait(mailbox, UINT64_MAX), MESSAGE_PACKET, "and again");
	mailbox_destroy(mailbox);
}

static void counts_per_client(void **state)
{
	(void)state;
	struct mailbox *mailbox = mailbox_create(NULL, NULL);

	assert_int_equal(mailbox_count(mailbox, 1), 0);
	put(mailbox, MESSAGE_PACKET, 1, "a");
	put(mailbox, MESSAGE_PACKET, 2, "b");
	put(mailbox, MESSAGE_INTERRUPT, 1, "");
	assert_int_equal(mailbox_count(mailbox, 1), 2);
	assert_int_equal(mailbox_count(mailbox, 2), 1);
	message_destroy(mailbox_take(mailbox));
	assert_int_equal(mailbox_count(mailbox, 1), 1);
	mailbox_destroy(mailbox);
}

struct wakes {
	struct mailbox *mailbox;
	int count;
	size_t waiting;
};

static void on_wake(void *context)
{
	struct wakes *wakes = context;

	wakes->count++;
	wakes->waiting = mailbox_count(wakes->mailbox, 1);
}

static void wakes_after_each_message(void **state)
{
	(void)state;
	struct wakes wakes = {0};

	wakes.mailbox = mailbox_create(on_wake, &wakes);
	put(wakes.mailbox, MESSAGE_PACKET, 1, "");
	assert_int_equal(wakes.count, 1);
	assert_int_equal(wakes.waiting, 1);
	put(wakes.mailbox, MESSAGE_INTERRUPT, 1, "");
	assert_int_equal(wakes.count, 2);
	assert_int_equal(wakes.waiting, 2);
	mailbox_destroy(wakes.mailbox);
}

struct sender {
	pthread_t thread;
	struct mailbox *mailbox;
	unsigned client;
};

/* Says with its size which message of this sender it is. */
static void *send_many(void *argument)
{
	const struct sender *sender = argument;

	for (size_t i = 0; i < MESSAGES; i++)
		mailbox_put(sender->mailbox,
			message_create(MESSAGE_PACKET, sender->client, NULL, i % 100));
	mailbox_put(sender->mailbox, message_create(MESSAGE_CLOSED, sender->client, NULL, 0));
	return NULL;
}

static void keeps_each_senders_order_between_threads(void **state)
{
	(void)state;
	struct mailbox *mailbox = mailbox_create(NULL, NULL);
	struct sender senders[SENDERS];
	size_t taken[SENDERS] = {0};
	unsigned open = SENDERS;

	for (unsigned i = 0; i < SENDERS; i++) {
		senders[i].mailbox = mailbox;
		senders[i].client = i;
		assert_int_equal(
			pthread_create(&senders[i].thread, NULL, send_many, &senders[i]), 0);
	}
	while (open > 0) {
		struct message *message = mailbox_wait(mailbox, UINT64_MAX);
		assert_non_null(message);
		assert_true(message->client < SENDERS);
		if (message->kind == MESSAGE_CLOSED)
			open--;
		else
			assert_int_equal(message->size, taken[message->client]++ % 100);
		message_destroy(message);
	}
	for (unsigned i = 0; i < SENDERS; i++) {
		pthread_join(senders[i].thread, NULL);
		assert_int_equal(taken[i], MESSAGES);
	}
	assert_null(mailbox_take(mailbox));
	mailbox_destroy(mailbox);
}

/* Answers each message with one of the same size, until the quit. */
struct echo {
	struct mailbox *down, *up;
};

static void *echo(void *argument)
{
	const struct echo *boxes = argument;

	for (;;) {
		struct message *message = mailbox_wait(boxes->down, 1000000);
		if (!message)
			continue;
		bool quit = message->kind == MESSAGE_QUIT;
		if (!quit && mailbox_count(boxes->down, message->client) == 0)
			message->kind = MESSAGE_REPLY;
		mailbox_put(boxes->up, message);
		if (quit)
			return NULL;
	}
}

static void two_threads_talk(void **state)
{
	(void)state;
	struct echo boxes = {mailbox_create(NULL, NULL), mailbox_create(NULL, NULL)};
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, echo, &boxes), 0);
	for (int i = 0; i < MESSAGES; i++) {
		put(boxes.down, MESSAGE_PACKET, 1, "g");
		assert_taken(mailbox_wait(boxes.up, UINT64_MAX), MESSAGE_REPLY, "g");
	}
	put(boxes.down, MESSAGE_QUIT, 0, "");
	pthread_join(thread, NULL);
	assert_taken(mailbox_take(boxes.up), MESSAGE_QUIT, "");
	mailbox_destroy(boxes.down);
	mailbox_destroy(boxes.up);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(message_carries_its_bytes),
		cmocka_unit_test(message_without_data_is_for_the_caller_to_fill),
		cmocka_unit_test(message_may_be_empty),
		cmocka_unit_test(takes_in_the_order_put),
		cmocka_unit_test(ignores_null),
		cmocka_unit_test(destroy_frees_what_is_left),
		cmocka_unit_test(wait_gives_up_at_its_deadline),
		cmocka_unit_test(wait_takes_what_is_there),
		cmocka_unit_test(counts_per_client),
		cmocka_unit_test(wakes_after_each_message),
		cmocka_unit_test(keeps_each_senders_order_between_threads),
		cmocka_unit_test(two_threads_talk),
	};

	return cmocka_run_group_tests_name("mailbox", tests, NULL, NULL);
}
