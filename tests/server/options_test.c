/* The command line. */
#include "server/options.h"

#include <stdlib.h>
#include <string.h>

#include "tests/prelude.h"

#define ARGS_MAX 10

static char heard[1024];

static void hear(void *context, enum log_level level, const char *text)
{
	(void)context;
	(void)level;
	(void)snprintf(heard, sizeof(heard), "%s", text);
}

static struct options options;

/* Splits at spaces and parses; "" is no argument at all. */
static enum err parse(const char *line)
{
	static char words[256];
	char *argv[ARGS_MAX + 2] = {"stlink-gdb"}, *rest = NULL;
	int argc = 1;

	heard[0] = '\0';
	(void)snprintf(words, sizeof(words), "%s", line);
	for (char *word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
		argv[argc++] = word;
	log_listen(hear, NULL);
	enum err err = options_parse(&options, argc, argv);
	log_listen(NULL, NULL);
	return err;
}

static void refused(const char *line, const char *text)
{
	assert_int_equal(parse(line), ERR_ARGUMENT);
	if (!strstr(heard, text))
		fail_msg("%s: \"%s\", expected \"%s\" in it", line, heard, text);
}

static void defaults(void **state)
{
	(void)state;
	assert_int_equal(parse(""), ERR_OK);
	assert_int_equal(options.action, ACTION_SERVE);
	assert_int_equal(options.port, 3333);
	assert_string_equal(options.listen_address, "");
	assert_null(options.serial);
	assert_int_equal(options.speed_khz, 0);
	assert_int_equal(options.vdd_mv, 0);
	assert_int_equal(options.connect, TARGET_CONNECT_AUTO);
	assert_false(options.is_virtual);
	assert_int_equal(options.log_level, LOG_INFO);
}

static void every_way_to_give_a_value(void **state)
{
	static const char *const lines[] = {
		"-p 4242", "-p4242", "--port 4242", "--port=4242", "-vp 4242", "-vp4242"};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		assert_int_equal(parse(lines[i]), ERR_OK);
		assert_int_equal(options.port, 4242);
	}
	assert_int_equal(parse("-p 0"), ERR_OK);
	assert_int_equal(options.port, 0);
	assert_int_equal(parse("-p 1 -p 2"), ERR_OK);
	assert_int_equal(options.port, 2);
}

static void bad_ports(void **state)
{
	static const char *const lines[] = {"-p 65536", "-p -1", "-p x", "-p 12x", "-p 1.5",
		"--port=", "-p 99999999999999999999"};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		refused(lines[i], "--port takes PORT");
	refused("-p", "--port needs a value");
	refused("--port", "--port needs a value");
}

static void listen_addresses(void **state)
{
	static const struct {
		const char *line, *address;
		unsigned port;
	} cases[] = {
		{"--listen 0.0.0.0", "0.0.0.0", 3333},
		{"--listen 0.0.0.0:99", "0.0.0.0", 99},
		{"--listen bench.local:0", "bench.local", 0},
		{"--listen ::1", "::1", 3333},
		{"--listen [::1]", "::1", 3333},
		{"--listen [fe80::1%eth0]:4242", "fe80::1%eth0", 4242},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(parse(cases[i].line), ERR_OK);
		assert_string_equal(options.listen_address, cases[i].address);
		assert_int_equal(options.port, cases[i].port);
	}
	refused("--listen [::1", "--listen takes");
	refused("--listen [::1]x", "--listen takes");
	refused("--listen :99", "--listen takes");
	refused("--listen host:", "--listen takes");
	refused("--listen host:x", "--listen takes");
	refused("--listen=", "--listen takes");
	refused("--listen []", "--listen takes");
}

static void remote_probes(void **state)
{
	static const struct {
		const char *line, *host, *port, *busid;
	} cases[] = {
		{"--probe usbip:bench", "bench", "3240", ""},
		{"--probe usbip:bench/1-2.3", "bench", "3240", "1-2.3"},
		{"--probe usbip:127.0.0.1:99/1-1", "127.0.0.1", "99", "1-1"},
		{"--probe usbip:[::1]:99/1-1", "::1", "99", "1-1"},
		{"--probe=usbip:::1", "::1", "3240", ""},
	};

	(void)state;
	assert_int_equal(parse(""), ERR_OK);
	assert_string_equal(options.remote.host, "");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(parse(cases[i].line), ERR_OK);
		assert_string_equal(options.remote.host, cases[i].host);
		assert_string_equal(options.remote.port, cases[i].port);
		assert_string_equal(options.remote.busid, cases[i].busid);
	}
	refused("--probe bench/1-1", "--probe takes usbip:HOST");
	refused("--probe usbip:", "--probe takes");
	refused("--probe usbip:/1-1", "--probe takes");
	refused("--probe usbip:bench/", "--probe takes");
	refused("--probe usbip:bench:0/1-1", "--probe takes");
	refused("--probe usbip:bench/a-bus-id-of-more-than-31-characters", "--probe takes");
}

static void speeds(void **state)
{
	static const struct {
		const char *line;
		unsigned khz;
	} cases[] = {
		{"--speed 4000", 4000},
		{"--speed 1800k", 1800},
		{"--speed 1800kHz", 1800},
		{"--speed 4M", 4000},
		{"--speed 1.8MHz", 1800},
		{"--speed 0.125m", 125},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(parse(cases[i].line), ERR_OK);
		assert_int_equal(options.speed_khz, cases[i].khz);
	}
	refused("--speed 0", "--speed takes");
	refused("--speed fast", "--speed takes");
	refused("--speed 4G", "--speed takes");
	refused("--speed 4000M", "--speed takes");
	refused("--speed -4", "--speed takes");
}

static void voltages(void **state)
{
	static const struct {
		const char *line;
		unsigned mv;
	} cases[] = {
		{"--vdd 3300", 3300},
		{"--vdd 3300mV", 3300},
		{"--vdd 3.3", 3300},
		{"--vdd 1.8V", 1800},
		{"--vdd 3", 3000},
		{"--vdd 2.75V", 2750},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(parse(cases[i].line), ERR_OK);
		assert_int_equal(options.vdd_mv, cases[i].mv);
	}
	refused("--vdd 0", "--vdd takes");
	refused("--vdd 12V", "--vdd takes");
	refused("--vdd 33000", "--vdd takes");
	refused("--vdd 3.3mV", "--vdd takes");
	refused("--vdd 3.3A", "--vdd takes");
}

static void kept_ranges(void **state)
{
	(void)state;
	assert_int_equal(parse("--keep 0x08020000-0x0803ffff --keep=134217728,16384"), ERR_OK);
	assert_int_equal(options.keep_count, 2);
	assert_int_equal(options.keep[0].start, 0x08020000);
	assert_int_equal(options.keep[0].size, 0x20000);
	assert_int_equal(options.keep[1].start, 0x08000000);
	assert_int_equal(options.keep[1].size, 0x4000);
	assert_int_equal(parse("--keep 0xfffffffc-0xffffffff"), ERR_OK);
	assert_int_equal(options.keep[0].size, 4);
	refused("--keep 0x08000000", "--keep takes");
	refused("--keep 0x08004000-0x08000000", "--keep takes");
	refused("--keep 0x08000000,0", "--keep takes");
	refused("--keep 0x08000000,-1", "--keep takes");
	refused("--keep 0x08000000,0x100000000", "--keep takes");
	refused("--keep 0xfffffffc,8", "--keep takes");
	refused("--keep 0x08000000-0x08000fff,", "--keep takes");
	refused("--keep flash", "--keep takes");
	refused("--keep=0,1 --keep=0,1 --keep=0,1 --keep=0,1 --keep=0,1 --keep=0,1 --keep=0,1 "
		"--keep=0,1 --keep=0,1",
		"--keep takes");
}

static void switches(void **state)
{
	(void)state;
	assert_int_equal(parse("--connect=under-reset --keep-unwritten --no-loader --virtual -vv "
			       "--interlock --no-reset"),
		ERR_OK);
	assert_true(options.interlock);
	assert_true(options.no_reset);
	assert_int_equal(options.connect, TARGET_CONNECT_UNDER_RESET);
	assert_true(options.keep_unwritten);
	assert_true(options.no_loader);
	assert_true(options.is_virtual);
	assert_int_equal(options.log_level, LOG_TRACE);
	assert_int_equal(parse("-vvvvvvvv"), ERR_OK);
	assert_int_equal(options.log_level, LOG_TRACE);
	assert_int_equal(parse("--connect normal --verbose"), ERR_OK);
	assert_int_equal(options.connect, TARGET_CONNECT_NORMAL);
	assert_int_equal(options.log_level, LOG_DEBUG);
	assert_int_equal(parse("--connect halt"), ERR_OK);
	assert_int_equal(options.connect, TARGET_CONNECT_HALT);
	assert_int_equal(parse("-v"), ERR_OK);
	assert_int_equal(options.connect, TARGET_CONNECT_AUTO);
	assert_int_equal(parse("--serial 066DFF --usb-path 1-2.3"), ERR_OK);
	assert_string_equal(options.serial, "066DFF");
	assert_string_equal(options.usb_path, "1-2.3");
	assert_int_equal(parse("--all"), ERR_OK);
	assert_true(options.all);
	assert_int_equal(parse("--chip=STM32F401xB/C"), ERR_OK);
	assert_string_equal(options.chip, "STM32F401xB/C");
	refused("--chip=", "--chip takes NAME");
	refused("--connect=hot", "--connect takes auto|normal|halt|under-reset");
	refused("--virtual=yes", "--virtual takes no value");
}

static void how_the_core_is_left(void **state)
{
	(void)state;
	assert_int_equal(parse("--virtual"), ERR_OK);
	assert_int_equal(options.on_exit, EXIT_RUN);
	assert_int_equal(parse("--on-exit=halt"), ERR_OK);
	assert_int_equal(options.on_exit, EXIT_HALT);
	assert_int_equal(parse("--on-exit reset"), ERR_OK);
	assert_int_equal(options.on_exit, EXIT_RESET);
	refused("--on-exit=stop", "--on-exit");
	refused("--on-exit=", "--on-exit");
}

static void what_stands_still(void **state)
{
	(void)state;
	assert_int_equal(parse("--freeze=wdg"), ERR_OK);
	assert_false(options.freeze_timers);
	assert_int_equal(parse("--freeze=wdg,tim"), ERR_OK);
	assert_true(options.freeze_timers);
	assert_int_equal(parse("--freeze all"), ERR_OK);
	assert_true(options.freeze_timers);
	refused("--freeze=", "--freeze");
	refused("--freeze=tim,", "--freeze");
	refused("--freeze=timers", "--freeze");
}

static void words_on_halt(void **state)
{
	static const char *const bad[] = {"--on-halt=write32 0x40000802 0",
		"--on-halt=write32 0x40000800", "--on-halt=write16 0x40000800 0",
		"--on-halt=write32 0x40000800 0 0", "--on-halt=write32 0x140000800 0",
		"--on-halt=write32 -4 0", "--on-halt=write32 0x40000800 zero", "--on-halt="};
	char *argv[2 + OPTIONS_WRITES_MAX + 1] = {"stlink-gdb"};
	(void)state;
	for (int i = 1; i <= OPTIONS_WRITES_MAX + 1; i++)
		argv[i] = "--on-halt=write32 0x40000800 0x10";
	assert_int_equal(options_parse(&options, 1 + OPTIONS_WRITES_MAX, argv), ERR_OK);
	assert_int_equal(options.on_halt_count, OPTIONS_WRITES_MAX);
	assert_int_equal(options.on_halt[0].address, 0x40000800);
	assert_int_equal(options.on_halt[0].value, 0x10);
	assert_int_equal(options_parse(&options, 2 + OPTIONS_WRITES_MAX, argv), ERR_ARGUMENT);
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		argv[1] = (char *)(uintptr_t)bad[i];
		assert_int_equal(options_parse(&options, 2, argv), ERR_ARGUMENT);
	}
}

static void other_actions(void **state)
{
	(void)state;
	assert_int_equal(parse("--list"), ERR_OK);
	assert_int_equal(options.action, ACTION_LIST);
	assert_int_equal(parse("--list-chips"), ERR_OK);
	assert_int_equal(options.action, ACTION_CHIPS);
	assert_int_equal(parse("--version"), ERR_OK);
	assert_int_equal(options.action, ACTION_VERSION);
	assert_int_equal(parse("-h"), ERR_OK);
	assert_int_equal(options.action, ACTION_HELP);
}

static void what_is_not_understood(void **state)
{
	(void)state;
	refused("--virtul", "there is no option --virtul; did you mean --virtual?");
	refused("--spped=4000", "did you mean --speed?");
	refused("--xyzzy", "there is no option --xyzzy; --help lists all");
	refused("-x", "there is no option -x");
	refused("-vx", "there is no option -x");
	refused("firmware.hex", "\"firmware.hex\" is no option");
	refused("--", "\"--\" is no option");
	refused("-", "\"-\" is no option");
}

static void what_does_not_go_together(void **state)
{
	(void)state;
	refused("--all --serial 1", "leave out --serial");
	refused("--virtual --all", "leave out --all");
	refused("--virtual --usb-path 1-2", "leave out");
	refused("--virtual --probe usbip:bench", "leave out");
	refused("--serial 1 --probe usbip:bench", "leave out");
	refused("--all --probe usbip:bench", "leave out");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(every_way_to_give_a_value),
		cmocka_unit_test(bad_ports),
		cmocka_unit_test(listen_addresses),
		cmocka_unit_test(remote_probes),
		cmocka_unit_test(speeds),
		cmocka_unit_test(voltages),
		cmocka_unit_test(kept_ranges),
		cmocka_unit_test(switches),
		cmocka_unit_test(how_the_core_is_left),
		cmocka_unit_test(what_stands_still),
		cmocka_unit_test(words_on_halt),
		cmocka_unit_test(other_actions),
		cmocka_unit_test(what_is_not_understood),
		cmocka_unit_test(what_does_not_go_together),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
