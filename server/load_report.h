/*
 * How a load went, in words for the log and as an event for scripts. Any thread.
 */
#ifndef SERVER_LOAD_REPORT_H
#define SERVER_LOAD_REPORT_H

#include "probe/err.h"
#include "targets/target.h"

struct events;

/* A load that went well is a line of the log (the finder has logged any other). `events` may be
 * NULL. */
void load_report(const struct target_load *load, enum err err, const struct events *events);

#endif
