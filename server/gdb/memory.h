/*
 * Memory packets that may be long, worked off in blocks.
 *
 * Begun by the packet handlers, gone on with by gdb_poll(). Worker thread.
 */
#ifndef SERVER_GDB_MEMORY_H
#define SERVER_GDB_MEMORY_H

#include "session.h"

/* Makes it the session's; what it owns is taken. Its first block is done at once: an error of that
 * is returned, later ones are sent. */
enum err transfer_begin(struct session *session, const struct transfer *transfer) MUST_USE;

/* How much the next block may be, in bytes. */
size_t transfer_block(const struct session *session);

/* Works off one block of each session's transfer. */
void transfer_poll(struct gdb *gdb);

#endif
