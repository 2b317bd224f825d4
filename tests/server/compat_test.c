/* The command lines of other servers. */
#include <string.h>

#include "server/compat.h"
#include "server/options.h"
#include "tests/prelude.h"

#define COUNT(words) (int)(sizeof(words) / sizeof((words)[0]))

static struct options options;

#define PARSE(...) \
	options_parse(&options, COUNT(((char *[]){__VA_ARGS__})), (char *[]){__VA_ARGS__})

static void the_name_it_is_called_by_chooses(void **state)
{
	static const struct {
		char *program;
		const char *name;
		unsigned port;
		bool reset_runs;
	} rows[] = {
		{"st-util", "stutil", 4242, false},
		{"/usr/bin/st-util", "stutil", 4242, false},
		{"./ST-LINK_gdbserver", "stlink", 61234, false},
		{"openocd", "openocd", 3333, true},
		{"JLinkGDBServerCLExe", "jlink", 2331, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(PARSE(rows[i].program), ERR_OK);
		assert_string_equal(options.compat->name, rows[i].name);
		assert_int_equal(options.port, rows[i].port);
		assert_int_equal(options.compat->reset_runs, rows[i].reset_runs);
	}
	assert_int_equal(PARSE("stlink-gdb"), ERR_OK);
	assert_null(options.compat);
	assert_int_equal(options.port, 3333);
	assert_int_equal(PARSE("st-utils"), ERR_OK);
	assert_null(options.compat);
}

static void compat_chooses_before_the_name(void **state)
{
	(void)state;
	assert_int_equal(PARSE("st-util", "--compat", "openocd"), ERR_OK);
	assert_string_equal(options.compat->name, "openocd");
	assert_int_equal(PARSE("stlink-gdb", "--compat=jlink", "-port", "1234"), ERR_OK);
	assert_int_equal(options.port, 1234);
	assert_int_equal(PARSE("stlink-gdb", "--compat", "gcc"), ERR_ARGUMENT);
	assert_int_equal(PARSE("stlink-gdb", "--compat"), ERR_ARGUMENT);
}

/* What Cortex-Debug starts. */
static void command_lines_of_an_ide(void **state)
{
	(void)state;
	assert_int_equal(PARSE("st-util", "-p", "50000", "--no-reset", "--serial", "066E"), ERR_OK);
	assert_int_equal(options.port, 50000);
	assert_string_equal(options.serial, "066E");
	assert_int_equal(PARSE("ST-LINK_gdbserver", "-p", "50001", "-cp", "/opt/st", "--swd",
				 "--halt", "-m", "0", "--serial-number", "066F", "-k"),
		ERR_OK);
	assert_int_equal(options.port, 50001);
	assert_string_equal(options.serial, "066F");
	assert_int_equal(options.connect, TARGET_CONNECT_UNDER_RESET);
	assert_int_equal(
		PARSE("st-util", "--listen_port=4000", "-m", "-u", "--freq=1800k"), ERR_OK);
	assert_int_equal(options.port, 4000);
	assert_int_equal(options.speed_khz, 1800);
	/* ours are still understood */
	assert_int_equal(PARSE("st-util", "--virtual", "--port", "1"), ERR_OK);
	assert_true(options.is_virtual);
	assert_int_equal(options.port, 1);
}

/* What IDEs start when they believe it is OpenOCD: Cortex-Debug, PlatformIO, Zephyr's west. */
static void command_lines_for_openocd(void **state)
{
	(void)state;
	assert_int_equal(PARSE("openocd", "-f", "openocd-helpers.tcl", "-c", "gdb_port 50000", "-c",
				 "tcl_port 50001", "-c", "telnet_port 50002", "-s", "/work", "-f",
				 "interface/stlink.cfg", "-f", "target/stm32f4x.cfg", "-c",
				 "adapter speed 1800; adapter serial 066E", "-d3"),
		ERR_OK);
	assert_int_equal(options.port, 50000);
	assert_int_equal(options.speed_khz, 1800);
	assert_string_equal(options.serial, "066E");
	assert_int_equal(PARSE("openocd", "-c", "gdb_port pipe; tcl_port disabled"), ERR_OK);
	assert_true(options.pipe);
	assert_int_equal(PARSE("openocd", "-c set _ZEPHYR_BOARD_SERIAL 12", "-c", "gdb_port 4000",
				 "-c", "init", "-c", "targets", "-c", "reset halt"),
		ERR_OK);
	assert_int_equal(options.port, 4000);
	assert_int_equal(PARSE("openocd", "-c", "reset_config connect_assert_srst"), ERR_OK);
	assert_int_equal(options.connect, TARGET_CONNECT_UNDER_RESET);
	assert_int_equal(PARSE("openocd", "-c", "echo \"Started by GNU MCU Eclipse\""), ERR_OK);
	assert_string_equal(options.line.echo, "Started by GNU MCU Eclipse\n");
	assert_false(options.line.resets_first);
	assert_int_equal(
		PARSE("openocd", "-c", "init;reset init;", "-c", "echo (((READY)))"), ERR_OK);
	assert_true(options.line.resets_first);
	assert_string_equal(options.line.echo, "(((READY)))\n");
	assert_int_equal(PARSE("openocd", "-c", "reset run"), ERR_OK);
	assert_false(options.line.resets_first);
}

static void openocd_programs(void **state)
{
	(void)state;
	assert_int_equal(
		PARSE("openocd", "-c", "program {/a b/fw.elf} verify reset; shutdown;"), ERR_OK);
	assert_int_equal(options.action, ACTION_FLASH);
	assert_string_equal(options.flash_file, "/a b/fw.elf");
	assert_true(options.reset);
	assert_true(options.line.ends);
	/* CLion's two: to debug, and to run */
	assert_int_equal(PARSE("openocd", "-c", "gdb_port 4000", "-c", "program \"fw.elf\"", "-c",
				 "init;reset init;"),
		ERR_OK);
	assert_true(options.line.programs);
	assert_false(options.line.ends);
	assert_int_equal(options.port, 4000);
	assert_int_equal(PARSE("openocd", "-c", "gdb_port disabled", "-c", "program \"fw.elf\"",
				 "-c", "reset", "-c", "shutdown"),
		ERR_OK);
	assert_true(options.line.ends);
	assert_int_equal(PARSE("openocd", "-c", "program fw.bin exit 0x08004000"), ERR_OK);
	assert_string_equal(options.flash_file, "fw.bin@0x08004000");
	assert_false(options.reset);
	assert_int_equal(PARSE("openocd", "-c", "program"), ERR_ARGUMENT);
	assert_int_equal(PARSE("openocd", "-c", "init", "-c", "shutdown"), ERR_ARGUMENT);
}

static void odd_scripts_for_openocd(void **state)
{
	static char word[2000];

	(void)state;
	assert_int_equal(PARSE("openocd", "-c", " ;;\n; "), ERR_OK);
	assert_int_equal(PARSE("openocd", "-c", "my_own_procedure {with braces"), ERR_OK);
	assert_int_equal(PARSE("openocd", "-c", "gdb_port"), ERR_ARGUMENT);
	assert_int_equal(PARSE("openocd", "-c", "gdb_port disabled"), ERR_ARGUMENT);
	assert_int_equal(PARSE("openocd", "-c"), ERR_ARGUMENT);
	memset(word, 'x', sizeof(word) - 1);
	assert_int_equal(PARSE("openocd", "-c", word), ERR_ARGUMENT);
	assert_int_equal(PARSE("openocd", "-c", "echo 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17"),
		ERR_ARGUMENT);
}

static void command_lines_for_pyocd(void **state)
{
	(void)state;
	assert_int_equal(PARSE("pyocd", "gdbserver", "-p", "3334", "-T", "4444", "-t",
				 "stm32f401cc", "-u", "066E", "-f", "4000000"),
		ERR_OK);
	assert_int_equal(options.port, 3334);
	assert_int_equal(options.speed_khz, 4000);
	assert_string_equal(options.serial, "066E");
	assert_int_equal(PARSE("pyocd", "gdb", "--port=1", "--frequency=1800k", "--connect",
				 "under-reset", "--persist"),
		ERR_OK);
	assert_int_equal(options.speed_khz, 1800);
	assert_int_equal(options.connect, TARGET_CONNECT_UNDER_RESET);
	assert_int_equal(PARSE("pyocd", "gdbserver", "-M", "attach"), ERR_OK);
	assert_int_equal(options.connect, TARGET_CONNECT_NORMAL);
	assert_int_equal(PARSE("pyocd", "flash", "-t", "stm32f401cc", "fw.hex"), ERR_OK);
	assert_string_equal(options.flash_file, "fw.hex");
}

/* Letters that a value or a number is glued to, as getopt takes them. */
static void values_without_a_space(void **state)
{
	(void)state;
	assert_int_equal(PARSE("st-util", "-p4000", "-v99"), ERR_OK);
	assert_int_equal(options.port, 4000);
	assert_int_equal(options.log_level, LOG_DEBUG);
	assert_int_equal(PARSE("st-util", "-vv", "-F1800k"), ERR_OK);
	assert_int_equal(options.log_level, LOG_TRACE);
	assert_int_equal(options.speed_khz, 1800);
}

static void what_is_wrong_is_refused(void **state)
{
	(void)state;
	assert_int_equal(PARSE("st-util", "-p"), ERR_ARGUMENT);
	assert_int_equal(PARSE("st-util", "-p", "x"), ERR_ARGUMENT);
	assert_int_equal(PARSE("st-util", "--frequency"), ERR_ARGUMENT);
	assert_int_equal(PARSE("ST-LINK_gdbserver", "-j"), ERR_ARGUMENT);
}

static void endless_command_lines(void **state)
{
	static char word[] = "-v", longest[COMPAT_BYTES_MAX + 10];
	char *words[COMPAT_WORDS_MAX + 2];

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		words[i] = word;
	words[0] = "st-util";
	assert_int_equal(options_parse(&options, COUNT(words), words), ERR_ARGUMENT);
	memset(longest, '1', sizeof(longest) - 1);
	assert_int_equal(PARSE("st-util", "-p", longest), ERR_ARGUMENT);
}

static void options_of_semihosting(void **state)
{
	(void)state;
	assert_int_equal(PARSE("stlink-gdb", "--semihosting-dir", "/tmp", "--semihosting-port", "0",
				 "--exit-on-semihost"),
		ERR_OK);
	assert_string_equal(options.semihosting_dir, "/tmp");
	assert_true(options.has_console);
	assert_int_equal(options.console_port, 0);
	assert_true(options.exit_on_semihost);
	assert_int_equal(PARSE("stlink-gdb", "--semihosting-port", "65536"), ERR_ARGUMENT);
	assert_int_equal(PARSE("stlink-gdb", "--semihosting-dir="), ERR_ARGUMENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_name_it_is_called_by_chooses),
		cmocka_unit_test(compat_chooses_before_the_name),
		cmocka_unit_test(command_lines_of_an_ide),
		cmocka_unit_test(command_lines_for_openocd),
		cmocka_unit_test(openocd_programs),
		cmocka_unit_test(odd_scripts_for_openocd),
		cmocka_unit_test(command_lines_for_pyocd),
		cmocka_unit_test(values_without_a_space),
		cmocka_unit_test(what_is_wrong_is_refused),
		cmocka_unit_test(endless_command_lines),
		cmocka_unit_test(options_of_semihosting),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
