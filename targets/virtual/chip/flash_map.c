/*
 * Sectors: 4 x 16 KiB, 64 KiB, then 128 KiB each, in one bank or two. From: RM0368 table 5, RM0090
 * tables 5 to 7.
 *
 * A second bank's sectors are numbered from 12, and encoded in SNB as 0x10 + number - 12.
 */
#include "flash.h"
#include "model.h"

#define KIB 1024u

enum { SECOND_BANK = 12, SNB_SECOND_BANK = 0x10 };

static uint32_t size_in_bank(unsigned index)
{
	return index < 4 ? 16 * KIB : index == 4 ? 64 * KIB : 128 * KIB;
}

static uint32_t offset_in_bank(unsigned index)
{
	uint32_t offset = 0;
	for (unsigned i = 0; i < index; i++)
		offset += size_in_bank(i);
	return offset;
}

static bool has_two_banks(const struct chip *chip)
{
	const struct model *model = chip->model;
	if (!model->dual_bank)
		return false;
	return model->flash_kb > 1024 || (model->db1m && (chip->flash->loaded & OPTCR_DB1M) != 0);
}

static uint32_t bank_size(const struct chip *chip)
{
	return chip->flash_memory.size / (has_two_banks(chip) ? 2 : 1);
}

static bool sector_in_bank(
	const struct chip *chip, unsigned bank, unsigned index, struct flash_sector *sector)
{
	uint32_t offset = offset_in_bank(index);
	if (offset >= bank_size(chip))
		return false;
	*sector = (struct flash_sector){
		.number = index + bank * SECOND_BANK,
		.address = chip->flash_memory.start + bank * bank_size(chip) + offset,
		.size = size_in_bank(index),
		.bank = bank,
	};
	return true;
}

bool flash_sector_of_snb(const struct chip *chip, unsigned snb, struct flash_sector *sector)
{
	if (snb < SNB_SECOND_BANK) {
		if (has_two_banks(chip) && snb >= SECOND_BANK)
			return false;
		return sector_in_bank(chip, 0, snb, sector);
	}
	return has_two_banks(chip) && snb - SNB_SECOND_BANK < SECOND_BANK &&
	       sector_in_bank(chip, 1, snb - SNB_SECOND_BANK, sector);
}

bool flash_sector_nth(const struct chip *chip, unsigned n, struct flash_sector *sector)
{
	if (sector_in_bank(chip, 0, n, sector))
		return true;
	unsigned in_first = 0;
	while (sector_in_bank(chip, 0, in_first, sector))
		in_first++;
	return has_two_banks(chip) && sector_in_bank(chip, 1, n - in_first, sector);
}

bool flash_sector_at(const struct chip *chip, uint32_t address, struct flash_sector *sector)
{
	for (unsigned n = 0; flash_sector_nth(chip, n, sector); n++)
		if (address - sector->address < sector->size)
			return true;
	return false;
}
