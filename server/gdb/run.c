/*
 * The packets of run control: vCont c C s S ? Worker thread.
 *
 * None of them waits: the session is noted as awaiting a stop, and inferior.c tells it. Signals are
 * ignored: a core has none. Written from the GDB manual, appendix E.2, vCont.
 */
#include <string.h>

#include "handlers.h"
#include "hex.h"
#include "inferior.h"
#include "threads.h"

static enum err go(struct session *session)
{
	enum err err = inferior_resume(session->gdb);
	if (err)
		return err;
	session->gdb->runs_unseen = false;
	session->awaits_stop = true;
	session->answer = ANSWER_RUNNING;
	return ERR_OK;
}

/* A core that `monitor resume` set going is a stopped one to gdb: its step ends at once. */
static enum err step(struct session *session, uint32_t start, uint32_t end)
{
	struct gdb *gdb = session->gdb;

	session->awaits_stop = true;
	session->answer = ANSWER_RUNNING;
	if (gdb->state == INFERIOR_HALTED)
		inferior_step(gdb, start, end);
	else
		inferior_interrupt(gdb);
	if (!session->awaits_stop)
		session->answer = ANSWER_LATE;
	return ERR_OK;
}

static enum err stop(struct session *session)
{
	struct gdb *gdb = session->gdb;

	session->awaits_stop = true;
	if (gdb->state == INFERIOR_HALTED)
		inferior_stopped(gdb, STOP_SIGNAL_NONE, TARGET_STOP_REQUEST);
	else
		inferior_interrupt(gdb);
	session->answer = session->awaits_stop ? ANSWER_RUNNING : ANSWER_LATE;
	return ERR_OK;
}

static enum err malformed(struct session *session)
{
	return session_refuse(session, ERR_ARGUMENT, "malformed packet");
}

/* The optional address from which to go on. */
static enum err set_pc(struct session *session, const char *at, const char *end)
{
	struct gdb *gdb = session->gdb;
	uint32_t pc;

	if (at == end)
		return ERR_OK;
	if (!hex_number(&at, end, &pc) || at < end)
		return malformed(session);
	if (gdb->state != INFERIOR_HALTED)
		return session_refuse(session, ERR_TARGET_STATE, "the core is running");
	return target_write_register(gdb->target, TARGET_PC, pc);
}

/* `;address` after a signal number. */
static enum err set_pc_after_signal(struct session *session, const struct args *args)
{
	const char *end = args->rest + args->rest_size;

	if (args->rest == end)
		return ERR_OK;
	if (*args->rest != ';')
		return malformed(session);
	return set_pc(session, args->rest + 1, end);
}

enum err handle_continue(struct session *session, const struct args *args, struct text *reply)
{
	(void)reply;
	enum err err = set_pc(session, args->rest, args->rest + args->rest_size);
	return err ? err : go(session);
}

enum err handle_continue_signal(
	struct session *session, const struct args *args, struct text *reply)
{
	(void)reply;
	enum err err = set_pc_after_signal(session, args);
	return err ? err : go(session);
}

enum err handle_step(struct session *session, const struct args *args, struct text *reply)
{
	(void)reply;
	enum err err = set_pc(session, args->rest, args->rest + args->rest_size);
	return err ? err : step(session, 0, 0);
}

enum err handle_step_signal(struct session *session, const struct args *args, struct text *reply)
{
	(void)reply;
	enum err err = set_pc_after_signal(session, args);
	return err ? err : step(session, 0, 0);
}

struct action {
	char verb; /* one of c C s S r t */
	uint32_t start, end;
	bool is_ours;
};

/* What follows the verb: a signal number, a range, or nothing. */
static bool parse_operand(struct action *action, const char **at, const char *end)
{
	uint32_t signal;

	switch (action->verb) {
	case 'c':
	case 's':
	case 't':
		return true;
	case 'C':
	case 'S':
		return hex_number(at, end, &signal);
	case 'r':
		return hex_number(at, end, &action->start) && *at < end && *(*at)++ == ',' &&
		       hex_number(at, end, &action->end);
	default:
		return false;
	}
}

static bool parse_action(struct action *action, const char *at, const char *end)
{
	*action = (struct action){.is_ours = true};
	if (at == end)
		return false;
	action->verb = *at++;
	if (!parse_operand(action, &at, end))
		return false;
	if (at == end)
		return true;
	if (*at++ != ':')
		return false;
	action->is_ours = threads_is_ours(at, (size_t)(end - at));
	return true;
}

static enum err run_action(struct session *session, const struct action *action)
{
	switch (action->verb) {
	case 'c':
	case 'C':
		return go(session);
	case 't':
		return stop(session);
	case 'r':
		return step(session, action->start, action->end);
	default:
		return step(session, 0, 0);
	}
}

/* Actions are in order; the first whose thread is ours counts. All must be well formed. */
enum err handle_vcont(struct session *session, const struct args *args, struct text *reply)
{
	const char *at = args->rest, *end = args->rest + args->rest_size;
	struct action chosen = {0};

	(void)reply;
	while (at <= end) {
		const char *semicolon = at < end ? memchr(at, ';', (size_t)(end - at)) : NULL;
		const char *action_end = semicolon ? semicolon : end;
		struct action action;
		if (!parse_action(&action, at, action_end))
			return malformed(session);
		if (action.is_ours && !chosen.is_ours)
			chosen = action;
		at = action_end + 1;
	}
	if (!chosen.is_ours)
		return session_refuse(session, ERR_ARGUMENT, "there is only thread 1");
	return run_action(session, &chosen);
}

/* An observer of a running core hears of the last stop: gdb cannot be told "running". An error is
 * no answer either (gdb 13 asks for its text for ever): without a target there is no program. */
enum err handle_stop_reason(struct session *session, const struct args *args, struct text *reply)
{
	struct gdb *gdb = session->gdb;
	bool may_halt = gdb->controller == session && !gdb_in_job_of_other(session);

	(void)args;
	if (gdb->state == INFERIOR_DETACHED) {
		text_add(reply, "W00");
		return ERR_OK;
	}
	if (gdb->state == INFERIOR_RUNNING && may_halt) {
		enum err err = inferior_halt(gdb);
		if (err)
			session_note(session, gdb_reason(gdb, err));
	}
	stop_format(&gdb->stop, session, reply);
	return ERR_OK;
}
