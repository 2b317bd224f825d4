/* A growing run of bytes. Belongs to one thread at a time. */
#include "buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hex.h"

#define FIRST_ROOM 256

void buffer_finish(struct buffer *buffer)
{
	free(buffer->data);
	*buffer = (struct buffer){0};
}

void buffer_clear(struct buffer *buffer)
{
	buffer->size = 0;
	buffer->failed = false;
	if (buffer->data)
		buffer->data[0] = '\0';
}

void buffer_cut(struct buffer *buffer, size_t size)
{
	if (size >= buffer->size)
		return;
	buffer->size = size;
	buffer->data[size] = '\0';
}

/* Makes room for `size` more bytes and the terminator. */
static bool reserve(struct buffer *buffer, size_t size)
{
	if (buffer->failed)
		return false;
	if (size < buffer->room - buffer->size)
		return true;

	size_t room = buffer->room ? buffer->room : FIRST_ROOM;
	while (room - buffer->size <= size)
		room *= 2;
	char *data = realloc(buffer->data, room);
	if (!data) {
		buffer->failed = true;
		return false;
	}
	buffer->data = data;
	buffer->room = room;
	return true;
}

void buffer_add(struct buffer *buffer, const void *data, size_t size)
{
	if (!reserve(buffer, size))
		return;
	if (size)
		memcpy(buffer->data + buffer->size, data, size);
	buffer->size += size;
	buffer->data[buffer->size] = '\0';
}

void buffer_text(struct buffer *buffer, const char *text)
{
	buffer_add(buffer, text, strlen(text));
}

void buffer_format(struct buffer *buffer, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	int length = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	if (length < 0 || !reserve(buffer, (size_t)length))
		return;

	va_start(arguments, format);
	(void)vsnprintf(buffer->data + buffer->size, (size_t)length + 1, format, arguments);
	va_end(arguments);
	buffer->size += (size_t)length;
}

void buffer_hex(struct buffer *buffer, const void *data, size_t size)
{
	if (!reserve(buffer, 2 * size))
		return;
	hex_encode(buffer->data + buffer->size, data, size);
	buffer->size += 2 * size;
	buffer->data[buffer->size] = '\0';
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

void buffer_xml(struct buffer *buffer, const char *text)
{
	for (; *text; text++) {
		const char *entity = xml_entity(*text);
		/* A byte above 0x7f may be no UTF-8: a parser would drop the whole document. */
		bool printable = *text >= ' ' && *text < 0x7f;
		if (entity)
			buffer_text(buffer, entity);
		else
			buffer_add(buffer, printable ? text : "?", 1);
	}
}

const char *buffer_string(const struct buffer *buffer)
{
	return buffer->data ? buffer->data : "";
}
