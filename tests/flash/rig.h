/*
 * A target on a whole virtual board, in one process and in virtual time: the driver, targets/, and
 * the board that knows nothing of them. For tests of what only all of it shows.
 */
#ifndef TESTS_FLASH_RIG_H
#define TESTS_FLASH_RIG_H

#include <stdbool.h>

#include "probe/probe.h"
#include "probe/usb.h"
#include "targets/target.h"
#include "targets/virtual/board.h"
#include "tests/prelude.h"

#define RIG_FLASH 0x08000000u

struct rig {
	struct board *board;
	struct probe *probe;
	struct target *target;
	struct rig_wire *wire;
};

struct rig_options {
	struct board_options board;
	struct target_options target;
	bool detached; /* attaching is the test's own business */
};

/* Board, probe and target, attached. Fails the test when that does not work. */
void rig_start(struct rig *rig, const struct rig_options *options);
void rig_stop(struct rig *rig);

/* Opens the probe once more, on a wire of its own: after the cable was out. ERR_USB_NOT_FOUND while
 * it still is. The caller puts it in place and closes the old one. */
enum err rig_reopen(struct rig *rig, struct probe **probe) MUST_USE;

/* Says one line to the board, which must understand it; the answer is valid until the next call. */
const char *rig_control(struct rig *rig, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* A number out of the board's books. */
uint64_t rig_book(struct rig *rig, const char *name);

/* The target's memory as an onlooker sees it, past driver and debug port. */
void rig_peek(struct rig *rig, uint32_t address, uint8_t *data, size_t size);

/* Says the line (or several, between semicolons) when the driver sends its `count`-th command from
 * now; 0 forgets it. */
void rig_at_command(struct rig *rig, uint64_t count, const char *line);

/* Whether that was said. */
bool rig_was_said(const struct rig *rig);

/* Calls after each command; NULL ends it. */
void rig_watch(struct rig *rig, void (*watch)(void *context), void *context);

/* Lets `alter` change how each command went before the driver sees it: what came, and the error,
 * which it returns. `data` is NULL where there is none. NULL ends it. */
typedef enum err rig_alteration(void *context, struct usb_data *data, enum err err);
void rig_alter(struct rig *rig, rig_alteration *alter, void *context);

/* gdb's load: erases the sectors that the image touches, writes it, runs the plan. */
enum err rig_load(struct rig *rig, uint32_t offset, const uint8_t *data, size_t size,
	struct target_load *load);

/* Deterministic bytes that look like code: few blanks, no repetition. */
void rig_fill(uint8_t *data, size_t size, uint32_t seed);
uint32_t rig_random(uint32_t *seed);

#endif
