/*
 * Serving: ports, probes, workers and the loop between them. Called by main().
 */
#ifndef SERVER_SERVE_H
#define SERVER_SERVE_H

#include "options.h"
#include "server/exit_code.h"

/* Serves until a signal or `monitor exit` ends it; returns the program's exit code. */
enum exit_code serve(const struct options *options, const char *version);

#endif
