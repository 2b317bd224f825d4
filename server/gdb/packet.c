/* From a packet's bytes to its handler and back to a reply. Worker thread. */
#include "packet.h"

#include <string.h>

#include "control.h"
#include "errors.h"
#include "hex.h"
#include "inferior.h"
#include "packet_table.h"
#include "reach.h"
#include "session.h"

static bool is_letter(char character)
{
	return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z');
}

/* `qC` is a packet and begins `qCRC`: a name of several letters ends where the letters end. */
static bool has_name(const struct packet_rule *rule, const char *data, size_t size)
{
	size_t length = strlen(rule->name);

	if (size < length || memcmp(data, rule->name, length) != 0)
		return false;
	bool ends_in_letter = is_letter(rule->name[length - 1]);
	return length == 1 || !ends_in_letter || size == length || !is_letter(data[length]);
}

const struct packet_rule *packet_find(const char *data, size_t size)
{
	const struct packet_rule *best = NULL;
	size_t best_length = 0;

	for (size_t i = 0; i < packet_rule_count; i++) {
		size_t length = strlen(packet_rules[i].name);
		if (length > best_length && has_name(&packet_rules[i], data, size)) {
			best = &packet_rules[i];
			best_length = length;
		}
	}
	return best;
}

bool packet_parse(const struct packet_rule *rule, const char *data, size_t size, struct args *args)
{
	const char *at = data + strlen(rule->name);
	const char *end = data + size;
	size_t numbers = 0;

	*args = (struct args){.rest = end};
	for (const char *form = rule->form; *form; form++) {
		if (*form == '*') {
			args->rest = at;
			args->rest_size = (size_t)(end - at);
			return true;
		}
		if (*form == '#') {
			if (!hex_number(&at, end, &args->number[numbers++]))
				return false;
		} else if (at == end || *at++ != *form) {
			return false;
		}
	}
	return at == end;
}

bool packet_is_for_job(const struct session *session, const char *data, size_t size)
{
	const struct packet_rule *rule = packet_find(data, size);
	const struct session *controller = session->gdb->controller;

	if (!rule || rule->flags & PACKET_IN_JOB)
		return true;
	return rule->flags & PACKET_OBSERVED && controller && controller != session;
}

/* A core that came back running is left alone until its controller asks for what only a halted one
 * has: it believes it halted, and without registers gdb can do nothing at all. */
static enum err halt_unseen(struct session *session, const struct packet_rule *rule)
{
	struct gdb *gdb = session->gdb;

	if (!gdb->runs_unseen || !(rule->flags & PACKET_HALTS) || gdb->controller != session ||
		gdb->state != INFERIOR_RUNNING || gdb_in_job_of_other(session))
		return ERR_OK;
	return inferior_halt(gdb);
}

/* gdb makes its own words of most errors: who controls is shown with the next that it takes. */
static void note_refusal(struct session *session, const struct packet_rule *rule)
{
	if (!(rule->flags & (PACKET_TELLS | PACKET_NOTES)) && !session->knows_error_text &&
		!session->notes.size)
		session_note(session, text_string(&session->why));
}

static enum err check(struct session *session, const struct packet_rule *rule)
{
	struct gdb *gdb = session->gdb;

	if (rule->flags & PACKET_CONTROLS) {
		enum err err = control_take(session);
		if (err) {
			note_refusal(session, rule);
			return err;
		}
	}
	if (rule->flags & PACKET_TARGET && gdb->state == INFERIOR_DETACHED) {
		if (!gdb->attach_error)
			return session_refuse(session, ERR_TARGET_STATE,
				"detached from the target: `attach 1` or `monitor halt` attaches");
		return session_refuse(session, gdb->attach_error,
			"no link to the target (%s): `monitor halt` tries again",
			err_text(gdb->attach_error));
	}
	enum err err = halt_unseen(session, rule);
	if (err)
		return err;
	if (rule->flags & PACKET_HALTED && gdb->state != INFERIOR_HALTED)
		return session_refuse(session, ERR_TARGET_STATE, "the core is running");
	return ERR_OK;
}

static enum err run(struct session *session, const struct packet_rule *rule,
	const struct args *args, struct text *reply)
{
	enum err err = check(session, rule);
	if (err)
		return err;
	if (rule->handle)
		err = rule->handle(session, args, reply);
	else
		text_add(reply, rule->fixed);
	return !err && reply->failed ? ERR_NO_MEMORY : err;
}

/* Error text is no binary data to gdb: what the framing would escape must not be in it. */
static void make_plain(char *text)
{
	for (; *text; text++) {
		if (*text == '\n')
			*text = ' ';
		else if (*text < ' ' || *text > '~' || strchr("#$}*", *text))
			*text = '?';
	}
}

/* An error in answer to `c`, `s` or `vCont` ends LLDB's session: it hears of a stop by SIGINT. Not
 * of the last stop, whose registers may be written since; and with SIGTRAP it would step again. */
static const char *refused_run(const struct session *session, const struct packet_rule *rule)
{
	bool runs = rule->flags & PACKET_CONTROLS;

	if (runs && session->is_lldb && session->gdb->state != INFERIOR_DETACHED)
		return "T02thread:1;";
	return "E01";
}

static void format_error(
	struct session *session, const struct packet_rule *rule, enum err err, struct text *reply)
{
	const char *why = session_why(session, err);

	text_clear(reply);
	if (rule->flags & PACKET_TELLS) {
		session_note(session, why);
		session_flush_notes(session);
		text_add(reply, refused_run(session, rule));
		return;
	} else if (session->knows_error_text) {
		text_format(reply, "E.%s", why);
		if (!reply->failed)
			make_plain(reply->data);
		return;
	} else if (rule->flags & PACKET_NOTES) {
		session_note(session, why);
	}
	text_format(reply, "E%02x", errors_number(err));
}

static void send_answer(struct session *session, const struct text *reply)
{
	static const enum message_kind kinds[] = {
		[ANSWER_REPLY] = MESSAGE_REPLY,
		[ANSWER_NO_ACK] = MESSAGE_NO_ACK,
		[ANSWER_RUNNING] = MESSAGE_RUNNING,
	};

	if (session->answer == ANSWER_LATE)
		return;
	bool is_reply = session->answer != ANSWER_RUNNING;
	session_send(session, kinds[session->answer], reply->data, is_reply ? reply->size : 0);
}

void packet_handle(struct session *session, const char *data, size_t size)
{
	static const struct packet_rule unknown = {"", "*", NULL, "", 0};
	const struct packet_rule *rule = packet_find(data, size);
	struct text reply = {0};
	struct args args;
	enum err err;

	if (!rule)
		rule = &unknown;
	session->answer = ANSWER_REPLY;
	text_clear(&session->why);
	if (packet_parse(rule, data, size, &args))
		err = run(session, rule, &args, &reply);
	else
		err = session_refuse(session, ERR_ARGUMENT, "malformed packet");
	if (err) {
		format_error(session, rule, err, &reply);
		session->answer = ANSWER_REPLY;
	} else if (rule->flags & PACKET_NOTES && session->gdb->heard.size) {
		session_note(session, session->gdb->heard.data); /* it worked, with a warning */
	}
	send_answer(session, &reply);
	text_finish(&reply);
	/* There is no doubt about this one: what is remembered must not be told from now on. */
	if (err == ERR_USB_GONE && !gdb_in_job_of_other(session))
		reach_lost(session->gdb, err);
}
