/* Parsing of the command line. See the header. */
#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probe/log.h"

#define DEFAULT_LISTEN "127.0.0.1:3240"
#define VDD_MAX_MV     6000

static const char help[] =
	"Usage: stlink-board [OPTION]...\n"
	"A virtual ST-LINK with an STM32F4 board behind it, exported over USB/IP.\n"
	"\n"
	"  --listen ADDR:PORT   where to serve; port 0 takes any free one (127.0.0.1:3240)\n"
	"  --fd N               serve the connected socket N, and end with it\n"
	"  --probe NAME         v2, v21, v3 or v3pwr (v21)\n"
	"  --firmware VERSION   the probe's firmware, such as V2J37M26\n"
	"  --serial SERIAL      24 hex digits, or 12 characters for an old probe\n"
	"  --board CHIP         the chip on the board (stm32f401cc)\n"
	"  --state FILE         keeps flash, OTP and option bytes\n"
	"  --vdd MILLIVOLTS     supply of the board (3300)\n"
	"  --pace real|free     follow the wall clock, or wait for nothing (real)\n"
	"  --boards N           export N boards: 1-1, 1-2, ... (1)\n"
	"  --control PATH       socket for control lines, answered in JSON\n"
	"  --books FILE         write the books there at exit, one JSON object a board\n"
	"  --version, --help\n"
	"\n"
	"Example: stlink-board --listen 127.0.0.1:0 --probe v3 --state board.bin\n"
	"On Linux: usbip attach -r 127.0.0.1 -b 1-1\n";

enum option_code {
	OPT_LISTEN = 1000,
	OPT_FD,
	OPT_PROBE,
	OPT_FIRMWARE,
	OPT_SERIAL,
	OPT_BOARD,
	OPT_STATE,
	OPT_VDD,
	OPT_PACE,
	OPT_BOARDS,
	OPT_CONTROL,
	OPT_BOOKS,
	OPT_VERSION,
	OPT_HELP
};

static const struct option names[] = {
	{"listen", required_argument, NULL, OPT_LISTEN},
	{"fd", required_argument, NULL, OPT_FD},
	{"probe", required_argument, NULL, OPT_PROBE},
	{"firmware", required_argument, NULL, OPT_FIRMWARE},
	{"serial", required_argument, NULL, OPT_SERIAL},
	{"board", required_argument, NULL, OPT_BOARD},
	{"state", required_argument, NULL, OPT_STATE},
	{"vdd", required_argument, NULL, OPT_VDD},
	{"pace", required_argument, NULL, OPT_PACE},
	{"boards", required_argument, NULL, OPT_BOARDS},
	{"control", required_argument, NULL, OPT_CONTROL},
	{"books", required_argument, NULL, OPT_BOOKS},
	{"version", no_argument, NULL, OPT_VERSION},
	{"help", no_argument, NULL, OPT_HELP},
	{NULL, 0, NULL, 0},
};

static bool parse_number(const char *text, unsigned long least, unsigned long most, unsigned *value)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);
	if (end == text || *end || *text == '-' || number < least || number > most)
		return false;
	*value = (unsigned)number;
	return true;
}

static bool parse_fd(const char *text, int *fd)
{
	unsigned number;
	if (!parse_number(text, 0, 0xffff, &number))
		return false;
	*fd = (int)number;
	return true;
}

static bool parse_pace(const char *text, enum pace_mode *pace)
{
	bool real = strcmp(text, "real") == 0;
	*pace = real ? PACE_REAL : PACE_FREE;
	return real || strcmp(text, "free") == 0;
}

/* Takes one option with a value; false when the value cannot be meant. */
static bool take(struct options *options, int code, const char *value)
{
	switch (code) {
	case OPT_LISTEN:
		options->listen = value;
		return strrchr(value, ':') != NULL;
	case OPT_FD:
		return parse_fd(value, &options->fd);
	case OPT_PROBE:
		options->board.probe = value;
		return true;
	case OPT_FIRMWARE:
		options->board.firmware = value;
		return true;
	case OPT_SERIAL:
		options->board.serial = value;
		return true;
	case OPT_BOARD:
		options->board.chip = value;
		return true;
	case OPT_STATE:
		options->board.state_file = value;
		return true;
	case OPT_VDD:
		return parse_number(value, 1, VDD_MAX_MV, &options->board.vdd_mv);
	case OPT_PACE:
		return parse_pace(value, &options->pace);
	case OPT_BOARDS:
		return parse_number(value, 1, BOARDS_MAX, &options->boards);
	case OPT_CONTROL:
		options->control = value;
		return true;
	case OPT_BOOKS:
		options->books = value;
		return true;
	default:
		return false;
	}
}

static enum options_outcome parse_one(struct options *options, int code, int index)
{
	if (code == OPT_HELP || code == OPT_VERSION) {
		fputs(code == OPT_HELP ? help : "stlink-board " PROJECT_VERSION "\n", stdout);
		return OPTIONS_DONE;
	}
	if (code == '?') /* getopt has told */
		return OPTIONS_WRONG;
	if (take(options, code, optarg))
		return OPTIONS_RUN;
	log_error("--%s cannot be '%s'; see --help", names[index].name, optarg);
	return OPTIONS_WRONG;
}

enum options_outcome board_options_parse(struct options *options, int argc, char *argv[])
{
	*options = (struct options){.fd = -1, .boards = 1, .pace = PACE_REAL};
	int code;
	int index = 0;
	optind = 0;
	while ((code = getopt_long(argc, argv, "", names, &index)) != -1) {
		enum options_outcome outcome = parse_one(options, code, index);
		if (outcome != OPTIONS_RUN)
			return outcome;
	}
	if (optind < argc) {
		log_error("'%s' is no option; see --help", argv[optind]);
		return OPTIONS_WRONG;
	}
	if (!options->listen && options->fd < 0)
		options->listen = DEFAULT_LISTEN;
	return OPTIONS_RUN;
}
