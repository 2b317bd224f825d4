/* The monitor commands of semihosting. Worker thread. */
#include <string.h>

#include "monitor.h"

/* *on is left alone where nothing is said. */
static bool parse_switch(const struct monitor_words *words, bool *on)
{
	static const struct {
		const char *word;
		bool on;
	} switches[] = {{"on", true}, {"enable", true}, {"1", true}, {"off", false},
		{"disable", false}, {"0", false}};

	if (words->count < 2)
		return true;
	for (size_t i = 0; i < sizeof(switches) / sizeof(switches[0]); i++) {
		if (strcmp(words->word[1], switches[i].word) != 0)
			continue;
		*on = switches[i].on;
		return true;
	}
	return false;
}

enum err monitor_semihosting(
	struct session *session, const struct monitor_words *words, struct text *out)
{
	struct semihosting *semihosting = &session->gdb->semihosting;
	bool on = !semihosting->off;

	if (!parse_switch(words, &on))
		return session_refuse(
			session, ERR_ARGUMENT, "usage: monitor semihosting [on | off]");
	semihosting->off = !on;
	text_format(out, "semihosting is %s\n",
		on ? "on" : "off: BKPT 0xAB is a breakpoint like any other");
	return ERR_OK;
}

enum err monitor_semihosting_fileio(
	struct session *session, const struct monitor_words *words, struct text *out)
{
	struct gdb *gdb = session->gdb;
	bool on = !gdb->semihosting.no_fileio;

	if (!parse_switch(words, &on))
		return session_refuse(
			session, ERR_ARGUMENT, "usage: monitor semihosting fileio [on | off]");
	gdb->semihosting.no_fileio = !on;
	if (gdb->options.files)
		text_add(out, "files are those of the directory named to the server; ");
	text_format(out, "gdb's files are %s\n",
		on && !gdb->options.files ? "the program's, too" : "not used");
	return ERR_OK;
}

enum err monitor_semihosting_cmdline(
	struct session *session, const struct monitor_words *words, struct text *out)
{
	struct text *cmdline = &session->gdb->semihosting.cmdline;

	if (words->count > 1)
		text_clear(cmdline);
	for (size_t i = 1; i < words->count; i++)
		text_format(cmdline, "%s%s", i > 1 ? " " : "", words->typed[i]);
	text_format(out, "the program's command line is \"%s\"\n", text_string(cmdline));
	return ERR_OK;
}
