/*
 * stlink-board: a virtual ST-LINK and the board behind it, as a USB device over USB/IP.
 *
 * Started by hand, by tests, and by `stlink-gdb --virtual`. This executable alone links Unicorn,
 * which is under the GPL, version 2.
 */
#include "options.h"
#include "server.h"

#define EXIT_INTERNAL 1
#define EXIT_USAGE    2

int main(int argc, char *argv[])
{
	struct options options;
	switch (board_options_parse(&options, argc, argv)) {
	case OPTIONS_DONE:
		return 0;
	case OPTIONS_WRONG:
		return EXIT_USAGE;
	case OPTIONS_RUN:
		break;
	}
	switch (server_run(&options)) {
	case ERR_OK:
		return 0;
	case ERR_ARGUMENT:
		return EXIT_USAGE;
	default:
		return EXIT_INTERNAL;
	}
}
