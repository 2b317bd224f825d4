/*
 * How far a load is, shown on the server's terminal. Called by the worker from the target's hook.
 */
#ifndef SERVER_PROGRESS_H
#define SERVER_PROGRESS_H

#include <stdbool.h>

#include "targets/target.h"

struct events;

struct progress {
	bool is_terminal; /* stderr can take a line back */
	int phase;        /* the last one shown, or -1 */
	unsigned percent;
};

void progress_init(struct progress *progress);

/* On a terminal one line per phase, rewritten as it grows; elsewhere a plain line as a phase
 * begins, and an event (`events` may be NULL). */
void progress_show(
	struct progress *progress, const struct target_progress *now, const struct events *events);

#endif
