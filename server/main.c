/* stlink-gdb: a GDB remote-protocol server for boards behind an ST-LINK. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "causes.h"
#include "chips.h"
#include "flash_command.h"
#include "options.h"
#include "probe/discover.h"
#include "probe/log.h"
#include "probes.h"
#include "serve.h"
#include "server/exit_code.h"

int main(int argc, char **argv)
{
	struct options options;
	enum exit_code code;

	if (options_parse(&options, argc, argv))
		return EXIT_USAGE;
	if (options.chip && !chips_check(options.chip))
		return EXIT_USAGE;
	log_set_level(options.log_level);
	if (options.log_file && !log_open(options.log_file)) {
		log_error("cannot write the log to %s: %s", options.log_file, strerror(errno));
		return EXIT_INTERNAL;
	}
	switch (options.action) {
	case ACTION_HELP:
		options_print_help(stdout);
		return EXIT_OK;
	case ACTION_VERSION:
		printf("stlink-gdb %s\n", STLINK_GDB_VERSION);
		return EXIT_OK;
	case ACTION_LIST:
		return probes_list() ? EXIT_PROBE : EXIT_OK;
	case ACTION_CAUSES:
		causes_print(stdout);
		return EXIT_OK;
	case ACTION_CHIPS:
		chips_print(stdout);
		return EXIT_OK;
	case ACTION_UDEV:
		discover_print_rules(stdout);
		return EXIT_OK;
	case ACTION_FLASH:
		code = flash_command(&options);
		if (code || options.line.ends || !options.line.programs)
			return (int)code;
		break;
	case ACTION_SERVE:
		break;
	}
	return (int)serve(&options, STLINK_GDB_VERSION);
}
