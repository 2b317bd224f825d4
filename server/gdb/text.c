/* A growing run of bytes. Belongs to one thread at a time. */
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hex.h"

#define FIRST_ROOM 256

void text_finish(struct text *text)
{
	free(text->data);
	*text = (struct text){0};
}

void text_clear(struct text *text)
{
	text->failed = false;
	text_cut(text, 0);
}

void text_cut(struct text *text, size_t size)
{
	if (size >= text->size)
		return;
	text->size = size;
	text->data[size] = '\0';
}

/* Makes room for `size` more bytes and the terminator. */
static bool reserve(struct text *text, size_t size)
{
	if (text->failed)
		return false;
	if (size < text->room - text->size)
		return true;

	size_t room = text->room ? text->room : FIRST_ROOM;
	while (room - text->size <= size)
		room *= 2;
	char *data = realloc(text->data, room);
	if (!data) {
		text->failed = true;
		return false;
	}
	text->data = data;
	text->room = room;
	return true;
}

void text_add(struct text *text, const char *string)
{
	text_add_bytes(text, string, strlen(string));
}

void text_add_bytes(struct text *text, const void *data, size_t size)
{
	if (!reserve(text, size))
		return;
	if (size)
		memcpy(text->data + text->size, data, size);
	text->size += size;
	text->data[text->size] = '\0';
}

void text_format(struct text *text, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	text_format_list(text, format, arguments);
	va_end(arguments);
}

void text_format_list(struct text *text, const char *format, va_list arguments)
{
	va_list again;

	va_copy(again, arguments);
	int length = vsnprintf(NULL, 0, format, arguments);
	if (length >= 0 && reserve(text, (size_t)length)) {
		(void)vsnprintf(text->data + text->size, (size_t)length + 1, format, again);
		text->size += (size_t)length;
	}
	va_end(again);
}

void text_add_hex(struct text *text, const void *data, size_t size)
{
	if (!reserve(text, 2 * size))
		return;
	hex_encode(text->data + text->size, data, size);
	text->size += 2 * size;
	text->data[text->size] = '\0';
}

static const char *xml_entity(char character)
{
	switch (character) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&apos;";
	default:
		return NULL;
	}
}

void text_add_xml(struct text *text, const char *string)
{
	for (; *string; string++) {
		const char *entity = xml_entity(*string);
		/* A byte above 0x7f may be no UTF-8: a parser would drop the whole document. */
		bool printable = *string >= ' ' && *string < 0x7f;
		if (entity)
			text_add(text, entity);
		else
			text_add_bytes(text, printable ? string : "?", 1);
	}
}

const char *text_string(const struct text *text)
{
	return text->data ? text->data : "";
}
