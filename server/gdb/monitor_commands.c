/*
 * The monitor commands. Worker thread.
 *
 * `reset` alone halts, as it does in ST's and SEGGER's servers: who wants the program to run sends
 * `continue` next.
 */
#include <stdlib.h>
#include <string.h>

#include "inferior.h"
#include "monitor.h"

static enum err help(struct session *session, const struct monitor_words *words, struct text *out)
{
	(void)session;
	(void)words;
	for (size_t i = 0; i < monitor_command_count; i++) {
		const struct monitor_command *command = &monitor_commands[i];
		int used = (int)(strlen(command->name) + strlen(command->arguments));
		int pad = used < 18 ? 18 - used : 1;
		if (command->help)
			text_format(out, "%s %s%*s%s\n", command->name, command->arguments, pad, "",
				command->help);
		else
			text_format(out, "%s%*sthe same\n", command->name, pad + 1, "");
	}
	return ERR_OK;
}

static void show_stop(const struct gdb *gdb, struct text *out)
{
	if (gdb->state == INFERIOR_HALTED)
		text_format(out, "halted at pc 0x%08x, msp 0x%08x\n",
			gdb->stop.registers[TARGET_PC], gdb->stop.registers[TARGET_MSP]);
}

static enum err reset(struct session *session, const struct monitor_words *words, struct text *out)
{
	static const struct {
		const char *word;
		bool halt;
	} ways[] = {{"halt", true}, {"init", true}, {"run", false}};
	bool halt = true, known = words->count == 1;

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]) && !known; i++) {
		known = strcmp(words->word[1], ways[i].word) == 0;
		halt = ways[i].halt;
	}
	if (!known)
		return session_refuse(
			session, ERR_ARGUMENT, "usage: monitor reset [halt | init | run]");
	enum err err = inferior_attach(session->gdb);
	if (!err)
		err = inferior_reset(session->gdb, halt);
	if (!err)
		show_stop(session->gdb, out);
	return err;
}

static enum err halt(struct session *session, const struct monitor_words *words, struct text *out)
{
	(void)words;
	enum err err = inferior_attach(session->gdb);
	if (!err)
		err = inferior_halt(session->gdb);
	if (!err)
		show_stop(session->gdb, out);
	return err;
}

static enum err resume(struct session *session, const struct monitor_words *words, struct text *out)
{
	(void)words;
	(void)out;
	enum err err = inferior_attach(session->gdb);
	return err ? err : inferior_resume(session->gdb);
}

static enum err attach(struct session *session, const struct monitor_words *words, struct text *out)
{
	(void)words;
	(void)out;
	return inferior_attach(session->gdb);
}

static enum err refuse_detached(struct session *session)
{
	return session_refuse(session, ERR_TARGET_STATE, "not attached to the target");
}

static enum err speed(struct session *session, const struct monitor_words *words, struct text *out)
{
	struct gdb *gdb = session->gdb;
	char *end = NULL;

	if (gdb->state == INFERIOR_DETACHED)
		return refuse_detached(session);
	if (words->count == 2) {
		unsigned long khz = strtoul(words->word[1], &end, 10);
		if (*end || !khz || khz > 100000)
			return session_refuse(session, ERR_ARGUMENT, "usage: monitor speed [KHZ]");
		enum err err = target_set_speed(gdb->target, (unsigned)khz);
		if (err)
			return err;
	}
	text_format(out, "SWD clock %u kHz\n", target_identity(gdb->target)->speed_khz);
	return ERR_OK;
}

static enum err voltage(
	struct session *session, const struct monitor_words *words, struct text *out)
{
	unsigned millivolts;

	(void)words;
	enum err err = target_read_voltage(session->gdb->target, &millivolts);
	if (err)
		return err;
	if (millivolts)
		text_format(out, "target voltage %u.%02u V\n", millivolts / 1000,
			millivolts % 1000 / 10);
	else
		text_add(out, "this probe cannot measure the target's voltage\n");
	return ERR_OK;
}

static void show_target(const struct target_identity *identity, struct text *out)
{
	text_format(out, "chip         %s, device id 0x%08x, CPUID 0x%08x\n", identity->chip,
		identity->device_id, identity->cpuid);
	text_format(out, "flash        %u KiB\n", identity->flash_bytes / 1024);
	text_format(out, "FPU          %s\n", identity->has_fpu ? "yes" : "no");
	text_format(out, "SWD clock    %u kHz\n", identity->speed_khz);
}

static enum err info(struct session *session, const struct monitor_words *words, struct text *out)
{
	static const char *const states[] = {
		[INFERIOR_DETACHED] = "not attached",
		[INFERIOR_HALTED] = "halted",
		[INFERIOR_RUNNING] = "running",
		[INFERIOR_STEPPING] = "stepping",
	};
	const struct gdb *gdb = session->gdb;
	unsigned clients = 0;

	(void)words;
	for (const struct session *each = gdb->sessions; each; each = each->next)
		clients++;
	if (gdb->options.probe)
		text_format(out, "probe        %s\n", gdb->options.probe);
	if (gdb->state != INFERIOR_DETACHED)
		show_target(target_identity(gdb->target), out);
	text_format(out, "core         %s\n", states[gdb->state]);
	text_format(out, "breakpoints  %zu set, %u comparators\n", gdb->points.count,
		target_identity(gdb->target)->breakpoints);
	text_format(out, "clients      %u; this one %s\n", clients,
		gdb->controller == session ? "controls the core" : "observes");
	return ERR_OK;
}

static enum err diagnose(
	struct session *session, const struct monitor_words *words, struct text *out)
{
	const struct text *failure = &session->gdb->failure;

	(void)words;
	if (failure->size)
		text_format(out, "last failure: %s\n", failure->data);
	else
		text_add(out, "nothing has failed so far\n");
	return ERR_OK;
}

static enum err version(
	struct session *session, const struct monitor_words *words, struct text *out)
{
	const char *text = session->gdb->options.version;

	(void)words;
	text_format(out, "stlink-gdb %s\n", text ? text : "");
	return ERR_OK;
}

static enum err leave(struct session *session, const struct monitor_words *words, struct text *out)
{
	const struct gdb_options *options = &session->gdb->options;

	(void)words;
	text_add(out, "the server ends\n");
	if (options->quit)
		options->quit(options->context);
	return ERR_OK;
}

const struct monitor_command monitor_commands[] = {
	{"help", "", "this list", 2, false, help},
	{"info", "", "probe, chip, core and clients", 1, false, info},
	{"reset", "[halt | run]", "reset the chip; halt it at its first instruction (default)", 2,
		true, reset},
	{"halt", "", "halt the core", 1, true, halt},
	{"resume", "", "let the core run, while gdb believes it halted", 1, true, resume},
	{"go", "", NULL, 1, true, resume},
	{"continue", "", NULL, 1, true, resume},
	{"init", "", "attach the target, if it is not", 1, true, attach},
	{"semihosting", "[on | off]", "serve the program's calls (BKPT 0xAB)", 2, true,
		monitor_semihosting},
	{"semihosting fileio", "[on | off]", "let the program use files through gdb", 2, true,
		monitor_semihosting_fileio},
	{"semihosting cmdline", "[TEXT]", "what the program gets for its command line",
		MONITOR_WORDS_MAX, true, monitor_semihosting_cmdline},
	{"speed", "[KHZ]", "show or change the SWD clock", 2, false, speed},
	{"voltage", "", "measure the target's voltage", 1, false, voltage},
	{"diagnose", "", "what failed last, and why", 1, false, diagnose},
	{"version", "", "version of this server", 1, false, version},
	{"exit", "", "end the server", 1, true, leave},
	{"shutdown", "", NULL, 1, true, leave},
};

const size_t monitor_command_count = sizeof(monitor_commands) / sizeof(monitor_commands[0]);
