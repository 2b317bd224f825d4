/* A ring of records. Worker thread. */
#include "server/journal.h"

#include <stdlib.h>
#include <string.h>

/* `start` and `end` count bytes for ever; the ring's index is what is left of them by its size. */
struct journal {
	size_t size;
	uint64_t start, end;
	uint8_t bytes[];
};

struct header {
	uint64_t time_us;
	uint32_t size, whole;
	char kind;
};

struct journal *journal_create(size_t size)
{
	struct journal *journal = calloc(1, sizeof(*journal) + size);

	if (journal)
		journal->size = size;
	return journal;
}

void journal_destroy(struct journal *journal)
{
	free(journal);
}

static void copy_in(struct journal *journal, const void *data, size_t size)
{
	size_t index = (size_t)(journal->end % journal->size);
	size_t first = journal->size - index < size ? journal->size - index : size;

	memcpy(journal->bytes + index, data, first);
	memcpy(journal->bytes, (const uint8_t *)data + first, size - first);
	journal->end += size;
}

static void copy_out(const struct journal *journal, uint64_t at, void *data, size_t size)
{
	size_t index = (size_t)(at % journal->size);
	size_t first = journal->size - index < size ? journal->size - index : size;

	memcpy(data, journal->bytes + index, first);
	memcpy((uint8_t *)data + first, journal->bytes, size - first);
}

/* The oldest records go until there is room. */
static void make_room(struct journal *journal, size_t size)
{
	struct header header;

	while (journal->end + size - journal->start > journal->size) {
		copy_out(journal, journal->start, &header, sizeof(header));
		journal->start += sizeof(header) + header.size;
	}
}

void journal_add(
	struct journal *journal, uint64_t time_us, char kind, const void *data, size_t size)
{
	size_t kept = size < JOURNAL_DATA_MAX ? size : JOURNAL_DATA_MAX;
	struct header header;

	if (sizeof(header) + kept > journal->size)
		return;
	memset(&header, 0, sizeof(header));
	header.time_us = time_us;
	header.size = (uint32_t)kept;
	header.whole = (uint32_t)size;
	header.kind = kind;
	make_room(journal, sizeof(header) + kept);
	copy_in(journal, &header, sizeof(header));
	if (kept)
		copy_in(journal, data, kept);
}

void journal_read(struct journal_reader *reader, const struct journal *journal)
{
	reader->journal = journal;
	reader->at = journal->start;
}

bool journal_next(struct journal_reader *reader)
{
	struct journal_record *record = &reader->record;
	struct header header;

	if (reader->at == reader->journal->end)
		return false;
	copy_out(reader->journal, reader->at, &header, sizeof(header));
	record->time_us = header.time_us;
	record->kind = header.kind;
	record->size = header.size;
	record->whole = header.whole;
	copy_out(reader->journal, reader->at + sizeof(header), record->data, header.size);
	reader->at += sizeof(header) + header.size;
	return true;
}
