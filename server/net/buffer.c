/* A growing byte queue. See buffer.h. */
#include "buffer.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define CAPACITY_FIRST 1024
/* An empty buffer keeps this much for the next reply; what a long one needed goes back. */
#define CAPACITY_KEPT 65536

void buffer_finish(struct buffer *buffer)
{
	free(buffer->bytes);
	*buffer = (struct buffer){0};
}

static bool grow(struct buffer *buffer, size_t needed)
{
	size_t capacity = buffer->capacity ? buffer->capacity : CAPACITY_FIRST;

	while (capacity < needed)
		capacity *= 2;
	uint8_t *bytes = realloc(buffer->bytes, capacity);
	if (!bytes)
		return false;
	buffer->bytes = bytes;
	buffer->capacity = capacity;
	return true;
}

static void move_to_front(struct buffer *buffer)
{
	if (buffer->start == 0)
		return;
	memmove(buffer->bytes, buffer->bytes + buffer->start, buffer_size(buffer));
	buffer->end -= buffer->start;
	buffer->start = 0;
}

uint8_t *buffer_reserve(struct buffer *buffer, size_t size)
{
	if (buffer->failed)
		return NULL;
	if (buffer->capacity - buffer->end < size) {
		move_to_front(buffer);
		if (buffer->capacity - buffer->end < size && !grow(buffer, buffer->end + size)) {
			buffer->failed = true;
			return NULL;
		}
	}
	return buffer->bytes + buffer->end;
}

void buffer_commit(struct buffer *buffer, size_t size)
{
	assert(size <= buffer->capacity - buffer->end);
	buffer->end += size;
}

const uint8_t *buffer_front(const struct buffer *buffer)
{
	return buffer->bytes + buffer->start;
}

size_t buffer_size(const struct buffer *buffer)
{
	return buffer->end - buffer->start;
}

void buffer_consume(struct buffer *buffer, size_t size)
{
	assert(size <= buffer_size(buffer));
	buffer->start += size;
	if (buffer->start < buffer->end)
		return;
	buffer->start = 0;
	buffer->end = 0;
	if (buffer->capacity > CAPACITY_KEPT) {
		bool failed = buffer->failed;
		buffer_finish(buffer);
		buffer->failed = failed;
	}
}
