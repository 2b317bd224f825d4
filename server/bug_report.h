/*
 * One text file with what a maintainer needs to see: versions, settings, and the last of both
 * protocols, gdb's and the probe's. Called by the worker for `monitor bugreport`.
 */
#ifndef SERVER_BUG_REPORT_H
#define SERVER_BUG_REPORT_H

#include <stddef.h>
#include <stdint.h>

#include "probe/err.h"

struct journal;
struct target;

/* The kinds of records: packets from and to a client, commands of the probe. */
#define BUG_REPORT_FROM_CLIENT '<'
#define BUG_REPORT_TO_CLIENT   '>'
#define BUG_REPORT_PROBE       'u'

struct bug_report {
	const char *version, *probe, *command_line;
	const struct target *target;
	const struct journal *packets, *exchanges;
	uint64_t now_us;
};

/* Writes a new file into TMPDIR or /tmp that only its owner can read, and puts its name into
 * `path`. Errors: ERR_IO (logged). */
enum err bug_report_write(const struct bug_report *report, char *path, size_t size) MUST_USE;

#endif
