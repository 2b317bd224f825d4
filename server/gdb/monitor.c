/*
 * qRcmd: what a user types after `monitor`. Worker thread.
 *
 * Output goes out as O packets before the reply. An unknown word gets a hint and an error, never an
 * empty reply: gdb would say that the target does not support this command.
 */
#include "monitor.h"

#include <ctype.h>
#include <string.h>

#include "control.h"
#include "handlers.h"
#include "hex.h"
#include "server/nearest.h"

#define LINE_MAX_BYTES 256

static bool split(char *line, struct monitor_words *words)
{
	char *rest = NULL;

	words->count = 0;
	for (char *at = line; *at; at++)
		*at = (char)tolower((unsigned char)*at);
	for (char *word = strtok_r(line, " \t\r\n", &rest); word;
		word = strtok_r(NULL, " \t\r\n", &rest)) {
		if (words->count == MONITOR_WORDS_MAX)
			return false;
		words->word[words->count++] = word;
	}
	return true;
}

static const struct monitor_command *find(const char *name)
{
	for (size_t i = 0; i < monitor_command_count; i++) {
		if (strcmp(monitor_commands[i].name, name) == 0)
			return &monitor_commands[i];
	}
	return NULL;
}

static enum err refuse_unknown(struct session *session, const char *name)
{
	const char *names[64];
	size_t count = 0;

	for (; count < monitor_command_count && count < 64; count++)
		names[count] = monitor_commands[count].name;
	size_t nearest = nearest_word(name, names, count);
	if (nearest < count)
		return session_refuse(session, ERR_ARGUMENT,
			"unknown command \"%s\"; did you mean \"%s\"? `monitor help` lists all",
			name, names[nearest]);
	return session_refuse(
		session, ERR_ARGUMENT, "unknown command \"%s\"; `monitor help` lists all", name);
}

static enum err run(struct session *session, const struct monitor_words *words, struct text *out)
{
	const struct monitor_command *command = find(words->word[0]);
	enum err err = ERR_OK;

	if (!command)
		return refuse_unknown(session, words->word[0]);
	if (words->count > command->words_max)
		return session_refuse(session, ERR_ARGUMENT, "too many words; usage: monitor %s %s",
			command->name, command->arguments);
	if (command->controls)
		err = control_take(session);
	return err ? err : command->run(session, words, out);
}

static enum err run_line(struct session *session, char *line)
{
	struct monitor_words words;
	struct text out = {0};

	if (!split(line, &words))
		return session_refuse(session, ERR_ARGUMENT, "too many words");
	if (!words.count)
		words = (struct monitor_words){.word = {"help"}, .count = 1};
	enum err err = run(session, &words, &out);
	session_flush_notes(session);
	session_console(session, text_string(&out));
	text_finish(&out);
	return err;
}

enum err handle_monitor(struct session *session, const struct args *args, struct text *reply)
{
	char line[LINE_MAX_BYTES + 1];
	size_t size = args->rest_size / 2;

	if (args->rest_size % 2 || size > LINE_MAX_BYTES || !hex_decode(line, args->rest, size))
		return session_refuse(session, ERR_ARGUMENT, "malformed command");
	line[size] = '\0';
	enum err err = run_line(session, line);
	text_add(reply, "OK");
	return err;
}
