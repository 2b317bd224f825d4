/* Watchpoints: what reaches the target, and how a stop by one is told. */
#include <stdio.h>
#include <string.h>

#include "desk.h"
#include "tests/prelude.h"

#define MS UINT64_C(1000)

static void watchpoints_reach_the_target(void **state)
{
	struct desk *desk = *state;
	static const struct {
		const char *set, *clear;
		enum target_watch kind;
	} rows[] = {
		{"Z2,20000010,4", "z2,20000010,4", TARGET_WATCH_WRITE},
		{"Z3,20000010,4", "z3,20000010,4", TARGET_WATCH_READ},
		{"Z4,20000010,4", "z4,20000010,4", TARGET_WATCH_ACCESS},
	};

	desk_join(desk, 1);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		desk_ask(desk, 1, rows[i].set, "OK");
		desk_ask(desk, 1, rows[i].set, "OK");
		assert_int_equal(desk->target->watch_count, 1);
		assert_int_equal(desk->target->watches[0].kind, rows[i].kind);
		assert_int_equal(desk->target->watches[0].address, 0x20000010);
		assert_int_equal(desk->target->watches[0].size, 4);
		desk_ask(desk, 1, rows[i].clear, "OK");
		desk_ask(desk, 1, rows[i].clear, "OK");
		assert_int_equal(desk->target->watch_count, 0);
	}
}

static void a_fifth_watchpoint_is_refused_and_all_go_with_the_client(void **state)
{
	struct desk *desk = *state;
	char packet[32];

	desk_join(desk, 1);
	for (unsigned i = 0; i < 4; i++) {
		snprintf(packet, sizeof(packet), "Z2,2000001%x,4", 4 * i);
		desk_ask(desk, 1, packet, "OK");
	}
	desk_packet(desk, 1, "Z2,20000020,4");
	desk_expect_prefix(desk, 1, "E");
	desk_join(desk, 2);
	desk_message(desk, MESSAGE_CLOSED, 1);
	assert_int_equal(desk->target->watch_count, 0);
}

static void a_stop_by_a_watchpoint_tells_kind_and_address(void **state)
{
	struct desk *desk = *state;
	static const char *const names[] = {
		[TARGET_WATCH_WRITE] = "watch:20000010;thread:1;",
		[TARGET_WATCH_READ] = "rwatch:20000010;thread:1;",
		[TARGET_WATCH_ACCESS] = "awatch:20000010;thread:1;",
	};

	desk_join(desk, 1);
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		desk_packet(desk, 1, "vCont;c");
		desk->target->running = false;
		desk->target->reason = TARGET_STOP_WATCHPOINT;
		desk->target->stop = (struct target_status){.watched = true,
			.watch = (enum target_watch)i,
			.watch_address = 0x20000010};
		desk_run(desk, 4 * MS);
		struct message *reply = desk_take(desk, 1);
		assert_non_null(reply);
		size_t length = strlen(names[i]);
		assert_true(reply->size > length + 1);
		const uint8_t *end = reply->data + reply->size - length;
		assert_memory_equal(end, names[i], length);
		assert_int_equal(end[-1], ';');
		message_destroy(reply);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DESK_TEST(watchpoints_reach_the_target),
		DESK_TEST(a_fifth_watchpoint_is_refused_and_all_go_with_the_client),
		DESK_TEST(a_stop_by_a_watchpoint_tells_kind_and_address),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
