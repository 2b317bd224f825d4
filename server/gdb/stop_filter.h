/*
 * Which stops of the core the clients hear of. What the server can deal with by itself (conditions
 * and commands of breakpoints) costs no packet: the core goes on.
 *
 * Called by inferior*.c when the core has stopped. Worker thread.
 */
#ifndef SERVER_GDB_STOP_FILTER_H
#define SERVER_GDB_STOP_FILTER_H

#include "session.h"

enum stop_verdict {
	STOP_TELL, /* the clients have to hear of it */
	STOP_PASS, /* all is done that was to be done: the core may go on */
};

/* The core was running and has stopped for this reason. */
enum stop_verdict stop_filter(struct gdb *gdb, enum target_stop_reason reason);

/* A step has ended at `pc`: does what belongs to a breakpoint there. STOP_PASS: nothing there ends
 * a stepping that is to go on. */
enum stop_verdict stop_filter_step(struct gdb *gdb, uint32_t pc);

#endif
