/* The monitor commands about stops: see monitor_debug.h. */
#include "monitor_debug.h"

#include <inttypes.h>
#include <string.h>

enum err monitor_fault(struct session *session, const struct monitor_words *words, struct text *out)
{
	struct target_fault fault;

	(void)words;
	if (session->gdb->state == INFERIOR_DETACHED)
		return monitor_refuse_detached(session);
	enum err err = target_read_fault(session->gdb->target, &fault);
	if (err)
		return err;
	if (fault.kind == TARGET_FAULT_NONE) {
		text_format(out, "%s\n", fault.lines[0]);
		return ERR_OK;
	}
	for (size_t i = 0; i < sizeof(fault.lines) / sizeof(fault.lines[0]); i++)
		text_format(out, "%s\n", fault.lines[i]);
	return ERR_OK;
}

enum err monitor_stats(struct session *session, const struct monitor_words *words, struct text *out)
{
	struct gdb *gdb = session->gdb;
	uint64_t now = target_transfers(gdb->target);

	(void)words;
	text_format(out,
		"USB transfers: %" PRIu64 " since the probe was opened, %" PRIu64
		" since the core was let go, %" PRIu64 " since the last `monitor stats`\n",
		now, now - gdb->transfers_at_go, now - gdb->transfers_at_stats);
	gdb->transfers_at_stats = now;
	return ERR_OK;
}

static bool parse_switch(const struct monitor_words *words, bool *on)
{
	*on = words->count == 2 && strcmp(words->word[1], "on") == 0;
	return *on || (words->count == 2 && strcmp(words->word[1], "off") == 0);
}

enum err monitor_stepisr(
	struct session *session, const struct monitor_words *words, struct text *out)
{
	bool on;

	if (!parse_switch(words, &on))
		return session_refuse(session, ERR_ARGUMENT, "usage: monitor stepisr on | off");
	target_let_steps_in(session->gdb->target, on);
	text_add(out, on ? "a step may enter an interrupt handler\n"
			 : "steps do not show interrupt handlers\n");
	return ERR_OK;
}

enum err monitor_cache(struct session *session, const struct monitor_words *words, struct text *out)
{
	bool on;

	if (!parse_switch(words, &on))
		return session_refuse(session, ERR_ARGUMENT, "usage: monitor cache on | off");
	target_use_cache(session->gdb->target, on);
	text_add(out, on ? "memory is read ahead while the core is halted\n"
			 : "every read goes to the target\n");
	return ERR_OK;
}
