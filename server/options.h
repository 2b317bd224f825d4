/*
 * The command line of stlink-gdb. Called by main(), before any thread starts.
 */
#ifndef SERVER_OPTIONS_H
#define SERVER_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "compat.h"
#include "probe/err.h"
#include "probe/log.h"
#include "targets/target.h"

enum options_action {
	ACTION_SERVE,
	ACTION_FLASH,
	ACTION_LIST,
	ACTION_CAUSES,
	ACTION_CHIPS,
	ACTION_UDEV,
	ACTION_HELP,
	ACTION_VERSION
};

#define OPTIONS_ADDRESS_MAX 256
#define OPTIONS_BUSID_MAX   32
#define OPTIONS_LINE_MAX    512
#define OPTIONS_KEEP_MAX    8

/* A probe that a USB/IP server exports. */
struct options_remote {
	char host[OPTIONS_ADDRESS_MAX]; /* "": none is meant */
	char port[12];
	char busid[OPTIONS_BUSID_MAX]; /* "": the first ST-LINK there */
};

/* How the core is left. */
enum options_exit { EXIT_RUN, EXIT_HALT, EXIT_RESET };

#define OPTIONS_WRITES_MAX 16

/* A word to write to the target. */
struct options_write {
	uint32_t address, value;
};

struct options {
	enum options_action action;
	unsigned port;                            /* 0: any free one */
	char listen_address[OPTIONS_ADDRESS_MAX]; /* "": loopback */
	const char *serial, *usb_path;            /* NULL: any; of argv */
	struct options_remote remote;
	bool all;           /* every probe there is, a port each */
	bool is_virtual;    /* a board in software instead of a probe */
	unsigned speed_khz; /* 0: the probe's default */
	unsigned vdd_mv;    /* 0: ask the probe */
	const char *chip; /* what a strange chip is like; NULL: ask it; of argv, main() checks it */
	enum target_connect connect;
	enum options_exit on_exit;
	bool freeze_timers;
	struct options_write on_halt[OPTIONS_WRITES_MAX]; /* in this order */
	size_t on_halt_count;
	bool keep_unwritten;
	bool interlock, no_reset;
	struct options_range {
		uint32_t start, size;
	} keep[OPTIONS_KEEP_MAX];
	unsigned keep_count;
	bool no_loader;
	bool once; /* end when the last client has left */
	bool pipe; /* one client, at stdin and stdout */
	bool json; /* events on stdout */
	const char *log_file;
	char command_line[OPTIONS_LINE_MAX]; /* as it was typed, for bug reports; may be cut */
	const char *flash_file;              /* FILE or FILE@ADDRESS, of ACTION_FLASH; of argv */
	bool reset;                          /* ... and reset the chip afterwards */
	const struct compat *compat;         /* the server to stand in for, or NULL */
	struct compat_line line;             /* its command line, translated */
	const char *semihosting_dir; /* the files that programs may use; NULL: gdb's; of argv */
	bool has_console;            /* semihosting's console is at a port of its own */
	unsigned console_port;       /* 0: any free one */
	bool exit_on_semihost;
	enum log_level log_level;
};

/* Fills `options` from the command line, over the defaults. Errors: ERR_ARGUMENT, logged with the
 * nearest option there is. `argv` must outlive `options`, which must stay where it is. */
enum err options_parse(struct options *options, int argc, char *const *argv) MUST_USE;

void options_print_help(FILE *file);

#endif
