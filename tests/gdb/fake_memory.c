/* The memory of the target in memory: its RAM, and its flash as a reader sees it. */
#include <string.h>

#include "fake_target.h"

static uint8_t *memory(struct target *target, uint32_t address, size_t size)
{
	if (address >= FAKE_RAM_START && address - FAKE_RAM_START + size <= FAKE_RAM_SIZE)
		return target->ram + (address - FAKE_RAM_START);
	if (address >= FAKE_FLASH_START && address - FAKE_FLASH_START + size <= FAKE_FLASH_SIZE)
		return target->flash + (address - FAKE_FLASH_START);
	return NULL;
}

enum err target_read_memory(struct target *target, uint32_t address, uint8_t *data, size_t size)
{
	const uint8_t *from = memory(target, address, size);

	enum err err = fake_target_call(target, FAKE_READ_MEMORY);
	if (err)
		return err;
	if (size > target->largest_read)
		target->largest_read = size;
	if (!from)
		return ERR_TARGET_FAULT;
	memcpy(data, from, size);
	return ERR_OK;
}

enum err target_read_once(struct target *target, uint32_t address, uint8_t *data, size_t size)
{
	return target_read_memory(target, address, data, size);
}

enum err target_write_memory(
	struct target *target, uint32_t address, const uint8_t *data, size_t size)
{
	uint8_t *to = memory(target, address, size);

	enum err err = fake_target_call(target, FAKE_WRITE_MEMORY);
	if (err)
		return err;
	if (!to)
		return ERR_TARGET_FAULT;
	if (address < FAKE_RAM_START)
		return ERR_FLASH_RANGE;
	memcpy(to, data, size);
	return ERR_OK;
}

enum err target_crc(struct target *target, uint32_t address, size_t size, uint32_t *crc)
{
	const uint8_t *from = memory(target, address, size);

	enum err err = fake_target_call(target, FAKE_CRC);
	if (!err && target->hooks.yield && target->hooks.yield(target->hooks.context))
		err = ERR_CANCELLED;
	if (err || !from)
		return err ? err : ERR_TARGET_FAULT;
	*crc = 0xffffffff;
	for (size_t i = 0; i < size; i++) {
		*crc ^= (uint32_t)from[i] << 24;
		for (int bit = 0; bit < 8; bit++)
			*crc = *crc & 0x80000000 ? *crc << 1 ^ 0x04c11db7 : *crc << 1;
	}
	return ERR_OK;
}
