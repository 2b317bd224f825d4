/* Text built piece by piece in a fixed buffer: what does not fit is cut off. Pure; any thread. */
#ifndef TARGETS_VIRTUAL_TEXT_H
#define TARGETS_VIRTUAL_TEXT_H

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

struct text {
	char *bytes;
	size_t size; /* of the buffer; the text always ends with a zero byte when it is not 0 */
	size_t used;
};

__attribute__((format(printf, 2, 3))) static inline void text_add(
	struct text *text, const char *format, ...)
{
	size_t room = text->size - text->used;
	if (room == 0)
		return;
	va_list arguments;
	va_start(arguments, format);
	int length = vsnprintf(text->bytes + text->used, room, format, arguments);
	va_end(arguments);
	if (length > 0)
		text->used += (size_t)length < room ? (size_t)length : room - 1;
}

#endif
