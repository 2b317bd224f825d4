/* The service of long memory packets. Worker thread. */
#ifndef SERVER_GDB_MEMORY_H
#define SERVER_GDB_MEMORY_H

struct gdb;

/* Works off one block of each session's transfer. */
void transfer_poll(struct gdb *gdb);

#endif
