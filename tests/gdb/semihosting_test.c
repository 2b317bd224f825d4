/* Semihosting: the console, the calls that need no file, and what goes wrong. */
#include <string.h>

#include "semihosting_rig.h"
#include "tests/prelude.h"

#define MS UINT64_C(1000)

static void text_goes_to_the_console_and_the_core_goes_on(void **state)
{
	struct desk *desk = *state;

	rig_put(desk, RIG_TEXT, "hello, world\n");
	rig_call(desk, 0x04, RIG_TEXT);
	desk_expect(desk, 1, "O68656c6c6f2c20776f726c640a");
	desk_expect_nothing(desk, 1);
	assert_true(desk->target->running);
	assert_int_equal(desk->target->registers[TARGET_PC], RIG_PC + 2);
	/* and a stop is still told */
	desk_message(desk, MESSAGE_INTERRUPT, 1);
	desk_expect_prefix(desk, 1, "T02");
}

static void characters_are_shown_a_line_at_a_time(void **state)
{
	struct desk *desk = *state;

	for (const char *at = "one\ntwo"; *at; at++) {
		desk->target->ram[RIG_TEXT - FAKE_RAM_START] = (uint8_t)*at;
		rig_call(desk, 0x03, RIG_TEXT);
	}
	desk_expect_console(desk, 1, "one\n");
	desk_run(desk, 20 * MS); /* a prompt has no end of line */
	desk_expect_console(desk, 1, "two");
	desk_expect_nothing(desk, 1);
}

/* gdb takes console text while it waits for a stop, not after it. */
static void what_is_left_of_a_line_comes_before_the_stop(void **state)
{
	struct desk *desk = *state;

	rig_put(desk, RIG_TEXT, "what? ");
	rig_call(desk, 0x04, RIG_TEXT);
	desk_expect_nothing(desk, 1);
	desk_message(desk, MESSAGE_INTERRUPT, 1);
	desk_expect_console(desk, 1, "what? ");
	desk_expect_prefix(desk, 1, "T02");
	desk_run(desk, 100 * MS);
	desk_expect_nothing(desk, 1);
}

static void a_burst_is_served_call_by_call(void **state)
{
	struct desk *desk = *state;

	rig_put(desk, RIG_TEXT, "x\n");
	for (unsigned i = 0; i < 500; i++) {
		rig_call(desk, 0x04, RIG_TEXT);
		desk_expect(desk, 1, "O780a");
	}
	assert_int_equal(desk->target->calls[FAKE_HALT], 1); /* of joining */
}

/* Its console is then the server's terminal. A fault is the firmware's own to handle. */
static void with_observers_only_the_program_goes_on(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 2);
	desk_message(desk, MESSAGE_CLOSED, 1);
	rig_put(desk, RIG_TEXT, "unwatched\n");
	for (int i = 0; i < 3; i++) {
		rig_call(desk, 0x04, RIG_TEXT);
		assert_true(desk->target->running);
		assert_int_equal(desk->target->registers[TARGET_PC], RIG_PC + 2);
	}
	desk->target->running = false;
	desk->target->reason = TARGET_STOP_VECTOR_CATCH;
	desk_run(desk, 5 * MS);
	assert_true(desk->target->running);
	desk_expect_nothing(desk, 2);
}

static void a_console_port_gets_all_and_gives_keys(void **state)
{
	struct desk *desk = *state;

	desk_renew(desk, NULL, true);
	desk_expect(desk, 1, ""); /* hung up */
	desk_join(desk, 1);
	desk_packet(desk, 1, "vCont;c");
	rig_put(desk, RIG_TEXT, "name? ");
	rig_call(desk, 0x04, RIG_TEXT);
	assert_string_equal(desk->console, "name? ");
	rig_call(desk, 0x07, 0);
	assert_false(desk->target->running);
	desk_run(desk, 1000 * MS);
	gdb_typed(desk->gdb, "ab", 2);
	desk_run(desk, 5 * MS);
	rig_expect_result(desk, 'a');
	rig_call(desk, 0x07, 0);
	rig_expect_result(desk, 'b');
	desk_expect_nothing(desk, 1);
}

/* The call is made again when the user goes on: nothing of it was lost. */
static void ctrl_c_gets_out_of_waiting_for_a_key(void **state)
{
	struct desk *desk = *state;

	desk_renew(desk, NULL, true);
	desk_expect(desk, 1, "");
	desk_join(desk, 1);
	desk_packet(desk, 1, "vCont;c");
	rig_call(desk, 0x07, 0);
	desk_message(desk, MESSAGE_INTERRUPT, 1);
	desk_expect_prefix(desk, 1, "T02");
	assert_int_equal(desk->target->registers[TARGET_PC], RIG_PC);
	gdb_typed(desk->gdb, "k", 1);
	desk_run(desk, 5 * MS);
	desk_expect_nothing(desk, 1);
	desk_packet(desk, 1, "vCont;c");
	desk_run(desk, 5 * MS);
	rig_expect_result(desk, 'k');
}

static void exit_is_gdbs_exit_status(void **state)
{
	struct desk *desk = *state;

	rig_call_words(desk, 0x20, 0x20026, 42);
	desk_expect(desk, 1, "W2a");
	desk_expect_nothing(desk, 1);
	assert_int_equal(desk->exits, 1);
	assert_int_equal(desk->exit_code, 42);
	assert_false(desk->target->running);
	/* and the session lives */
	desk_packet(desk, 1, "vRun;");
	desk_expect_prefix(desk, 1, "T05");
	desk_packet(desk, 1, "vCont;c");
	rig_call(desk, 0x18, 0x20026);
	desk_expect(desk, 1, "W00");
	desk_packet(desk, 1, "R00");
	desk_packet(desk, 1, "c");
	rig_call(desk, 0x18, 0x20023);
	desk_expect(desk, 1, "W01");
	assert_int_equal(desk->exits, 3);
}

static void clocks(void **state)
{
	struct desk *desk = *state;

	desk_packet(desk, 1, "?"); /* halts */
	desk_expect_prefix(desk, 1, "T05");
	desk_packet(desk, 1, "vRun;"); /* from here on the program's time counts */
	desk_expect_prefix(desk, 1, "T05");
	desk_packet(desk, 1, "vCont;c");
	desk_run(desk, 2500 * MS);
	rig_call(desk, 0x10, 0);
	rig_expect_result(desk, 250);
	rig_call(desk, 0x31, 0);
	rig_expect_result(desk, 1000000);
	rig_call(desk, 0x30, RIG_BUFFER);
	rig_expect_result(desk, 0);
	assert_in_range(rig_word(desk, RIG_BUFFER), 2500000, 2530000);
	assert_int_equal(rig_word(desk, RIG_BUFFER + 4), 0);
	rig_call(desk, 0x11, 0);
	assert_in_range(desk->target->registers[0], 1600000000, UINT32_MAX);
}

static void small_calls(void **state)
{
	struct desk *desk = *state;

	rig_call_words(desk, 0x08, UINT32_MAX);
	rig_expect_result(desk, 1);
	rig_call_words(desk, 0x08, 5);
	rig_expect_result(desk, 0);
	rig_call_words(desk, 0x0d, RIG_BUFFER, 7, 16);
	rig_expect_result(desk, 0);
	assert_string_equal(rig_text(desk, RIG_BUFFER), "tmp07");
	rig_call_words(desk, 0x0d, RIG_BUFFER, 7, 5);
	rig_expect_result(desk, UINT32_MAX);
	rig_put_words(desk, RIG_BUFFER, (const uint32_t[]){1, 2, 3, 4}, 4);
	rig_call_words(desk, 0x16, RIG_BUFFER);
	for (uint32_t i = 0; i < 4; i++)
		assert_int_equal(rig_word(desk, RIG_BUFFER + 4 * i), 0);
}

static void arguments_of_run_are_the_command_line(void **state)
{
	struct desk *desk = *state;

	desk_message(desk, MESSAGE_INTERRUPT, 1);
	desk_expect_prefix(desk, 1, "T02");
	desk_packet(desk, 1, "vRun;;2d76;666173742031");
	desk_expect_prefix(desk, 1, "T05");
	desk_packet(desk, 1, "vCont;c");
	rig_call_words(desk, 0x15, RIG_BUFFER, 64);
	rig_expect_result(desk, 0);
	assert_string_equal(rig_text(desk, RIG_BUFFER), "firmware -v fast 1");
	assert_int_equal(rig_word(desk, RIG_BLOCK + 4), 18);
	rig_call_words(desk, 0x15, RIG_BUFFER, 18);
	rig_expect_result(desk, UINT32_MAX);
}

static void wild_pointers_are_errors_of_the_call(void **state)
{
	static const uint32_t numbers[] = {0x01, 0x02, 0x05, 0x06, 0x08, 0x09, 0x0a, 0x0c, 0x0d,
		0x0e, 0x0f, 0x12, 0x15, 0x20, 0x30};
	struct desk *desk = *state;

	rig_call(desk, 0x04, 0x30000000);
	desk_expect_console(desk, 1, "(SYS_WRITE0) at pc 0x20000100: cannot read memory at 0x3000");
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		rig_call(desk, numbers[i], 0x30000000);
		rig_expect_result(desk, UINT32_MAX);
		rig_call(desk, numbers[i], UINT32_MAX - 1);
		rig_expect_result(desk, UINT32_MAX);
	}
	rig_call(desk, 0x13, 0);
	rig_expect_result(desk, 14); /* EFAULT */
	/* one line says it for this place in the program */
	desk_expect_nothing(desk, 1);
	desk_message(desk, MESSAGE_INTERRUPT, 1);
	desk_expect_prefix(desk, 1, "T02");
	desk_ask(desk, 1, "p0", "0e000000");
}

static void a_string_without_end(void **state)
{
	struct desk *desk = *state;

	memset(desk->target->ram + 0x8000, 'a', FAKE_RAM_SIZE - 0x8000);
	rig_call(desk, 0x04, 0x20008000);
	assert_true(desk->target->running);
	for (struct message *message; (message = desk_take(desk, 1));)
		message_destroy(message);
	desk_message(desk, MESSAGE_INTERRUPT, 1);
	desk_expect_prefix(desk, 1, "T02");
}

static void unknown_calls_fail(void **state)
{
	struct desk *desk = *state;

	rig_call(desk, 0x17, 0);
	desk_expect_console(desk, 1, "there is no such call");
	rig_expect_result(desk, UINT32_MAX);
	rig_call(desk, 0xffffffff, 0);
	rig_expect_result(desk, UINT32_MAX);
	desk_expect_nothing(desk, 1);
}

static void other_bkpts_and_breakpoints_are_stops(void **state)
{
	struct desk *desk = *state;

	desk->target->ram[RIG_PC - FAKE_RAM_START] = 0xac;
	rig_call(desk, 0x04, RIG_TEXT);
	desk_expect_prefix(desk, 1, "T05");
	rig_put(desk, RIG_PC, "\xab\xbe");
	rig_put(desk, RIG_TEXT, "a\n");
	desk_ask(desk, 1, "Z1,20000100,2", "OK");
	desk_packet(desk, 1, "vCont;c");
	desk_run(desk, 5 * MS); /* from the call it stands at */
	desk_expect_console(desk, 1, "a\n");
	rig_call(desk, 0x04, RIG_TEXT);
	desk_expect_prefix(desk, 1, "T05");
	assert_int_equal(desk->target->registers[TARGET_PC], RIG_PC);
}

static void a_breakpoint_behind_the_call_is_met(void **state)
{
	struct desk *desk = *state;

	desk_message(desk, MESSAGE_INTERRUPT, 1);
	desk_expect_prefix(desk, 1, "T02");
	desk_ask(desk, 1, "Z1,20000102,2", "OK");
	desk_packet(desk, 1, "vCont;c");
	rig_put(desk, RIG_TEXT, "a\n");
	rig_call(desk, 0x04, RIG_TEXT);
	desk_expect_console(desk, 1, "a\n");
	desk_expect_prefix(desk, 1, "T05");
	assert_int_equal(desk->target->registers[TARGET_PC], RIG_PC + 2);
}

static void a_step_makes_the_call(void **state)
{
	struct desk *desk = *state;

	desk_message(desk, MESSAGE_INTERRUPT, 1);
	desk_expect_prefix(desk, 1, "T02");
	desk->target->registers[TARGET_PC] = RIG_PC;
	desk->target->registers[0] = 0x04;
	desk->target->registers[1] = RIG_TEXT;
	rig_put(desk, RIG_TEXT, "stepped\n");
	desk_packet(desk, 1, "vCont;s:1");
	desk_run(desk, 5 * MS);
	desk_expect_console(desk, 1, "stepped\n");
	desk_expect_prefix(desk, 1, "T05");
	assert_int_equal(desk->target->registers[TARGET_PC], RIG_PC + 2);
	assert_int_equal(desk->target->calls[FAKE_STEP], 0);
}

static void switched_off_it_is_a_breakpoint(void **state)
{
	struct desk *desk = *state;

	desk_message(desk, MESSAGE_INTERRUPT, 1);
	desk_expect_prefix(desk, 1, "T02");
	desk_monitor(desk, 1, "semihosting disable");
	desk_expect_console(desk, 1, "semihosting is off");
	desk_expect(desk, 1, "OK");
	desk_packet(desk, 1, "vCont;c");
	rig_call(desk, 0x04, RIG_TEXT);
	desk_expect_prefix(desk, 1, "T05");
	desk_monitor(desk, 1, "arm semihosting enable");
	desk_expect_console(desk, 1, "semihosting is on");
	desk_expect(desk, 1, "OK");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(text_goes_to_the_console_and_the_core_goes_on),
		RIG_TEST(characters_are_shown_a_line_at_a_time),
		RIG_TEST(what_is_left_of_a_line_comes_before_the_stop),
		RIG_TEST(a_burst_is_served_call_by_call),
		RIG_TEST(with_observers_only_the_program_goes_on),
		RIG_TEST(a_console_port_gets_all_and_gives_keys),
		RIG_TEST(ctrl_c_gets_out_of_waiting_for_a_key),
		RIG_TEST(exit_is_gdbs_exit_status),
		RIG_TEST(clocks),
		RIG_TEST(small_calls),
		RIG_TEST(arguments_of_run_are_the_command_line),
		RIG_TEST(wild_pointers_are_errors_of_the_call),
		RIG_TEST(a_string_without_end),
		RIG_TEST(unknown_calls_fail),
		RIG_TEST(other_bkpts_and_breakpoints_are_stops),
		RIG_TEST(a_breakpoint_behind_the_call_is_met),
		RIG_TEST(a_step_makes_the_call),
		RIG_TEST(switched_off_it_is_a_breakpoint),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
