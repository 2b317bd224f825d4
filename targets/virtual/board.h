/*
 * A whole board in software: an ST-LINK, its SWD wire, and an STM32F4 that runs firmware.
 *
 * A second, independent reading of the manuals: nothing here is shared with the drivers in probe/
 * and targets/, because a number that is wrong on both sides would keep every test green.
 *
 * Doors: board_wire() for tests in the same process, with virtual time; the executable
 * `stlink-board` for everybody else, over USB/IP. A board belongs to one thread.
 */
#ifndef TARGETS_VIRTUAL_BOARD_H
#define TARGETS_VIRTUAL_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probe/err.h"
#include "probe/usb.h"

struct board;

struct board_options {
	const char *probe;    /* "v2", "v21", "v3" or "v3pwr"; NULL: "v21" */
	const char *firmware; /* its firmware, such as "V2J37M26"; NULL: a recent one */
	const char *serial; /* 24 hex digits, or 12 raw bytes for an old probe; NULL: a fixed one */
	const char *chip;   /* "stm32f401cc" (NULL) or another row of the board's own table */
	const char *state_file; /* flash, OTP and option bytes are kept here; NULL: nowhere */
	unsigned vdd_mv;        /* 0: 3300 */
};

/* Errors: ERR_ARGUMENT (an option names something unknown; logged), ERR_IO (state file),
 * ERR_NO_MEMORY. */
enum err board_create(const struct board_options *options, struct board **board) MUST_USE;

/* Saves the state file. NULL is allowed. */
void board_destroy(struct board *board);

/* A wire into this board, in process: time on it is the board's own and moves only by what is done.
 * Closing it leaves the board as an unplugged cable would. NULL when out of memory. */
struct usb *board_wire(struct board *board);

/* The board's clock, in nanoseconds of modelled time since power-on of the probe. */
uint64_t board_now_ns(const struct board *board);

/* Lets modelled time pass: the chip runs, the flash works, watchdogs count. */
void board_run(struct board *board, uint64_t ns);

/* One line of the control language, the same that the control socket of `stlink-board` speaks:
 * `books`, `power off|on`, `nrst low|open|wired`, `vdd MILLIVOLTS`, `read ADDR LENGTH`,
 * `fault ...`; all of it is told in board_control.c, the probe's fault switches in stlink_faults.h.
 * Writes a one-line JSON answer to `reply` (cut at `size`); ERR_ARGUMENT when the line was not
 * understood.
 */
enum err board_control(struct board *board, const char *line, char *reply, size_t size) MUST_USE;

#endif
