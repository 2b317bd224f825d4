/*
 * The monitor commands of run control. Worker thread.
 *
 * `reset` alone halts, as it does in ST's and SEGGER's servers, unless the command line says that
 * it is to run, as in OpenOCD: who wants the program to run sends `continue` next.
 */
#include <stdlib.h>
#include <string.h>

#include "inferior.h"
#include "monitor.h"

#define STEPS_MAX 1000

static void show_stop(const struct gdb *gdb, struct text *out)
{
	if (gdb->state == INFERIOR_HALTED)
		text_format(out, "halted at pc 0x%08x, msp 0x%08x\n",
			gdb->stop.registers[TARGET_PC], gdb->stop.registers[TARGET_MSP]);
}

enum after_reset { AS_CONFIGURED, HALTS, RUNS };

/* What other servers call what is reset: here it is always the whole chip, by SYSRESETREQ, or by
 * NRST where that does not work. */
static const struct {
	const char *word;
	enum after_reset after;
} reset_words[] = {
	{"halt", HALTS},
	{"-halt", HALTS},
	{"-h", HALTS},
	{"init", HALTS},
	{"run", RUNS},
	{"core", AS_CONFIGURED},
	{"hardware", AS_CONFIGURED},
	{"hard", AS_CONFIGURED},
	{"soft", AS_CONFIGURED},
	{"system", AS_CONFIGURED},
	{"hw", AS_CONFIGURED},
	{"sw", AS_CONFIGURED},
	{"default", AS_CONFIGURED},
	{"sysresetreq", AS_CONFIGURED},
	{"vectreset", AS_CONFIGURED},
	{"emulated", AS_CONFIGURED},
	{"sw_system", AS_CONFIGURED},
	{"sw_core", AS_CONFIGURED},
	{"sw_sysresetreq", AS_CONFIGURED},
	{"sw_vectreset", AS_CONFIGURED},
	{"sw_emulated", AS_CONFIGURED},
};

static bool parse_reset_word(const char *word, enum after_reset *after)
{
	if (word[0] >= '0' && word[0] <= '9')
		return !word[1]; /* a kind of SEGGER's: all of them halt */
	for (size_t i = 0; i < sizeof(reset_words) / sizeof(reset_words[0]); i++) {
		if (strcmp(word, reset_words[i].word) != 0)
			continue;
		if (reset_words[i].after != AS_CONFIGURED)
			*after = reset_words[i].after;
		return true;
	}
	return false;
}

/* Firmware that has switched the SWD pins off answers in reset only, and a reset is what is wanted.
 */
static enum err attach_for_reset(struct gdb *gdb)
{
	bool was_lost = gdb->lost;
	enum err err = inferior_attach(gdb);
	bool is_silent = err == ERR_TARGET_NO_LINK || err == ERR_TARGET_WAIT;
	return was_lost && is_silent ? inferior_attach_under_reset(gdb) : err;
}

enum err monitor_reset(struct session *session, const struct monitor_words *words, struct text *out)
{
	struct gdb *gdb = session->gdb;
	enum after_reset after = AS_CONFIGURED;

	for (size_t i = 1; i < words->count; i++) {
		if (!parse_reset_word(words->word[i], &after))
			return session_refuse(session, ERR_ARGUMENT,
				"\"%s\" is no kind of reset; usage: monitor reset [halt | init | "
				"run]",
				words->typed[i]);
	}
	bool halt = after == HALTS || (after == AS_CONFIGURED && !gdb->options.reset_runs);
	enum err err = attach_for_reset(gdb);
	if (!err)
		err = inferior_reset(gdb, halt);
	if (!err)
		show_stop(gdb, out);
	return err;
}

enum err monitor_halt(struct session *session, const struct monitor_words *words, struct text *out)
{
	(void)words;
	enum err err = inferior_attach(session->gdb);
	if (!err)
		err = inferior_halt(session->gdb);
	if (!err)
		show_stop(session->gdb, out);
	return err;
}

/* Nothing here waits: a core that is to halt by itself is waited for with `continue`. */
enum err monitor_wait_halt(
	struct session *session, const struct monitor_words *words, struct text *out)
{
	(void)words;
	if (session->gdb->state != INFERIOR_HALTED)
		return session_refuse(session, ERR_TARGET_STATE, "the core is not halted");
	show_stop(session->gdb, out);
	return ERR_OK;
}

enum err monitor_resume(
	struct session *session, const struct monitor_words *words, struct text *out)
{
	(void)out;
	if (words->count > 1)
		return session_refuse(session, ERR_ARGUMENT,
			"resuming elsewhere: use `monitor reg pc ADDRESS` first");
	enum err err = inferior_attach(session->gdb);
	return err ? err : inferior_resume(session->gdb);
}

enum err monitor_step(struct session *session, const struct monitor_words *words, struct text *out)
{
	struct gdb *gdb = session->gdb;
	uint32_t count = 1;
	enum err err = ERR_OK;

	if (words->count == 2 &&
		(!monitor_number(words->word[1], &count) || !count || count > STEPS_MAX))
		return session_refuse(
			session, ERR_ARGUMENT, "usage: monitor step [1 to %d]", STEPS_MAX);
	if (gdb->state != INFERIOR_HALTED)
		return session_refuse(session, ERR_TARGET_STATE, "the core is not halted");
	while (count-- && !err)
		err = target_step(gdb->target);
	inferior_stopped(gdb, STOP_SIGNAL_TRAP, TARGET_STOP_STEP);
	show_stop(gdb, out);
	return err;
}
