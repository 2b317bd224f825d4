/* Losing and finding the target. Worker thread. */
#include "reach.h"

#include "inferior.h"
#include "probe/log.h"
#include "report.h"

/* Below this no STM32 runs; a board without power may feed some tenths of a volt back. */
#define POWER_OFF_MV 1500

/* One failed look may be noise on the wire. */
#define FAILED_LOOKS_MAX 2

static const char unplugged[] = "the probe was unplugged: it is used again when it is back (FD35)";

bool reach_is_lost_by(enum err err)
{
	switch (err) {
	case ERR_USB_GONE:
	case ERR_USB_TIMEOUT:
	case ERR_USB_STALL:
	case ERR_USB_IO:
	case ERR_PROBE_PROTOCOL:
	case ERR_TARGET_POWER:
	case ERR_TARGET_NO_LINK:
	case ERR_TARGET_WAIT:
		return true;
	default:
		return false;
	}
}

static bool is_power_off(struct gdb *gdb, unsigned *millivolts)
{
	enum err err = target_read_voltage(gdb->target, millivolts);
	return !err && *millivolts && *millivolts < POWER_OFF_MV;
}

static void describe_loss(struct gdb *gdb, enum err err, struct text *text)
{
	unsigned millivolts;

	if (err == ERR_USB_GONE)
		text_add(text, unplugged);
	else if (is_power_off(gdb, &millivolts))
		text_format(text,
			"the link to the target was lost: it has no power (%u.%02u V); it is "
			"attached again when it has",
			millivolts / 1000, millivolts % 1000 / 10);
	else
		text_format(text,
			"the link to the target was lost: %s; it is attached again when it answers",
			err_text(err));
}

static void tell_why(struct gdb *gdb, const char *title, const char *text)
{
	log_info("%s: %s", title, text);
	inferior_tell(gdb, "%s: %s", title, text);
}

/* Why it is gone; who waits hears the cause and what to do. A load or an attach that failed has
 * told that already. Of a probe that was unplugged there is nothing more to say. */
static void explain(struct gdb *gdb, enum err err)
{
	if (gdb->diagnosed)
		return;
	log_quiet(true);
	const struct target_report *report = target_explain_loss(gdb->target, err);
	log_quiet(false);
	if (err == ERR_USB_GONE)
		return;
	tell_why(gdb, report->code[0] ? report->code : "cause", report->cause);
	tell_why(gdb, "  evidence", report->evidence);
	tell_why(gdb, "  remedy", report->remedy);
}

void reach_lost(struct gdb *gdb, enum err err)
{
	struct text why = {0};

	if (gdb->state == INFERIOR_DETACHED)
		return;
	log_quiet(true);
	describe_loss(gdb, err, &why);
	log_quiet(false);
	log_error("%s", text_string(&why));
	report_reach(gdb, err == ERR_USB_GONE ? "probe-lost" : "target-lost", text_string(&why));
	text_clear(&gdb->failure);
	text_add(&gdb->failure, text_string(&why));
	inferior_tell(gdb, "%s", text_string(&why));
	text_finish(&why);
	explain(gdb, err);
	gdb->lost = true;
	gdb->failed_looks = 0;
	gdb->attach_error = err;
	inferior_gone(gdb);
}

static void tell_unplugged(const struct gdb *gdb)
{
	log_error("%s", unplugged);
	report_reach(gdb, "probe-lost", unplugged);
}

void reach_probe_lost(struct gdb *gdb)
{
	bool is_told = gdb->lost && gdb->attach_error == ERR_USB_GONE;

	gdb->probe_gone = true;
	if (gdb->state != INFERIOR_DETACHED)
		reach_lost(gdb, ERR_USB_GONE);
	else if (!is_told)
		tell_unplugged(gdb);
	if (gdb->lost)
		gdb->attach_error = ERR_USB_GONE;
}

/* ---- while it stands still ---- */

/* Nobody let it run: it was reset, and what was remembered of its stop is no longer true. */
static void runs_by_itself(struct gdb *gdb)
{
	static const char line[] = "the core runs, and not by the debugger: it was reset";

	log_warn("%s", line);
	session_note(gdb->controller, line);
	inferior_runs(gdb);
	gdb->runs_unseen = true;
}

static void watch_halted(struct gdb *gdb)
{
	struct target_status status;

	log_quiet(true);
	enum err err = target_poll(gdb->target, &status);
	log_quiet(false);
	if (err) {
		if (err == ERR_USB_GONE || ++gdb->failed_looks >= FAILED_LOOKS_MAX)
			reach_lost(gdb, err);
		return;
	}
	gdb->failed_looks = 0;
	if (status.state == TARGET_RUNNING || status.state == TARGET_LOCKED_UP)
		runs_by_itself(gdb);
}

/* ---- and back ---- */

static bool is_wanted(const struct gdb *gdb)
{
	const struct session *session = gdb->sessions;
	while (session && session->role != ROLE_JOINED)
		session = session->next;
	return session;
}

/* Comparators are written when the core is let go. */
static void arm(struct gdb *gdb)
{
	if (gdb->state != INFERIOR_RUNNING || !(gdb->points.count + gdb->watches.count))
		return;
	enum err err = target_halt(gdb->target);
	if (!err)
		err = target_resume(gdb->target);
	if (err)
		log_warn("the breakpoints could not be set again: %s", err_text(err));
}

static void announce(struct gdb *gdb)
{
	struct text line = {0};

	text_format(&line, "the target is back: %s, %s", target_identity(gdb->target)->chip,
		gdb->state == INFERIOR_HALTED ? "halted" : "running");
	if (gdb->points.count)
		text_format(&line, ", %zu breakpoints set again", gdb->points.count);
	if (gdb->watches.count)
		text_format(&line, ", %zu watchpoints set again", gdb->watches.count);
	log_info("%s", text_string(&line));
	report_reach(gdb, "target-back", text_string(&line));
	for (struct session *each = gdb->sessions; each; each = each->next)
		session_note(each, text_string(&line));
	text_finish(&line);
}

/* The clients left while it was away: now it can be left as it should have been. */
static void leave(struct gdb *gdb)
{
	enum err err = target_detach(gdb->target);
	if (err)
		gdb_keep_failure(gdb, "cannot detach", err);
	inferior_detached(gdb);
	log_info("the target is back, and nobody debugs it: it was left alone");
}

static void find_again(struct gdb *gdb)
{
	unsigned millivolts;

	log_quiet(true);
	enum err err = is_power_off(gdb, &millivolts) ? ERR_TARGET_POWER : inferior_reattach(gdb);
	log_quiet(false);
	if (err)
		return;
	gdb->attach_error = ERR_OK;
	gdb->lost = false;
	if (is_wanted(gdb)) {
		arm(gdb);
		gdb->runs_unseen = gdb->state == INFERIOR_RUNNING;
		announce(gdb);
	} else {
		leave(gdb);
	}
}

void reach_look(struct gdb *gdb)
{
	if (gdb->probe_gone)
		return;
	if (gdb->lost)
		find_again(gdb);
	else if (gdb->state == INFERIOR_HALTED && gdb->controller)
		watch_halted(gdb);
}

void reach_probe_back(struct gdb *gdb)
{
	gdb->probe_gone = false;
	if (gdb->lost)
		find_again(gdb);
}
