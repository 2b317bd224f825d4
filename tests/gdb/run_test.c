/* Run control: stops are told, never waited for. */
#include <stdio.h>
#include <string.h>

#include "desk.h"
#include "tests/prelude.h"

#define MS UINT64_C(1000)

/* r0 to xPSR, msp, psp, primask, basepri, faultmask, control: all that gdb 13 asks at a stop. */
static void a_stop_reply_carries_every_register(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk->target->registers[TARGET_PSP] = 0x20002000;
	desk_packet(desk, 1, "vCont;s:1;c");
	desk_run(desk, 0);
	desk_expect(desk, 1,
		"T0500:00000000;01:01010101;02:02020202;03:03030303;04:04040404;05:05050505;"
		"06:06060606;07:07070707;08:08080808;09:09090909;0a:0a0a0a0a;0b:0b0b0b0b;0c:"
		"0c0c0c0c;"
		"0d:00100020;0e:0e0e0e0e;0f:02010008;19:00000001;1a:00100020;1b:00200020;"
		"1c:13;1d:14;1e:15;1f:16;thread:1;");
}

/* LLDB would ask for the threads at every stop, and then for their registers once more. */
static void a_stop_reply_lists_the_thread_for_one_who_wants_it(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk_ask(desk, 1, "QListThreadsInStopReply", "OK");
	desk_packet(desk, 1, "vCont;s:1");
	desk_run(desk, 0);
	desk_expect(desk, 1,
		"T0500:00000000;01:01010101;02:02020202;03:03030303;04:04040404;05:05050505;"
		"06:06060606;07:07070707;08:08080808;09:09090909;0a:0a0a0a0a;0b:0b0b0b0b;"
		"0c:0c0c0c0c;0d:00100020;0e:0e0e0e0e;0f:02010008;19:00000001;1a:00100020;"
		"1b:12121212;1c:13;1d:14;1e:15;1f:16;threads:1;thread-pcs:8000102;thread:1;");
}

static void continue_answers_when_the_core_stops(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk_packet(desk, 1, "vCont;c");
	desk_run(desk, 200 * MS);
	desk_expect_nothing(desk, 1);
	desk->target->running = false;
	desk->target->reason = TARGET_STOP_EXTERNAL;
	desk_run(desk, 4 * MS);
	desk_expect_prefix(desk, 1, "T05");
	desk_expect_nothing(desk, 1);
}

/* Due every 1 ms for 50 ms after a resume, then every 4 ms; never when halted. */
static void the_stop_poll_slows_down(void **state)
{
	struct desk *desk = *state;
	unsigned *polls = &desk->target->calls[FAKE_POLL];

	desk_join(desk, 1);
	assert_int_equal(desk_run(desk, 1000 * MS), UINT64_MAX);
	desk_packet(desk, 1, "vCont;c");
	unsigned before = *polls;
	desk_run(desk, 50 * MS);
	assert_int_equal(*polls - before, 50);
	desk_run(desk, 4 * MS);
	before = *polls;
	desk_run(desk, 400 * MS);
	assert_int_equal(*polls - before, 100);
	desk_message(desk, MESSAGE_INTERRUPT, 1);
	assert_int_equal(desk_run(desk, 0), UINT64_MAX);
}

static void every_way_to_say_continue(void **state)
{
	static const char *const packets[] = {"c", "C05", "C05;8000200", "c8000200", "vCont;c",
		"vCont;C05:1", "vCont;c:1;s:2", "vCont;s:2;c", "vCont;c:-1", "vCont;c:0"};
	struct desk *desk = *state;

	desk_join(desk, 1);
	for (size_t i = 0; i < sizeof(packets) / sizeof(packets[0]); i++) {
		desk_packet(desk, 1, packets[i]);
		desk_expect_nothing(desk, 1);
		assert_true(desk->target->running);
		desk_message(desk, MESSAGE_INTERRUPT, 1);
		desk_expect_prefix(desk, 1, "T02");
		assert_int_equal(desk->target->calls[FAKE_RESUME], i + 1);
	}
	assert_int_equal(desk->target->registers[TARGET_PC], 0x08000200);
}

static void every_way_to_say_step(void **state)
{
	static const char *const packets[] = {"s", "S05", "vCont;s", "vCont;s:0001",
		"vCont;S05:1;c", "vCont;s:1;c", "vCont;r8000100,8000100:1"};
	struct desk *desk = *state;
	uint32_t pc = desk->target->registers[TARGET_PC];

	desk_join(desk, 1);
	for (size_t i = 0; i < sizeof(packets) / sizeof(packets[0]); i++) {
		desk_packet(desk, 1, packets[i]);
		desk_run(desk, 0);
		desk_expect_prefix(desk, 1, "T05");
		desk_expect_nothing(desk, 1);
		assert_int_equal(desk->target->registers[TARGET_PC], pc + 2 * (i + 1));
	}
	assert_int_equal(desk->target->calls[FAKE_RESUME], 0);
}

static void malformed_actions_move_nothing(void **state)
{
	static const char *const packets[] = {"vCont;", "vCont;x", "vCont;c;", "vCont;;c",
		"vCont;r8000100", "vCont;r8000100,", "vCont;C", "vCont;c:9", "vCont;s:2",
		"vCont;cc", "vCont;c:", "c8000zzz", "C", "C05,8000000", "C05;", "s100000000"};
	struct desk *desk = *state;

	desk_join(desk, 1);
	for (size_t i = 0; i < sizeof(packets) / sizeof(packets[0]); i++) {
		desk_packet(desk, 1, packets[i]);
		if (strcmp(packets[i], "C05;") == 0) {
			/* an empty address is no address */
			desk_message(desk, MESSAGE_INTERRUPT, 1);
			desk_expect_prefix(desk, 1, "T02");
			continue;
		}
		desk_expect_console(desk, 1, "");
		desk_expect(desk, 1, "E01");
	}
	assert_int_equal(desk->target->calls[FAKE_STEP], 0);
	assert_int_equal(desk->target->calls[FAKE_RESUME], 1);
}

static void a_range_is_stepped_in_the_server(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk_packet(desk, 1, "vCont;r8000100,8000110:1;c");
	desk_run(desk, 1 * MS);
	desk_expect_prefix(desk, 1, "T05");
	assert_int_equal(desk->target->calls[FAKE_STEP], 8);
	assert_int_equal(desk->target->registers[TARGET_PC], 0x08000110);
}

/* Where the target can let the core run through a range, nothing is told before it is left. */
static void a_range_may_be_a_run(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk->target->runs_ranges = true;
	desk_packet(desk, 1, "vCont;r8000100,8000110:1;c");
	desk_run(desk, 4 * MS);
	desk_expect_prefix(desk, 1, "T05");
	assert_int_equal(desk->target->registers[TARGET_PC], 0x08000110);
	assert_int_equal(desk->target->calls[FAKE_STEP], 0);
}

static void a_run_through_a_range_is_interrupted(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk->target->runs_ranges = true;
	desk->target->ranges_are_endless = true;
	desk_packet(desk, 1, "vCont;r8000100,8000110:1;c");
	desk_run(desk, 100 * MS);
	desk_expect_nothing(desk, 1);
	desk_message(desk, MESSAGE_INTERRUPT, 1);
	desk_expect_prefix(desk, 1, "T02");
	assert_false(desk->target->running);
}

static void a_range_ends_at_a_breakpoint(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk_ask(desk, 1, "Z1,8000108,2", "OK");
	desk_packet(desk, 1, "vCont;r8000100,8000110:1;c");
	desk_run(desk, 1 * MS);
	desk_expect_prefix(desk, 1, "T05");
	assert_int_equal(desk->target->registers[TARGET_PC], 0x08000108);
}

/* One step a turn: a range that is never left does not keep Ctrl-C out. */
static void an_endless_range_is_interrupted(void **state)
{
	struct desk *desk = *state;

	desk->target->pc_end = 0x08000110;
	desk->target->pc_start = 0x08000100;
	desk_join(desk, 1);
	desk_packet(desk, 1, "vCont;r8000100,8000110:1;c");
	desk_run(desk, 1 * MS);
	desk_expect_nothing(desk, 1);
	desk_message(desk, MESSAGE_INTERRUPT, 1);
	desk_expect_prefix(desk, 1, "T02");
	assert_int_equal(desk_run(desk, 1 * MS), UINT64_MAX);
}

static void a_failing_step_says_so_and_stops(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk->target->fail[FAKE_STEP] = ERR_TARGET_TIMEOUT;
	desk_packet(desk, 1, "vCont;s:1");
	desk_run(desk, 0);
	desk_expect_console(desk, 1, "cannot step");
	desk_expect_prefix(desk, 1, "T05");
}

static void a_failing_resume_is_an_error(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk->target->fail[FAKE_RESUME] = ERR_TARGET_NO_LINK;
	desk_packet(desk, 1, "vCont;c");
	desk_expect_console(desk, 1, "does not answer");
	desk_expect(desk, 1, "E01");
	assert_int_equal(desk_run(desk, 100 * MS), UINT64_MAX);
}

static void an_interrupt_when_halted_is_nothing(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk_message(desk, MESSAGE_INTERRUPT, 1);
	desk_expect_nothing(desk, 1);
}

/* A breakpoint was hit before the Ctrl-C came: that is the truer reason. */
static void an_interrupt_after_a_stop_tells_the_stop(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk_ask(desk, 1, "Z1,8000110,2", "OK");
	desk->target->instructions_per_poll = 100;
	desk_packet(desk, 1, "vCont;c");
	desk_message(desk, MESSAGE_INTERRUPT, 1);
	struct message *message = desk_take(desk, 1);
	assert_non_null(strstr((char *)message->data, "hwbreak:;"));
	assert_memory_equal(message->data, "T05", 3);
	message_destroy(message);
	desk_expect_nothing(desk, 1);
}

static void a_core_that_cannot_be_halted_is_told(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk_packet(desk, 1, "vCont;c");
	desk->target->fail[FAKE_HALT] = ERR_TARGET_TIMEOUT;
	desk_message(desk, MESSAGE_INTERRUPT, 1);
	desk_expect_console(desk, 1, "cannot halt");
	desk_expect_nothing(desk, 1);
	desk->target->fail[FAKE_HALT] = ERR_OK;
	desk_message(desk, MESSAGE_INTERRUPT, 1);
	desk_expect_prefix(desk, 1, "T02");
}

static void stop_in_a_stop(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk_packet(desk, 1, "vCont;t:1");
	desk_expect_prefix(desk, 1, "T00");
	desk_expect_nothing(desk, 1);
}

static void noise_on_the_wire_is_no_stop(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk_packet(desk, 1, "vCont;c");
	desk->target->fail[FAKE_POLL] = ERR_USB_TIMEOUT;
	desk_run(desk, 400 * MS);
	desk->target->fail[FAKE_POLL] = ERR_OK;
	desk_run(desk, 400 * MS);
	desk->target->fail[FAKE_POLL] = ERR_USB_TIMEOUT;
	desk_run(desk, 400 * MS);
	desk_expect_nothing(desk, 1);
}

/* gdb in all-stop sends none of these, but other clients do. */
static void a_running_core_serves_memory_and_monitor(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk_packet(desk, 1, "c");
	desk_ask(desk, 1, "m20000000,4", "00000000");
	desk_ask(desk, 1, "M20000000,1:42", "OK");
	desk_ask(desk, 1, "g", "E10");
	desk_ask(desk, 1, "P0=00000000", "E10");
	desk_monitor(desk, 1, "info");
	desk_expect_console(desk, 1, "running");
	desk_expect(desk, 1, "OK");
	desk_message(desk, MESSAGE_INTERRUPT, 1);
	desk_expect_prefix(desk, 1, "T02");
}

/* To gdb the core still stands: its step ends at once, where the core is now. */
static void a_step_after_monitor_resume_halts(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk_monitor(desk, 1, "resume");
	desk_expect(desk, 1, "OK");
	assert_true(desk->target->running);
	desk_packet(desk, 1, "vCont;s:1");
	desk_expect_prefix(desk, 1, "T02");
	assert_false(desk->target->running);
}

static void continue_after_monitor_resume_waits(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk_monitor(desk, 1, "resume");
	desk_expect(desk, 1, "OK");
	desk_packet(desk, 1, "vCont;c");
	desk_run(desk, 100 * MS);
	desk_expect_nothing(desk, 1);
	assert_int_equal(desk->target->calls[FAKE_RESUME], 1);
	desk_message(desk, MESSAGE_INTERRUPT, 1);
	desk_expect_prefix(desk, 1, "T02");
}

/* The loop must know that a late stop reply is not a late answer. */
static void waiting_for_a_stop_is_marked(void **state)
{
	struct desk *desk = *state;

	desk->keeps_markers = true;
	desk_message(desk, MESSAGE_OPENED, 1);
	desk_packet(desk, 1, "vCont;c");
	struct message *message = desk_take(desk, 1);
	assert_int_equal(message->kind, MESSAGE_RUNNING);
	message_destroy(message);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DESK_TEST(a_stop_reply_carries_every_register),
		DESK_TEST(a_stop_reply_lists_the_thread_for_one_who_wants_it),
		DESK_TEST(continue_answers_when_the_core_stops),
		DESK_TEST(the_stop_poll_slows_down),
		DESK_TEST(every_way_to_say_continue),
		DESK_TEST(every_way_to_say_step),
		DESK_TEST(malformed_actions_move_nothing),
		DESK_TEST(a_range_is_stepped_in_the_server),
		DESK_TEST(a_range_may_be_a_run),
		DESK_TEST(a_run_through_a_range_is_interrupted),
		DESK_TEST(a_range_ends_at_a_breakpoint),
		DESK_TEST(an_endless_range_is_interrupted),
		DESK_TEST(a_failing_step_says_so_and_stops),
		DESK_TEST(a_failing_resume_is_an_error),
		DESK_TEST(an_interrupt_when_halted_is_nothing),
		DESK_TEST(an_interrupt_after_a_stop_tells_the_stop),
		DESK_TEST(a_core_that_cannot_be_halted_is_told),
		DESK_TEST(stop_in_a_stop),
		DESK_TEST(noise_on_the_wire_is_no_stop),
		DESK_TEST(a_running_core_serves_memory_and_monitor),
		DESK_TEST(a_step_after_monitor_resume_halts),
		DESK_TEST(continue_after_monitor_resume_waits),
		DESK_TEST(waiting_for_a_stop_is_marked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
