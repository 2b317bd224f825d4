/*
 * The loop of `stlink-board`: sockets, boards and the wall clock on one thread.
 *
 * Runs on the main thread and is the only place that waits.
 */
#ifndef TARGETS_VIRTUAL_STLINK_BOARD_SERVER_H
#define TARGETS_VIRTUAL_STLINK_BOARD_SERVER_H

#include "options.h"
#include "probe/err.h"

/* Serves until SIGTERM or SIGINT, or with --fd alone until that peer has gone. Prints `Listening on
 * ADDR:PORT` once clients can connect. Errors: those of the options (logged), ERR_IO. */
enum err server_run(const struct options *options) MUST_USE;

#endif
