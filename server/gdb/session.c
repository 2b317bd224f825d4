/* A client's session: its life, what it is sent, what waits for it. Worker thread. */
#include "session.h"

#include <stdlib.h>
#include <string.h>

#include "probe/log.h"

/* gdb has one packet on its way at a time; a few more are somebody's script, many are a flood. */
#define WAITING_MAX 64
#define NOTES_MAX   4096
#define CONSOLE_MAX 4096 /* bytes of text in one O packet */

struct session *session_create(struct gdb *gdb, unsigned client)
{
	struct session *session = calloc(1, sizeof(*session));
	if (!session)
		return NULL;
	session->gdb = gdb;
	session->client = client;
	session->waiting_end = &session->waiting;
	session->next = gdb->sessions;
	gdb->sessions = session;
	return session;
}

void session_destroy(struct session *session)
{
	struct session **link = &session->gdb->sessions;
	while (*link != session)
		link = &(*link)->next;
	*link = session->next;

	struct message *message;
	while ((message = session_next(session)))
		message_destroy(message);
	message_destroy(session->transfer.reply);
	free(session->transfer.data);
	text_finish(&session->why);
	text_finish(&session->notes);
	for (int i = 0; i < DOCUMENT_COUNT; i++)
		text_finish(&session->documents[i]);
	free(session);
}

struct session *session_find(const struct gdb *gdb, unsigned client)
{
	struct session *session = gdb->sessions;
	while (session && session->client != client)
		session = session->next;
	return session;
}

bool session_is_busy(const struct session *session)
{
	return session->transfer.step;
}

void session_defer(struct session *session, struct message *message)
{
	if (session->waiting_count == WAITING_MAX && !session->cut_off) {
		log_warn("client %u sent %d packets without waiting for a reply: cut off",
			session->client, WAITING_MAX);
		session_send(session, MESSAGE_HANG_UP, NULL, 0);
		session->cut_off = true;
	}
	if (session->cut_off) {
		message_destroy(message);
		return;
	}
	message->next = NULL;
	*session->waiting_end = message;
	session->waiting_end = &message->next;
	session->waiting_count++;
}

struct message *session_next(struct session *session)
{
	struct message *message = session->waiting;
	if (!message)
		return NULL;
	session->waiting = message->next;
	if (!session->waiting)
		session->waiting_end = &session->waiting;
	session->waiting_count--;
	return message;
}

void session_send(struct session *session, enum message_kind kind, const void *data, size_t size)
{
	struct message *message = message_create(kind, session->client, data, size);
	if (!message) {
		log_error("out of memory: a reply of %zu bytes to client %u is lost", size,
			session->client);
		return;
	}
	session->gdb->options.send(session->gdb->options.context, message);
}

void session_console(struct session *session, const char *text)
{
	session_console_bytes(session, text, strlen(text));
}

void session_console_bytes(struct session *session, const char *text, size_t size)
{
	while (size > 0) {
		size_t now = size < CONSOLE_MAX ? size : CONSOLE_MAX;
		struct text packet = {0};
		text_add(&packet, "O");
		text_add_hex(&packet, text, now);
		if (!packet.failed)
			session_send(session, MESSAGE_REPLY, packet.data, packet.size);
		text_finish(&packet);
		text += now;
		size -= now;
	}
}

void session_note(struct session *session, const char *line)
{
	if (session->notes.size + strlen(line) > NOTES_MAX)
		return;
	text_format(&session->notes, "%s\n", line);
}

void session_flush_notes(struct session *session)
{
	session_console(session, text_string(&session->notes));
	text_clear(&session->notes);
}

enum err session_refuse(struct session *session, enum err err, const char *format, ...)
{
	va_list arguments;

	text_clear(&session->why);
	va_start(arguments, format);
	text_format_list(&session->why, format, arguments);
	va_end(arguments);
	return err;
}

const char *session_why(const struct session *session, enum err err)
{
	return session->why.size ? session->why.data : gdb_reason(session->gdb, err);
}

void session_send_stop(struct session *session)
{
	if (!session->stop_due || session_is_busy(session))
		return;

	struct text reply = {0};
	session->stop_due = false;
	session_flush_notes(session);
	stop_format(&session->gdb->stop, session, &reply);
	session_send(session, MESSAGE_REPLY, reply.data, reply.size);
	text_finish(&reply);
}
