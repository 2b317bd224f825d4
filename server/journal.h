/*
 * The last of what went over a protocol: a ring of records, for bug reports. Worker thread.
 *
 * Pure but for memory, which the kernel gives when it is first written: a journal that is seldom
 * used costs little.
 */
#ifndef SERVER_JOURNAL_H
#define SERVER_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JOURNAL_DATA_MAX 16384 /* bytes kept of one record */

struct journal;

/* Keeps `size` bytes of records, the latest. NULL when out of memory. */
struct journal *journal_create(size_t size);
void journal_destroy(struct journal *journal); /* NULL is allowed */

/* `kind` is a character of the owner's. What is longer than JOURNAL_DATA_MAX is cut. */
void journal_add(
	struct journal *journal, uint64_t time_us, char kind, const void *data, size_t size);

struct journal_record {
	uint64_t time_us;
	char kind;
	size_t size; /* of the data; the whole may have been longer: */
	size_t whole;
	uint8_t data[JOURNAL_DATA_MAX];
};

/* Where a reader is. Valid until something is added. */
struct journal_reader {
	const struct journal *journal;
	uint64_t at;
	struct journal_record record; /* what journal_next() has found */
};

/* Puts the reader before the oldest record. */
void journal_read(struct journal_reader *reader, const struct journal *journal);

/* False behind the last record. */
bool journal_next(struct journal_reader *reader);

#endif
