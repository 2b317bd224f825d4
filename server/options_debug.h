/*
 * The options about what debugging does to the board. For options_table.c. Pure.
 *
 * Each takes its value apart into `options`, and returns false when it is not understood.
 */
#ifndef SERVER_OPTIONS_DEBUG_H
#define SERVER_OPTIONS_DEBUG_H

#include <stdbool.h>

#include "options.h"

/* run, halt or reset */
bool options_set_on_exit(struct options *options, const char *value);

/* A list of wdg, tim and all; the watchdogs are frozen in any case. */
bool options_set_freeze(struct options *options, const char *value);

/* write32 ADDRESS VALUE; may be given again, up to OPTIONS_WRITES_MAX times. */
bool options_set_on_halt(struct options *options, const char *value);

#endif
