/* Memory of an attached target: that part of target.h. Worker thread. */
#include "target_private.h"

#include "borrow.h"
#include "crc32.h"
#include "probe/log.h"

#define CRC_BLOCK  4096u
#define FLASH_SPAN 0x200000u /* no STM32F4 has more (RM0090 table 6) */

const struct target_region *target_memory_map(const struct target *target, size_t *count)
{
	*count = target->device.map_count;
	return target->device.map;
}

enum err target_read_memory(struct target *target, uint32_t address, uint8_t *data, size_t size)
{
	return size ? core_read_memory(&target->core, address, data, size) : ERR_OK;
}

enum err target_read_once(struct target *target, uint32_t address, uint8_t *data, size_t size)
{
	return size ? core_read_once(&target->core, address, data, size) : ERR_OK;
}

static bool is_behind_flash(const struct device *device, uint32_t address)
{
	uint32_t offset = address - device->flash_start;
	return device->flash_size && offset >= device->flash_size && offset < FLASH_SPAN;
}

enum err target_write_memory(
	struct target *target, uint32_t address, const uint8_t *data, size_t size)
{
	if (size == 0)
		return ERR_OK;
	const struct target_region *region = device_region_at(&target->device, address);
	if (region && region->kind == TARGET_FLASH) {
		log_error("0x%08X is flash: a plain memory write does not reach it; use `load`",
			address);
		return ERR_FLASH_RANGE;
	}
	/* gdb splits a load where the map ends, and writes the rest like RAM, first. */
	if (!region && is_behind_flash(&target->device, address))
		return target_check_range(target, ERR_FLASH_RANGE, address, size);
	return core_write_memory(&target->core, address, data, size);
}

enum err target_prefetch(struct target *target)
{
	return core_prefetch(&target->core);
}

void target_use_cache(struct target *target, bool use)
{
	target->core.cache.off = !use;
	cache_drop(&target->core.cache);
}

uint64_t target_transfers(const struct target *target)
{
	return probe_transfers(target->probe);
}

static enum err crc_by_reading(struct target *target, uint32_t address, size_t size, uint32_t *crc)
{
	uint8_t block[CRC_BLOCK];
	*crc = CRC32_INITIAL;
	while (size > 0) {
		size_t now = size < sizeof(block) ? size : sizeof(block);
		enum err err = target_read_memory(target, address, block, now);
		if (err)
			return err;
		*crc = crc32_add(*crc, block, now);
		address += (uint32_t)now;
		size -= now;
	}
	return ERR_OK;
}

/* Whole words on the chip, what is left at both ends by reading. */
enum err target_crc(struct target *target, uint32_t address, size_t size, uint32_t *crc)
{
	size_t head = (4 - address % 4) % 4;
	if (size < BORROW_WORTHWHILE || patches_touch(&target->core.patches, address, size))
		return crc_by_reading(target, address, size, crc);
	size_t middle = (size - head) & ~(size_t)3, tail = size - head - middle;
	uint32_t first = address + (uint32_t)head, behind = first + (uint32_t)middle;
	uint32_t part;
	enum err err = borrow_crc(&target->core, &target->device, first, middle, &part);
	if (err == ERR_UNSUPPORTED)
		return crc_by_reading(target, address, size, crc);
	if (!err)
		err = crc_by_reading(target, address, head, crc);
	*crc = crc32_join(*crc, part, middle);
	if (!err)
		err = crc_by_reading(target, behind, tail, &part);
	*crc = crc32_join(*crc, part, tail);
	return err;
}
