/*
 * The room's own state: the board (struct gdb) and its clients (struct session).
 *
 * Included by every file of this room and by nothing else. Worker thread.
 */
#ifndef SERVER_GDB_SESSION_H
#define SERVER_GDB_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gdb.h"
#include "points.h"
#include "semihosting.h"
#include "stop.h"
#include "targets/target.h"
#include "text.h"
#include "watches.h"

enum inferior_state {
	INFERIOR_DETACHED, /* never attached, left, or out of reach */
	INFERIOR_HALTED,
	INFERIOR_RUNNING,
	INFERIOR_STEPPING, /* through an address range, one instruction a turn */
};

/* What runs by itself, each with a due time. */
enum service {
	SERVICE_TRANSFERS,  /* the next block of long memory packets */
	SERVICE_CALL,       /* a semihosting call from which the core is to go on */
	SERVICE_STOP_POLL,  /* whether the running core has stopped */
	SERVICE_RANGE_STEP, /* the next step of a range */
	SERVICE_CONSOLE,    /* what is left of a line of semihosting */
	SERVICE_KEYS,       /* a call that waits for one */
	SERVICE_VOLTAGE,    /* whether the running target still has power */
	SERVICE_COUNT,
};

#define NEVER UINT64_MAX

struct gdb {
	struct target *target;
	struct gdb_options options;
	uint64_t due_us[SERVICE_COUNT];

	struct session *sessions;
	struct session *controller; /* its run control, breakpoints and loads are obeyed */

	/* One call of the outside at a time is inside; the target's yield hook may nest another. */
	bool inside;
	struct session *serving; /* whose message it is, or NULL */
	bool cancelled;          /* its client has interrupted or left */

	enum inferior_state state;
	bool must_detach;      /* attached once and not detached since, in reach or not */
	enum err attach_error; /* why it is detached, if it should not be */
	enum err load_error;   /* how the last load ended */
	struct stop stop;      /* how the core stopped last, and its registers then */
	struct points points;
	struct watches watches;
	struct semihosting semihosting;
	bool killed; /* its program was killed: it starts anew when the controller leaves */
	uint32_t range_start, range_end; /* of INFERIOR_STEPPING */
	bool wants_halt; /* Ctrl-C came and the halt has failed: the stop poll tries again */
	bool range_runs; /* not in steps: the core runs until it leaves the range */
	uint64_t transfers_at_go, transfers_at_stats; /* for `monitor stats` */
	uint64_t fast_until_us;                       /* the stop poll is close-meshed until then */
	uint64_t failing_since_us; /* the stop poll fails since then; NEVER: it does not */
	bool warned_of_voltage;
	bool held_in_reset;     /* so the last poll found it, and told */
	uint64_t held_since_us; /* NEVER: it is not */
	bool held_told;         /* why, too */

	bool lost;       /* detached because it is out of reach: it is looked for */
	bool probe_gone; /* there is nothing to look with */
	unsigned failed_looks;
	bool runs_unseen; /* found running, while its controller believes it halted */

	bool diagnosed;      /* scripts were told a cause since the outermost call began */
	struct text heard;   /* warnings and errors logged since the outermost call began */
	struct text failure; /* what failed last, for `monitor diagnose` */
};

/* When a service runs next; NEVER ends it. */
void gdb_schedule(struct gdb *gdb, enum service service, uint64_t due_us);
uint64_t gdb_now_us(const struct gdb *gdb);

/* Whether the address is one of the chip's flash. */
bool gdb_has_flash(const struct gdb *gdb, uint32_t address);

/* Whether the session's packet is served in the midst of a job for another: memory may be read
 * then, and nothing else touched. */
bool gdb_in_job_of_other(const struct session *session);

/* Keeps, as the last failure, what was attempted and what was heard of it. */
void gdb_keep_failure(struct gdb *gdb, const char *attempt, enum err err);

/* What was heard of an error, or else the error's own text. */
const char *gdb_reason(const struct gdb *gdb, enum err err);

/* A memory packet that is too long for one turn. */
struct transfer {
	/* Does one block; NULL while there is no transfer. */
	enum err (*step)(struct session *session);
	/* Sends the result; the transfer is over then. */
	void (*end)(struct session *session);
	uint32_t address;
	size_t size, done;
	struct message *reply; /* of a read, sized for all of it */
	uint8_t *data;         /* of a write; of a search the pattern */
	size_t pattern_size;
	bool found; /* what is searched, at address + done */
};

enum document { DOCUMENT_FEATURES, DOCUMENT_MEMORY_MAP, DOCUMENT_THREADS, DOCUMENT_COUNT };

enum role {
	ROLE_NEW,    /* no packet came yet: the board is not touched for it */
	ROLE_JOINED, /* controls or observes */
	ROLE_LEFT,   /* detached, still connected */
};

enum answer {
	ANSWER_REPLY,   /* the handler's reply is sent when it returns */
	ANSWER_NO_ACK,  /* the same, and it is the last that is acknowledged */
	ANSWER_LATE,    /* somebody else sends it, or has sent it */
	ANSWER_RUNNING, /* a stop reply, some time, or none for ever */
};

struct session {
	struct session *next;
	struct gdb *gdb;
	unsigned client;
	enum role role;
	bool closed;      /* its client is gone; freed when nothing is inside */
	bool interrupted; /* it sent 0x03 while the target was at work for another */

	/* what the client told of itself */
	bool knows_hwbreak, knows_swbreak, knows_error_text, is_lldb;
	bool lists_threads; /* wants them in the stop reply */

	/* the packet being handled */
	enum answer answer;
	struct text why; /* what to tell of a refusal, when nothing was logged of it */

	bool awaits_stop; /* resumed the core and gets the next stop as its reply */
	bool stop_due;    /* the core has stopped for it, but a transfer is still on */
	struct transfer transfer;
	struct message *waiting; /* messages that came while it was busy, oldest first */
	struct message **waiting_end;
	size_t waiting_count;
	bool cut_off; /* it sent too much; nothing of it is handled any more */

	struct text notes; /* console text for the next moment at which gdb takes some */
	struct text documents[DOCUMENT_COUNT];
};

/* Adds a session for `client` to the board. NULL when out of memory. */
struct session *session_create(struct gdb *gdb, unsigned client);

/* Takes it off the board's list and frees it with all that waits. */
void session_destroy(struct session *session);

struct session *session_find(const struct gdb *gdb, unsigned client);

/* Whether a packet of it is unfinished, so that the next one has to wait. */
bool session_is_busy(const struct session *session);

/* Keeps a message for later; takes it. A client that sends on and on is cut off. */
void session_defer(struct session *session, struct message *message);

/* The oldest message kept, or NULL. */
struct message *session_next(struct session *session);

void session_send(struct session *session, enum message_kind kind, const void *data, size_t size);

/* Shows text on gdb's console at once. Only while gdb waits for a stop or for qRcmd. */
void session_console(struct session *session, const char *text);
void session_console_bytes(struct session *session, const char *text, size_t size);

/* Keeps a line for the console until gdb takes one. */
void session_note(struct session *session, const char *line);

/* Shows the lines kept. */
void session_flush_notes(struct session *session);

/* Says why the packet being handled is refused, and returns `err`. */
enum err session_refuse(struct session *session, enum err err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The reason given, or else what was heard of `err`, or else its text. */
const char *session_why(const struct session *session, enum err err);

/* The stop reply that is due, unless the session is busy. */
void session_send_stop(struct session *session);

#endif
