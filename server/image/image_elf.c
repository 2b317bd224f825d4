/*
 * ELF to an image: what gdb's `load` would write. Pure; any thread.
 *
 * That is each section with contents that occupies memory, at its load address, which only the
 * segment that it lies in tells; without sections, the segments themselves. Written from the TIS
 * ELF specification, version 1.2, and the ELF for the Arm Architecture (e_machine).
 */
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "image_build.h"
#include "probe/bytes.h"

#define HEADER_SIZE  52
#define SEGMENT_SIZE 32
#define SECTION_SIZE 40

#define CLASS_32      1
#define LITTLE_ENDIAN 1
#define EXECUTABLE    2
#define MACHINE_ARM   40
#define PT_LOAD       1
#define SHT_NULL      0
#define SHT_NOBITS    8
#define SHF_ALLOC     2

struct table {
	const uint8_t *start;
	size_t count;
};

struct elf {
	const uint8_t *file;
	size_t size;
	struct table segments, sections;
	struct image_problem *problem;
};

struct segment {
	uint32_t offset, address, size;
};

static bool is_inside(const struct elf *elf, uint64_t offset, uint64_t size)
{
	return offset <= elf->size && size <= elf->size - offset;
}

static enum err check_header(const struct elf *elf)
{
	const uint8_t *header = elf->file;

	if (elf->size < HEADER_SIZE || memcmp(header, "\177ELF", 4) != 0)
		return image_refuse(elf->problem, "it is too short for an ELF file");
	if (header[4] != CLASS_32 || header[5] != LITTLE_ENDIAN)
		return image_refuse(elf->problem, "it is not a 32-bit little-endian ELF file");
	if (get_le16(header + 18) != MACHINE_ARM)
		return image_refuse(elf->problem, "it is for another machine than Arm (number %u)",
			get_le16(header + 18));
	if (get_le16(header + 16) != EXECUTABLE)
		return image_refuse(elf->problem,
			"it is no executable (type %u): link it before it is flashed",
			get_le16(header + 16));
	return ERR_OK;
}

/* A table of the file; entries may be longer than what is known of them. */
static enum err find_table(struct elf *elf, uint32_t offset, unsigned entry_size, unsigned count,
	unsigned least, struct table *table)
{
	*table = (struct table){0};
	if (!count || !offset)
		return ERR_OK;
	if (entry_size != least || !is_inside(elf, offset, (uint64_t)entry_size * count))
		return image_refuse(elf->problem,
			"a table of %u entries at 0x%" PRIx32 " goes beyond its end", count,
			offset);
	*table = (struct table){elf->file + offset, count};
	return ERR_OK;
}

static enum err find_tables(struct elf *elf)
{
	const uint8_t *header = elf->file;

	enum err err = find_table(elf, get_le32(header + 28), get_le16(header + 42),
		get_le16(header + 44), SEGMENT_SIZE, &elf->segments);
	if (!err)
		err = find_table(elf, get_le32(header + 32), get_le16(header + 46),
			get_le16(header + 48), SECTION_SIZE, &elf->sections);
	return err;
}

static bool read_segment(const struct elf *elf, size_t i, struct segment *segment)
{
	const uint8_t *entry = elf->segments.start + i * SEGMENT_SIZE;

	*segment = (struct segment){
		.offset = get_le32(entry + 4),
		.address = get_le32(entry + 12),
		.size = get_le32(entry + 16),
	};
	return get_le32(entry) == PT_LOAD && segment->size > 0;
}

static enum err add(const struct elf *elf, struct image *image, const struct segment *piece)
{
	if (!is_inside(elf, piece->offset, piece->size))
		return image_refuse(elf->problem,
			"%" PRIu32 " bytes at 0x%" PRIx32 " of the file are beyond its end",
			piece->size, piece->offset);
	if (piece->address + (uint64_t)piece->size > UINT64_C(1) << 32)
		return image_refuse(elf->problem,
			"what it has for 0x%08" PRIx32 " goes beyond the last address",
			piece->address);
	return image_add(image, piece->address, elf->file + piece->offset, piece->size);
}

static enum err add_segments(const struct elf *elf, struct image *image)
{
	struct segment segment;
	enum err err = ERR_OK;

	for (size_t i = 0; i < elf->segments.count && !err; i++) {
		if (read_segment(elf, i, &segment))
			err = add(elf, image, &segment);
	}
	return err;
}

/* The load address of a section: its place in its segment. One outside all is loaded where it
 * runs. */
static void locate(const struct elf *elf, struct segment *section)
{
	struct segment segment;

	for (size_t i = 0; i < elf->segments.count; i++) {
		if (!read_segment(elf, i, &segment) || section->offset < segment.offset)
			continue;
		uint32_t inside = section->offset - segment.offset;
		if (inside >= segment.size || section->size > segment.size - inside)
			continue;
		section->address = segment.address + inside;
		return;
	}
}

static enum err add_sections(const struct elf *elf, struct image *image)
{
	enum err err = ERR_OK;

	for (size_t i = 0; i < elf->sections.count && !err; i++) {
		const uint8_t *entry = elf->sections.start + i * SECTION_SIZE;
		uint32_t type = get_le32(entry + 4), flags = get_le32(entry + 8);
		struct segment section = {
			.offset = get_le32(entry + 16),
			.address = get_le32(entry + 12),
			.size = get_le32(entry + 20),
		};
		if (type == SHT_NULL || type == SHT_NOBITS || !(flags & SHF_ALLOC) || !section.size)
			continue;
		locate(elf, &section);
		err = add(elf, image, &section);
	}
	return err;
}

static enum err read_elf(struct elf *elf, struct image *image)
{
	enum err err = check_header(elf);
	if (!err)
		err = find_tables(elf);
	if (!err)
		err = elf->sections.count ? add_sections(elf, image) : add_segments(elf, image);
	return err ? err : image_seal(image, elf->problem);
}

enum err image_read_elf(
	struct image *image, const uint8_t *file, size_t size, struct image_problem *problem)
{
	struct elf elf = {.file = file, .size = size, .problem = problem};

	image_finish(image);
	enum err err = read_elf(&elf, image);
	if (err)
		image_finish(image);
	return err;
}
