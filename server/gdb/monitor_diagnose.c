/*
 * `monitor diagnose`: what failed last and why, and what the target shows now. Changes nothing.
 * Worker thread.
 */
#include "monitor.h"

static void show(const char *title, const struct target_report *report, struct text *out)
{
	text_format(
		out, "%s%s%s%s\n", title, report->code, report->code[0] ? ": " : "", report->cause);
	text_format(out, "  evidence: %s\n", report->evidence);
	text_format(out, "  remedy: %s\n", report->remedy);
	if (report->flash[0])
		text_format(out, "  flash: %s\n", report->flash);
}

static void show_last(const struct gdb *gdb, struct text *out)
{
	const struct target_report *report = target_last_failure(gdb->target);

	if (report)
		show("last failure: ", report, out);
	else if (gdb->failure.size)
		text_format(out, "last failure: %s\n", gdb->failure.data);
	else
		text_add(out, "nothing has failed so far\n");
}

enum err monitor_diagnose(
	struct session *session, const struct monitor_words *words, struct text *out)
{
	struct gdb *gdb = session->gdb;
	struct target_report now;

	(void)words;
	show_last(gdb, out);
	if (gdb->state == INFERIOR_DETACHED && !gdb->attach_error)
		return ERR_OK; /* the target is left in peace */
	if (target_diagnose(gdb->target, &now))
		show("now: ", &now, out);
	else
		text_format(out, "now: nothing is wrong\n  evidence: %s\n", now.evidence);
	return ERR_OK;
}
