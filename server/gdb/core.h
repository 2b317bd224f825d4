/*
 * The core as a state machine: detached, halted, running, stepping through a range.
 *
 * Called by the packet handlers and the monitor commands; its services by gdb_poll(). No function
 * here waits for a stop. Whoever stops the core, every session that waits for a stop is told.
 * Worker thread.
 */
#ifndef SERVER_GDB_CORE_H
#define SERVER_GDB_CORE_H

#include "session.h"

/* Attaches the target if it is not, and learns whether the core runs. Neither halts nor resets. */
enum err core_attach(struct gdb *gdb) MUST_USE;

/* Halts the core, if it is not halted. */
enum err core_halt(struct gdb *gdb) MUST_USE;

/* Lets the core run; the stop poll is on its way as long as there is a controller. */
enum err core_resume(struct gdb *gdb) MUST_USE;

/* Steps at least once, and on while the pc is in [start, end) and on no breakpoint. The first step
 * is made by the next gdb_poll(); what fails ends in a stop with a console text. */
void core_step(struct gdb *gdb, uint32_t start, uint32_t end);

/* Resets the chip; the core is then halted at its reset vector, or runs. */
enum err core_reset(struct gdb *gdb, bool halt) MUST_USE;

/* What Ctrl-C means: a running or stepping core stops with SIGINT; a halted one stays so. */
void core_interrupt(struct gdb *gdb);

/* The core is halted now: takes its registers and tells who waits. */
void core_stopped(struct gdb *gdb, enum stop_signal signal, enum target_stop_reason reason);

/* The target was detached on purpose. */
void core_detached(struct gdb *gdb);

/* The core is out of reach: tells who waits, and forgets the link. */
void core_lost(struct gdb *gdb, enum err err);

/* Shows a line on the console of every session that waits for a stop. */
void core_tell(struct gdb *gdb, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The services. */
void core_poll_stop(struct gdb *gdb);
void core_poll_range(struct gdb *gdb);
void core_poll_voltage(struct gdb *gdb);

#endif
