/* Monitor commands. */
#include <string.h>

#include "desk.h"
#include "tests/prelude.h"

static void ask(struct desk *desk, const char *command, const char *console)
{
	desk_monitor(desk, 1, command);
	if (console)
		desk_expect_console(desk, 1, console);
	desk_expect(desk, 1, "OK");
	desk_expect_nothing(desk, 1);
}

static void refused(struct desk *desk, const char *command, const char *console)
{
	desk_monitor(desk, 1, command);
	desk_expect_console(desk, 1, console);
	desk_expect(desk, 1, "E01");
	desk_expect_nothing(desk, 1);
}

static void reset_halts_unless_told_to_run(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	ask(desk, "reset", "halted at pc 0x08000188, msp 0x20001000");
	assert_false(desk->target->running);
	ask(desk, "reset run", NULL);
	assert_true(desk->target->running);
	ask(desk, "reset halt", "halted at pc 0x08000188");
	assert_false(desk->target->running);
	ask(desk, "  Reset\tINIT ", "halted at pc 0x08000188");
	assert_int_equal(desk->target->calls[FAKE_RESET], 4);
	refused(desk, "reset hlat", "usage: monitor reset");
	refused(desk, "reset halt now", "too many words");
}

/* After a reset gdb must not see the registers of before. */
static void registers_are_fresh_after_reset(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	ask(desk, "reset halt", "halted");
	desk_ask(desk, 1, "pf", "88010008");
}

static void halt_and_resume(void **state)
{
	static const char *const words[] = {"resume", "go", "continue"};
	struct desk *desk = *state;

	desk_join(desk, 1);
	for (size_t i = 0; i < 3; i++) {
		ask(desk, words[i], NULL);
		assert_true(desk->target->running);
		ask(desk, "halt", "halted at pc");
		assert_false(desk->target->running);
	}
}

static void an_unknown_word_gets_a_hint(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	refused(desk, "rest halt", "did you mean \"reset\"?");
	refused(desk, "xyzzy", "unknown command \"xyzzy\"; `monitor help` lists all");
	refused(desk, "res", "unknown command \"res\"");
}

static void help_names_every_command(void **state)
{
	static const char *const words[] = {"help", "info", "reset", "halt", "resume", "speed",
		"diagnose", "version", "exit", "shutdown"};
	struct desk *desk = *state;

	desk_join(desk, 1);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		ask(desk, "help", words[i]);
	ask(desk, "", "reset");
	ask(desk, "help speed", "SWD clock");
}

static void info_tells_the_board(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	ask(desk, "info", "ST-LINK/V2-1 V2J37M26");
	ask(desk, "info", "STM32F401xB/C");
	ask(desk, "info", "256 KiB");
	ask(desk, "info", "this one controls the core");
}

static void speed_is_shown_and_changed(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	ask(desk, "speed", "SWD clock 4000 kHz");
	ask(desk, "speed 1800", "SWD clock 1800 kHz");
	refused(desk, "speed fast", "usage");
	refused(desk, "speed 0", "usage");
	refused(desk, "speed -1", "usage");
	refused(desk, "speed 99999999999999999999", "usage");
	desk->target->fail[FAKE_SPEED] = ERR_UNSUPPORTED;
	refused(desk, "speed 1", "not supported");
}

static void voltage_is_measured(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	ask(desk, "voltage", "3.30 V");
	desk->target->millivolts = 0;
	ask(desk, "voltage", "cannot measure");
}

static void exit_ends_the_server(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	assert_false(desk->quit);
	ask(desk, "shutdown", "the server ends");
	assert_true(desk->quit);
}

static void nothing_has_failed(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	ask(desk, "diagnose", "nothing has failed so far");
}

static void a_failing_command_says_why(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk->target->fail[FAKE_RESET] = ERR_TARGET_TIMEOUT;
	desk->target->fail_log = "the core did not reach its reset vector in 1 s";
	refused(desk, "reset", "the core did not reach its reset vector in 1 s");
	ask(desk, "diagnose", "cannot reset: the core did not reach");
}

static void malformed_commands(void **state)
{
	struct desk *desk = *state;
	char packet[4096] = "qRcmd,";

	desk_join(desk, 1);
	desk_packet(desk, 1, "qRcmd,7");
	desk_expect_console(desk, 1, "malformed");
	desk_expect(desk, 1, "E01");
	desk_packet(desk, 1, "qRcmd,zz");
	desk_expect_console(desk, 1, "malformed");
	desk_expect(desk, 1, "E01");
	memset(packet + 6, '6', 3000);
	desk_packet(desk, 1, packet);
	desk_expect_console(desk, 1, "malformed");
	desk_expect(desk, 1, "E01");
	refused(desk, "help a b c d e f g h i j k", "too many words");
	/* a 0 in the midst ends the line */
	desk_packet(desk, 1, "qRcmd,68616c740068656c70");
	desk_expect_console(desk, 1, "halted at");
	desk_expect(desk, 1, "OK");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DESK_TEST(reset_halts_unless_told_to_run),
		DESK_TEST(registers_are_fresh_after_reset),
		DESK_TEST(halt_and_resume),
		DESK_TEST(an_unknown_word_gets_a_hint),
		DESK_TEST(help_names_every_command),
		DESK_TEST(info_tells_the_board),
		DESK_TEST(speed_is_shown_and_changed),
		DESK_TEST(voltage_is_measured),
		DESK_TEST(exit_ends_the_server),
		DESK_TEST(nothing_has_failed),
		DESK_TEST(a_failing_command_says_why),
		DESK_TEST(malformed_commands),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
