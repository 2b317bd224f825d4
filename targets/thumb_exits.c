/*
 * Where control leaves a range of code: its instructions are followed from where the core is, so
 * that data between them is never taken for code. See thumb.h.
 */
#include "probe/bytes.h"
#include "thumb.h"

#include <string.h>

#define HALVES_MAX (THUMB_RANGE_MAX / 2)

/* Bytes of an exclusive sequence; compilers make shorter ones. */
#define SEQUENCE_MAX ((size_t)64)

struct walk {
	const struct thumb_code *code;
	struct thumb_exits *exits;
	bool seen[HALVES_MAX];
	uint16_t todo[HALVES_MAX]; /* half-words from which control is still to be followed */
	size_t todo_count;
	bool failed;
};

static bool is_inside(const struct thumb_code *code, uint32_t address)
{
	return address - code->start < code->size;
}

static struct thumb decode_at(const struct thumb_code *code, size_t offset)
{
	uint16_t first = get_le16(code->bytes + offset), second = 0;
	if (offset + 4 <= code->size)
		second = get_le16(code->bytes + offset + 2);
	return thumb_decode(code->start + (uint32_t)offset, first, second);
}

static void add_exit(struct walk *walk, uint32_t address)
{
	struct thumb_exits *exits = walk->exits;
	for (size_t i = 0; i < exits->count; i++)
		if (exits->address[i] == address)
			return;
	if (exits->count == THUMB_EXITS_MAX) {
		walk->failed = true;
		return;
	}
	exits->address[exits->count++] = address;
}

/* Control may arrive at `address`. */
static void arrive(struct walk *walk, uint32_t address)
{
	if (!is_inside(walk->code, address)) {
		add_exit(walk, address);
		return;
	}
	size_t half = (address - walk->code->start) / 2;
	if (walk->seen[half])
		return;
	walk->seen[half] = true;
	walk->todo[walk->todo_count++] = (uint16_t)half;
}

/* `maybe`: in an IT block, so that it may do nothing. Returns the instruction's size. */
static unsigned follow(struct walk *walk, size_t offset, bool maybe)
{
	uint32_t address = walk->code->start + (uint32_t)offset;
	struct thumb thumb = decode_at(walk->code, offset);
	if (offset + thumb.size > walk->code->size)
		walk->failed = true;
	if (thumb.flow == THUMB_UNKNOWN) {
		add_exit(walk, address);
		return thumb.size;
	}
	if (thumb.flow != THUMB_NEXT)
		arrive(walk, thumb.target);
	if (thumb.flow != THUMB_BRANCH || maybe)
		arrive(walk, address + thumb.size);
	return thumb.size;
}

/* The instructions of an IT block are looked at here, knowing that they depend on it. */
static void follow_block(struct walk *walk, size_t offset, unsigned count)
{
	for (; count > 0 && offset + 2 <= walk->code->size; count--) {
		walk->seen[offset / 2] = true;
		offset += follow(walk, offset, true);
	}
}

bool thumb_find_exits(const struct thumb_code *code, uint32_t pc, struct thumb_exits *exits)
{
	struct walk walk = {.code = code, .exits = exits};
	exits->count = 0;
	if (code->size > THUMB_RANGE_MAX || !is_inside(code, pc) || (pc | code->start) & 1)
		return false;
	if (decode_at(code, pc - code->start).flow == THUMB_UNKNOWN)
		return false;
	add_exit(&walk, code->start + (uint32_t)code->size);
	arrive(&walk, pc);
	while (walk.todo_count > 0 && !walk.failed) {
		size_t offset = (size_t)2 * walk.todo[--walk.todo_count];
		if (offset + 2 > code->size)
			return false;
		unsigned block = decode_at(code, offset).it;
		if (block > 0)
			follow_block(&walk, offset + 2, block);
		else
			(void)follow(&walk, offset, false);
	}
	return !walk.failed;
}

uint32_t thumb_exclusive_end(const struct thumb_code *code)
{
	size_t limit = code->size < SEQUENCE_MAX ? code->size : SEQUENCE_MAX;
	for (size_t offset = 0; offset + 4 <= limit;) {
		uint16_t first = get_le16(code->bytes + offset);
		uint16_t second = get_le16(code->bytes + offset + 2);
		struct thumb thumb = thumb_decode(code->start + (uint32_t)offset, first, second);
		offset += thumb.size;
		if (thumb_is_store_exclusive(first, second))
			return code->start + (uint32_t)offset;
		if (thumb.flow == THUMB_UNKNOWN)
			return 0;
	}
	return 0;
}
