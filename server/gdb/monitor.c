/*
 * qRcmd: what a user types after `monitor`. Worker thread.
 *
 * Output goes out as O packets before the reply. An unknown word gets a hint and an error, never an
 * empty reply: gdb would say that the target does not support this command.
 */
#include "monitor.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "control.h"
#include "handlers.h"
#include "hex.h"
#include "server/nearest.h"

#define LINE_MAX_BYTES 1024
#define NAMES_MAX      128

/* A line, and the same in lower case, cut into words. */
struct line {
	char typed[LINE_MAX_BYTES + 1], lower[LINE_MAX_BYTES + 1];
	struct monitor_words words;
};

/* Scripts for OpenOCD end their commands in a semicolon. */
static bool split(struct line *line)
{
	static const char space[] = " \t\r\n;";
	struct monitor_words *words = &line->words;
	char *at = line->typed;

	words->count = 0;
	for (size_t i = 0; i <= LINE_MAX_BYTES; i++)
		line->lower[i] = (char)tolower((unsigned char)line->typed[i]);
	while (*(at += strspn(at, space))) {
		size_t offset = (size_t)(at - line->typed), length = strcspn(at, space);
		if (words->count == MONITOR_WORDS_MAX)
			return false;
		words->typed[words->count] = at;
		words->word[words->count++] = line->lower + offset;
		at += length;
		line->lower[offset + length] = '\0';
		if (*at)
			*at++ = '\0';
	}
	return true;
}

/* How many words a name has, if the line begins with them; else 0. */
static size_t match(const char *name, const struct monitor_words *words)
{
	size_t count = 0;

	while (*name) {
		size_t length = strcspn(name, " ");
		if (count == words->count || strlen(words->word[count]) != length ||
			strncmp(name, words->word[count], length) != 0)
			return 0;
		count++;
		name += length;
		name += *name == ' ';
	}
	return count;
}

static void drop(struct monitor_words *words, size_t count)
{
	words->count -= count;
	memmove(words->word, words->word + count, words->count * sizeof(words->word[0]));
	memmove(words->typed, words->typed + count, words->count * sizeof(words->typed[0]));
}

/* `command` gets the longest that the line begins with; its last word is then words[0]. */
static bool find(struct monitor_words *words, const struct monitor_command **command)
{
	size_t longest = 0;

	for (size_t i = 0; i < monitor_command_count; i++) {
		size_t count = match(monitor_commands[i].name, words);
		if (count <= longest)
			continue;
		longest = count;
		*command = &monitor_commands[i];
	}
	if (longest)
		drop(words, longest - 1);
	return longest;
}

static const struct monitor_dialect *find_dialect(const struct monitor_words *words, size_t *length)
{
	const struct monitor_dialect *found = NULL;

	*length = 0;
	for (size_t i = 0; i < monitor_dialect_count; i++) {
		size_t count = match(monitor_dialects[i].theirs, words);
		if (count <= *length)
			continue;
		*length = count;
		found = &monitor_dialects[i];
	}
	return found;
}

/* Writes the line anew in our words. False: it has become too long. */
static bool translate(struct line *line)
{
	struct text text = {0};
	size_t count;
	const struct monitor_dialect *dialect = find_dialect(&line->words, &count);

	if (!dialect)
		return true;
	size_t ours = strcspn(dialect->ours, "-");
	text_add_bytes(&text, dialect->ours, ours);
	for (; count < line->words.count && !dialect->ours[ours]; count++)
		text_format(&text, " %s", line->words.typed[count]);
	bool fits = text.size <= LINE_MAX_BYTES;
	if (fits)
		memcpy(line->typed, text_string(&text), text.size + 1);
	text_finish(&text);
	return fits && split(line);
}

/* The name that is nearest to the line's first word, or first two words; NULL: none is near. */
static const char *find_nearest(const struct monitor_words *words)
{
	const char *names[NAMES_MAX];
	char two[2 * LINE_MAX_BYTES];
	size_t count = 0;

	for (size_t i = 0; i < monitor_command_count && count < NAMES_MAX; i++)
		names[count++] = monitor_commands[i].name;
	for (size_t i = 0; i < monitor_dialect_count && count < NAMES_MAX; i++)
		names[count++] = monitor_dialects[i].theirs;
	(void)snprintf(
		two, sizeof(two), "%s %s", words->word[0], words->count > 1 ? words->word[1] : "");
	size_t nearest = nearest_word(words->word[0], names, count);
	if (nearest == count && words->count > 1)
		nearest = nearest_word(two, names, count);
	return nearest < count ? names[nearest] : NULL;
}

enum err monitor_refuse_detached(struct session *session)
{
	return session_refuse(session, ERR_TARGET_STATE, "not attached to the target");
}

static enum err refuse_unknown(struct session *session, const struct monitor_words *words)
{
	const char *nearest = find_nearest(words);

	if (nearest)
		return session_refuse(session, ERR_ARGUMENT,
			"unknown command \"%s\"; did you mean \"%s\"? `monitor help` lists all",
			words->typed[0], nearest);
	return session_refuse(session, ERR_ARGUMENT,
		"unknown command \"%s\"; `monitor help` lists all", words->typed[0]);
}

static enum err run(struct session *session, struct monitor_words *words, struct text *out)
{
	const struct monitor_command *command = NULL;
	enum err err = ERR_OK;

	if (!find(words, &command))
		return refuse_unknown(session, words);
	if (words->count > command->words_max)
		return session_refuse(session, ERR_ARGUMENT, "too many words; usage: monitor %s %s",
			command->name, command->arguments);
	if (command->controls)
		err = control_take(session);
	return err ? err : command->run(session, words, out);
}

static enum err run_line(struct session *session, struct line *line)
{
	struct text out = {0};
	enum err err = ERR_OK;

	if (!split(line))
		return session_refuse(session, ERR_ARGUMENT, "too many words");
	if (!line->words.count)
		line->words = (struct monitor_words){.word = {"help"}, .count = 1};
	if (!translate(line))
		return session_refuse(session, ERR_ARGUMENT, "too many words");
	if (line->words.count)
		err = run(session, &line->words, &out);
	session_flush_notes(session);
	session_console(session, text_string(&out));
	text_finish(&out);
	return err;
}

enum err handle_monitor(struct session *session, const struct args *args, struct text *reply)
{
	struct line line = {0};
	size_t size = args->rest_size / 2;

	if (args->rest_size % 2 || size > LINE_MAX_BYTES ||
		!hex_decode(line.typed, args->rest, size))
		return session_refuse(session, ERR_ARGUMENT, "malformed command");
	enum err err = run_line(session, &line);
	text_add(reply, "OK");
	return err;
}
