/* The command line: words to options. */
#include "options.h"

#include <string.h>

#include "nearest.h"
#include "options_table.h"

#define NAMES_MAX 128

static const struct option *find_name(const char *name, size_t length)
{
	for (size_t i = 0; i < options_table_size; i++) {
		if (strlen(options_table[i].name) == length &&
			memcmp(options_table[i].name, name, length) == 0)
			return &options_table[i];
	}
	return NULL;
}

static const struct option *find_letter(char letter)
{
	for (size_t i = 0; i < options_table_size; i++) {
		if (options_table[i].letter && options_table[i].letter == letter)
			return &options_table[i];
	}
	return NULL;
}

/* Ours, and those of the server that it stands in for. */
static size_t list_names(const struct compat *compat, const char *names[NAMES_MAX])
{
	size_t count = 0;

	for (size_t i = 0; i < options_table_size && count < NAMES_MAX; i++)
		names[count++] = options_table[i].name;
	for (size_t i = 0; compat && i < compat->option_count; i++) {
		const char *const *theirs = compat->options[i].theirs;
		for (size_t j = 0; j < 3 && theirs[j] && count < NAMES_MAX; j++) {
			if (strncmp(theirs[j], "--", 2) == 0)
				names[count++] = theirs[j] + 2;
		}
	}
	return count;
}

static enum err fail_unknown(const struct options *options, const char *name, size_t length)
{
	const char *names[NAMES_MAX];
	char typed[64];
	size_t count = list_names(options->compat, names);

	(void)snprintf(typed, sizeof(typed), "%.*s", (int)length, name);
	size_t nearest = nearest_word(typed, names, count);
	if (nearest < count)
		log_error("there is no option --%s; did you mean --%s? --help lists all", typed,
			names[nearest]);
	else
		log_error("there is no option --%s; --help lists all", typed);
	return ERR_ARGUMENT;
}

static enum err apply(struct options *options, const struct option *option, const char *value)
{
	if (option->set(options, value))
		return ERR_OK;
	log_error("--%s takes %s, and \"%s\" is none", option->name, option->value,
		value ? value : "");
	return ERR_ARGUMENT;
}

static enum err fail_no_value(const struct option *option)
{
	log_error("--%s needs a value: %s", option->name, option->value);
	return ERR_ARGUMENT;
}

/* --name, --name=value or --name value; `next` is the following word or NULL. */
static enum err parse_long(
	struct options *options, const char *word, const char *next, bool *took_next)
{
	const char *equals = strchr(word, '=');
	size_t length = equals ? (size_t)(equals - word) : strlen(word);
	const struct option *option = find_name(word, length);

	if (!option)
		return fail_unknown(options, word, length);
	if (!option->value && equals) {
		log_error("--%s takes no value", option->name);
		return ERR_ARGUMENT;
	}
	if (!option->value || equals)
		return apply(options, option, equals ? equals + 1 : NULL);
	*took_next = true;
	return next ? apply(options, option, next) : fail_no_value(option);
}

/* -v, -vv, -p3333 or -p 3333. */
static enum err parse_letters(
	struct options *options, const char *letters, const char *next, bool *took_next)
{
	for (; *letters; letters++) {
		const struct option *option = find_letter(*letters);
		if (!option) {
			log_error("there is no option -%c; --help lists all", *letters);
			return ERR_ARGUMENT;
		}
		if (option->value && letters[1])
			return apply(options, option, letters + 1);
		if (option->value) {
			*took_next = true;
			return next ? apply(options, option, next) : fail_no_value(option);
		}
		enum err err = apply(options, option, NULL);
		if (err)
			return err;
	}
	return ERR_OK;
}

/* `flash` and its file. */
static enum err parse_plain(struct options *options, const char *word)
{
	if (options->action == ACTION_SERVE && strcmp(word, "flash") == 0) {
		options->action = ACTION_FLASH;
	} else if (options->action == ACTION_FLASH && !options->flash_file) {
		options->flash_file = word;
	} else {
		log_error("\"%s\" is no option; --help lists all", word);
		return ERR_ARGUMENT;
	}
	return ERR_OK;
}

static enum err parse_word(
	struct options *options, const char *word, const char *next, bool *took_next)
{
	if (word[0] == '-' && word[1] == '-' && word[2])
		return parse_long(options, word + 2, next, took_next);
	if (word[0] == '-' && word[1] && word[1] != '-')
		return parse_letters(options, word + 1, next, took_next);
	return parse_plain(options, word);
}

static bool is_local_socket(const struct options *options)
{
	return strncmp(options->listen_address, "unix:", 5) == 0;
}

static enum err check_together(const struct options *options)
{
	bool chosen = options->serial || options->usb_path;
	bool remote = options->remote.host[0];

	if (options->action == ACTION_FLASH && !options->flash_file)
		log_error("flash needs a file: stlink-gdb flash program.elf");
	else if (options->action == ACTION_FLASH && options->all)
		log_error("flash is for one probe: leave out --all, choose one with --serial");
	else if (options->action != ACTION_FLASH && options->reset)
		log_error("--reset is for `stlink-gdb flash`; in gdb: monitor reset");
	else if (options->pipe &&
		 (options->all || options->json || options->action == ACTION_FLASH))
		log_error(
			"--pipe is one gdb at stdin and stdout: leave out --all, --json and flash");
	else if (options->all && is_local_socket(options))
		log_error("--all takes a port for each probe: leave out --listen unix:...");
	else if (options->all && chosen)
		log_error("--all serves every probe: leave out --serial and --usb-path");
	else if (remote && (options->all || chosen || options->is_virtual))
		log_error("--probe says which: leave out --all, --serial, --usb-path and "
			  "--virtual");
	else if (options->is_virtual && (options->all || chosen))
		log_error("--virtual needs no probe: leave out --all, --serial and --usb-path");
	else
		return ERR_OK;
	return ERR_ARGUMENT;
}

/* Makes *argc and *argv a command line of ours. */
static enum err translate(struct options *options, int *argc, char *const **argv)
{
	options->compat = compat_choose(*argc, *argv);
	if (!options->compat)
		return ERR_OK;
	options->port = options->compat->port;
	enum err err = compat_translate(options->compat, *argc, *argv, &options->line);
	*argc = options->line.count;
	*argv = options->line.words;
	return err;
}

static void keep_line(struct options *options, int argc, char *const *argv)
{
	char *line = options->command_line;
	size_t used = 0;

	for (int i = 0; i < argc && used < OPTIONS_LINE_MAX; i++) {
		int size = snprintf(
			line + used, OPTIONS_LINE_MAX - used, "%s%s", i ? " " : "", argv[i]);
		used += size > 0 ? (size_t)size : 0;
	}
}

enum err options_parse(struct options *options, int argc, char *const *argv)
{
	*options = (struct options){.port = OPTIONS_DEFAULT_PORT,
		.connect = TARGET_CONNECT_AUTO,
		.log_level = LOG_INFO};
	keep_line(options, argc, argv);
	enum err failed = translate(options, &argc, &argv);
	if (failed)
		return failed;
	for (int i = 1; i < argc; i++) {
		bool took_next = false;
		const char *next = i + 1 < argc ? argv[i + 1] : NULL;
		enum err err = parse_word(options, argv[i], next, &took_next);
		if (err)
			return err;
		i += took_next;
	}
	return check_together(options);
}

void options_print_help(FILE *file)
{
	fputs("usage: stlink-gdb [OPTION]...\n"
	      "       stlink-gdb flash FILE.{hex,elf} | FILE.bin@ADDRESS [OPTION]...\n"
	      "Serves the GDB remote protocol for a board behind an ST-LINK, or flashes a "
	      "program.\n\n",
		file);
	for (size_t i = 0; i < options_table_size; i++) {
		const struct option *option = &options_table[i];
		char left[48];
		(void)snprintf(left, sizeof(left), "%s%s%s", option->name, option->value ? " " : "",
			option->value ? option->value : "");
		if (option->letter)
			fprintf(file, "  -%c, ", option->letter);
		else
			fputs("      ", file);
		fprintf(file, "--%-28s %s\n", left, option->help);
	}
	fputs("\nThen, in gdb: target extended-remote :3333\n\n"
	      "Exit codes:\n"
	      "  0  fine\n"
	      "  1  internal: no memory, a file that cannot be used\n"
	      "  2  the command line, or the file to flash, makes no sense\n"
	      "  3  no probe, more than one, or one that cannot be opened\n"
	      "  4  the port is taken\n"
	      "  5  the target does not answer, or is a chip that is not known\n"
	      "  6  the flash could not be erased or written\n"
	      "  7  what is in flash is not what was sent\n"
	      "  8  the flash is protected\n"
	      "  9  the probe was unplugged, or does not answer any more\n",
		file);
}
