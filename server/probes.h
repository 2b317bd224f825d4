/*
 * Which probes the command line means: listing, choosing, opening. Called by the main thread.
 */
#ifndef SERVER_PROBES_H
#define SERVER_PROBES_H

#include <stddef.h>
#include <sys/types.h>

#include "options.h"
#include "probe/discover.h"
#include "probe/err.h"

struct probe;
struct probe_info;

/* The probes to serve, in the order of their ports. */
struct probes {
	bool is_virtual;
	const struct options_remote *remote; /* of the options, or NULL */
	size_t count;
	struct probe_choice choice[DISCOVER_MAX];
	char paths[DISCOVER_MAX][USB_PATH_MAX]; /* what the choices of --all point to */
};

/* Finds out how many to serve; opens none. Errors: ERR_USB_NOT_FOUND (--all and there is none;
 * logged), those of discover_list. */
enum err probes_choose(const struct options *options, struct probes *probes) MUST_USE;

/* Opens one. *board is the child process of a virtual board, or 0. Errors, all logged: those of
 * discover_open, usb_usbip_connect, virtual_start and probe_open. */
enum err probes_open(
	const struct probes *probes, size_t which, struct probe **probe, pid_t *board) MUST_USE;

/* Opens again what probes_open() opened and what was unplugged since: the same serial, or the same
 * place where it has none. A virtual board that has ended cannot be. Errors: those of
 * probes_open(). Any thread. */
enum err probes_reopen(
	const struct probes *probes, const struct probe_info *lost, struct probe **probe) MUST_USE;

/* Prints what is plugged in to stdout. Errors: those of discover_list. */
enum err probes_list(void) MUST_USE;

#endif
