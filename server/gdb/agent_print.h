/*
 * The printf of agent expressions: formats by gdb's user, arguments from the target. Pure.
 *
 * A formatter of its own: the host's printf never sees such a format, and a %s reads the target's
 * memory. Called by agent.c. Written from the GDB manual, appendix F.2, `printf`.
 */
#ifndef SERVER_GDB_AGENT_PRINT_H
#define SERVER_GDB_AGENT_PRINT_H

#include "agent.h"

/* How many arguments a format takes, or -1 for one that is not understood. `format` is a string
 * literal's inside, escapes as in C source, ended by a 0. */
int agent_print_count(const char *format);

/* Prints, at most AGENT_PRINT_MAX characters. The format was counted, and there are as many
 * arguments. Errors: AGENT_MEMORY for a string that cannot be read, AGENT_ENDLESS. */
enum agent_fault agent_print(
	const struct agent *agent, const char *format, const uint64_t *arguments);

#endif
