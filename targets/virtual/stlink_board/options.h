/* The command line of `stlink-board`. Used by main only. */
#ifndef TARGETS_VIRTUAL_STLINK_BOARD_OPTIONS_H
#define TARGETS_VIRTUAL_STLINK_BOARD_OPTIONS_H

#include <stdbool.h>

#include "pace.h"
#include "targets/virtual/board.h"

#define BOARDS_MAX 16

struct options {
	struct board_options board;
	const char *listen; /* ADDR:PORT, NULL: serve `fd` only */
	int fd;             /* -1: none */
	enum pace_mode pace;
	unsigned boards;
	const char *control; /* path of the control socket, NULL: none */
	const char *books;   /* file for the books at exit, NULL: none */
};

enum options_outcome {
	OPTIONS_RUN,
	OPTIONS_DONE,  /* help or version was printed */
	OPTIONS_WRONG, /* the reason was logged */
};

enum options_outcome board_options_parse(struct options *options, int argc, char *argv[]);

#endif
