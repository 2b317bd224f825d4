/*
 * Loading: vFlashErase vFlashWrite vFlashDone. Worker thread.
 *
 * The first two are only recorded; the third runs the whole plan. gdb up to 15 shows no text of a
 * failed flash packet, and takes console output before its reply for the reply: so the cause is
 * kept for the next moment that shows text, and for `monitor diagnose`.
 */
#include "handlers.h"
#include "inferior.h"
#include "probe/log.h"
#include "reach.h"
#include "server/load_report.h"

enum err handle_flash_erase(struct session *session, const struct args *args, struct text *reply)
{
	struct gdb *gdb = session->gdb;

	enum err err = target_flash_erase(gdb->target, args->number[0], args->number[1]);
	if (err)
		gdb_keep_failure(gdb, "cannot erase", err);
	text_add(reply, "OK");
	return err;
}

enum err handle_flash_write(struct session *session, const struct args *args, struct text *reply)
{
	struct gdb *gdb = session->gdb;

	enum err err = target_flash_write(
		gdb->target, args->number[0], (const uint8_t *)args->rest, args->rest_size);
	if (err)
		gdb_keep_failure(gdb, "cannot write", err);
	text_add(reply, "OK");
	return err;
}

enum err handle_flash_done(struct session *session, const struct args *args, struct text *reply)
{
	struct gdb *gdb = session->gdb;
	struct target_load load = {0};

	(void)args;
	enum err err = target_flash_done(gdb->target, &load);
	/* Whatever came of it, the core is halted now and nothing remembered of it is true. */
	if (!reach_is_lost_by(err))
		inferior_stopped(gdb, STOP_SIGNAL_TRAP, TARGET_STOP_REQUEST);
	semihosting_restart(gdb);
	gdb->load_error = err;
	load_report(&load, err, gdb->options.events);
	if (err)
		gdb_keep_failure(gdb, "the load failed", err);
	if (reach_is_lost_by(err))
		reach_lost(gdb, err);
	text_add(reply, "OK");
	return err;
}
