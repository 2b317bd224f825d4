/* The servers that this one can stand in for. Pure. */
#include "compat.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compat_tcl.h"
#include "probe/log.h"

const struct compat *compat_find(const char *name)
{
	for (size_t i = 0; i < compat_count; i++) {
		if (strcmp(compats[i].name, name) == 0)
			return &compats[i];
	}
	return NULL;
}

static const struct compat *find_program(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *program = slash ? slash + 1 : path;

	for (size_t i = 0; i < compat_count; i++) {
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

/* *value is what follows a "=", or stands right behind a letter, or NULL. */
static bool is_spelled(const char *word, const struct compat_option *option, const char *spelling,
	const char **value)
{
	size_t length = strlen(spelling);
	bool is_letter = length == 2 && spelling[0] == '-';

	*value = NULL;
	if (strncmp(word, spelling, length) != 0)
		return false;
	if (word[length] == '=')
		*value = word + length + 1;
	else if (word[length] && is_letter && option->takes_value)
		*value = word + length + strspn(word + length, " ");
	else if (isdigit((unsigned char)word[length]) && is_letter)
		return true;
	return !word[length] || *value;
}

static bool is_meant(
	const struct compat_option *option, const char *word, const char *next, const char **value)
{
	for (size_t i = 0; i < 3 && option->theirs[i]; i++) {
		if (!is_spelled(word, option, option->theirs[i], value))
			continue;
		if (!option->only)
			return true;
		const char *given = *value ? *value : next;
		if (given && strcmp(given, option->only) == 0)
			return true;
	}
	return false;
}

static const struct compat_option *find_option(
	const struct compat *compat, const char *word, const char *next, const char **value)
{
	for (size_t i = 0; i < compat->option_count; i++) {
		if (is_meant(&compat->options[i], word, next, value))
			return &compat->options[i];
	}
	return NULL;
}

static enum err fail_too_long(void)
{
	log_error("the command line is longer than %d words or %d bytes", COMPAT_WORDS_MAX,
		COMPAT_BYTES_MAX);
	return ERR_ARGUMENT;
}

enum err compat_line_add(struct compat_line *line, char *word)
{
	if (line->count == COMPAT_WORDS_MAX)
		return fail_too_long();
	line->words[line->count++] = word;
	return ERR_OK;
}

enum err compat_line_format(struct compat_line *line, const char *ours, const char *value)
{
	char *room = line->bytes + line->used;
	size_t left = sizeof(line->bytes) - line->used;
	size_t length = strlen(ours);
	bool takes_value = length && ours[length - 1] == '=';
	int size = snprintf(room, left, "%s%s", ours, takes_value ? value : "");

	if (size < 0 || (size_t)size >= left)
		return fail_too_long();
	line->used += (size_t)size + 1;
	return compat_line_add(line, room);
}

static enum err translate_option(
	const struct compat_option *option, const char *value, struct compat_line *line)
{
	if (option->is_tcl)
		return compat_tcl(value, line);
	if (!option->ours)
		return ERR_OK;
	char khz[32];
	char *end = NULL;
	unsigned long hz = option->in_hz && value ? strtoul(value, &end, 10) : 0;
	if (hz && end && !*end) {
		(void)snprintf(khz, sizeof(khz), "%lu", hz / 1000);
		value = khz;
	}
	return compat_line_format(line, option->ours, value);
}

enum err compat_translate(
	const struct compat *compat, int argc, char *const *argv, struct compat_line *line)
{
	*line = (struct compat_line){0};
	for (int i = 0; i < argc; i++) {
		const char *value = NULL, *next = i + 1 < argc ? argv[i + 1] : NULL;
		const struct compat_option *option =
			i ? find_option(compat, argv[i], next, &value) : NULL;
		bool takes_next = option && option->takes_value && !value;
		if (takes_next && !next) {
			log_error("%s needs a value", argv[i]);
			return ERR_ARGUMENT;
		}
		enum err err = option ? translate_option(option, takes_next ? next : value, line)
				      : compat_line_add(line, argv[i]);
		if (err)
			return err;
		i += takes_next;
	}
	if (line->no_port && !line->programs) {
		log_error("a server without a port has nothing to do: leave out gdb_port disabled");
		return ERR_ARGUMENT;
	}
	return ERR_OK;
}
