/* The servers that this one can stand in for, as data: what compat.c chooses from. */
#include "compat.h"

/* stlink-org/stlink, st-util --help. */
static const struct compat_option stutil_options[] = {
	{{"-p", "--listen_port"}, .ours = "--port=", .takes_value = true},
	{{"--serial"}, .ours = "--serial=", .takes_value = true},
	{{"-u", "--connect-under-reset"}, .ours = "--connect=under-reset"},
	{{"--freq", "-F", "-f"}, .ours = "--speed=", .takes_value = true},
	{{"-v", "--verbose"}, .ours = "-v"},
	{{"-m", "--multi"}, .ours = NULL},
	{{"-n", "--no-reset"}, .ours = NULL},
	{{"--hot-plug"}, .ours = NULL},
	{{"--semihosting"}, .ours = NULL},
	{{"-V"}, .ours = "--version"},
	{{"-s", "--stlink_version"}, .takes_value = true},
	{{"-1", "--stlinkv1"}, .ours = NULL},
	{{"-2", "--stlinkv2"}, .ours = NULL},
};

/* ST UM2576, "ST-LINK_gdbserver command line". */
static const struct compat_option stlink_options[] = {
	{{"-p", "--port-number"}, .ours = "--port=", .takes_value = true},
	{{"-i", "--serial-number"}, .ours = "--serial=", .takes_value = true},
	{{"-k", "--initialize-reset"}, .ours = "--connect=under-reset"},
	{{"--frequency"}, .ours = "--speed=", .takes_value = true},
	{{"-v", "--verbose"}, .ours = "-v"},
	{{"-cp", "--stm32cubeprogrammer-path"}, .takes_value = true},
	{{"-c", "--config-file"}, .takes_value = true},
	{{"-el", "--extload"}, .takes_value = true},
	{{"-f", "--log-file"}, .ours = "--log=", .takes_value = true},
	{{"--temp-path"}, .takes_value = true},
	{{"--pend-halt-timeout"}, .takes_value = true},
	{{"--preserve-temps"}, .ours = NULL},
	{{"--external-init"}, .ours = NULL},
	{{"-d", "--swd"}, .ours = NULL},
	{{"-g", "--attach"}, .ours = NULL},
	{{"--halt"}, .ours = NULL},
	{{"-e", "--persistent"}, .ours = NULL},
	{{"-s", "--verify"}, .ours = NULL},
	{{"-t", "--shared"}, .ours = NULL},
	{{"-l", "--log-level"}, .takes_value = true},
	{{"-m", "--apid"}, .takes_value = true},
	{{"-r", "--refresh-delay"}, .takes_value = true},
	{{"-z", "--swo-port"}, .takes_value = true},
	{{"-a", "--cpu-clock"}, .takes_value = true},
	{{"-b", "--swo-clock-div"}, .takes_value = true},
	{{"-q", "--debuggers"}, .ours = "--list"},
};

/* SEGGER UM08001, "J-Link GDB Server command line options". */
static const struct compat_option jlink_options[] = {
	{{"-port"}, .ours = "--port=", .takes_value = true},
	{{"-speed"}, .ours = "--speed=", .takes_value = true},
	{{"-device"}, .takes_value = true},
	{{"-if"}, .takes_value = true},
	{{"-endian"}, .takes_value = true},
	{{"-swoport"}, .takes_value = true},
	{{"-telnetport"}, .takes_value = true},
	{{"-select"}, .takes_value = true},
	{{"-rtos"}, .takes_value = true},
	{{"-nogui"}, .ours = NULL},
	{{"-nohalt"}, .ours = NULL},
	{{"-noir"}, .ours = NULL},
	{{"-noLocalhostOnly"}, .ours = NULL},
	{{"-localhostonly"}, .ours = NULL},
	{{"-silent"}, .ours = NULL},
	{{"-vd"}, .ours = NULL},
};

/* OpenOCD User's Guide, 4 "Running". Configuration files are not read: the chip says what it is. */
static const struct compat_option openocd_options[] = {
	{{"-c", "--command"}, .takes_value = true, .is_tcl = true},
	{{"-f", "--file"}, .takes_value = true},
	{{"-s", "--search"}, .takes_value = true},
	{{"-l", "--log_output"}, .ours = "--log=", .takes_value = true},
	{{"-d", "--debug"}, .ours = "-v"},
};

/* pyOCD, "pyocd gdbserver --help". */
static const struct compat_option pyocd_options[] = {
	{{"gdbserver", "gdb"}, .ours = NULL},
	{{"flash", "load"}, .ours = "flash"},
	{{"list"}, .ours = "--list"},
	{{"-p", "--port"}, .ours = "--port=", .takes_value = true},
	{{"-u", "--uid"}, .ours = "--serial=", .takes_value = true},
	{{"-f", "--frequency"}, .ours = "--speed=", .takes_value = true, .in_hz = true},
	{{"-M", "--connect"}, .ours = "--connect=under-reset", .takes_value = true,
		.only = "pre-reset"},
	{{"-M", "--connect"}, .ours = "--connect=normal", .takes_value = true, .only = "attach"},
	{{"-M", "--connect"}, .ours = "--connect=", .takes_value = true},
	{{"-T", "--telnet-port"}, .takes_value = true},
	{{"-t", "--target"}, .takes_value = true},
	{{"-da", "--daparg"}, .takes_value = true},
	{{"-e", "--erase"}, .takes_value = true},
	{{"-O", "--option"}, .takes_value = true},
	{{"-j", "--project", "--dir"}, .takes_value = true},
	{{"--config"}, .takes_value = true},
	{{"-W", "--no-wait"}, .ours = NULL},
	{{"-S", "--semihosting"}, .ours = NULL},
	{{"-q", "--quiet"}, .ours = NULL},
	{{"--persist"}, .ours = NULL},
};

#define OPTIONS(table) table, sizeof(table) / sizeof((table)[0])

const struct compat compats[] = {
	{"openocd", {"openocd"}, 3333, true, "Info : Listening on port %u for gdb connections\n",
		OPTIONS(openocd_options)},
	{"stlink", {"ST-LINK_gdbserver"}, 61234, false, "Waiting for debugger connection...\n",
		OPTIONS(stlink_options)},
	{"stutil", {"st-util"}, 4242, false, "Listening at *:%u...\n", OPTIONS(stutil_options)},
	{"jlink", {"JLinkGDBServer", "JLinkGDBServerCLExe", "JLinkGDBServerExe"}, 2331, false,
		"Waiting for GDB connection...\n", OPTIONS(jlink_options)},
	{"pyocd", {"pyocd"}, 3333, true, "GDB server started on port %u\n", OPTIONS(pyocd_options)},
	{"probe-rs", {"probe-rs"}, 1337, true, "Firing up GDB stub at port %u\n", NULL, 0},
	{"bmp", {"blackmagic"}, 2000, false, NULL, NULL, 0},
};

const size_t compat_count = sizeof(compats) / sizeof(compats[0]);
