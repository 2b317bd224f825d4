/*
 * Whether the target is in reach: losing it, watching it while it stands still, finding it again.
 *
 * Called by gdb.c, and by whoever meets an error of the link. Worker thread. A loss is told once,
 * with its reason, and ends in a state in which every packet that needs the target is refused; so
 * nothing that was remembered of it can be taken for true. The looks that follow are silent.
 */
#ifndef SERVER_GDB_REACH_H
#define SERVER_GDB_REACH_H

#include "session.h"

/* Whether this error means that what was remembered of the target cannot be trusted. */
bool reach_is_lost_by(enum err err);

/* The target is out of reach: tells who waits, and forgets the link. Nothing if it was already. */
void reach_lost(struct gdb *gdb, enum err err);

/* gdb_look(), gdb_probe_lost() and gdb_probe_back() of gdb.h. */
void reach_look(struct gdb *gdb);
void reach_probe_lost(struct gdb *gdb);
void reach_probe_back(struct gdb *gdb);

#endif
