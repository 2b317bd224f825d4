/*
 * The data cache of the ART accelerator: 8 lines of 16 bytes, in front of the flash.
 *
 * Programming keeps it right, erasing does not: software has to reset it (RM0368 3.4.2). Here only
 * a debugger's reads go through it; the core's own, and the 64 instruction lines, are not modelled,
 * because Unicorn reads memory directly. So a verify after an erase is caught, stale code is not.
 */
#include <string.h>

#include "flash.h"

#define ACR_DCEN UINT32_C(0x00000400)

static struct flash_cache_line *find(struct flash *flash, uint32_t line)
{
	for (unsigned i = 0; i < CACHE_LINES; i++)
		if (flash->cache[i].valid && flash->cache[i].address == line)
			return &flash->cache[i];
	return NULL;
}

static void fill(struct chip *chip, struct flash_cache_line *entry, uint32_t line)
{
	const struct memory *memory = &chip->flash_memory;
	entry->valid = true;
	entry->address = line;
	memcpy(entry->data, memory->data + (line - memory->start), CACHE_LINE);
}

void flash_cache_read(struct chip *chip, uint32_t address, unsigned width, uint32_t *value)
{
	struct flash *flash = chip->flash;
	const struct memory *memory = &chip->flash_memory;
	uint32_t line = address & ~(uint32_t)(CACHE_LINE - 1);
	*value = 0;
	if ((flash->acr & ACR_DCEN) == 0) {
		memcpy(value, memory->data + (address - memory->start), width);
		return;
	}
	struct flash_cache_line *entry = find(flash, line);
	if (entry == NULL) {
		entry = &flash->cache[flash->cache_next];
		flash->cache_next = (flash->cache_next + 1) % CACHE_LINES;
		fill(chip, entry, line);
	}
	memcpy(value, entry->data + (address - line), width);
}

void flash_cache_program(struct chip *chip, uint32_t address)
{
	uint32_t line = address & ~(uint32_t)(CACHE_LINE - 1);
	struct flash_cache_line *entry = find(chip->flash, line);
	if (entry != NULL)
		fill(chip, entry, line);
}

void flash_cache_reset(struct chip *chip)
{
	for (unsigned i = 0; i < CACHE_LINES; i++)
		chip->flash->cache[i].valid = false;
}
