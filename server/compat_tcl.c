/* OpenOCD's commands on the command line. Pure. */
#include "compat_tcl.h"

#include <stdio.h>
#include <string.h>

#include "probe/log.h"

#define TCL_WORDS_MAX 16
#define TCL_BYTES_MAX 1024

/* One command. */
struct tcl {
	size_t count;
	char *words[TCL_WORDS_MAX];
	char bytes[TCL_BYTES_MAX];
	size_t used;
};

struct tcl_command {
	const char *theirs;
	const char *only; /* the first word after it that this row is for; NULL: any */
	const char *ours; /* as in struct compat_option */
	enum err (*run)(const struct tcl *tcl, struct compat_line *line); /* instead of `ours` */
};

static enum err fail_too_long(void)
{
	log_error("a command after -c is longer than %d words or %d bytes", TCL_WORDS_MAX,
		TCL_BYTES_MAX);
	return ERR_ARGUMENT;
}

/* Length of the word at `at` with its braces or quotes; *inside is where it begins without them. */
static size_t word_length(const char *at, const char **inside, size_t *inside_length)
{
	char closing = *at == '{' ? '}' : *at == '"' ? '"' : '\0';
	const char *end = closing ? strchr(at + 1, closing) : NULL;

	if (end) {
		*inside = at + 1;
		*inside_length = (size_t)(end - at) - 1;
		return (size_t)(end - at) + 1;
	}
	*inside = at;
	*inside_length = strcspn(at, " \t;\n");
	return *inside_length;
}

/* Cuts the command at *at into words; *at is then behind it. */
static enum err split(const char **at, struct tcl *tcl)
{
	*tcl = (struct tcl){0};
	while (*(*at += strspn(*at, " \t"))) {
		if (**at == ';' || **at == '\n') {
			(*at)++;
			return ERR_OK;
		}
		const char *inside;
		size_t length;
		*at += word_length(*at, &inside, &length);
		if (tcl->count == TCL_WORDS_MAX || tcl->used + length + 1 > sizeof(tcl->bytes))
			return fail_too_long();
		char *word = tcl->bytes + tcl->used;
		memcpy(word, inside, length);
		word[length] = '\0';
		tcl->words[tcl->count++] = word;
		tcl->used += length + 1;
	}
	return ERR_OK;
}

static enum err keep_echo(const struct tcl *tcl, struct compat_line *line)
{
	for (size_t i = 1; i < tcl->count; i++) {
		size_t used = strlen(line->echo);
		(void)snprintf(line->echo + used, sizeof(line->echo) - used, "%s%s", tcl->words[i],
			i + 1 < tcl->count ? " " : "\n");
	}
	return ERR_OK;
}

static enum err want_no_port(const struct tcl *tcl, struct compat_line *line)
{
	(void)tcl;
	line->no_port = true;
	return ERR_OK;
}

/* gdb halts the core anyway; that it finds it at the reset vector it cannot have otherwise. */
static enum err reset_first(const struct tcl *tcl, struct compat_line *line)
{
	line->resets_first = tcl->count > 1 && (strcmp(tcl->words[1], "halt") == 0 ||
						       strcmp(tcl->words[1], "init") == 0);
	return ERR_OK;
}

/* program FILE [verify] [reset] [exit] [ADDRESS]: what `flash` does; it always verifies. */
static enum err program(const struct tcl *tcl, struct compat_line *line)
{
	char file[512];
	const char *address = "";
	bool reset = false;

	for (size_t i = 2; i < tcl->count; i++) {
		reset |= strcmp(tcl->words[i], "reset") == 0;
		line->ends |= strcmp(tcl->words[i], "exit") == 0;
		if (strncmp(tcl->words[i], "0x", 2) == 0)
			address = tcl->words[i];
	}
	int size = snprintf(file, sizeof(file), "%s%s%s", tcl->count > 1 ? tcl->words[1] : "",
		*address ? "@" : "", address);
	if (tcl->count < 2 || size < 0 || (size_t)size >= sizeof(file)) {
		log_error(
			"OpenOCD's `program` needs a file: program firmware.elf verify reset exit");
		return ERR_ARGUMENT;
	}
	line->programs = true;
	enum err err = compat_line_format(line, "flash", NULL);
	if (!err)
		err = compat_line_format(line, file, "");
	return err || !reset ? err : compat_line_format(line, "--reset", NULL);
}

/* Whoever says this waits for the end. */
static enum err leave(const struct tcl *tcl, struct compat_line *line)
{
	line->ends = true;
	if (line->programs)
		return ERR_OK;
	log_error("`%s` on OpenOCD's command line is understood behind `program FILE` only; "
		  "stlink-gdb flash FILE does the same",
		tcl->words[0]);
	return ERR_ARGUMENT;
}

static const struct tcl_command commands[] = {
	{"gdb_port", "pipe", "--pipe", NULL},
	{"gdb_port", "disabled", NULL, want_no_port},
	{"gdb_port", NULL, "--port=", NULL},
	{"gdb port", "pipe", "--pipe", NULL},
	{"gdb port", NULL, "--port=", NULL},
	{"adapter speed", NULL, "--speed=", NULL},
	{"adapter_khz", NULL, "--speed=", NULL},
	{"adapter serial", NULL, "--serial=", NULL},
	{"hla_serial", NULL, "--serial=", NULL},
	{"adapter usb location", NULL, "--usb-path=", NULL},
	{"bindto", NULL, "--listen=", NULL},
	{"reset_config", "connect_assert_srst", "--connect=under-reset", NULL},
	{"echo", NULL, NULL, keep_echo},
	{"program", NULL, NULL, program},
	{"shutdown", NULL, NULL, leave},
	{"exit", NULL, NULL, leave},

	{"reset", NULL, NULL, reset_first},

	/* nothing to do, or done in any case */
	{"halt", NULL, NULL, NULL},
	{"init", NULL, NULL, NULL},
	{"targets", NULL, NULL, NULL},
	{"transport", NULL, NULL, NULL},
	{"tcl_port", NULL, NULL, NULL},
	{"tcl port", NULL, NULL, NULL},
	{"telnet_port", NULL, NULL, NULL},
	{"telnet port", NULL, NULL, NULL},
	{"set", NULL, NULL, NULL},
	{"source", NULL, NULL, NULL},
	{"poll", NULL, NULL, NULL},
	{"reset_config", NULL, NULL, NULL},
	{"gdb_memory_map", NULL, NULL, NULL},
	{"gdb_flash_program", NULL, NULL, NULL},
	{"gdb_breakpoint_override", NULL, NULL, NULL},
	{"arm semihosting", NULL, NULL, NULL},
	{"CDLiveWatchSetup", NULL, NULL, NULL},
};

/* How many words the command's name has, if `tcl` begins with it; else 0. */
static size_t match(const struct tcl_command *command, const struct tcl *tcl)
{
	const char *name = command->theirs;
	size_t count = 0;

	while (*name) {
		size_t length = strcspn(name, " ");
		if (count == tcl->count || strlen(tcl->words[count]) != length ||
			strncmp(name, tcl->words[count], length) != 0)
			return 0;
		count++;
		name += length;
		name += *name == ' ';
	}
	const char *value = count < tcl->count ? tcl->words[count] : "";
	return command->only && strcmp(command->only, value) != 0 ? 0 : count;
}

static enum err run(const struct tcl *tcl, struct compat_line *line)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		const struct tcl_command *command = &commands[i];
		size_t count = match(command, tcl);
		if (!count)
			continue;
		if (command->run)
			return command->run(tcl, line);
		if (!command->ours)
			return ERR_OK;
		return compat_line_format(
			line, command->ours, count < tcl->count ? tcl->words[count] : "");
	}
	log_warn("OpenOCD's `%s` on the command line means nothing here: left out", tcl->words[0]);
	return ERR_OK;
}

enum err compat_tcl(const char *script, struct compat_line *line)
{
	while (*script) {
		struct tcl tcl;
		enum err err = split(&script, &tcl);
		if (!err && tcl.count)
			err = run(&tcl, line);
		if (err)
			return err;
	}
	return ERR_OK;
}
