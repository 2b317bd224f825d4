/*
 * A probe that may be unplugged: it is noticed, looked for, and used again when it is back.
 *
 * For who owns a board: the worker, on its thread; or a test, on the clock of the board.
 */
#ifndef SERVER_REPLUG_H
#define SERVER_REPLUG_H

#include <stdbool.h>
#include <stdint.h>

#include "probe/err.h"

struct gdb;
struct probe;
struct probe_info;
struct target;

struct replug {
	struct probe *probe; /* the one in use; owned by whoever has this struct */
	struct target *target;
	struct gdb *gdb;
	/* Opens the probe that was unplugged once more, if it is plugged in again. NULL: it cannot
	 * come back. */
	enum err (*reopen)(void *context, const struct probe_info *lost, struct probe **probe);
	void *reopen_context;
	/* `probe` is another one, and in order; the target was not asked yet. May be NULL. */
	void (*returned)(void *context);
	void *context;

	bool is_lost;
	enum err search_err; /* what the last search for it came to */
};

/* Looks whether the probe is still there, or there again; then at the target (gdb_look). *wait_us
 * is when to look again. ERR_USB_GONE: it is gone for good. */
enum err replug_look(struct replug *replug, uint64_t *wait_us) MUST_USE;

#endif
