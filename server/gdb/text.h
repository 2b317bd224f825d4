/*
 * A growing run of bytes: what replies, XML documents and console lines are made in.
 *
 * Out of memory latches: later additions do nothing, and who uses the result asks `failed` once.
 * There is always a 0 after the last byte, not counted. Belongs to one thread at a time.
 */
#ifndef SERVER_GDB_TEXT_H
#define SERVER_GDB_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/* Zeroed it is empty and ready. */
struct text {
	char *data; /* NULL while nothing was added */
	size_t size, room;
	bool failed;
};

/* Frees the bytes and leaves an empty text. */
void text_finish(struct text *text);

/* Forgets the contents and keeps the memory. */
void text_clear(struct text *text);

/* Forgets what comes after the first `size` bytes. */
void text_cut(struct text *text, size_t size);

void text_add(struct text *text, const char *string);
void text_add_bytes(struct text *text, const void *data, size_t size);
void text_format(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_format_list(struct text *text, const char *format, va_list arguments)
	__attribute__((format(printf, 2, 0)));

/* Two hex digits a byte. */
void text_add_hex(struct text *text, const void *data, size_t size);

/* The characters that mean something to XML are replaced, and those it forbids become '?'. */
void text_add_xml(struct text *text, const char *string);

/* The contents, "" when empty; valid until the next change. */
const char *text_string(const struct text *text);

#endif
