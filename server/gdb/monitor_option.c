/*
 * `monitor option` and `monitor unlock`: the chip's option bytes and its read protection. Worker
 * thread.
 *
 * What erases everything wants to be typed in full.
 */
#include <string.h>

#include "inferior.h"
#include "monitor.h"

static enum err show(struct session *session, struct text *out)
{
	struct target_option options[TARGET_OPTIONS_MAX];
	size_t count;

	enum err err = target_read_options(session->gdb->target, options, &count);
	for (size_t i = 0; i < count && !err; i++)
		text_format(out, "%-11s %-16s %s\n", options[i].name, options[i].value,
			options[i].help);
	return err;
}

static enum err write(struct session *session, const struct monitor_words *words, struct text *out)
{
	struct gdb *gdb = session->gdb;

	enum err err = inferior_halt(gdb);
	if (!err)
		err = target_write_option(gdb->target, words->word[2], words->word[3]);
	if (err)
		return err;
	text_format(out,
		"option %s written; the core is halted, and `monitor reset` puts it into force "
		"(rdp: the next power-on)\n",
		words->word[2]);
	return show(session, out);
}

enum err monitor_option(
	struct session *session, const struct monitor_words *words, struct text *out)
{
	bool writes = words->count == 4 && strcmp(words->word[1], "write") == 0;
	bool reads =
		words->count == 1 || (words->count == 2 && strcmp(words->word[1], "read") == 0);

	if (!writes && !reads)
		return session_refuse(
			session, ERR_ARGUMENT, "usage: monitor option [read | write NAME VALUE]");
	enum err err = inferior_attach(session->gdb);
	if (err)
		return err;
	return writes ? write(session, words, out) : show(session, out);
}

enum err monitor_unlock(
	struct session *session, const struct monitor_words *words, struct text *out)
{
	struct gdb *gdb = session->gdb;

	if (words->count != 2 || strcmp(words->word[1], "erase-everything") != 0)
		return session_refuse(session, ERR_ARGUMENT,
			"this erases the whole flash: type `monitor unlock erase-everything`");
	enum err err = inferior_attach(gdb);
	if (!err)
		err = inferior_halt(gdb);
	if (!err)
		err = target_unlock(gdb->target);
	if (err)
		return err;
	inferior_stopped(gdb, STOP_SIGNAL_TRAP, TARGET_STOP_REQUEST);
	text_add(out, "the flash is blank and read protection is off; switch the board off and on "
		      "before you load\n");
	return ERR_OK;
}

enum err monitor_connect_under_reset(
	struct session *session, const struct monitor_words *words, struct text *out)
{
	struct gdb *gdb = session->gdb;

	(void)words;
	enum err err = inferior_attach_under_reset(gdb);
	if (err)
		return err;
	text_add(out, target_identity(gdb->target)->nrst_open
			      ? "FD05: NRST is not wired to the probe: reset by software instead"
			      : "attached under reset");
	text_add(out, "; the core is halted at its reset vector\n");
	return ERR_OK;
}
