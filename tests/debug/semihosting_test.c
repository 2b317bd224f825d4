/*
 * Semihosting on the whole board: a program that calls again and again, and how long it waits. The
 * limit is that of the project: 3 ms from one call to the next, when a burst is under way.
 */
#include <stdio.h>
#include <string.h>

#include "session.h"

#define PC    15u
#define TEXT  0x20001100u
#define BLOCK 0x20001200u

#define SYS_OPEN   0x01u
#define SYS_WRITEC 0x03u
#define SYS_WRITE0 0x04u
#define SYS_WRITE  0x05u

#define CALLS    200u
#define WARM_UP  3u /* the first are recognised among all kinds of stops */
#define LIMIT_US 3000u

/* ---- what the program is to do ---- */

static void set_register(struct session_log *log, unsigned number, uint32_t value)
{
	assert_string_equal(session_ask(log, "P%x=%08x", number, __builtin_bswap32(value)), "OK");
}

static void set_word(struct session_log *log, uint32_t address, uint32_t value)
{
	assert_string_equal(
		session_ask(log, "M%x,4:%08x", address, __builtin_bswap32(value)), "OK");
}

static void set_text(struct session_log *log, const char *text)
{
	for (uint32_t i = 0; i <= strlen(text); i++)
		assert_string_equal(
			session_ask(log, "M%x,1:%02x", TEXT + i, (unsigned char)text[i]), "OK");
}

/* The calls are all of this number; their argument changes by `toggle` from one to the next. */
static void prepare_calls(
	struct session_log *log, uint32_t number, uint32_t argument, uint32_t toggle)
{
	set_register(log, 4, number);
	set_register(log, 5, argument);
	set_register(log, 7, toggle);
	set_register(log, PC, PROGRAM_CALLS);
}

static void set_block(struct session_log *log, uint32_t first, uint32_t second, uint32_t third)
{
	set_word(log, BLOCK, first);
	set_word(log, BLOCK + 4, second);
	set_word(log, BLOCK + 8, third);
}

/* The console as a file; its handle. */
static uint32_t open_console(struct session_log *log)
{
	set_text(log, ":tt");
	set_block(log, TEXT, 4, 3); /* to be written */
	prepare_calls(log, SYS_OPEN, BLOCK, 0);
	assert_string_equal(session_ask(log, "Z1,%x,2", PROGRAM_CALLED), "OK");
	session_go(log, "vCont;c");
	uint32_t handle = session_register(log, 0);
	assert_string_equal(session_ask(log, "z1,%x,2", PROGRAM_CALLED), "OK");
	return handle;
}

/* ---- how long that takes ---- */

static size_t count_lines(const struct session_log *log)
{
	size_t lines = 0;
	for (const char *at = log->console; (at = strchr(at, '\n')); at++)
		lines++;
	return lines;
}

static void wait_for_line(struct session_log *log, size_t lines)
{
	for (int i = 0; count_lines(log) < lines && i < 1000; i++)
		assert_false(session_wait(log, 100));
	assert_int_equal(count_lines(log), lines);
}

/* Each call prints a line. The longest time from one to the next. */
static uint64_t run_burst(struct session_log *log, const char *what)
{
	uint64_t worst_us = 0;
	session_ask(log, "vCont;c");
	wait_for_line(log, WARM_UP);
	uint64_t first_us = probe_now_us(log->rig.probe), last_us = first_us;
	for (size_t lines = WARM_UP + 1; lines <= WARM_UP + CALLS; lines++) {
		wait_for_line(log, lines);
		uint64_t now_us = probe_now_us(log->rig.probe);
		worst_us = now_us - last_us > worst_us ? now_us - last_us : worst_us;
		last_us = now_us;
	}
	print_message("%s: %u us a call, %u us at worst\n", what,
		(unsigned)((last_us - first_us) / CALLS), (unsigned)worst_us);
	return worst_us;
}

static void stop_burst(struct session_log *log)
{
	session_interrupt(log);
	if (!log->reply[0])
		assert_true(session_wait(log, 10000));
	assert_true(strncmp(log->reply, "T0", 2) == 0);
}

static void expect_burst(
	struct session_log *log, const char *what, const char *shown, uint64_t limit_us)
{
	uint64_t worst_us = run_burst(log, what);
	assert_in_range(worst_us, 1, limit_us);
	assert_non_null(strstr(log->console, shown));
	stop_burst(log);
}

static void expect_bursts(struct session_log *log, uint64_t limit_us)
{
	uint32_t handle = open_console(log);

	set_text(log, "\n");
	prepare_calls(log, SYS_WRITEC, TEXT, 0);
	expect_burst(log, "SYS_WRITEC", "\n\n\n", limit_us);

	set_text(log, "hello, world\n");
	prepare_calls(log, SYS_WRITE0, TEXT, 0);
	expect_burst(log, "SYS_WRITE0 of a buffer", "hello, world\nhello, world\n", limit_us);

	prepare_calls(log, SYS_WRITE0, PROGRAM_TEXT, PROGRAM_TEXT ^ (PROGRAM_TEXT + 0x20));
	expect_burst(log, "SYS_WRITE0 of constants", "centred\narmed\nthe sticks are", limit_us);

	set_block(log, handle, TEXT, 13);
	prepare_calls(log, SYS_WRITE, BLOCK, 0);
	expect_burst(log, "SYS_WRITE", "hello, world\nhello, world\n", limit_us);
}

static void a_call_takes_3_ms_at_most(void **state)
{
	expect_bursts(*state, LIMIT_US);
}

/* Without batches there is a command for each register: no limit is named for that. */
static void a_call_takes_5_5_ms_without_batches(void **state)
{
	expect_bursts(*state, 5500);
}

/* ---- what must not go wrong for it ---- */

/* What follows the call may be a BKPT, too: that one is a stop. */
static void a_bkpt_behind_the_call_is_met(void **state)
{
	struct session_log *log = *state;

	session_expect(log, "M20001000,4:abbe00be", "OK");
	session_expect(log, "P0=31000000", "OK"); /* SYS_TICKFREQ */
	session_expect(log, "Pf=00100020", "OK");
	session_go(log, "vCont;c");
	assert_int_equal(session_register(log, PC), 0x20001002);
	assert_int_equal(session_register(log, 0), 1000000);
}

/* The text is in flash and longer than what is read with the core's going on. */
static void a_long_constant_is_shown_whole(void **state)
{
	struct session_log *log = *state;
	prepare_calls(log, SYS_WRITE0, PROGRAM_LONG_TEXT, 0);
	session_ask(log, "vCont;c");
	wait_for_line(log, 5);
	assert_non_null(strstr(log->console,
		"\nthe battery is low: land as soon as it can be done safely\nthe battery"));
	stop_burst(log);
}

/* A breakpoint right behind a call, and one in a step's way: the text comes all the same. */
static void a_stop_behind_the_call_shows_its_text(void **state)
{
	struct session_log *log = *state;
	set_text(log, "once\n");
	prepare_calls(log, SYS_WRITE0, TEXT, 0);
	assert_string_equal(session_ask(log, "Z1,%x,2", PROGRAM_CALLED), "OK");
	for (int i = 0; i < 3; i++) {
		session_go(log, "vCont;c");
		assert_int_equal(session_register(log, PC), PROGRAM_CALLED);
		assert_string_equal(log->console, "once\n");
	}
	assert_string_equal(session_ask(log, "z1,%x,2", PROGRAM_CALLED), "OK");
	set_register(log, PC, PROGRAM_CALLED - 2);
	session_go(log, "vCont;s:1;c");
	assert_int_equal(session_register(log, PC), PROGRAM_CALLED);
	assert_string_equal(log->console, "once\n");
}

/* adds r6, #1; str r6, [r3]; mov r0, r4; mov r1, r5; bkpt 0xab; b to the start */
#define COUNTING_CALLS "M20001000,c:01361e6020462946abbef9e7"

/* Of a loop that calls and stores, a watchpoint with a condition of the user's: every hit stops. */
static void a_watchpoint_in_a_burst_is_a_stop(void **state)
{
	struct session_log *log = *state;
	session_expect(log, COUNTING_CALLS, "OK");
	set_text(log, "x\n");
	prepare_calls(log, SYS_WRITE0, TEXT, 0);
	set_register(log, 3, PROGRAM_COUNT);
	set_register(log, PC, 0x20001000);
	session_ask(log, "vCont;c");
	wait_for_line(log, 20);
	stop_burst(log);
	assert_string_equal(session_ask(log, "Z2,%x,4", PROGRAM_COUNT), "OK");
	for (int i = 0; i < 5; i++) {
		session_go(log, "vCont;c");
		assert_non_null(strstr(log->reply, "watch:20000100;"));
	}
}

/* The pointer leads nowhere: told once, and the program goes on. */
static void a_wild_pointer_in_a_burst_costs_nothing_but_a_line(void **state)
{
	struct session_log *log = *state;
	set_text(log, "text\n");
	prepare_calls(log, SYS_WRITE0, TEXT, TEXT ^ 0x30001100u);
	session_ask(log, "vCont;c");
	for (int i = 0; i < 1000; i++)
		assert_false(session_wait(log, 100));
	const char *told = strstr(log->console, "cannot read memory at 0x30001100");
	assert_non_null(told);
	assert_null(strstr(told + 1, "cannot read"));
	assert_true(count_lines(log) > 10);
	stop_burst(log);
}

/* ---- on a bad link ---- */

/* Lines of the program and others; a line of the program is whole. */
static void tally(const struct session_log *log, uint32_t *shown, uint32_t *lost)
{
	static const char line[] = "hello, world\n";
	for (const char *at = log->console, *end; (end = strchr(at, '\n')); at = end + 1) {
		if (strncmp(at, line, sizeof(line) - 1) == 0)
			++*shown;
		else if (strstr(at, " is lost") ==
			 at + strlen("semihosting: the text at 0x20001100"))
			++*lost;
		else
			fail_msg("shown: %.*s", (int)(end - at), at);
	}
}

/* A whole access fails, `skip` accesses from here. */
static void disturb(struct session_log *log, const char *fault, unsigned skip)
{
	/* the firmware itself tries five times when it has to wait */
	unsigned times = strcmp(fault, "swd-wait") == 0 ? 5 : 1;
	(void)rig_control(&log->rig, "fault %s skip %u x%u", fault, skip, times);
	for (int i = 0; i < 15 && !log->reply[0]; i++)
		(void)session_wait(log, 100);
	(void)rig_control(&log->rig, "fault %s off", fault);
}

/* What was told, and what the program knows of its calls, which it counts in r6. */
static void expect_all_shown(struct session_log *log, const char *fault)
{
	uint32_t shown = 0, lost = 0, stops = 0;
	set_text(log, "hello, world\n");
	prepare_calls(log, SYS_WRITE0, TEXT, 0);
	set_register(log, 6, 0);
	session_ask(log, "vCont;c");
	for (unsigned skip = 0; skip < 90; skip++) {
		disturb(log, fault, 5 * skip);
		tally(log, &shown, &lost);
		stops += log->reply[0] != '\0';
		if (!log->reply[0])
			stop_burst(log);
		else
			log->console[0] = '\0';
		tally(log, &shown, &lost);
		session_ask(log, "vCont;c");
	}
	stop_burst(log);
	tally(log, &shown, &lost);
	uint32_t made = session_register(log, 6);
	print_message(
		"%s: %u calls, %u shown, %u lost, %u stops\n", fault, made, shown, lost, stops);
	assert_true(made > 300);
	assert_in_range(shown + lost, made, made + 1);
}

static void a_bad_link_makes_no_call_twice(void **state)
{
	expect_all_shown(*state, "swd-wait");
	expect_all_shown(*state, "swd-fault");
}

/* Where a single command that meets a fault stands for nothing else. */
static void nor_does_one_without_batches(void **state)
{
	expect_all_shown(*state, "swd-wait");
}

/* Whether a batch ends at the item that fails is not known of real firmware. */
static void nor_where_a_batch_goes_on_after_a_failure(void **state)
{
	struct session_log *log = *state;
	(void)rig_control(&log->rig, "fault misc-goes-on");
	expect_all_shown(*state, "swd-wait");
	expect_all_shown(*state, "swd-fault");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SESSION_TEST(a_call_takes_3_ms_at_most),
		cmocka_unit_test_setup_teardown(
			a_call_takes_3_ms_at_most, session_setup_v3, session_teardown),
		SESSION_TEST_OLD(a_call_takes_5_5_ms_without_batches),
		SESSION_TEST(a_bkpt_behind_the_call_is_met),
		SESSION_TEST_OLD(a_bkpt_behind_the_call_is_met),
		SESSION_TEST(a_long_constant_is_shown_whole),
		SESSION_TEST_OLD(a_long_constant_is_shown_whole),
		SESSION_TEST(a_stop_behind_the_call_shows_its_text),
		SESSION_TEST_OLD(a_stop_behind_the_call_shows_its_text),
		SESSION_TEST(a_watchpoint_in_a_burst_is_a_stop),
		SESSION_TEST(a_wild_pointer_in_a_burst_costs_nothing_but_a_line),
		SESSION_TEST(a_bad_link_makes_no_call_twice),
		SESSION_TEST_OLD(nor_does_one_without_batches),
		SESSION_TEST(nor_where_a_batch_goes_on_after_a_failure),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
