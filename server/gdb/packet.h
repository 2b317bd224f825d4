/*
 * From a packet's bytes to its handler: one table of names, argument forms and conditions.
 *
 * Called by gdb.c for each packet. Arguments are parsed here, strictly, before a handler sees them:
 * a handler never meets a malformed packet. Worker thread.
 * Written from the GDB manual, appendix E.2 to E.4.
 */
#ifndef SERVER_GDB_PACKET_H
#define SERVER_GDB_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probe/err.h"
#include "text.h"

struct session;

#define PACKET_NUMBERS_MAX 3

struct args {
	uint32_t number[PACKET_NUMBERS_MAX];
	const char *rest; /* what follows, any bytes; inside the packet */
	size_t rest_size;
};

/* Fills `reply`, which comes empty: empty stays the answer "not supported". May set
 * session->answer where the reply is not to be sent now. On an error both are disregarded. */
typedef enum err packet_handler(
	struct session *session, const struct args *args, struct text *reply);

enum packet_flag {
	PACKET_CONTROLS = 1,  /* for the controller, which its sender becomes if there is none */
	PACKET_TARGET = 2,    /* needs an attached target */
	PACKET_HALTED = 4,    /* ... with its core halted */
	PACKET_IN_JOB = 8,    /* may be served in the midst of a long job of the target */
	PACKET_OBSERVED = 16, /* ... from an observer: it then needs nothing of the target */
	PACKET_TELLS = 32,    /* gdb takes console text before the error reply */
	PACKET_NOTES = 64,    /* gdb shows no text of an error: keep it for later */
	PACKET_HALTS = 128,   /* halts a core that runs unseen, for the controller */
};

struct packet_rule {
	const char *name;
	/* '#' a hex number of up to 32 bits, '*' all that follows (last), else itself */
	const char *form;
	packet_handler *handle;
	const char *fixed; /* the reply, where there is no handler */
	unsigned flags;
};

/* The rule for a packet, or NULL for one that is not supported. */
const struct packet_rule *packet_find(const char *data, size_t size);

/* Parses what follows the rule's name. False when the packet does not have the rule's form. */
bool packet_parse(const struct packet_rule *rule, const char *data, size_t size, struct args *args);

/* Whether the session's packet may be served while the target is at work for another one. */
bool packet_is_for_job(const struct session *session, const char *data, size_t size);

/* Handles one packet and sends the reply. `data` is followed by a 0. */
void packet_handle(struct session *session, const char *data, size_t size);

#endif
