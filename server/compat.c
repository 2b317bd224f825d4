/* The servers that this one can stand in for. Pure. */
#include "compat.h"

#include <stdio.h>
#include <string.h>

#include "probe/log.h"

/* stlink-org/stlink, st-util --help. */
static const struct compat_option stutil_options[] = {
	{{"-p", "--listen_port"}, true, "--port="},
	{{"--serial"}, true, "--serial="},
	{{"-u", "--connect-under-reset"}, false, "--connect=under-reset"},
	{{"--freq", "-f"}, true, "--speed="},
	{{"-v", "--verbose"}, false, "-v"},
	{{"-m", "--multi"}, false, NULL},
	{{"-n", "--no-reset"}, false, NULL},
	{{"--hot-plug"}, false, NULL},
	{{"--semihosting"}, false, NULL},
	{{"-V"}, false, "--version"},
	{{"-s", "--stlink_version"}, true, NULL},
	{{"-1", "--stlinkv1"}, false, NULL},
	{{"-2", "--stlinkv2"}, false, NULL},
};

/* ST UM2576, "ST-LINK_gdbserver command line". */
static const struct compat_option stlink_options[] = {
	{{"-p", "--port-number"}, true, "--port="},
	{{"-i", "--serial-number"}, true, "--serial="},
	{{"-k", "--initialize-reset"}, false, "--connect=under-reset"},
	{{"--frequency"}, true, "--speed="},
	{{"-v", "--verbose"}, false, "-v"},
	{{"-cp", "--stm32cubeprogrammer-path"}, true, NULL},
	{{"-d", "--swd"}, false, NULL},
	{{"-g", "--attach"}, false, NULL},
	{{"--halt"}, false, NULL},
	{{"-e", "--persistent"}, false, NULL},
	{{"-s", "--verify"}, false, NULL},
	{{"-t", "--shared"}, false, NULL},
	{{"-l", "--log-level"}, true, NULL},
	{{"-m", "--apid"}, true, NULL},
	{{"-r", "--refresh-delay"}, true, NULL},
	{{"-z", "--swo-port"}, true, NULL},
	{{"-a", "--cpu-clock"}, true, NULL},
	{{"-b", "--swo-clock-div"}, true, NULL},
	{{"-q", "--debuggers"}, false, "--list"},
};

/* SEGGER UM08001, "J-Link GDB Server command line options". */
static const struct compat_option jlink_options[] = {
	{{"-port"}, true, "--port="},
	{{"-speed"}, true, "--speed="},
	{{"-device"}, true, NULL},
	{{"-if"}, true, NULL},
	{{"-endian"}, true, NULL},
	{{"-swoport"}, true, NULL},
	{{"-telnetport"}, true, NULL},
	{{"-select"}, true, NULL},
	{{"-rtos"}, true, NULL},
	{{"-nogui"}, false, NULL},
	{{"-nohalt"}, false, NULL},
	{{"-noir"}, false, NULL},
	{{"-noLocalhostOnly"}, false, NULL},
	{{"-localhostonly"}, false, NULL},
	{{"-silent"}, false, NULL},
	{{"-vd"}, false, NULL},
};

#define OPTIONS(table) table, sizeof(table) / sizeof((table)[0])

static const struct compat compats[] = {
	{"openocd", {"openocd"}, 3333, true, "Info : Listening on port %u for gdb connections\n",
		NULL, 0},
	{"stlink", {"ST-LINK_gdbserver"}, 61234, false, "Waiting for debugger connection...\n",
		OPTIONS(stlink_options)},
	{"stutil", {"st-util"}, 4242, false, "Listening at *:%u...\n", OPTIONS(stutil_options)},
	{"jlink", {"JLinkGDBServer", "JLinkGDBServerCLExe", "JLinkGDBServerExe"}, 2331, false,
		"Waiting for GDB connection...\n", OPTIONS(jlink_options)},
	{"pyocd", {"pyocd"}, 3333, true, "GDB server started on port %u\n", NULL, 0},
	{"probe-rs", {"probe-rs"}, 1337, true, "Firing up GDB stub at port %u\n", NULL, 0},
	{"bmp", {"blackmagic"}, 2000, false, NULL, NULL, 0},
};

#define COMPATS (sizeof(compats) / sizeof(compats[0]))

const struct compat *compat_find(const char *name)
{
	for (size_t i = 0; i < COMPATS; i++) {
		if (strcmp(compats[i].name, name) == 0)
			return &compats[i];
	}
	return NULL;
}

static const struct compat *find_program(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *program = slash ? slash + 1 : path;

	for (size_t i = 0; i < COMPATS; i++) {
		for (size_t j = 0; j < 3 && compats[i].programs[j]; j++) {
			if (strcmp(compats[i].programs[j], program) == 0)
				return &compats[i];
		}
	}
	return NULL;
}

const struct compat *compat_choose(int argc, char *const *argv)
{
	static const char option[] = "--compat";
	const size_t length = sizeof(option) - 1;

	for (int i = 1; i < argc; i++) {
		if (strncmp(argv[i], option, length) != 0)
			continue;
		if (argv[i][length] == '=')
			return compat_find(argv[i] + length + 1);
		if (!argv[i][length] && i + 1 < argc)
			return compat_find(argv[i + 1]);
	}
	return argc > 0 ? find_program(argv[0]) : NULL;
}

/* *value is what follows a "=", or NULL. */
static bool is_spelled(const char *word, const char *spelling, const char **value)
{
	size_t length = strlen(spelling);

	*value = NULL;
	if (strncmp(word, spelling, length) != 0)
		return false;
	if (word[length] == '=')
		*value = word + length + 1;
	return !word[length] || *value;
}

static const struct compat_option *find_option(
	const struct compat *compat, const char *word, const char **value)
{
	for (size_t i = 0; i < compat->option_count; i++) {
		const struct compat_option *option = &compat->options[i];
		for (size_t j = 0; j < 3 && option->theirs[j]; j++) {
			if (is_spelled(word, option->theirs[j], value))
				return option;
		}
	}
	return NULL;
}

static enum err fail_too_long(void)
{
	log_error("the command line is longer than %d words or %d bytes", COMPAT_WORDS_MAX,
		COMPAT_BYTES_MAX);
	return ERR_ARGUMENT;
}

static enum err append(struct compat_line *line, char *word)
{
	if (line->count == COMPAT_WORDS_MAX)
		return fail_too_long();
	line->words[line->count++] = word;
	return ERR_OK;
}

static enum err append_ours(struct compat_line *line, const char *ours, const char *value)
{
	char *room = line->bytes + line->used;
	size_t left = sizeof(line->bytes) - line->used;
	int length = snprintf(room, left, "%s%s", ours, value);

	if (length < 0 || (size_t)length >= left)
		return fail_too_long();
	line->used += (size_t)length + 1;
	return append(line, room);
}

enum err compat_translate(
	const struct compat *compat, int argc, char *const *argv, struct compat_line *line)
{
	*line = (struct compat_line){0};
	for (int i = 0; i < argc; i++) {
		const char *value;
		const struct compat_option *option =
			i ? find_option(compat, argv[i], &value) : NULL;
		enum err err;
		if (option && option->takes_value && !value && ++i == argc) {
			log_error("%s needs a value", argv[i - 1]);
			return ERR_ARGUMENT;
		}
		if (option && option->takes_value && !value)
			value = argv[i];
		if (!option)
			err = append(line, argv[i]);
		else if (option->ours)
			err = append_ours(line, option->ours, option->takes_value ? value : "");
		else
			err = ERR_OK;
		if (err)
			return err;
	}
	return ERR_OK;
}
