/*
 * Intel HEX to an image. Pure; any thread.
 *
 * Written from Intel, "Hexadecimal Object File Format Specification", revision A. A file without
 * its end record was cut off, so it is refused.
 */
#include <inttypes.h>
#include <stdbool.h>

#include "hex_record.h"
#include "image_build.h"

enum type { DATA, END, SEGMENT_BASE, SEGMENT_START, LINEAR_BASE, LINEAR_START, TYPE_COUNT };

struct reader {
	struct image *image;
	struct image_problem *problem;
	unsigned line;
	uint32_t base;
	bool is_segment; /* offsets wrap at 64 KB */
	bool has_ended;
};

static enum err refuse_line(struct reader *reader, const char *what)
{
	return image_refuse(reader->problem, "line %u %s", reader->line, what);
}

/* In a segment what goes over the end of its 64 KB comes back at its start. */
static enum err add_data(struct reader *reader, const struct hex_record *record)
{
	uint32_t address = reader->base + record->offset;
	size_t first = record->size;

	if (reader->is_segment && record->offset + first > 0x10000)
		first = 0x10000U - record->offset;
	if (address < reader->base || address + (uint64_t)first > UINT64_C(1) << 32)
		return refuse_line(reader, "goes beyond the last address");
	enum err err = image_add(reader->image, address, record->data, first);
	if (!err && first < record->size)
		err = image_add(
			reader->image, reader->base, record->data + first, record->size - first);
	return err;
}

static void set_base(struct reader *reader, const struct hex_record *record, bool is_segment)
{
	uint32_t value = (uint32_t)(record->data[0] << 8 | record->data[1]);

	reader->is_segment = is_segment;
	reader->base = value << (is_segment ? 4 : 16);
}

static enum err obey(struct reader *reader, const struct hex_record *record)
{
	static const uint8_t sizes[TYPE_COUNT] = {
		[SEGMENT_BASE] = 2, [SEGMENT_START] = 4, [LINEAR_BASE] = 2, [LINEAR_START] = 4};

	if (record->type >= TYPE_COUNT)
		return refuse_line(reader, "has a record type that there is not");
	if (record->type != DATA && record->size != sizes[record->type])
		return refuse_line(reader, "has a size that its record type has not");
	switch ((enum type)record->type) {
	case DATA:
		return add_data(reader, record);
	case END:
		reader->has_ended = true;
		return ERR_OK;
	case SEGMENT_BASE:
	case LINEAR_BASE:
		set_base(reader, record, record->type == SEGMENT_BASE);
		return ERR_OK;
	default: /* where a program starts: the vector table tells that to a Cortex-M */
		return ERR_OK;
	}
}

static enum err read_line(struct reader *reader, const uint8_t *text, size_t size, size_t *used)
{
	struct hex_record record;

	switch (hex_record_read(text, size, &record, used)) {
	case HEX_RECORD:
		if (reader->has_ended)
			return refuse_line(reader, "comes after the end record");
		return obey(reader, &record);
	case HEX_BLANK:
		return ERR_OK;
	case HEX_DAMAGED:
		return image_refuse(reader->problem,
			"line %u has checksum %02X, and its bytes make %02X", reader->line,
			record.sent_sum, record.sum);
	case HEX_CUT:
		return refuse_line(reader, "is not as long as its first byte says");
	default:
		return refuse_line(reader, "does not begin with a colon");
	}
}

static enum err read_lines(struct reader *reader, const uint8_t *file, size_t size)
{
	enum err err = ERR_OK;
	size_t used;

	for (size_t at = 0; at < size && !err; at += used) {
		reader->line++;
		err = read_line(reader, file + at, size - at, &used);
	}
	if (!err && !reader->has_ended)
		err = image_refuse(reader->problem, "it has no end record: it was cut off");
	return err ? err : image_seal(reader->image, reader->problem);
}

enum err image_read_hex(
	struct image *image, const uint8_t *file, size_t size, struct image_problem *problem)
{
	struct reader reader = {.image = image, .problem = problem};

	image_finish(image);
	enum err err = read_lines(&reader, file, size);
	if (err)
		image_finish(image);
	return err;
}
