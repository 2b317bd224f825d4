/* Who controls the core, and the packets of coming and going. Worker thread. */
#include "control.h"

#include "handlers.h"
#include "hex.h"
#include "inferior.h"
#include "probe/log.h"
#include "reach.h"

#define ARGUMENT_MAX 256 /* bytes of one argument of `run` */

enum err control_take(struct session *session)
{
	struct gdb *gdb = session->gdb;

	if (gdb->controller && gdb->controller != session)
		return session_refuse(session, ERR_TARGET_STATE,
			"another client (number %u) controls the core; this one only observes",
			gdb->controller->client);
	if (!gdb->controller)
		log_debug("client %u controls the core now", session->client);
	gdb->controller = session;
	session->role = ROLE_JOINED;
	return ERR_OK;
}

/* While nobody watched, the target may have been switched off and on. */
static enum err attach_and_halt(struct gdb *gdb)
{
	bool was_attached = gdb->state != INFERIOR_DETACHED;

	enum err err = inferior_attach(gdb);
	if (!err)
		err = inferior_halt(gdb);
	if (!was_attached || !reach_is_lost_by(err))
		return err;
	reach_lost(gdb, err);
	err = inferior_attach(gdb);
	return err ? err : inferior_halt(gdb);
}

static enum err start_control(struct gdb *gdb)
{
	enum err err = attach_and_halt(gdb);

	if (err || !gdb->options.reset_first)
		return err;
	gdb->options.reset_first = false;
	return inferior_reset(gdb, true);
}

static bool others_have_joined(const struct session *session)
{
	const struct session *other = session->gdb->sessions;
	while (other && (other == session || other->role != ROLE_JOINED))
		other = other->next;
	return other;
}

/* gdb gives up a connection without registers, and with it the way to `monitor diagnose`. Without a
 * program it stays, as it does without a target. */
static void let_go(struct gdb *gdb, enum err why)
{
	enum err err = target_detach(gdb->target);
	if (err)
		log_debug("leaving a core that does not halt: %s", err_text(err));
	inferior_detached(gdb);
	gdb->attach_error = why;
}

void control_join(struct session *session, bool quietly)
{
	struct gdb *gdb = session->gdb;

	session->role = ROLE_JOINED;
	if (quietly || gdb->controller) {
		log_info("client %u observes; another one controls the core", session->client);
		return;
	}
	gdb->controller = session;
	enum err err = start_control(gdb);
	if (!err)
		return;
	session_note(session, gdb_reason(gdb, err));
	if (gdb->state == INFERIOR_RUNNING && !others_have_joined(session))
		let_go(gdb, err);
}

/* Others still read this board: it stays attached, without what the controller put on it. */
static void leave_to_others(struct gdb *gdb)
{
	points_clear(&gdb->points, gdb->target);
	watches_clear(&gdb->watches, gdb->target);
	if (gdb->state == INFERIOR_DETACHED)
		return;
	if (target_flash_incomplete(gdb->target)) {
		log_warn("the flash holds an incomplete load: the core stays halted");
		return;
	}
	enum err err = gdb->killed ? inferior_reset(gdb, false) : inferior_resume(gdb);
	(void)err; /* kept and logged; nobody is left to tell */
}

static void start_anew(struct gdb *gdb)
{
	enum err err = inferior_reset(gdb, false);
	(void)err; /* kept and logged; nobody is left to tell */
}

static void leave_alone(struct gdb *gdb)
{
	bool in_reach = gdb->state != INFERIOR_DETACHED;

	points_finish(&gdb->points);
	gdb->watches.count = 0;
	if (gdb->lost)
		return; /* it is left when it is found again */
	if (gdb->killed && in_reach && !target_flash_incomplete(gdb->target))
		start_anew(gdb);
	enum err err = target_detach(gdb->target);
	if (err)
		gdb_keep_failure(gdb, "cannot detach", err);
	inferior_detached(gdb);
}

void control_leave(struct session *session)
{
	struct gdb *gdb = session->gdb;
	bool had_joined = session->role == ROLE_JOINED;

	session->role = ROLE_LEFT;
	session->awaits_stop = false;
	if (!had_joined)
		return;
	if (gdb->controller != session) {
		if (!gdb->controller && gdb->must_detach && !others_have_joined(session))
			leave_alone(gdb);
		return;
	}
	semihosting_leave(gdb);
	gdb->controller = NULL;
	target_flash_forget(gdb->target);
	if (!gdb->must_detach)
		return;
	if (others_have_joined(session))
		leave_to_others(gdb);
	else
		leave_alone(gdb);
	gdb->killed = false;
}

enum err handle_detach(struct session *session, const struct args *args, struct text *reply)
{
	(void)args;
	control_leave(session);
	text_add(reply, "OK");
	return ERR_OK;
}

/* The program is dead to gdb; the firmware stands still until it is run anew, or the controller
 * leaves. */
static enum err kill_program(struct gdb *gdb)
{
	gdb->killed = true;
	points_clear(&gdb->points, gdb->target);
	watches_clear(&gdb->watches, gdb->target);
	return gdb->state == INFERIOR_DETACHED ? ERR_OK : inferior_halt(gdb);
}

/* gdb wants no answer, LLDB waits 5 s for one. */
enum err handle_kill(struct session *session, const struct args *args, struct text *reply)
{
	struct gdb *gdb = session->gdb;

	(void)args;
	if (gdb->controller == session) {
		enum err err = kill_program(gdb);
		(void)err; /* kept and logged; this packet cannot fail */
	}
	if (session->is_lldb)
		text_add(reply, "X09");
	else
		session->answer = ANSWER_RUNNING;
	return ERR_OK;
}

enum err handle_vkill(struct session *session, const struct args *args, struct text *reply)
{
	(void)args;
	enum err err = kill_program(session->gdb);
	text_add(reply, "OK");
	return err;
}

static enum err start_program(struct gdb *gdb)
{
	enum err err = inferior_attach(gdb);
	if (!err)
		err = inferior_reset(gdb, true);
	if (!err)
		gdb->killed = false;
	return err;
}

/* Extended mode's restart has no reply at all. */
enum err handle_restart(struct session *session, const struct args *args, struct text *reply)
{
	(void)args;
	(void)reply;
	enum err err = control_take(session);
	if (!err)
		err = start_program(session->gdb);
	if (err)
		session_note(session, session_why(session, err));
	session->answer = ANSWER_RUNNING;
	return ERR_OK;
}

/* `;file;argument;...` in hex: the program is what the flash holds, so the file's name means
 * nothing, and the arguments what semihosting makes of them. */
static bool take_arguments(struct text *cmdline, const char *at, const char *end)
{
	bool good = true;

	text_clear(cmdline);
	for (unsigned i = 0; at < end && *at == ';' && good; i++) {
		const char *start = ++at;
		while (at < end && *at != ';')
			at++;
		size_t size = (size_t)(at - start) / 2;
		char argument[ARGUMENT_MAX];
		good = (at - start) % 2 == 0 && size <= sizeof(argument) &&
		       hex_decode(argument, start, size);
		if (!good)
			break;
		text_add(cmdline, i ? " " : "firmware");
		if (i)
			text_add_bytes(cmdline, argument, size);
	}
	return good;
}

enum err handle_run(struct session *session, const struct args *args, struct text *reply)
{
	struct text *cmdline = &session->gdb->semihosting.cmdline;

	if (!take_arguments(cmdline, args->rest, args->rest + args->rest_size))
		return session_refuse(session, ERR_ARGUMENT, "malformed packet");
	enum err err = start_program(session->gdb);
	if (!err)
		stop_format(&session->gdb->stop, session, reply);
	return err;
}

enum err handle_attach(struct session *session, const struct args *args, struct text *reply)
{
	struct gdb *gdb = session->gdb;
	enum err err = ERR_OK;

	(void)args;
	if (!gdb->controller)
		err = control_take(session);
	session->role = ROLE_JOINED;
	if (!err && gdb->controller == session)
		err = attach_and_halt(gdb);
	if (!err)
		stop_format(&gdb->stop, session, reply);
	return err;
}
