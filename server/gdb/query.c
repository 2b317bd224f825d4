/*
 * Who the client is and what both sides can do. Worker thread.
 *
 * Written from the GDB manual, appendix E.4 "General Query Packets", qSupported.
 */
#include <stdio.h>
#include <string.h>

#include "handlers.h"
#include "session.h"

/* Features a client may claim, and where that is noted. */
static const struct {
	const char *name;
	size_t offset;
} client_features[] = {
	{"hwbreak+", offsetof(struct session, knows_hwbreak)},
	{"swbreak+", offsetof(struct session, knows_swbreak)},
	{"error-message+", offsetof(struct session, knows_error_text)},
};

static void note_feature(struct session *session, const char *name, size_t size)
{
	size_t count = sizeof(client_features) / sizeof(client_features[0]);

	for (size_t i = 0; i < count; i++) {
		if (strlen(client_features[i].name) != size ||
			memcmp(client_features[i].name, name, size) != 0)
			continue;
		bool *known = (bool *)((char *)session + client_features[i].offset);
		*known = true;
	}
}

static void note_features(struct session *session, const char *list, size_t size)
{
	const char *end = list + size;

	while (list < end) {
		const char *semicolon = memchr(list, ';', (size_t)(end - list));
		const char *stop = semicolon ? semicolon : end;
		note_feature(session, list, (size_t)(stop - list));
		list = stop + 1;
	}
}

enum err handle_supported(struct session *session, const struct args *args, struct text *reply)
{
	note_features(session, args->rest, args->rest_size);
	text_format(reply,
		"PacketSize=%x;QStartNoAckMode+;vContSupported+;QThreadEvents+;"
		"ConditionalBreakpoints+;BreakpointCommands+;"
		"qXfer:features:read+;qXfer:memory-map:read+;qXfer:threads:read+",
		MESSAGE_PACKET_MAX);
	if (session->knows_hwbreak)
		text_add(reply, ";hwbreak+");
	/* Only gdb says swbreak; and it ignores notifications that it does not know, as not every
	 * client does. */
	if (session->knows_swbreak) {
		text_add(reply, ";swbreak+;binary-upload+");
		session_send(session, MESSAGE_KEEP_ALIVE, NULL, 0);
	}
	return ERR_OK;
}

enum err handle_start_no_ack(struct session *session, const struct args *args, struct text *reply)
{
	(void)args;
	text_add(reply, "OK");
	session->answer = ANSWER_NO_ACK;
	return ERR_OK;
}

/* LLDB asks this and gdb does not: not supported, but now it is known who is there. */
enum err handle_thread_suffix(struct session *session, const struct args *args, struct text *reply)
{
	(void)args;
	(void)reply;
	session->is_lldb = true;
	return ERR_OK;
}

enum err handle_list_threads(struct session *session, const struct args *args, struct text *reply)
{
	(void)args;
	session->lists_threads = true;
	text_add(reply, "OK");
	return ERR_OK;
}
