/*
 * A board's worker: the thread that owns its probe, its target and all its sessions.
 *
 * Created, started and joined by the main thread; in between only the mailboxes connect the two.
 */
#ifndef SERVER_WORKER_H
#define SERVER_WORKER_H

#include <stdbool.h>

#include "probe/err.h"
#include "server/mailbox.h"
#include "targets/target.h"

struct files;
struct probe;
struct probe_info;
struct worker;

struct worker_options {
	struct probe *probe; /* the worker takes it and closes it at its end */
	/* Opens the probe that was unplugged once more, if it is plugged in again; called twice a
	 * second on the worker's thread. NULL: it cannot come back, and the worker ends. */
	enum err (*reopen)(void *context, const struct probe_info *lost, struct probe **probe);
	void *reopen_context;
	struct target_options target; /* but for the hooks, which are the worker's */
	struct mailbox *down;         /* what the clients of this board send; not owned */
	struct mailbox *up;           /* what they get; at last MESSAGE_ENDED; not owned */
	const struct events *events;  /* for scripts; NULL: nobody wants any */
	bool once;                    /* ends when its last client has left */
	const struct files *files;    /* for semihosting; NULL: gdb's; not owned */
	unsigned console; /* the net's number of the program's console; 0: it is gdb's */
	bool reset_runs, reset_first; /* as gdb_options have them */
	/* The program has ended by semihosting, and so does the worker. The worker's thread. NULL:
	 * it goes on. */
	void (*exited)(void *context, unsigned code);
	void *exited_context;
	const char *version;
	const char *command_line; /* for bug reports; may be NULL */
};

/* Starts the thread. It attaches the target first, unless under reset was asked for: that waits for
 * the first client. *started is set on success; on failure the probe is closed.
 * Errors: ERR_NO_MEMORY, ERR_IO (no thread; logged). */
enum err worker_start(const struct worker_options *options, struct worker **started) MUST_USE;

/* Waits until the target is attached, or has failed to be (which is logged, and no end). At most
 * some seconds. */
void worker_wait_ready(struct worker *worker);

/* Waits for the thread to end, which MESSAGE_QUIT asks for, and frees. Errors: ERR_NO_MEMORY, when
 * it could not serve at all; ERR_USB_GONE, when it ended because its probe is gone for good; with
 * `once`, what the session came to (gdb_outcome). */
enum err worker_join(struct worker *worker) MUST_USE;

#endif
