/* Monitor commands. */
#include <stdio.h>
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
	refused(desk, "reset halt now", "\"now\" is no kind of reset");
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

/* Section 2 of what the servers that IDEs know are sent. */
static void every_dialect_of_reset(void **state)
{
	static const char *const halting[] = {"reset", "reset halt", "reset init", "reset -halt",
		"reset -h", "reset 0", "reset 2", "reset 9", "reset core", "reset hardware",
		"reset soft", "reset halt sysresetreq", "reset halt hw", "jtag_reset",
		"soft_reset_halt", "_reset", "connect_rst enable", "RESET HALT;"};
	struct desk *desk = *state;

	desk_join(desk, 1);
	for (size_t i = 0; i < sizeof(halting) / sizeof(halting[0]); i++) {
		ask(desk, "reset run", NULL);
		ask(desk, halting[i], "halted at pc 0x08000188");
		assert_false(desk->target->running);
	}
	refused(desk, "reset 10", "no kind of reset");
	refused(desk, "reset 0x", "no kind of reset");
}

/* As OpenOCD means it. */
static void reset_alone_runs_if_told_so(void **state)
{
	struct desk *desk = *state;

	desk->reset_runs = true;
	desk_renew(desk, NULL, false);
	desk_join(desk, 1);
	ask(desk, "reset", NULL);
	assert_true(desk->target->running);
	ask(desk, "reset halt", "halted");
	ask(desk, "reset hw", NULL);
	assert_true(desk->target->running);
}

/* An IDE that gets an error for one of these gives up. */
static void what_ides_send_is_accepted(void **state)
{
	static const char *const quiet[] = {"gdb_sync", "gdb sync", "clrbp", "flash breakpoints 1",
		"semihosting IOClient 3", "exec SetRTTAddr 0x20000000", "device STM32F401CC",
		"interface SWD", "endian little", "sleep 100", "init", "arm semihosting_basedir x",
		"gdb breakpoint_override hard", "go", "halt"};
	static const char *const telling[] = {"swdp_scan", "jtag_scan", "targets", "regs", "reg",
		"speed auto", "adapter speed 1800", "frequency 4000", "semihosting enable",
		"arm semihosting enable", "poll", "status", "wait_halt 100", "tpwr enable",
		"echo hello"};
	struct desk *desk = *state;

	desk_join(desk, 1);
	for (size_t i = 0; i + 1 < sizeof(quiet) / sizeof(quiet[0]); i++)
		ask(desk, quiet[i], NULL);
	ask(desk, "halt", "halted");
	for (size_t i = 0; i < sizeof(telling) / sizeof(telling[0]); i++)
		ask(desk, telling[i], "");
	refused(desk, "ReadAPEx 0x0 0xF8", "not offered");
}

static void memory_is_shown_and_written(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	ask(desk, "mww 0x20000100 0x12345678 2", NULL);
	ask(desk, "mwh 0x20000104 0xabcd", NULL);
	ask(desk, "mwb 0x20000107 9", NULL);
	ask(desk, "mdw 0x20000100 2", "0x20000100: 12345678 0934abcd\n");
	ask(desk, "mdh 0x20000102", "0x20000102: 1234\n");
	ask(desk, "mdb 536871168 18", "0x20000110: 00 00\n");
	ask(desk, "memU32 0x20000100", "12345678");
	ask(desk, "rw 0x20000100", "12345678");
	refused(desk, "mdw 0x20000101", "not aligned");
	refused(desk, "mdw", "usage");
	refused(desk, "mdw 0x20000100 0", "usage");
	refused(desk, "mdw 0x20000100 1025", "usage");
	refused(desk, "mdw 0x120000100", "usage");
	refused(desk, "mdw -4", "usage");
	refused(desk, "mwb 0x20000100 256", "the value has more");
	refused(desk, "mww 0x20000100", "usage");
	refused(desk, "mdw 0x30000000", "");
	refused(desk, "mww 0x08000000 1", "");
}

static void registers_are_shown_and_changed(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	ask(desk, "reg pc", "0x08000100");
	ask(desk, "reg R4 0x55", NULL);
	desk_ask(desk, 1, "p4", "55000000");
	ask(desk, "reg", "control");
	refused(desk, "reg r99", "no register");
	refused(desk, "reg r1 x", "no number");
	ask(desk, "go", NULL);
	refused(desk, "reg", "not halted");
	refused(desk, "wait_halt", "not halted");
	refused(desk, "step", "not halted");
}

static void steps(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	ask(desk, "step 3", "halted at pc 0x08000106");
	desk_ask(desk, 1, "pf", "06010008");
	refused(desk, "step 0", "usage");
	refused(desk, "step 1001", "usage");
}

/* What changes something is the controller's. */
static void an_observer_only_looks(void **state)
{
	static const char *const words[] = {"reset", "halt", "go", "step", "mww 0x20000000 1",
		"semihosting off", "speed 1800", "jtag_reset", "exit"};
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk_join(desk, 2);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		desk_monitor(desk, 2, words[i]);
		desk_expect_console(desk, 2, "another client");
		desk_expect(desk, 2, "E01");
	}
	desk_monitor(desk, 2, "reg r0 1");
	desk_expect_console(desk, 2, "only observes");
	desk_expect(desk, 2, "E01");
	desk_monitor(desk, 2, "mdw 0x20000000");
	desk_expect_console(desk, 2, "00000000");
	desk_expect(desk, 2, "OK");
}

static void an_unknown_word_gets_a_hint(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	refused(desk, "rest halt", "did you mean \"reset\"?");
	refused(desk, "arm semihostin enable", "did you mean \"arm semihosting\"?");
	refused(desk, "jtag_rest", "did you mean \"jtag_reset\"?");
	refused(desk, "xyzzy", "unknown command \"xyzzy\"; `monitor help` lists all");
	refused(desk, "res", "unknown command \"res\"");
}

static void help_names_every_command(void **state)
{
	static const char *const words[] = {"help", "info", "reset", "halt", "resume", "speed",
		"diagnose", "version", "exit", "mdw", "semihosting fileio"};
	struct desk *desk = *state;

	desk_join(desk, 1);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		ask(desk, "help", words[i]);
	ask(desk, "", "reset");
	ask(desk, "help speed", "SWD clock");
	ask(desk, "help shutdown", "shutdown");
	refused(desk, "help sped", "no command");
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

static void what_needs_the_target_is_refused_without_it(void **state)
{
	static const char *const lines[] = {
		"fault", "speed", "mdw 0x20000000", "mww 0x20000000 1", "flash info"};
	struct desk *desk = *state;

	desk->target->fail[FAKE_ATTACH] = ERR_TARGET_NO_LINK;
	desk_join(desk, 1);
	desk_monitor(desk, 1, "version");
	desk_expect_console(desk, 1, "does not answer"); /* told once, of the joining */
	desk_expect_console(desk, 1, "stlink-gdb");
	desk_expect(desk, 1, "OK");
	for (size_t i = 0; i < COUNT_OF(lines); i++)
		refused(desk, lines[i], "not attached");
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

static void diagnose_tells_what_failed_and_what_is_wrong_now(void **state)
{
	static const struct target_report failure = {
		.code = "FD21",
		.cause = "the flash controller stays busy",
		.evidence = "FLASH_SR 00010000 (BSY)",
		.remedy = "reset the board",
		.flash = "sectors 0-4 old",
	};
	static const struct target_report wrong = {
		.code = "FD06",
		.cause = "NRST is low",
		.evidence = "S_RESET_ST",
		.remedy = "let go of the button",
	};
	struct desk *desk = *state;

	desk_join(desk, 1);
	ask(desk, "diagnose", "now: nothing is wrong");
	desk->target->failure = &failure;
	ask(desk, "diagnose", "last failure: FD21: the flash controller stays busy");
	ask(desk, "diagnose", "  remedy: reset the board");
	ask(desk, "diagnose", "  flash: sectors 0-4 old");
	desk->target->wrong = &wrong;
	ask(desk, "diagnose", "now: FD06: NRST is low");
}

static void options_are_shown_and_written(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	(void)snprintf(desk->target->wrp, sizeof(desk->target->wrp), "0-1");
	ask(desk, "option", "0-1");
	ask(desk, "option write wrp none", "option wrp written");
	ask(desk, "option read", "none");
	refused(desk, "option write wrp", "usage: monitor option");
	refused(desk, "option erase", "usage: monitor option");
}

static void unlocking_wants_to_be_typed_in_full(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	refused(desk, "unlock", "monitor unlock erase-everything");
	refused(desk, "unlock everything", "monitor unlock erase-everything");
	assert_int_equal(desk->target->calls[FAKE_UNLOCK], 0);
	ask(desk, "unlock erase-everything", "the flash is blank");
	assert_int_equal(desk->target->calls[FAKE_UNLOCK], 1);
}

static void attaching_under_reset_detaches_first(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk->target->connect = TARGET_CONNECT_HALT;
	ask(desk, "connect_under_reset", "attached under reset");
	assert_int_equal(desk->target->calls[FAKE_DETACH], 1);
	assert_int_equal(desk->target->connect, TARGET_CONNECT_HALT); /* the next one again */
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
	refused(desk, "help a b c d e f g h i j k l m n o p q", "too many words");
	refused(desk, "voltage a", "too many words; usage");
	/* a 0 in the midst ends the line */
	desk_packet(desk, 1, "qRcmd,68616c740068656c70");
	desk_expect_console(desk, 1, "halted at");
	desk_expect(desk, 1, "OK");
}

static void flash_info_shows_a_map(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk->target->flash_changed = true;
	ask(desk, "flash info", "|====|~~~~|####|!##!|");
	ask(desk, "flash info", "   0  0x08000000   16 KiB  =  as loaded");
	ask(desk, "flash info", "   1  0x08004000   16 KiB  ~  changed since the load");
	ask(desk, "flash info", "   3  0x0800c000   16 KiB  #  in use, protected");
	ask(desk, "flash info", "   5  0x08020000  128 KiB  .  blank");
	ask(desk, "flash erase_check", "2 of 6 sectors are blank");
	desk->target->fail[FAKE_FLASH_LOOK] = ERR_TARGET_FAULT;
	desk->target->fail_log = "0x08000000 cannot be read";
	refused(desk, "flash info", "0x08000000 cannot be read");
}

static void flash_is_verified_against_the_load(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	ask(desk, "flash verify", "all 2 sectors are as they were loaded");
	desk->target->never_loaded = true;
	refused(desk, "flash verify", "nothing was loaded");
	desk->target->never_loaded = false;
	desk->target->flash_changed = true;
	desk_monitor(desk, 1, "flash verify");
	desk_expect_console(
		desk, 1, "sector 1: 0x08004010 was loaded with 12345678 and holds 12345670");
	desk_expect_console(desk, 1, "1 of 2 sectors are not as they were loaded");
	desk_expect(desk, 1, "E01");
}

static void expect_erased(struct desk *desk, uint32_t start, uint32_t end)
{
	for (uint32_t i = 0; i < FAKE_FLASH_SIZE; i++)
		assert_int_equal(desk->target->flash[i], i >= start && i < end ? 0xFF : 0x33);
	memset(desk->target->flash, 0x33, FAKE_FLASH_SIZE);
}

static void sectors_are_erased(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	memset(desk->target->flash, 0x33, FAKE_FLASH_SIZE);
	ask(desk, "flash erase 2", "erased 1, verified");
	expect_erased(desk, 0x8000, 0xC000);
	ask(desk, "flash erase 3-4", "erased 1, verified");
	expect_erased(desk, 0xC000, 0x20000);
	ask(desk, "flash erase 0x08004000 0x4000", "erased 1, verified");
	expect_erased(desk, 0x4000, 0x8000);
	ask(desk, "mass_erase", "erased 1, verified");
	expect_erased(desk, 0, FAKE_FLASH_SIZE);
	refused(desk, "flash erase", "usage: monitor flash erase");
	refused(desk, "flash erase 6", "this chip has the sectors 0 to 5");
	refused(desk, "flash erase 4-9", "this chip has the sectors 0 to 5");
	refused(desk, "flash erase 3-2", "usage");
	refused(desk, "flash erase 1-2-3", "usage");
	refused(desk, "flash erase all", "usage");
	refused(desk, "flash erase 0x08000000 0", "usage");
	expect_erased(desk, 0, 0);
	desk->target->fail[FAKE_FLASH_DONE] = ERR_FLASH_PROTECTED;
	desk->target->fail_log = "sector 2 is write-protected";
	refused(desk, "flash erase 2", "sector 2 is write-protected");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DESK_TEST(reset_halts_unless_told_to_run),
		DESK_TEST(registers_are_fresh_after_reset),
		DESK_TEST(halt_and_resume),
		DESK_TEST(every_dialect_of_reset),
		DESK_TEST(reset_alone_runs_if_told_so),
		DESK_TEST(what_ides_send_is_accepted),
		DESK_TEST(memory_is_shown_and_written),
		DESK_TEST(registers_are_shown_and_changed),
		DESK_TEST(steps),
		DESK_TEST(an_observer_only_looks),
		DESK_TEST(an_unknown_word_gets_a_hint),
		DESK_TEST(help_names_every_command),
		DESK_TEST(info_tells_the_board),
		DESK_TEST(speed_is_shown_and_changed),
		DESK_TEST(what_needs_the_target_is_refused_without_it),
		DESK_TEST(voltage_is_measured),
		DESK_TEST(exit_ends_the_server),
		DESK_TEST(nothing_has_failed),
		DESK_TEST(diagnose_tells_what_failed_and_what_is_wrong_now),
		DESK_TEST(options_are_shown_and_written),
		DESK_TEST(unlocking_wants_to_be_typed_in_full),
		DESK_TEST(attaching_under_reset_detaches_first),
		DESK_TEST(a_failing_command_says_why),
		DESK_TEST(malformed_commands),
		DESK_TEST(flash_info_shows_a_map),
		DESK_TEST(flash_is_verified_against_the_load),
		DESK_TEST(sectors_are_erased),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
