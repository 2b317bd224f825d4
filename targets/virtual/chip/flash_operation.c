/*
 * Erasing and programming: what starts an operation, what forbids it, what it leaves behind.
 *
 * Memory changes when the operation ends; a reset before that leaves undefined contents. From:
 * RM0368 3.6 and 3.7.
 */
#include <string.h>

#include "ahb.h"
#include "flash.h"
#include "m4.h"
#include "model.h"

enum { ROW = 16, OTP_BLOCK = 32, OTP_BLOCKS = 16 };

#define SLOWEST_HCLK   1000000
#define CORRUPT_ONE_IN 64

/* ---- starting ---- */

void flash_start(struct chip *chip, const struct flash_operation *operation, uint64_t duration_ns)
{
	struct flash *flash = chip->flash;
	flash->operation = *operation;
	flash->operation.start_ns = chip_now(chip);
	flash->operation.end_ns =
		chip->faults.bsy_stuck ? CLOCK_NEVER : flash->operation.start_ns + duration_ns;
	flash->operation.without_effect = chip->hclk.hz < SLOWEST_HCLK;
	faults_on_flash(chip, &flash->operation);
	m4_update_interest(chip->core);
	chip_attend(chip);
}

static unsigned psize_of(const struct flash *flash)
{
	return flash->cr >> 8 & 3;
}

static void start_sector_erase(struct chip *chip)
{
	struct flash *flash = chip->flash;
	unsigned snb = flash->cr >> 3 & (chip->model->dual_bank ? 0x1f : 0xf);
	struct flash_operation operation = {.kind = FLASH_ERASE_SECTOR, .psize = psize_of(flash)};
	if (!flash_sector_of_snb(chip, snb, &operation.sector) ||
		flash_is_write_protected(chip, &operation.sector)) {
		flash_set_error(chip, SR_WRPERR);
		return;
	}
	operation.banks = 1u << operation.sector.bank;
	flash_start(chip, &operation, flash_erase_ns(chip, operation.sector.size, operation.psize));
}

static bool any_protected(const struct chip *chip, unsigned banks)
{
	struct flash_sector sector;
	for (unsigned n = 0; flash_sector_nth(chip, n, &sector); n++)
		if ((banks >> sector.bank & 1) != 0 && flash_is_write_protected(chip, &sector))
			return true;
	return false;
}

static void start_mass_erase(struct chip *chip, unsigned banks)
{
	struct flash *flash = chip->flash;
	struct flash_operation operation = {
		.kind = FLASH_ERASE_BANKS, .psize = psize_of(flash), .banks = banks};
	if (any_protected(chip, banks))
		flash_set_error(chip, SR_WRPERR);
	else
		flash_start(chip, &operation, flash_mass_erase_ns(chip, operation.psize));
}

void flash_start_erase(struct chip *chip)
{
	struct flash *flash = chip->flash;
	uint32_t mer1 = chip->model->dual_bank ? flash->cr & CR_MER1 : 0;
	unsigned banks = ((flash->cr & CR_MER) != 0 ? 1 : 0) | (mer1 != 0 ? 2 : 0);
	bool sector = (flash->cr & CR_SER) != 0;
	if (flash->closed || (sector && banks != 0))
		flash_set_error(chip, SR_WRPERR);
	else if (sector)
		start_sector_erase(chip);
	else if (banks != 0)
		start_mass_erase(chip, banks);
	/* STRT with neither is "unpredictable": here nothing happens. */
	if (!flash_is_busy(chip))
		flash->cr &= ~CR_STRT;
}

/* ---- programming ---- */

/* OTP: a block is closed by a 0 in its lock byte; lock bytes themselves may be written once. */
static bool otp_is_locked(const struct chip *chip, uint32_t address)
{
	const uint8_t *locks = chip->system.data + (OTP_LOCKS - chip->system.start);
	unsigned block =
		address < OTP_LOCKS ? (address - OTP_START) / OTP_BLOCK : address - OTP_LOCKS;
	return locks[block % OTP_BLOCKS] != 0xff;
}

static uint32_t error_of_store(const struct chip *chip, uint32_t address, unsigned width)
{
	const struct flash *flash = chip->flash;
	struct flash_sector sector;
	bool otp = address >= OTP_START && address < OTP_END;
	if ((flash->cr & CR_PG) == 0)
		return SR_PGSERR;
	if (address / ROW != (address + width - 1) / ROW)
		return SR_PGAERR;
	if (width != 1u << psize_of(flash) || address % width != 0)
		return SR_PGPERR;
	if (flash->closed)
		return SR_WRPERR;
	if (otp)
		return otp_is_locked(chip, address) ? SR_WRPERR : 0;
	if (!flash_sector_at(chip, address, &sector)) /* system memory, option area */
		return SR_WRPERR;
	return flash_is_write_protected(chip, &sector) ? SR_WRPERR : 0;
}

enum chip_ack flash_store(struct chip *chip, uint32_t address, unsigned width, uint32_t value)
{
	if (flash_is_busy(chip))
		return CHIP_WAIT;
	uint32_t error = error_of_store(chip, address, width);
	if (error != 0) {
		flash_set_error(chip, error);
		return CHIP_OK;
	}
	struct flash_sector sector = {.bank = 0};
	(void)flash_sector_at(chip, address, &sector);
	const struct flash_operation operation = {.kind = FLASH_PROGRAM,
		.psize = psize_of(chip->flash),
		.banks = 1u << sector.bank,
		.address = address,
		.width = width,
		.value = value};
	flash_start(chip, &operation, flash_program_ns(chip));
	return CHIP_OK;
}

/* ---- ending ---- */

/* A width that the supply cannot feed "may read back right but not be retained" (RM0368 3.6.2).
 * Here some words, always the same ones, are visibly wrong: that is what a verify can find. */
static uint32_t leaked_bits(const struct chip *chip, uint32_t address)
{
	const struct flash_operation *operation = &chip->flash->operation;
	uint32_t random = chip_random(chip, address);
	bool weak = chip->faults.has_weak_bit && (chip->faults.weak_bit & ~3u) == (address & ~3u);
	bool starved = operation->psize > flash_widest(chip) && random % CORRUPT_ONE_IN == 0;
	return weak || starved ? UINT32_C(1) << (random >> 8 & 31) : 0;
}

static void finish_program(struct chip *chip)
{
	const struct flash_operation *operation = &chip->flash->operation;
	uint8_t *data = ahb_memory(chip, operation->address, operation->width);
	uint32_t old = 0;
	memcpy(&old, data, operation->width);
	uint32_t new = old &(operation->value | leaked_bits(chip, operation->address));
	memcpy(data, &new, operation->width);
	flash_cache_program(chip, operation->address);
	engine_touch(chip->core->engine, operation->address, operation->width);
	if (operation->psize < 3)
		chip->books.programmed[operation->psize]++;
}

static void blank(struct chip *chip, const struct flash_sector *sector)
{
	uint8_t *data = chip->flash_memory.data + (sector->address - chip->flash_memory.start);
	memset(data, 0xff, sector->size);
	for (uint32_t i = 0; i < sector->size && chip->flash->operation.psize > flash_widest(chip);
		i += 4)
		if (chip_random(chip, sector->address + i) % CORRUPT_ONE_IN == 0)
			data[i] = 0xfe;
	uint32_t weak = chip->faults.weak_erase - sector->address;
	if (chip->faults.has_weak_erase && weak < sector->size)
		data[weak] = 0xfe;
	engine_touch(chip->core->engine, sector->address, sector->size);
}

static void blank_banks(struct chip *chip, unsigned banks)
{
	struct flash_sector sector;
	for (unsigned n = 0; flash_sector_nth(chip, n, &sector); n++)
		if ((banks >> sector.bank & 1) != 0)
			blank(chip, &sector);
	chip->books.mass_erases++;
}

static void make_changes(struct chip *chip)
{
	const struct flash_operation *operation = &chip->flash->operation;
	switch (operation->kind) {
	case FLASH_PROGRAM:
		finish_program(chip);
		break;
	case FLASH_ERASE_SECTOR:
		blank(chip, &operation->sector);
		if (operation->psize < 3)
			chip->books.erases[operation->psize]++;
		break;
	case FLASH_ERASE_BANKS:
		blank_banks(chip, operation->banks);
		break;
	case FLASH_WRITE_OPTIONS:
		if (operation->also_mass_erase) {
			blank_banks(chip, 3);
			if (chip->backup.data != NULL)
				memset(chip->backup.data, 0, chip->backup.size);
		}
		flash_finish_options(chip);
		break;
	case FLASH_IDLE:
		break;
	}
}

static void count_time(struct chip *chip)
{
	const struct flash_operation *operation = &chip->flash->operation;
	uint64_t ns = chip_now(chip) - operation->start_ns;
	if (operation->kind == FLASH_PROGRAM)
		chip->books.program_ns += ns;
	else
		chip->books.erase_ns += ns;
}

void flash_finish(struct chip *chip)
{
	struct flash *flash = chip->flash;
	count_time(chip);
	if (!flash->operation.without_effect)
		make_changes(chip);
	flash->operation.kind = FLASH_IDLE;
	flash->cr &= ~CR_STRT;
	flash->optcr &= ~OPTCR_OPTSTRT;
	if ((flash->cr >> 24 & 1) != 0) /* EOPIE: without it EOP stays 0 */
		flash->sr |= SR_EOP;
	flash_update_irq(chip);
	m4_update_interest(chip->core);
}

/* Some cells have changed already, some have not, some are in between. */
static void scramble(struct chip *chip, const struct flash_sector *sector)
{
	uint8_t *data = chip->flash_memory.data + (sector->address - chip->flash_memory.start);
	for (uint32_t i = 0; i < sector->size; i++) {
		uint32_t random = chip_random(chip, sector->address + i);
		if (random % 4 != 0)
			data[i] = (uint8_t)(data[i] | (random % 4 == 1 ? random >> 8 : 0xff));
	}
	engine_touch(chip->core->engine, sector->address, sector->size);
}

void flash_abort(struct chip *chip)
{
	struct flash *flash = chip->flash;
	struct flash_sector sector;
	switch (flash->operation.kind) {
	case FLASH_ERASE_SECTOR:
		scramble(chip, &flash->operation.sector);
		break;
	case FLASH_ERASE_BANKS:
		for (unsigned n = 0; flash_sector_nth(chip, n, &sector); n++)
			if ((flash->operation.banks >> sector.bank & 1) != 0)
				scramble(chip, &sector);
		break;
	case FLASH_PROGRAM:
		flash->operation.value |= chip_random(chip, flash->operation.address);
		finish_program(chip);
		break;
	case FLASH_WRITE_OPTIONS: /* the old option bytes survive here, or nothing could go on */
	case FLASH_IDLE:
		break;
	}
	flash->operation.kind = FLASH_IDLE;
	chip->waiting_count = 0;
	m4_update_interest(chip->core);
}
