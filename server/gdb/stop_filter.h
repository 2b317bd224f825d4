/*
 * Which stops of the core the clients hear of. What the server can deal with by itself (conditions
 * and commands of breakpoints) costs no packet: the core goes on.
 *
 * Called by inferior*.c when the core has stopped. Worker thread.
 */
#ifndef SERVER_GDB_STOP_FILTER_H
#define SERVER_GDB_STOP_FILTER_H

#include <stdint.h>

#include "targets/target.h"

struct gdb;

enum stop_verdict {
	STOP_TELL, /* the clients have to hear of it */
	STOP_PASS, /* all is done that was to be done: the core may go on */
	STOP_WAIT, /* somebody else sees to it that the core goes on, or it never does */
};

/* The core was running and has stopped for this reason. */
enum stop_verdict stop_filter(struct gdb *gdb, enum target_stop_reason reason);

/* The core is halted at `pc`: serves the semihosting call there. STOP_TELL: there is none, it could
 * not be answered, or a breakpoint is right behind it. */
enum stop_verdict stop_filter_call(struct gdb *gdb, uint32_t pc);

/* A step has ended at `pc`: does what belongs to a breakpoint there. STOP_PASS: nothing there ends
 * a stepping that is to go on. */
enum stop_verdict stop_filter_step(struct gdb *gdb, uint32_t pc);

#endif
