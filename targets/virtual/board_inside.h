/*
 * What a board is made of. Private to the board and to `stlink-board`.
 */
#ifndef TARGETS_VIRTUAL_BOARD_INSIDE_H
#define TARGETS_VIRTUAL_BOARD_INSIDE_H

#include "moments.h"
#include "pins.h"
#include "stlink_faults.h"
#include "stlink_firmware.h"
#include "swd.h"
#include "targets/virtual/board.h"
#include "text.h"
#include "timebase.h"
#include "usb_device.h"

struct board {
	struct timebase time;
	struct chip *chip;
	struct pins pins;
	struct stlink_faults faults;
	struct moments moments;
	struct witness witness;
	struct dap dap;
	struct swd swd;
	struct firmware firmware;
	struct usb_device device;
	char *state_file;
	uint64_t saved_changes; /* of the flash, when the state was last written */
};

/* Writes the state file, if there is one. The finder of an error has logged it. */
enum err board_save(struct board *board) MUST_USE;

/* Whether there is a state file and the flash has worked since it was written. Option bytes alone
 * do not count. */
bool board_is_dirty(const struct board *board);

/* Writes the books as one JSON object. */
void board_write_books(const struct board *board, struct text *text);

#endif
