/* What a load wants of the flash: see flash_record.h. Pure; worker thread. */
#include "flash_record.h"

#include "probe/log.h"

#include <stdlib.h>
#include <string.h>

void flash_record_init(struct flash_record *record, const struct device *device)
{
	memset(record, 0, sizeof(*record));
	record->device = device;
	record->empty = true;
}

void flash_record_finish(struct flash_record *record)
{
	free(record->data);
	free(record->written);
	flash_record_init(record, record->device);
}

static enum err check_range(const struct flash_record *record, uint32_t address, size_t size)
{
	const struct device *device = record->device;
	uint32_t offset = address - device->flash_start;
	if (offset < device->flash_size && size <= device->flash_size - offset)
		return ERR_OK;
	if (!device->flash_size)
		log_error(
			"0x%08X: the flash of this chip (%s) is not known", address, device->name);
	else
		log_error("0x%08X + %zu bytes is outside the flash of this %s: %u KiB at 0x%08X",
			address, size, device->name, device->flash_size / 1024,
			device->flash_start);
	return ERR_FLASH_RANGE;
}

static enum err need_memory(struct flash_record *record)
{
	if (record->data)
		return ERR_OK;
	record->data = malloc(record->device->flash_size);
	record->written = calloc(1, record->device->flash_size / 8);
	if (!record->data || !record->written)
		return ERR_NO_MEMORY;
	memset(record->data, 0xFF, record->device->flash_size);
	return ERR_OK;
}

enum err flash_record_erase(struct flash_record *record, uint32_t address, uint32_t size)
{
	enum err err = check_range(record, address, size);
	if (err)
		return err;
	for (size_t i = 0; i < record->device->sector_count; i++) {
		const struct flash_sector *sector = &record->device->sectors[i];
		bool before = sector->start + (sector->size - 1) < address;
		bool behind = size == 0 || sector->start > address + (size - 1);
		record->erase[i] |= !before && !behind;
	}
	record->empty = false;
	return ERR_OK;
}

static void mark(struct flash_record *record, uint32_t offset)
{
	record->written[offset / 8] |= (uint8_t)(1u << offset % 8);
}

enum err flash_record_write(
	struct flash_record *record, uint32_t address, const uint8_t *data, size_t size)
{
	enum err err = check_range(record, address, size);
	if (!err)
		err = need_memory(record);
	if (err)
		return err;
	uint32_t offset = address - record->device->flash_start;
	memcpy(record->data + offset, data, size);
	for (size_t i = 0; i < size; i++)
		mark(record, offset + (uint32_t)i);
	record->empty = false;
	return ERR_OK;
}

bool flash_record_has_byte(const struct flash_record *record, uint32_t offset)
{
	return record->written && record->written[offset / 8] >> offset % 8 & 1;
}

static unsigned word_mask(const struct flash_record *record, uint32_t offset)
{
	return record->written ? (unsigned)record->written[offset / 8] >> (offset & 4) & 0xF : 0;
}

bool flash_record_has_word(const struct flash_record *record, uint32_t offset)
{
	return word_mask(record, offset) != 0;
}

bool flash_record_has_whole_word(const struct flash_record *record, uint32_t offset)
{
	return word_mask(record, offset) == 0xF;
}

bool flash_record_writes(const struct flash_record *record, const struct flash_sector *sector)
{
	uint32_t first = sector->start - record->device->flash_start;
	for (uint32_t at = first; record->written && at < first + sector->size; at += 8)
		if (record->written[at / 8])
			return true;
	return false;
}

size_t flash_record_words(const struct flash_record *record)
{
	size_t count = 0;
	for (uint32_t at = 0; at < record->device->flash_size; at += 4)
		count += flash_record_has_word(record, at);
	return count;
}

void flash_record_fill(struct flash_record *record, uint32_t offset, const uint8_t *held,
	size_t size, bool mark_too)
{
	for (uint32_t i = 0; i < size; i++) {
		if (flash_record_has_byte(record, offset + i))
			continue;
		record->data[offset + i] = held[i];
		if (mark_too && held[i] != 0xFF)
			mark(record, offset + i);
	}
}
