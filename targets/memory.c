/* Target memory in accesses of the right width: see memory.h. Worker thread. */
#include "memory.h"

#include "probe/bytes.h"
#include "probe/probe.h"

#include <stdlib.h>
#include <string.h>

#define PERIPHERALS_START 0x40000000u /* ARMv7-M B3.1: device memory from here on */

/* ---- single accesses ---- */

static bool is_single(uint32_t address, size_t size)
{
	return (size == 1 || size == 2 || size == 4) && address % size == 0;
}

static enum err read_single(struct probe *probe, uint32_t address, uint8_t *data, size_t size)
{
	if (size != 4)
		return probe_read(probe, (unsigned)size, address, data, size);
	uint32_t value;
	enum err err = probe_read_word(probe, address, &value);
	if (!err)
		put_le32(data, value);
	return err;
}

static enum err write_single(
	struct probe *probe, uint32_t address, const uint8_t *data, size_t size)
{
	if (size != 4)
		return probe_write(probe, (unsigned)size, address, data, size);
	return probe_write_word(probe, address, get_le32(data));
}

/* ---- pieces: the widest aligned accesses that cover a range exactly ---- */

/* How many bytes at the start of the range go in accesses of one width, and which. */
static size_t next_piece(uint32_t address, size_t size, unsigned *width)
{
	*width = address & 1 || size < 2 ? 1 : address & 2 || size < 4 ? 2 : 4;
	return *width == 4 ? size & ~(size_t)3 : *width;
}

static enum err read_exact(struct probe *probe, uint32_t address, uint8_t *data, size_t size)
{
	enum err err = ERR_OK;
	while (size > 0 && !err) {
		unsigned width;
		size_t now = next_piece(address, size, &width);
		err = probe_read(probe, width, address, data, now);
		address += (uint32_t)now;
		data += now;
		size -= now;
	}
	return err;
}

enum err memory_write(struct probe *probe, uint32_t address, const uint8_t *data, size_t size)
{
	if (is_single(address, size))
		return write_single(probe, address, data, size);
	enum err err = ERR_OK;
	while (size > 0 && !err) {
		unsigned width;
		size_t now = next_piece(address, size, &width);
		err = probe_write(probe, width, address, data, now);
		address += (uint32_t)now;
		data += now;
		size -= now;
	}
	return err;
}

/* ---- reads of plain memory: whole words, one command instead of three ---- */

/* Whether the whole words around the range lie in the same stretch of plain memory. */
static bool can_widen(const struct device *device, uint32_t address, size_t size)
{
	const struct target_region *region = device_region_at(device, address);
	if (!region || address >= PERIPHERALS_START)
		return false;
	uint32_t offset = address - region->start;
	return size <= region->size - offset && region->start % 4 == 0 && region->size % 4 == 0;
}

static enum err read_widened(struct probe *probe, uint32_t address, uint8_t *data, size_t size)
{
	uint32_t first = address & ~3u, head = address & 3;
	size_t whole = (head + size + 3) & ~(size_t)3;
	if (whole == size)
		return probe_read(probe, 4, first, data, size);
	uint8_t *words = malloc(whole);
	if (!words)
		return ERR_NO_MEMORY;
	enum err err = probe_read(probe, 4, first, words, whole);
	if (!err)
		memcpy(data, words + head, size);
	free(words);
	return err;
}

enum err memory_read(struct probe *probe, const struct device *device, uint32_t address,
	uint8_t *data, size_t size)
{
	if (is_single(address, size))
		return read_single(probe, address, data, size);
	if (can_widen(device, address, size))
		return read_widened(probe, address, data, size);
	return read_exact(probe, address, data, size);
}
