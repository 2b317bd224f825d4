/* The table of monitor commands, and those about server, probe and chip. Worker thread. */
#include <stdlib.h>
#include <string.h>

#include "control.h"
#include "inferior.h"
#include "monitor.h"
#include "monitor_debug.h"

static void help_line(const struct monitor_command *command, struct text *out)
{
	int used = (int)(strlen(command->name) + strlen(command->arguments));
	int pad = used < 26 ? 26 - used : 1;

	text_format(out, "%s %s%*s%s\n", command->name, command->arguments, pad, "",
		command->help ? command->help : "the same as the one above it in the list");
}

/* Other names of a command are not worth a line each. */
static enum err help(struct session *session, const struct monitor_words *words, struct text *out)
{
	bool found = false;

	for (size_t i = 0; i < monitor_command_count; i++) {
		const struct monitor_command *command = &monitor_commands[i];
		size_t first = strcspn(command->name, " ");
		bool wanted = words->count == 1
				      ? command->help != NULL
				      : strlen(words->word[1]) == first &&
						strncmp(words->word[1], command->name, first) == 0;
		if (wanted)
			help_line(command, out);
		found |= wanted;
	}
	if (found)
		return ERR_OK;
	return session_refuse(session, ERR_ARGUMENT,
		"there is no command \"%s\"; `monitor help` lists all", words->word[1]);
}

static enum err attach(struct session *session, const struct monitor_words *words, struct text *out)
{
	(void)words;
	(void)out;
	return inferior_attach(session->gdb);
}

static enum err speed(struct session *session, const struct monitor_words *words, struct text *out)
{
	struct gdb *gdb = session->gdb;
	char *end = NULL;

	if (gdb->state == INFERIOR_DETACHED)
		return monitor_refuse_detached(session);
	if (words->count == 2 && strcmp(words->word[1], "auto") != 0 &&
		strcmp(words->word[1], "adaptive") != 0) {
		unsigned long khz = strtoul(words->word[1], &end, 10);
		if (*end || !khz || khz > 100000)
			return session_refuse(session, ERR_ARGUMENT, "usage: monitor speed [KHZ]");
		enum err err = control_take(session);
		if (!err)
			err = target_set_speed(gdb->target, (unsigned)khz);
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

static enum err bug_report(
	struct session *session, const struct monitor_words *words, struct text *out)
{
	const struct gdb_options *options = &session->gdb->options;
	char path[256];

	(void)words;
	if (!options->bug_report)
		return session_refuse(session, ERR_UNSUPPORTED, "this server writes no reports");
	enum err err = options->bug_report(options->context, path, sizeof(path));
	if (!err)
		text_format(out, "the report is in %s\n", path);
	return err;
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

/* As Black Magic shows it, for scripts that say `attach 1` next. */
static enum err targets(
	struct session *session, const struct monitor_words *words, struct text *out)
{
	const struct gdb *gdb = session->gdb;
	bool attached = gdb->state != INFERIOR_DETACHED;

	(void)words;
	text_format(out, "No. Att Driver\n 1   %c  %s\n", attached ? '*' : ' ',
		attached ? target_identity(gdb->target)->chip : "not attached");
	return ERR_OK;
}

static enum err echo(struct session *session, const struct monitor_words *words, struct text *out)
{
	(void)session;
	for (size_t i = 1; i < words->count; i++)
		text_format(out, "%s%s", i > 1 ? " " : "", words->typed[i]);
	text_add(out, "\n");
	return ERR_OK;
}

/* Some IDEs ask for it and go on without. */
static enum err no_ports(
	struct session *session, const struct monitor_words *words, struct text *out)
{
	(void)words;
	(void)out;
	return session_refuse(session, ERR_UNSUPPORTED,
		"raw access to debug and access ports is not offered: `monitor mdw` reads memory");
}

const struct monitor_command monitor_commands[] = {
	{"help", "[COMMAND]",
		"this list, or one command; what other servers call them is understood, too",
		MONITOR_WORDS_MAX, false, help},
	{"info", "", "probe, chip, core and clients", 1, false, info},
	{"targets", "", "the chip, as number 1", 2, false, targets},

	{"reset", "[halt | run]", "reset the chip; alone as --compat says, by default it halts",
		MONITOR_WORDS_MAX, true, monitor_reset},
	{"halt", "", "halt the core", 2, true, monitor_halt},
	{"wait_halt", "", "fail unless the core is halted", 2, false, monitor_wait_halt},
	{"resume", "", "let the core run, while gdb believes it halted", 2, true, monitor_resume},
	{"go", "", NULL, 1, true, monitor_resume},
	{"g", "", NULL, 1, true, monitor_resume},
	{"continue", "", NULL, 1, true, monitor_resume},
	{"step", "[COUNT]", "make instructions, while gdb believes the core halted", 2, true,
		monitor_step},
	{"init", "", "attach the target, if it is not", 1, true, attach},

	{"reg", "[NAME [VALUE]]", "show registers, or change one; the core is halted", 3, false,
		monitor_reg},
	{"mdw", "ADDRESS [COUNT]", "show words", 3, false, monitor_show_words},
	{"mdh", "ADDRESS [COUNT]", "show half-words", 3, false, monitor_show_halfwords},
	{"mdb", "ADDRESS [COUNT]", "show bytes", 3, false, monitor_show_bytes},
	{"mww", "ADDRESS VALUE [COUNT]", "write words", 4, true, monitor_write_words},
	{"mwh", "ADDRESS VALUE [COUNT]", "write half-words", 4, true, monitor_write_halfwords},
	{"mwb", "ADDRESS VALUE [COUNT]", "write bytes", 4, true, monitor_write_bytes},

	{"flash info", "", "the sectors, and what is in them", 1, false, monitor_flash_info},
	{"flash verify", "", "compare the flash with what was loaded last", 1, false,
		monitor_flash_verify},
	{"flash erase_check", "", "which sectors are blank", 1, false, monitor_flash_erase_check},
	{"flash erase", "SECTOR[-SECTOR] | ADDRESS LENGTH", "erase sectors; resets and halts", 3,
		true, monitor_flash_erase},
	{"mass_erase", "", "erase all of the flash; resets and halts", 1, true, monitor_mass_erase},

	{"semihosting", "[on | off]", "serve the program's calls (BKPT 0xAB)", 2, true,
		monitor_semihosting},
	{"semihosting fileio", "[on | off]", "let the program use files through gdb", 2, true,
		monitor_semihosting_fileio},
	{"semihosting cmdline", "[TEXT]", "what the program gets for its command line",
		MONITOR_WORDS_MAX, true, monitor_semihosting_cmdline},

	{"speed", "[KHZ | auto]", "show or change the SWD clock", 2, false, speed},
	{"voltage", "", "measure the target's voltage", 1, false, voltage},
	{"readapex", "", NULL, MONITOR_WORDS_MAX, false, no_ports},
	{"readap", "", NULL, MONITOR_WORDS_MAX, false, no_ports},
	{"readdp", "", NULL, MONITOR_WORDS_MAX, false, no_ports},
	{"writeap", "", NULL, MONITOR_WORDS_MAX, false, no_ports},
	{"writeapex", "", NULL, MONITOR_WORDS_MAX, false, no_ports},
	{"writedp", "", NULL, MONITOR_WORDS_MAX, false, no_ports},

	{"option", "[read | write NAME VALUE]",
		"show or change the option bytes: protection, brown-out level, watchdog", 4, true,
		monitor_option},
	{"unlock", "erase-everything",
		"take read protection level 1 away, which ERASES THE WHOLE FLASH", 2, true,
		monitor_unlock},
	{"connect_under_reset", "",
		"attach anew with NRST held low: for firmware that shuts debugging off", 1, true,
		monitor_connect_under_reset},
	{"diagnose", "", "what failed last and why, and what is wrong now", 1, false,
		monitor_diagnose},
	{"fault", "", "which fault the core has recorded, and where", 1, false, monitor_fault},
	{"stats", "", "what was sent over USB", 1, false, monitor_stats},
	{"stepisr", "on | off", "let steps enter interrupt handlers, or not (default)", 2, true,
		monitor_stepisr},
	{"cache", "on | off",
		"keep memory that was read while the core is halted (default), or not", 2, true,
		monitor_cache},
	{"bugreport", "", "write a file for a bug report: versions, and the last of both protocols",
		1, false, bug_report},
	{"version", "", "version of this server", 1, false, version},
	{"echo", "TEXT", "show a text", MONITOR_WORDS_MAX, false, echo},
	{"exit", "", "end the server", 1, true, leave},
	{"shutdown", "", NULL, 1, true, leave},
};

const size_t monitor_command_count = sizeof(monitor_commands) / sizeof(monitor_commands[0]);
