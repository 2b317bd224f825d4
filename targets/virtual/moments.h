/*
 * Moments: lines of the control language that wait until the flash is at work.
 *
 * `at MOMENT [+DELAY] LINE`, looked at before each command of the host and whenever the board runs
 * on by itself, which is how exactly a moment is met. Used by the board, on its thread.
 *
 *     erase[:SECTOR]     while a sector, or this one, is being erased
 *     program[:COUNT]    when COUNT units (1) have been programmed since the line was said
 */
#ifndef TARGETS_VIRTUAL_MOMENTS_H
#define TARGETS_VIRTUAL_MOMENTS_H

#include <stdbool.h>
#include <stdint.h>

#define MOMENTS_MAX 8
#define MOMENT_LINE 96

struct board;
struct text;

enum moment_kind { MOMENT_NONE, MOMENT_ERASE, MOMENT_PROGRAM };

struct moment {
	enum moment_kind kind;
	uint64_t number; /* of the sector, MOMENT_ANY_SECTOR; or of programmed units in all */
	uint64_t delay_ns;
	uint64_t met_ns; /* when the flash came to it; 0: not yet */
	char line[MOMENT_LINE];
};

struct moments {
	struct moment all[MOMENTS_MAX];
	uint64_t first_ns, last_ns; /* when lines were obeyed; 0: none was */
	bool wrong;                 /* a line was not understood when its moment came */
};

/* Takes the words behind `at`; a text is what was wrong with them. */
const char *moments_add(struct board *board, const char *words);

/* Obeys what is due. Lets the chip catch up with the board's clock when something is waiting. */
void moments_check(struct board *board);

/* Whether a line waits for nothing but time. */
bool moments_run(const struct moments *moments);

/* How many wait, and when the first and the last line were obeyed, as JSON. */
void moments_write(const struct moments *moments, struct text *text);

#endif
