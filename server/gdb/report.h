/*
 * What scripts are told of the board (--json): stops, faults, losses, diagnoses.
 *
 * Called where each of them happens. Worker thread. Nothing when nobody wants events.
 */
#ifndef SERVER_GDB_REPORT_H
#define SERVER_GDB_REPORT_H

#include "session.h"

/* The stop that gdb->stop tells; a fault besides, if it was one. */
void report_stop(const struct gdb *gdb);

/* `name` is one of target-lost, target-back, probe-lost. */
void report_reach(const struct gdb *gdb, const char *name, const char *text);

/* A failure that nobody has looked into. */
void report_failure(const struct gdb *gdb, const char *text);

#endif
