/*
 * The core as a state machine: detached, halted, running, stepping through a range.
 *
 * Called by the packet handlers and the monitor commands; its services by gdb_poll(). No function
 * here waits for a stop. Whoever stops the core, every session that waits for a stop is told.
 * Worker thread.
 */
#ifndef SERVER_GDB_INFERIOR_H
#define SERVER_GDB_INFERIOR_H

#include "session.h"

/* Attaches the target if it is not, as target_attach() does, and learns whether the core runs. */
enum err inferior_attach(struct gdb *gdb) MUST_USE;

/* The same without halting or resetting a target that does not answer. */
enum err inferior_attach_quietly(struct gdb *gdb) MUST_USE;

/* Leaves the target, if it is attached, and attaches it under reset; the core is then halted. */
enum err inferior_attach_under_reset(struct gdb *gdb) MUST_USE;

/* Attaches after a loss: what fails is no news, and nothing keeps it. */
enum err inferior_reattach(struct gdb *gdb) MUST_USE;

/* Halts the core, if it is not halted. */
enum err inferior_halt(struct gdb *gdb) MUST_USE;

/* Lets the core run; the stop poll is on its way as long as there is a controller. */
enum err inferior_resume(struct gdb *gdb) MUST_USE;

/* Steps at least once, and on while the pc is in [start, end) and on no breakpoint. The first step
 * is made by the next gdb_poll(); what fails ends in a stop with a console text. */
void inferior_step(struct gdb *gdb, uint32_t start, uint32_t end);

/* Resets the chip; the core is then halted at its reset vector, or runs. */
enum err inferior_reset(struct gdb *gdb, bool halt) MUST_USE;

/* What Ctrl-C means: a running or stepping core stops with SIGINT; a halted one stays so. */
void inferior_interrupt(struct gdb *gdb);

/* The core is halted now: takes its registers and tells who waits. */
void inferior_stopped(struct gdb *gdb, enum stop_signal signal, enum target_stop_reason reason);

/* The same for a core that was found locked up, and was halted. */
void inferior_locked_up(struct gdb *gdb);

/* The target was detached on purpose. */
void inferior_detached(struct gdb *gdb);

/* The core is out of reach: a stop without registers for who waits (reach.h tells why). */
void inferior_gone(struct gdb *gdb);

/* The core was found running. */
void inferior_runs(struct gdb *gdb);

/* The program has ended by itself; its firmware stands still. Tells who waits. */
void inferior_exited(struct gdb *gdb, unsigned code);

/* A semihosting call that had to wait is over, and the pc is behind it: goes on with what the core
 * was at, or stops with SIGINT if it was interrupted meanwhile. */
void inferior_call_done(struct gdb *gdb, bool interrupted);

/* Shows a line on the console of every session that waits for a stop. */
void inferior_tell(struct gdb *gdb, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Shows there which reset it was, that was not the debugger's. */
void inferior_tell_reset(struct gdb *gdb);

/* Shows text there as it is. */
void inferior_show(struct gdb *gdb, const char *text, size_t size);

/* The stop was none for the clients: lets the core go on with what it was at. */
void inferior_go_on(struct gdb *gdb);

/* The services. */
void inferior_poll_call(struct gdb *gdb);
void inferior_poll_stop(struct gdb *gdb);
void inferior_poll_range(struct gdb *gdb);
void inferior_poll_voltage(struct gdb *gdb);

#endif
