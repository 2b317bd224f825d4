/* JSON lines. Written from RFC 8259, section 7 (strings). Any thread. */
#include "server/event.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A value that does not fit is cut; its key comes before it, so the line stays well formed. */
#define TAIL ((size_t)9) /* `"`, two `}`, the newline, and a whole escape */

static void add(struct event *event, const char *text)
{
	size_t size = strlen(text);

	if (event->size + size + TAIL > EVENT_MAX)
		return;
	memcpy(event->line + event->size, text, size + 1);
	event->size += size;
}

/* How many bytes of UTF-8 begin here; 0: none that makes sense. RFC 3629, section 4. */
static size_t sequence(const char *text)
{
	const unsigned char *at = (const unsigned char *)text;
	size_t size = *at < 0x80 ? 1 : *at >= 0xC2 && *at < 0xE0 ? 2 : *at >= 0xF0 ? 4 : 3;

	if (*at > 0xF4 || (*at >= 0x80 && *at < 0xC2))
		return 0;
	for (size_t i = 1; i < size; i++) {
		if ((at[i] & 0xC0) != 0x80)
			return 0;
	}
	bool is_overlong = (*at == 0xE0 && at[1] < 0xA0) || (*at == 0xF0 && at[1] < 0x90);
	bool is_beyond = (*at == 0xED && at[1] > 0x9F) || (*at == 0xF4 && at[1] > 0x8F);
	return is_overlong || is_beyond ? 0 : size;
}

/* The next character, as it may stand in a string; returns how many bytes of `text` it was. */
static size_t escape(const char *text, char piece[8])
{
	unsigned char byte = (unsigned char)*text;
	size_t size = sequence(text);

	if (byte == '"' || byte == '\\')
		(void)snprintf(piece, 8, "\\%c", byte);
	else if (byte < 0x20 || byte == 0x7F)
		(void)snprintf(piece, 8, "\\u%04x", byte);
	else if (size)
		(void)snprintf(piece, 8, "%.*s", (int)size, text);
	else
		(void)snprintf(piece, 8, "?");
	return size ? size : 1;
}

static void add_quoted(struct event *event, const char *text)
{
	char piece[8];

	add(event, "\"");
	while (*text && event->size + 2 * TAIL < EVENT_MAX) {
		text += escape(text, piece);
		add(event, piece);
	}
	event->line[event->size++] = '"';
	event->line[event->size] = '\0';
}

/* Whether a key and the least value still fit. */
static bool add_key(struct event *event, const char *key)
{
	if (event->size + strlen(key) + 4 * TAIL > EVENT_MAX)
		return false;
	add(event, event->line[event->size - 1] == '{' ? "\"" : ",\"");
	add(event, key);
	add(event, "\":");
	return true;
}

void event_begin(struct event *event, const char *name)
{
	event->size = 0;
	event->in_object = false;
	add(event, "{\"event\":");
	add_quoted(event, name);
}

void event_string(struct event *event, const char *key, const char *value)
{
	if (add_key(event, key))
		add_quoted(event, value);
}

void event_number(struct event *event, const char *key, uint64_t value)
{
	char digits[24];

	(void)snprintf(digits, sizeof(digits), "%" PRIu64, value);
	if (add_key(event, key))
		add(event, digits);
}

void event_address(struct event *event, const char *key, uint32_t value)
{
	char digits[16];

	(void)snprintf(digits, sizeof(digits), "0x%08" PRIx32, value);
	event_string(event, key, digits);
}

/* What does not fit is left out with all that is in it. */
void event_object_begin(struct event *event, const char *key)
{
	event->in_object = add_key(event, key);
	if (event->in_object)
		add(event, "{");
}

void event_object_end(struct event *event)
{
	if (event->in_object)
		event->line[event->size++] = '}';
	event->in_object = false;
}

/* A reader who has gone is no error of the program. */
void event_end(struct event *event, const struct events *events)
{
	if (!events)
		return;
	event->line[event->size++] = '}';
	event->line[event->size++] = '\n';
	ssize_t written = write(events->fd, event->line, event->size);
	(void)written;
}
