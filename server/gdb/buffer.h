/*
 * A growing run of bytes: what replies, XML documents and console texts are made in.
 *
 * Out of memory latches: later additions do nothing, and who uses the result asks `failed` once.
 * There is always a 0 after the last byte, not counted. Belongs to one thread at a time.
 */
#ifndef SERVER_GDB_BUFFER_H
#define SERVER_GDB_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

struct buffer {
	char *data; /* NULL while nothing was added */
	size_t size, room;
	bool failed;
};

/* A zeroed buffer is empty and ready. Frees the bytes and makes it so again. */
void buffer_finish(struct buffer *buffer);

/* Forgets the contents and keeps the memory. */
void buffer_clear(struct buffer *buffer);

/* Forgets what comes after the first `size` bytes. */
void buffer_cut(struct buffer *buffer, size_t size);

void buffer_add(struct buffer *buffer, const void *data, size_t size);
void buffer_text(struct buffer *buffer, const char *text);
void buffer_format(struct buffer *buffer, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Two hex digits a byte. */
void buffer_hex(struct buffer *buffer, const void *data, size_t size);

/* Text with the characters that mean something to XML replaced, and those it forbids as '?'. */
void buffer_xml(struct buffer *buffer, const char *text);

/* The contents as a string, "" when empty. */
const char *buffer_string(const struct buffer *buffer);

#endif
