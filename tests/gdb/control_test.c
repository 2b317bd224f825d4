/* Several clients on one board; coming and going. */
#include "desk.h"
#include "tests/prelude.h"

#define MS UINT64_C(1000)

static void connecting_alone_touches_nothing(void **state)
{
	struct desk *desk = *state;

	desk_message(desk, MESSAGE_OPENED, 1);
	desk_message(desk, MESSAGE_CLOSED, 1);
	assert_int_equal(desk->target->calls[FAKE_ATTACH], 0);
	assert_int_equal(desk->target->calls[FAKE_HALT], 0);
	assert_int_equal(desk->target->calls[FAKE_DETACH], 0);
}

static void attaching_at_start_does_not_halt(void **state)
{
	struct desk *desk = *state;

	assert_int_equal(gdb_attach(desk->gdb), ERR_OK);
	assert_true(desk->target->running);
	assert_int_equal(desk_run(desk, 1000 * MS), UINT64_MAX);
	desk_join(desk, 1);
	assert_int_equal(desk->target->calls[FAKE_ATTACH], 1);
	assert_false(desk->target->running);
}

static void the_first_client_halts_the_core(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	assert_true(desk->target->attached);
	assert_false(desk->target->running);
	desk_packet(desk, 1, "?");
	desk_expect_prefix(desk, 1, "T05");
}

static void an_observer_sees_a_stop_and_changes_nothing(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk_packet(desk, 1, "vCont;c");
	desk_join(desk, 2);
	assert_true(desk->target->running);
	desk_packet(desk, 2, "?");
	desk_expect_prefix(desk, 2, "T0500:00000000;");
	desk_ask(desk, 2, "m20000000,4", "00000000");
	desk_ask(desk, 2, "pf", "00010008");
	desk_ask(desk, 2, "p20", "xxxxxxxxxxxxxxxx");
	desk_packet(desk, 2, "g");
	desk_expect_prefix(desk, 2, "0000000001010101");
	desk_message(desk, MESSAGE_INTERRUPT, 2);
	desk_message(desk, MESSAGE_CLOSED, 2);
	assert_true(desk->target->running);
	assert_int_equal(desk->target->calls[FAKE_HALT], 1);
	assert_int_equal(desk->target->calls[FAKE_DETACH], 0);
	desk_expect_nothing(desk, 1);
}

static void an_observer_is_refused_control(void **state)
{
	static const char *const refused[] = {"Z1,8000100,2", "z1,8000100,2", "Z0,8000100,2",
		"vFlashErase:8000000,4000", "vFlashWrite:8000000:abcd", "vFlashDone", "P0=00000000",
		"M20000000,4:11111111", "X20000000,2:ab", "vRun;", "vKill;1"};
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk_join(desk, 2);
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		desk_ask(desk, 2, refused[i], "E10");
	desk_packet(desk, 2, "vCont;c");
	desk_expect_console(desk, 2, "another client (number 1) controls the core");
	desk_expect(desk, 2, "E01");
	desk_monitor(desk, 2, "reset");
	desk_expect_console(desk, 2, "another client (number 1) controls the core");
	desk_expect(desk, 2, "E01");
	assert_int_equal(desk->target->calls[FAKE_RESUME], 0);
	assert_int_equal(desk->target->calls[FAKE_RESET], 0);
	assert_int_equal(desk->target->calls[FAKE_ADD_BREAKPOINT], 0);
	assert_int_equal(desk->target->calls[FAKE_WRITE_MEMORY], 0);
	assert_int_equal(desk->target->calls[FAKE_WRITE_REGISTER], 0);
}

/* gdb shows no text of a failed write: it is shown with what it asks next. */
static void an_observer_is_told_why_it_cannot_write(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk_join(desk, 2);
	desk_ask(desk, 2, "M20000000,4:11111111", "E10");
	desk_ask(desk, 2, "M20000004,4:11111111", "E10");
	desk_monitor(desk, 2, "version");
	desk_expect_console(desk, 2, "another client (number 1) controls the core");
}

static void an_observer_reads_monitor(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk_join(desk, 2);
	desk_monitor(desk, 2, "info");
	desk_expect_console(desk, 2, "clients      2; this one observes");
	desk_expect(desk, 2, "OK");
}

static void the_controller_leaves_observers_behind(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk_join(desk, 2);
	desk_ask(desk, 1, "Z1,8000110,2", "OK");
	desk_message(desk, MESSAGE_CLOSED, 1);
	assert_int_equal(desk->target->breakpoint_count, 0);
	assert_true(desk->target->running);
	assert_true(desk->target->attached);
	/* it is looked at further: semihosting calls are to be served */
	assert_true(desk_run(desk, 1000 * MS) < UINT64_MAX);
	desk_ask(desk, 2, "m20000000,4", "00000000");
	desk_message(desk, MESSAGE_CLOSED, 2);
	assert_int_equal(desk_run(desk, 1000 * MS), UINT64_MAX);
	assert_false(desk->target->attached);
	assert_int_equal(desk->target->calls[FAKE_DETACH], 1);
}

static void the_next_client_takes_over(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk_join(desk, 2);
	desk_join(desk, 3);
	desk_message(desk, MESSAGE_CLOSED, 1);
	desk_ask(desk, 2, "Z1,8000110,2", "OK");
	desk->target->instructions_per_poll = 100;
	desk_packet(desk, 2, "vCont;c");
	desk_run(desk, 10 * MS);
	desk_expect_prefix(desk, 2, "T05");
	desk_packet(desk, 3, "vCont;c");
	desk_expect_console(desk, 3, "number 2");
	desk_expect(desk, 3, "E01");
}

static void the_last_one_out_detaches(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk_ask(desk, 1, "Z1,8000110,2", "OK");
	desk_message(desk, MESSAGE_CLOSED, 1);
	assert_false(desk->target->attached);
	assert_true(desk->target->running);
	desk_join(desk, 2);
	assert_int_equal(desk->target->calls[FAKE_ATTACH], 2);
	assert_int_equal(desk->target->breakpoint_count, 0);
}

static void detach_leaves_and_attach_comes_back(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk_ask(desk, 1, "D;1", "OK");
	assert_false(desk->target->attached);
	assert_true(desk->target->running);
	desk_ask(desk, 1, "m20000000,4", "E10");
	desk_ask(desk, 1, "qC", "QC1");
	assert_false(desk->target->attached);
	desk_packet(desk, 1, "vAttach;1");
	desk_expect_prefix(desk, 1, "T05");
	assert_false(desk->target->running);
	desk_ask(desk, 1, "D", "OK");
	assert_int_equal(desk->target->calls[FAKE_DETACH], 2);
	desk_message(desk, MESSAGE_CLOSED, 1);
	assert_int_equal(desk->target->calls[FAKE_DETACH], 2);
}

/* A stop that another client causes later is none of its business. */
static void who_has_left_hears_of_no_stop(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk_packet(desk, 1, "vCont;c");
	desk_ask(desk, 1, "D", "OK");
	desk_join(desk, 2);
	assert_false(desk->target->running);
	desk_expect_nothing(desk, 1);
}

static void leaving_while_it_runs_lets_it_run(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk_packet(desk, 1, "vCont;c");
	desk_message(desk, MESSAGE_CLOSED, 1);
	assert_true(desk->target->running);
	assert_int_equal(desk->target->calls[FAKE_DETACH], 1);
	assert_int_equal(desk_run(desk, 100 * MS), UINT64_MAX);
}

static void a_half_loaded_program_is_not_started(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk_join(desk, 2);
	desk->target->incomplete = true;
	desk_message(desk, MESSAGE_CLOSED, 1);
	assert_false(desk->target->running);
	assert_int_equal(desk->target->calls[FAKE_RESUME], 0);
}

/* gdb's `run`: kill, then run from the reset vector. */
static void kill_and_run(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk_ask(desk, 1, "Z1,8000110,2", "OK");
	desk_ask(desk, 1, "vKill;1", "OK");
	assert_int_equal(desk->target->breakpoint_count, 0);
	desk_packet(desk, 1, "vRun;");
	desk_expect_prefix(desk, 1, "T05");
	assert_int_equal(desk->target->registers[TARGET_PC], 0x08000188);
	desk_message(desk, MESSAGE_CLOSED, 1);
	assert_int_equal(desk->target->calls[FAKE_RESET], 1);
}

static void a_killed_program_starts_anew_when_the_controller_leaves(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk_packet(desk, 1, "k");
	desk_expect_nothing(desk, 1);
	assert_false(desk->target->running);
	desk_message(desk, MESSAGE_CLOSED, 1);
	assert_int_equal(desk->target->calls[FAKE_RESET], 1);
	assert_int_equal(desk->target->calls[FAKE_DETACH], 1);
}

/* LLDB waits 5 s for an answer to k; gdb wants none. */
static void lldb_gets_its_answer_to_kill(void **state)
{
	struct desk *desk = *state;

	desk_message(desk, MESSAGE_OPENED, 1);
	desk_ask(desk, 1, "QThreadSuffixSupported", "");
	desk_ask(desk, 1, "k", "X09");
}

static void restart_has_no_reply(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk_ask(desk, 1, "!", "OK");
	desk_packet(desk, 1, "R0");
	desk_expect_nothing(desk, 1);
	assert_int_equal(desk->target->calls[FAKE_RESET], 1);
	assert_int_equal(desk->target->registers[TARGET_PC], 0x08000188);
}

static void no_power_is_told_and_can_be_cured(void **state)
{
	struct desk *desk = *state;

	desk->target->fail[FAKE_ATTACH] = ERR_TARGET_POWER;
	desk->target->fail_log = "the target has 0.00 V: switch it on";
	assert_int_equal(gdb_attach(desk->gdb), ERR_TARGET_POWER);
	desk_join(desk, 1);
	assert_int_equal(desk->target->calls[FAKE_ATTACH], 2);
	desk_ask(desk, 1, "?", "W00");
	desk_ask(desk, 1, "g", "E06");
	desk_monitor(desk, 1, "diagnose");
	desk_expect_console(desk, 1, "the target has 0.00 V: switch it on");
	desk_expect_console(desk, 1, "cannot attach: the target has 0.00 V");
	desk_expect(desk, 1, "OK");

	desk->target->fail[FAKE_ATTACH] = ERR_OK;
	desk_monitor(desk, 1, "halt");
	desk_expect_console(desk, 1, "halted at pc 0x08000100");
	desk_expect(desk, 1, "OK");
	desk_packet(desk, 1, "?");
	desk_expect_prefix(desk, 1, "T05");
}

static void destroying_hangs_up_and_detaches(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk_join(desk, 2);
	desk_ask(desk, 1, "Z1,8000110,2", "OK");
	gdb_destroy(desk->gdb);
	desk->gdb = NULL;
	for (unsigned client = 1; client <= 2; client++) {
		struct message *message = desk_take(desk, client);
		assert_non_null(message);
		assert_int_equal(message->kind, MESSAGE_HANG_UP);
		message_destroy(message);
	}
	assert_false(desk->target->attached);
	assert_true(desk->target->running);
	assert_int_equal(desk->target->calls[FAKE_DETACH], 1);
}

static void a_thousand_sessions_leave_nothing(void **state)
{
	struct desk *desk = *state;

	for (unsigned client = 1; client <= 1000; client++) {
		desk_join(desk, client);
		desk_packet(desk, client, "vCont;c");
		desk_packet(desk, client, "m20000000,10000");
		desk_message(desk, MESSAGE_CLOSED, client);
	}
	assert_int_equal(desk->target->calls[FAKE_DETACH], 1000);
	assert_null(desk->sent);
}

static void in_job_interrupt_the_controller(struct desk *desk)
{
	desk_message(desk, MESSAGE_INTERRUPT, 1);
	desk_expect_nothing(desk, 1);
	assert_true(desk->target->running);
}

/* The target is at work for an observer: nobody may halt it now, but right afterwards. */
static void an_interrupt_waits_for_the_observers_job(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk_join(desk, 2);
	desk_packet(desk, 1, "vCont;c");
	desk->in_job = in_job_interrupt_the_controller;
	desk_packet(desk, 2, "qCRC:20000000,4");
	desk_expect_prefix(desk, 2, "C");
	desk_expect_prefix(desk, 1, "T02");
	assert_false(desk->target->running);
}

static void in_job_close_the_controller(struct desk *desk)
{
	desk_message(desk, MESSAGE_CLOSED, 1);
	assert_int_equal(desk->target->breakpoint_count, 1);
}

static void the_controller_leaves_after_the_observers_job(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk_join(desk, 2);
	desk_ask(desk, 1, "Z1,8000110,2", "OK");
	desk->in_job = in_job_close_the_controller;
	desk_packet(desk, 2, "qCRC:20000000,4");
	desk_expect_prefix(desk, 2, "C");
	assert_int_equal(desk->target->breakpoint_count, 0);
	assert_true(desk->target->running);
}

static void messages_of_strangers_are_dropped(void **state)
{
	struct desk *desk = *state;

	desk_packet(desk, 7, "g");
	desk_message(desk, MESSAGE_INTERRUPT, 7);
	desk_message(desk, MESSAGE_CLOSED, 7);
	desk_expect_nothing(desk, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DESK_TEST(connecting_alone_touches_nothing),
		DESK_TEST(attaching_at_start_does_not_halt),
		DESK_TEST(the_first_client_halts_the_core),
		DESK_TEST(an_observer_sees_a_stop_and_changes_nothing),
		DESK_TEST(an_observer_is_refused_control),
		DESK_TEST(an_observer_is_told_why_it_cannot_write),
		DESK_TEST(an_observer_reads_monitor),
		DESK_TEST(the_controller_leaves_observers_behind),
		DESK_TEST(the_next_client_takes_over),
		DESK_TEST(the_last_one_out_detaches),
		DESK_TEST(detach_leaves_and_attach_comes_back),
		DESK_TEST(who_has_left_hears_of_no_stop),
		DESK_TEST(leaving_while_it_runs_lets_it_run),
		DESK_TEST(a_half_loaded_program_is_not_started),
		DESK_TEST(kill_and_run),
		DESK_TEST(a_killed_program_starts_anew_when_the_controller_leaves),
		DESK_TEST(lldb_gets_its_answer_to_kill),
		DESK_TEST(restart_has_no_reply),
		DESK_TEST(no_power_is_told_and_can_be_cured),
		DESK_TEST(destroying_hangs_up_and_detaches),
		DESK_TEST(a_thousand_sessions_leave_nothing),
		DESK_TEST(an_interrupt_waits_for_the_observers_job),
		DESK_TEST(the_controller_leaves_after_the_observers_job),
		DESK_TEST(messages_of_strangers_are_dropped),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
