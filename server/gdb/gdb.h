/*
 * What packets mean: the GDB remote protocol on one board, for all its clients.
 *
 * Worker thread. Knows targets/target.h and nothing below it, and nothing of sockets. Running is a
 * state: no function here waits for a stop or for gdb; a handler blocks for USB only. Whoever owns
 * the board (the threaded worker, or a test) hands in messages and calls gdb_poll() when it is due.
 *
 * Written from the GDB manual, appendix E "GDB Remote Serial Protocol" (gdb 13).
 */
#ifndef SERVER_GDB_GDB_H
#define SERVER_GDB_GDB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probe/err.h"
#include "server/mailbox.h"

struct files;
struct events;
struct target;
struct target_report;
struct gdb;

struct gdb_options {
	/* Gets each message for a client; takes it. */
	void (*send)(void *context, struct message *message);
	/* Microseconds; the clock gdb_poll() is called by. */
	uint64_t (*now_us)(void *context);
	/* The user said `monitor exit`. May be NULL. */
	void (*quit)(void *context);
	/* Writes a bug report and puts its file's name into `path`. May be NULL. */
	enum err (*bug_report)(void *context, char *path, size_t size);
	/* The program has ended by semihosting; the clients were told. May be NULL. */
	void (*exited)(void *context, unsigned code);
	/* Gets what the program prints by semihosting, which then goes to no gdb; keys come by
	 * gdb_typed(). May be NULL. */
	void (*console)(void *context, const void *text, size_t size);
	void *context;
	/* The files that semihosting reaches; NULL: those of gdb. Outlives the gdb. */
	const struct files *files;
	/* `monitor reset` alone lets the core run, as in OpenOCD; else it halts. */
	bool reset_runs;
	/* The first client that takes the core finds it at its reset vector. */
	bool reset_first;
	const struct events *events; /* what scripts are told goes there; may be NULL */
	/* What `monitor info` and `monitor version` show. The strings outlive the gdb. */
	const char *probe;
	const char *version;
};

/* `target` is used, not owned. While it lives, the lines that the calling thread logs are heard
 * and told to the clients they concern: one at a time on a thread. NULL when out of memory. */
struct gdb *gdb_create(struct target *target, const struct gdb_options *options);

/* Ends all sessions (breakpoints go, the core runs) and frees. NULL is allowed. */
void gdb_destroy(struct gdb *gdb);

/* Attaches the target before any client asks, so that it is known to work. Neither halts nor
 * resets. On failure it is tried again when a client comes. Errors: those of target_attach. */
enum err gdb_attach(struct gdb *gdb) MUST_USE;

/* Handles one message of a kind that goes down (except quit); takes it.
 *
 * May be called again from the target's yield hook, while it works for an earlier message: what
 * needs nothing but memory is then answered at once (other clients' reads, new clients), the rest
 * is kept until the job is done. */
void gdb_message(struct gdb *gdb, struct message *message);

/* Keys for the program, from where gdb_options.console shows its output; served by the next
 * gdb_poll(). May be called from the target's yield hook. */
void gdb_typed(struct gdb *gdb, const void *keys, size_t size);

/* Whether anything was wrong with what was last tried, for a script that did it: the target's being
 * out of reach, or the last load's failure. */
enum err gdb_outcome(const struct gdb *gdb);

/* For the target's hook: a cause was found. Tells scripts, unless it is what is looked for in
 * vain. */
void gdb_diagnosed(struct gdb *gdb, const struct target_report *report);

/* For the yield hook: whether the client that the target works for has interrupted or left. */
bool gdb_is_cancelled(const struct gdb *gdb);

/* Looks whether the target is still in reach, while nothing else asks it, and looks for one that is
 * not. To be called every GDB_LOOK_US or so, not from the yield hook. */
#define GDB_LOOK_US 300000
void gdb_look(struct gdb *gdb);

/* The probe was unplugged: whoever waits is told, and nothing is tried until it is back. */
void gdb_probe_lost(struct gdb *gdb);

/* The target has a probe again (target_set_probe): it is attached and armed again as soon as it
 * answers. It is not reset, and not halted. */
void gdb_probe_back(struct gdb *gdb);

/* Runs the services that are due (stop poll, ...). Returns when to call again, in microseconds of
 * the same clock; UINT64_MAX: not before the next message. */
uint64_t gdb_poll(struct gdb *gdb);

#endif
