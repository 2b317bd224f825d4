/*
 * The worker's thread, between two mailboxes, on a target in memory. Meant for the thread sanitizer
 * as much as for its asserts. The test's thread plays the loop.
 */
#include "server/worker.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fake_probes.h"
#include "probe/probe.h"
#include "tests/prelude.h"

/* What a reply may take on a loaded machine: only a worker that hangs exceeds it. */
#define PATIENCE_US 20000000

struct rig {
	struct mailbox *down, *up;
	struct worker *worker;
	struct probe *probe;
	atomic_bool may_return; /* the probe is plugged in again */
	atomic_uint searches;
};

static enum err reopen(void *context, const struct probe_info *lost, struct probe **probe)
{
	struct rig *rig = context;

	rig->searches++;
	assert_string_equal(lost->serial, "FAKE");
	if (!rig->may_return)
		return ERR_USB_NOT_FOUND;
	*probe = fake_probe_create("FAKE");
	return ERR_OK;
}

static int start(void **state, bool may_return)
{
	struct rig *rig = calloc(1, sizeof(*rig));
	assert_non_null(rig);
	rig->down = mailbox_create(NULL, NULL);
	rig->up = mailbox_create(NULL, NULL);
	rig->probe = fake_probe_create("FAKE");
	struct worker_options options = {
		.probe = rig->probe,
		.reopen = may_return ? reopen : NULL,
		.reopen_context = rig,
		.down = rig->down,
		.up = rig->up,
		.version = "0.1.0",
	};
	assert_int_equal(worker_start(&options, &rig->worker), ERR_OK);
	worker_wait_ready(rig->worker);
	*state = rig;
	return 0;
}

static int set_up(void **state)
{
	return start(state, true);
}

static int set_up_for_good(void **state)
{
	return start(state, false);
}

static void send(struct rig *rig, enum message_kind kind, unsigned client, const char *data)
{
	mailbox_put(rig->down, message_create(kind, client, data, data ? strlen(data) : 0));
}

/* The next message of a kind that is not just a marker. */
static struct message *receive(struct rig *rig)
{
	for (;;) {
		struct message *message = mailbox_wait(rig->up, PATIENCE_US);
		if (!message) {
			fail_msg("nothing came up");
			abort();
		}
		if (message->kind != MESSAGE_RUNNING && message->kind != MESSAGE_KEEP_ALIVE)
			return message;
		message_destroy(message);
	}
}

static void expect(struct rig *rig, unsigned client, const char *prefix)
{
	struct message *message = receive(rig);
	assert_int_equal(message->kind, MESSAGE_REPLY);
	assert_int_equal(message->client, client);
	if (strncmp((char *)message->data, prefix, strlen(prefix)) != 0)
		fail_msg("\"%s\", expected \"%s\"", (char *)message->data, prefix);
	message_destroy(message);
}

static void expect_kind(struct rig *rig, enum message_kind kind)
{
	struct message *message = receive(rig);
	assert_int_equal(message->kind, kind);
	message_destroy(message);
}

static int end_with(struct rig *rig, enum err err)
{
	assert_int_equal(worker_join(rig->worker), err);
	mailbox_destroy(rig->down);
	mailbox_destroy(rig->up);
	free(rig);
	return 0;
}

static int tear_down(void **state)
{
	return end_with(*state, ERR_OK);
}

static void quit_ends_an_idle_worker(void **state)
{
	struct rig *rig = *state;

	send(rig, MESSAGE_QUIT, 0, NULL);
	expect_kind(rig, MESSAGE_ENDED);
}

static void packets_are_answered(void **state)
{
	struct rig *rig = *state;

	send(rig, MESSAGE_OPENED, 1, NULL);
	send(rig, MESSAGE_PACKET, 1, "qC");
	expect(rig, 1, "QC1");
	for (int i = 0; i < 200; i++) {
		send(rig, MESSAGE_PACKET, 1, "vCont;s:1");
		expect(rig, 1, "T05");
	}
	send(rig, MESSAGE_QUIT, 0, NULL);
	expect_kind(rig, MESSAGE_HANG_UP);
	expect_kind(rig, MESSAGE_ENDED);
}

static void a_running_core_is_interrupted(void **state)
{
	struct rig *rig = *state;

	send(rig, MESSAGE_OPENED, 1, NULL);
	for (int i = 0; i < 20; i++) {
		send(rig, MESSAGE_PACKET, 1, "c");
		send(rig, MESSAGE_INTERRUPT, 1, NULL);
		expect(rig, 1, "T02");
	}
	send(rig, MESSAGE_PACKET, 1, "c");
	send(rig, MESSAGE_CLOSED, 1, NULL);
	send(rig, MESSAGE_QUIT, 0, NULL);
	expect_kind(rig, MESSAGE_ENDED);
}

/* The due times of the stop poll are what wakes the worker here, and nothing else. */
static void a_breakpoint_is_found_without_a_message(void **state)
{
	struct rig *rig = *state;

	send(rig, MESSAGE_OPENED, 1, NULL);
	send(rig, MESSAGE_PACKET, 1, "Z1,8000180,2");
	expect(rig, 1, "OK");
	send(rig, MESSAGE_PACKET, 1, "c");
	expect(rig, 1, "T05");
	send(rig, MESSAGE_QUIT, 0, NULL);
	expect_kind(rig, MESSAGE_HANG_UP);
	expect_kind(rig, MESSAGE_ENDED);
}

static int set_up_endless_load(void **state)
{
	setenv("FAKE_LOAD_BLOCKS", "4000000000", 1);
	int result = set_up(state);
	unsetenv("FAKE_LOAD_BLOCKS");
	return result;
}

static void start_load(struct rig *rig)
{
	send(rig, MESSAGE_OPENED, 1, NULL);
	send(rig, MESSAGE_PACKET, 1, "vFlashErase:8000000,4000");
	expect(rig, 1, "OK");
	send(rig, MESSAGE_PACKET, 1, "vFlashDone");
}

static void quit_ends_a_load(void **state)
{
	struct rig *rig = *state;

	start_load(rig);
	send(rig, MESSAGE_QUIT, 0, NULL);
	expect(rig, 1, "E7d");
	expect_kind(rig, MESSAGE_HANG_UP);
	expect_kind(rig, MESSAGE_ENDED);
}

/* Another client is served in the midst of it; the loader's close ends it. */
static void closing_ends_a_load(void **state)
{
	struct rig *rig = *state;

	start_load(rig);
	send(rig, MESSAGE_OPENED, 2, NULL);
	send(rig, MESSAGE_PACKET, 2, "m20000000,4");
	expect(rig, 2, "00000000");
	send(rig, MESSAGE_CLOSED, 1, NULL);
	expect(rig, 1, "E7d");
	send(rig, MESSAGE_PACKET, 2, "qC");
	expect(rig, 2, "QC1");
	send(rig, MESSAGE_QUIT, 0, NULL);
	expect_kind(rig, MESSAGE_HANG_UP);
	expect_kind(rig, MESSAGE_ENDED);
}

static void monitor_exit_ends_it(void **state)
{
	struct rig *rig = *state;

	send(rig, MESSAGE_OPENED, 1, NULL);
	send(rig, MESSAGE_PACKET, 1, "qRcmd,65786974");
	expect(rig, 1, "O");
	expect(rig, 1, "OK");
	expect_kind(rig, MESSAGE_HANG_UP);
	expect_kind(rig, MESSAGE_ENDED);
}

/* The loop sleeps between its looks, so the wait is for a count and not for a time. */
static void wait_for_searches(struct rig *rig, unsigned count)
{
	const struct timespec step = {.tv_nsec = 10000000};

	for (int i = 0; i < 2000 && rig->searches < count; i++)
		nanosleep(&step, NULL);
	assert_true(rig->searches >= count);
}

static void an_unplugged_probe_is_told_and_found_again(void **state)
{
	struct rig *rig = *state;

	send(rig, MESSAGE_OPENED, 1, NULL);
	send(rig, MESSAGE_PACKET, 1, "m20000000,4");
	expect(rig, 1, "00000000");
	send(rig, MESSAGE_PACKET, 1, "c");
	fake_probe_unplug(rig->probe);
	expect(rig, 1, "O");
	expect(rig, 1, "T1df:feffffff;thread:1;");
	send(rig, MESSAGE_PACKET, 1, "m20000000,4");
	expect(rig, 1, "E13");
	wait_for_searches(rig, 2);
	rig->may_return = true;
	wait_for_searches(rig, 3);
	send(rig, MESSAGE_PACKET, 1, "m20000000,4");
	expect(rig, 1, "00000000");
	send(rig, MESSAGE_QUIT, 0, NULL);
	expect_kind(rig, MESSAGE_HANG_UP);
	expect_kind(rig, MESSAGE_ENDED);
}

static int tear_down_lost(void **state)
{
	return end_with(*state, ERR_USB_GONE);
}

static void a_probe_that_cannot_come_back_ends_it(void **state)
{
	struct rig *rig = *state;

	fake_probe_unplug(rig->probe);
	expect_kind(rig, MESSAGE_ENDED);
}

#define RIG_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(quit_ends_an_idle_worker),
		RIG_TEST(packets_are_answered),
		RIG_TEST(a_running_core_is_interrupted),
		RIG_TEST(a_breakpoint_is_found_without_a_message),
		cmocka_unit_test_setup_teardown(quit_ends_a_load, set_up_endless_load, tear_down),
		cmocka_unit_test_setup_teardown(
			closing_ends_a_load, set_up_endless_load, tear_down),
		RIG_TEST(monitor_exit_ends_it),
		RIG_TEST(an_unplugged_probe_is_told_and_found_again),
		cmocka_unit_test_setup_teardown(
			a_probe_that_cannot_come_back_ends_it, set_up_for_good, tear_down_lost),
	};
	setenv("FAKE_INSTRUCTIONS", "2", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
