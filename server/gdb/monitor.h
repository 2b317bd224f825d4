/*
 * The monitor commands: the table, for monitor.c. Worker thread.
 */
#ifndef SERVER_GDB_MONITOR_H
#define SERVER_GDB_MONITOR_H

#include <stdbool.h>
#include <stddef.h>

#include "session.h"

#define MONITOR_WORDS_MAX 8

struct monitor_words {
	const char *word[MONITOR_WORDS_MAX]; /* lower case; [0] is the command */
	size_t count;
};

/* Appends to `out` what the user is to see, on an error, too. */
typedef enum err monitor_handler(
	struct session *session, const struct monitor_words *words, struct text *out);

struct monitor_command {
	const char *name;
	const char *arguments; /* for the help */
	const char *help;      /* NULL: another name of the command above it */
	size_t words_max;      /* with the command itself */
	bool controls;         /* for the controller only */
	monitor_handler *run;
};

extern const struct monitor_command monitor_commands[];
extern const size_t monitor_command_count;

#endif
