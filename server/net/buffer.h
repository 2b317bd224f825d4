/*
 * Bytes that wait to be sent: in at the end, out at the front. Pure; its owner's thread.
 *
 * Zeroed memory is an empty buffer. Lack of memory latches: later writes do nothing, and the owner
 * asks `failed` when it suits it.
 */
#ifndef SERVER_NET_BUFFER_H
#define SERVER_NET_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buffer {
	uint8_t *bytes;
	size_t start, end, capacity;
	bool failed;
};

void buffer_finish(struct buffer *buffer);

/* Room for `size` bytes at the end, to be filled and committed; NULL when out of memory. */
uint8_t *buffer_reserve(struct buffer *buffer, size_t size);
void buffer_commit(struct buffer *buffer, size_t size);

/* What waits, and how much. */
const uint8_t *buffer_front(const struct buffer *buffer);
size_t buffer_size(const struct buffer *buffer);

/* Drops `size` bytes at the front. */
void buffer_consume(struct buffer *buffer, size_t size);

#endif
