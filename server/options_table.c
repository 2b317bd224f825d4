/* The options of the command line as data. Pure. */
#include "options_table.h"

#include "options_debug.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define PORT_MAX      65535
#define USBIP_PORT    3240 /* the one that is registered for it */
#define SPEED_MAX_KHZ 100000
#define VDD_MIN_MV    1000
#define VDD_MAX_MV    5500

/* A number with at most three decimals, in thousandths; *rest is what follows it. */
static bool parse_decimal(const char *text, unsigned long *thousandths, const char **rest)
{
	char *end = NULL;
	unsigned long scale = 1000;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	unsigned long whole = strtoul(text, &end, 10);
	if (errno || whole > UINT_MAX / 1000)
		return false;
	*thousandths = whole * 1000;
	if (*end == '.') {
		for (end++; *end >= '0' && *end <= '9' && scale > 1; end++) {
			scale /= 10;
			*thousandths += (unsigned long)(*end - '0') * scale;
		}
	}
	*rest = end;
	return true;
}

static bool parse_port(const char *text, unsigned *port)
{
	const char *rest;
	unsigned long thousandths;

	if (!parse_decimal(text, &thousandths, &rest) || *rest || thousandths % 1000 ||
		thousandths / 1000 > PORT_MAX)
		return false;
	*port = (unsigned)(thousandths / 1000);
	return true;
}

static bool set_port(struct options *options, const char *value)
{
	return parse_port(value, &options->port);
}

/* ADDRESS, ADDRESS:PORT, [IPV6] or [IPV6]:PORT; a bare IPv6 address has several colons. `port` is
 * left alone where none is given. */
static bool parse_address(const char *value, char address[OPTIONS_ADDRESS_MAX], unsigned *port)
{
	const char *start = value, *end = value + strlen(value), *digits = NULL;
	const char *colon = strchr(value, ':');

	if (*value == '[') {
		start = value + 1;
		end = strchr(start, ']');
		if (!end || (end[1] && end[1] != ':'))
			return false;
		digits = end[1] ? end + 2 : NULL;
	} else if (colon && !strchr(colon + 1, ':')) {
		end = colon;
		digits = colon + 1;
	}
	size_t length = (size_t)(end - start);
	if (!length || length >= OPTIONS_ADDRESS_MAX)
		return false;
	memcpy(address, start, length);
	address[length] = '\0';
	return !digits || parse_port(digits, port);
}

static bool set_listen(struct options *options, const char *value)
{
	if (strncmp(value, "unix:", 5) != 0)
		return parse_address(value, options->listen_address, &options->port);
	(void)snprintf(options->listen_address, sizeof(options->listen_address), "%s", value);
	return value[5] && strlen(value) < sizeof(options->listen_address);
}

/* usbip:HOST[:PORT][/BUSID] */
static bool set_probe(struct options *options, const char *value)
{
	static const char scheme[] = "usbip:";
	struct options_remote *remote = &options->remote;
	char address[2 * OPTIONS_ADDRESS_MAX];
	unsigned port = USBIP_PORT;

	if (strncmp(value, scheme, strlen(scheme)) != 0)
		return false;
	value += strlen(scheme);
	size_t length = strcspn(value, "/");
	const char *busid = value[length] ? value + length + 1 : "";
	if (length >= sizeof(address) || strlen(busid) >= sizeof(remote->busid) ||
		(value[length] && !*busid))
		return false;
	memcpy(address, value, length);
	address[length] = '\0';
	(void)snprintf(remote->busid, sizeof(remote->busid), "%s", busid);
	if (!parse_address(address, remote->host, &port) || !port)
		return false;
	(void)snprintf(remote->port, sizeof(remote->port), "%u", port);
	return true;
}

static bool set_serial(struct options *options, const char *value)
{
	options->serial = value;
	return *value;
}

static bool set_usb_path(struct options *options, const char *value)
{
	options->usb_path = value;
	return *value;
}

static bool set_all(struct options *options, const char *value)
{
	(void)value;
	options->all = true;
	return true;
}

static bool set_list_causes(struct options *options, const char *value)
{
	(void)value;
	options->action = ACTION_CAUSES;
	return true;
}

static bool set_list_chips(struct options *options, const char *value)
{
	(void)value;
	options->action = ACTION_CHIPS;
	return true;
}

static bool set_chip(struct options *options, const char *value)
{
	options->chip = value;
	return *value;
}

static bool set_list(struct options *options, const char *value)
{
	(void)value;
	options->action = ACTION_LIST;
	return true;
}

/* 4000, 4000k, 4M, 1.8MHz */
static bool set_speed(struct options *options, const char *value)
{
	unsigned long khz_thousandths;
	const char *unit;

	if (!parse_decimal(value, &khz_thousandths, &unit))
		return false;
	unsigned long khz = khz_thousandths / 1000;
	if (strcasecmp(unit, "m") == 0 || strcasecmp(unit, "mhz") == 0)
		khz = khz_thousandths;
	else if (*unit && strcasecmp(unit, "k") != 0 && strcasecmp(unit, "khz") != 0)
		return false;
	options->speed_khz = (unsigned)khz;
	return khz > 0 && khz <= SPEED_MAX_KHZ;
}

/* 3300, 3300mV, 3.3, 3.3V */
static bool set_vdd(struct options *options, const char *value)
{
	unsigned long thousandths;
	const char *unit;

	if (!parse_decimal(value, &thousandths, &unit))
		return false;
	bool is_millivolts = strcasecmp(unit, "mv") == 0;
	bool is_volts = strcasecmp(unit, "v") == 0;
	if (*unit && !is_millivolts && !is_volts)
		return false;
	/* Nobody means 3.3 mV, nor 3,300 V. */
	if (is_millivolts || (!is_volts && thousandths > VDD_MAX_MV))
		thousandths /= 1000;
	options->vdd_mv = (unsigned)thousandths;
	return thousandths >= VDD_MIN_MV && thousandths <= VDD_MAX_MV;
}

static bool set_connect(struct options *options, const char *value)
{
	static const struct {
		const char *name;
		enum target_connect connect;
	} ways[] = {
		{"auto", TARGET_CONNECT_AUTO},
		{"normal", TARGET_CONNECT_NORMAL},
		{"halt", TARGET_CONNECT_HALT},
		{"under-reset", TARGET_CONNECT_UNDER_RESET},
	};

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (strcmp(value, ways[i].name) != 0)
			continue;
		options->connect = ways[i].connect;
		return true;
	}
	return false;
}

static bool set_no_loader(struct options *options, const char *value)
{
	(void)value;
	options->no_loader = true;
	return true;
}

static bool set_keep_unwritten(struct options *options, const char *value)
{
	(void)value;
	options->keep_unwritten = true;
	return true;
}

/* START-END (the last address), or START,SIZE. */
static bool set_keep(struct options *options, const char *value)
{
	char *after = NULL, *end = NULL;

	if (options->keep_count == OPTIONS_KEEP_MAX || *value < '0' || *value > '9')
		return false;
	errno = 0;
	unsigned long long start = strtoull(value, &after, 0);
	if ((*after != '-' && *after != ',') || after[1] < '0' || after[1] > '9')
		return false;
	unsigned long long size = strtoull(after + 1, &end, 0);
	if (*after == '-')
		size = size < start ? 0 : size - start + 1;
	if (errno || *end || !size || size > UINT32_MAX || start > UINT32_MAX - (size - 1))
		return false;
	options->keep[options->keep_count++] =
		(struct options_range){(uint32_t)start, (uint32_t)size};
	return true;
}

static bool set_interlock(struct options *options, const char *value)
{
	(void)value;
	options->interlock = true;
	return true;
}

static bool set_no_reset(struct options *options, const char *value)
{
	(void)value;
	options->no_reset = true;
	return true;
}

static bool set_virtual(struct options *options, const char *value)
{
	(void)value;
	options->is_virtual = true;
	return true;
}

static bool set_once(struct options *options, const char *value)
{
	(void)value;
	options->once = true;
	return true;
}

static bool set_pipe(struct options *options, const char *value)
{
	(void)value;
	options->pipe = true;
	return true;
}

static bool set_print_udev(struct options *options, const char *value)
{
	(void)value;
	options->action = ACTION_UDEV;
	return true;
}

static bool set_json(struct options *options, const char *value)
{
	(void)value;
	options->json = true;
	return true;
}

static bool set_log(struct options *options, const char *value)
{
	options->log_file = value;
	return *value;
}

static bool set_reset(struct options *options, const char *value)
{
	(void)value;
	options->reset = true;
	return true;
}

static bool set_compat(struct options *options, const char *value)
{
	options->compat = compat_find(value);
	return options->compat;
}

static bool set_semihosting_dir(struct options *options, const char *value)
{
	options->semihosting_dir = value;
	return *value;
}

static bool set_semihosting_port(struct options *options, const char *value)
{
	options->has_console = true;
	return parse_port(value, &options->console_port);
}

static bool set_exit_on_semihost(struct options *options, const char *value)
{
	(void)value;
	options->exit_on_semihost = true;
	return true;
}

static bool set_verbose(struct options *options, const char *value)
{
	(void)value;
	if (options->log_level < LOG_TRACE)
		options->log_level++;
	return true;
}

static bool set_version(struct options *options, const char *value)
{
	(void)value;
	options->action = ACTION_VERSION;
	return true;
}

static bool set_help(struct options *options, const char *value)
{
	(void)value;
	options->action = ACTION_HELP;
	return true;
}

const struct option options_table[] = {
	{'p', "port", "PORT", "listen at this port (default 3333; 0: any free one)", set_port},
	{0, "listen", "ADDRESS[:PORT]",
		"listen at this address, or at unix:PATH (default: only this machine)", set_listen},
	{0, "serial", "SERIAL", "use the probe with this serial number, or the start of it",
		set_serial},
	{0, "usb-path", "PATH", "use the probe plugged in there, such as 1-2.3", set_usb_path},
	{0, "probe", "usbip:HOST[:PORT][/BUSID]",
		"use a probe that a USB/IP server exports, such as stlink-board", set_probe},
	{0, "all", NULL, "serve every probe, at PORT, PORT + 1, ...", set_all},
	{0, "list", NULL, "list the probes and end", set_list},
	{0, "list-causes", NULL, "list what a diagnosis can find, and end", set_list_causes},
	{0, "list-chips", NULL, "list the chips whose flash is known, and end", set_list_chips},
	{0, "virtual", NULL, "serve a board in software; needs no hardware", set_virtual},
	{0, "speed", "KHZ", "SWD clock at most; also as 4M or 1800k", set_speed},
	{0, "vdd", "MILLIVOLTS",
		"the target's voltage, where the probe cannot measure it; also 3.3V", set_vdd},
	{0, "chip", "NAME",
		"what a clone or an unknown chip is like, so that its flash may be written",
		set_chip},
	{0, "connect", "auto|normal|halt|under-reset",
		"how to attach; auto (default) resets the target only when nothing else helps",
		set_connect},
	{0, "keep-unwritten", NULL, "a load keeps what it does not write of an erased sector",
		set_keep_unwritten},
	{0, "keep", "START-END|START,SIZE",
		"refuse a load that would change something there; up to 8 times", set_keep},
	{0, "interlock", NULL,
		"no load leaves vectors that start a mixture of images; erases a sector more",
		set_interlock},
	{0, "no-reset", NULL,
		"a load resets nothing and uses no RAM; slower; `flash` leaves the core halted",
		set_no_reset},
	{0, "no-loader", NULL, "write the flash without a loader in the target's RAM; slower",
		set_no_loader},
	{0, "on-exit", "run|halt|reset", "how to leave the core (default: it runs)",
		options_set_on_exit},
	{0, "freeze", "wdg,tim", "what stands still while the core is halted (default: wdg)",
		options_set_freeze},
	{0, "on-halt", "'write32 ADDR VALUE'",
		"a word to write when the core halts; undone when it goes on", options_set_on_halt},
	{0, "reset", NULL, "flash: reset the chip once more before it is left", set_reset},
	{0, "once", NULL, "end when the last client has left, with a code that tells how it went",
		set_once},
	{0, "pipe", NULL,
		"serve gdb at stdin and stdout: target extended-remote | stlink-gdb --pipe",
		set_pipe},
	{0, "json", NULL, "tell events on stdout, one JSON object a line", set_json},
	{0, "log", "FILE", "write the log to this file, too", set_log},
	{0, "compat", "NAME",
		"stand in for this server: openocd, stlink, stutil, jlink, pyocd, probe-rs, bmp",
		set_compat},
	{0, "semihosting-dir", "DIRECTORY",
		"let programs use the files in there, and no others (default: gdb's)",
		set_semihosting_dir},
	{0, "semihosting-port", "PORT",
		"show what programs print at this port instead of in gdb; keys come from there",
		set_semihosting_port},
	{0, "exit-on-semihost", NULL, "end with a program's exit code when it ends",
		set_exit_on_semihost},
	{'v', "verbose", NULL, "log more; -vv everything", set_verbose},
	{0, "print-udev", NULL, "print udev rules that give access to every ST-LINK, and end",
		set_print_udev},
	{0, "version", NULL, "print the version and end", set_version},
	{'h', "help", NULL, "print this and end", set_help},
};

const size_t options_table_size = sizeof(options_table) / sizeof(options_table[0]);
