/*
 * The servers that this one can stand in for: their names, ports, ready lines and command lines.
 *
 * Chosen by --compat or by the name the program is called by, so that an IDE that starts st-util or
 * ST-LINK_gdbserver can be given this one instead. Called by options.c before any thread starts.
 */
#ifndef SERVER_COMPAT_H
#define SERVER_COMPAT_H

#include <stdbool.h>
#include <stddef.h>

#include "probe/err.h"

#define COMPAT_WORDS_MAX 128
#define COMPAT_BYTES_MAX 4096
#define COMPAT_ECHO_MAX  128

/* Of rows for the same option the first that fits is taken. */
struct compat_option {
	const char *theirs[3]; /* spellings, with their dashes, or a plain word; NULL: no more */
	/* A word of ours, to which the value is added if it ends in "="; NULL: has no meaning here,
	 * and is left out. */
	const char *ours;
	const char *only; /* the value that this row is for; NULL: any */
	bool takes_value;
	bool in_hz;  /* a bare number is Hz, and kHz for us */
	bool is_tcl; /* the value is OpenOCD's language, see compat_tcl.h */
};

struct compat {
	const char *name;
	const char *programs[3]; /* argv[0] without its folder; NULL: no more */
	unsigned port;           /* default */
	bool reset_runs;         /* `monitor reset` alone lets the core run */
	const char *ready;       /* what IDEs wait for on stdout; a %u is the port; NULL: nothing */
	const struct compat_option *options;
	size_t option_count;
};

/* compat_table.c */
extern const struct compat compats[];
extern const size_t compat_count;

/* NULL: none has this name. */
const struct compat *compat_find(const char *name);

/* The one that the command line means, by --compat or argv[0]; NULL: none. */
const struct compat *compat_choose(int argc, char *const *argv);

/* A command line in our words, which are in `bytes` or of the one it was made from. */
struct compat_line {
	int count;
	char *words[COMPAT_WORDS_MAX];
	char bytes[COMPAT_BYTES_MAX];
	size_t used;
	bool programs;     /* it is one of `flash` */
	bool ends;         /* ... and of nothing more: no server afterwards */
	bool no_port;      /* a server is not wanted */
	bool resets_first; /* the first client wants to find the core at its reset vector */
	char echo[COMPAT_ECHO_MAX]; /* to be shown on stderr once the server is ready; "": nothing
				     */
};

/* Adds a word that outlives the line. Errors: ERR_ARGUMENT (logged): it is full. */
enum err compat_line_add(struct compat_line *line, char *word) MUST_USE;

/* Adds `ours`, followed by `value` if it ends in "=". Errors: ERR_ARGUMENT (logged): it is full. */
enum err compat_line_format(struct compat_line *line, const char *ours, const char *value) MUST_USE;

/* Translates; what is none of theirs is taken over. Errors: ERR_ARGUMENT (logged). */
enum err compat_translate(const struct compat *compat, int argc, char *const *argv,
	struct compat_line *line) MUST_USE;

#endif
