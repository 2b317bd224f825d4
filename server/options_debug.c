/* The options about what debugging does to the board: see options_debug.h. */
#include "options_debug.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool options_set_on_exit(struct options *options, const char *value)
{
	static const char *const names[] = {
		[EXIT_RUN] = "run", [EXIT_HALT] = "halt", [EXIT_RESET] = "reset"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(value, names[i]) != 0)
			continue;
		options->on_exit = (enum options_exit)i;
		return true;
	}
	return false;
}

static bool is_word(const char *text, size_t length, const char *word)
{
	return length == strlen(word) && memcmp(text, word, length) == 0;
}

bool options_set_freeze(struct options *options, const char *value)
{
	for (;; value++) {
		size_t length = strcspn(value, ",");
		if (is_word(value, length, "tim") || is_word(value, length, "all"))
			options->freeze_timers = true;
		else if (!is_word(value, length, "wdg"))
			return false;
		value += length;
		if (!*value)
			return true;
	}
}

/* A number of 32 bits, hexadecimal with 0x, that ends at a space or the end of the text. */
static bool parse_word(const char **text, uint32_t *word)
{
	char *end = NULL;

	while (**text == ' ')
		++*text;
	if (!isdigit((unsigned char)**text))
		return false;
	errno = 0;
	unsigned long long value = strtoull(*text, &end, 0);
	if (errno || value > UINT32_MAX || (*end && *end != ' '))
		return false;
	*word = (uint32_t)value;
	*text = end;
	return true;
}

bool options_set_on_halt(struct options *options, const char *value)
{
	static const char verb[] = "write32 ";
	struct options_write write;

	if (options->on_halt_count == OPTIONS_WRITES_MAX || strncmp(value, verb, strlen(verb)) != 0)
		return false;
	value += strlen(verb);
	if (!parse_word(&value, &write.address) || !parse_word(&value, &write.value) || *value ||
		write.address % 4 != 0)
		return false;
	options->on_halt[options->on_halt_count++] = write;
	return true;
}
