/*
 * The options of the command line as data, for options.c: names, help, and what each sets. Pure.
 */
#ifndef SERVER_OPTIONS_TABLE_H
#define SERVER_OPTIONS_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "options.h"

#define OPTIONS_DEFAULT_PORT 3333

/* One option. */
struct option {
	char letter;       /* 0: none */
	const char *name;  /* without the dashes */
	const char *value; /* what the help calls it; NULL: the option takes none */
	const char *help;
	/* False when the value makes no sense. `value` is NULL for an option without one. */
	bool (*set)(struct options *options, const char *value);
};

extern const struct option options_table[];
extern const size_t options_table_size;

#endif
