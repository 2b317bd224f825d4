/* The flash interface: registers, keys, and reads of the memory behind it; see flash.h. */
#include "flash.h"

#include <string.h>

#include "ahb.h"
#include "m4.h"
#include "model.h"

enum {
	ACR = 0x00,
	KEYR = 0x04,
	OPTKEYR = 0x08,
	SR = 0x0c,
	CR = 0x10,
	OPTCR = 0x14,
	OPTCR1 = 0x18,
};

#define KEY1    UINT32_C(0x45670123)
#define KEY2    UINT32_C(0xcdef89ab)
#define OPTKEY1 UINT32_C(0x08192a3b)
#define OPTKEY2 UINT32_C(0x4c5d6e7f)

#define ACR_DCEN  UINT32_C(0x00000400)
#define ACR_DCRST UINT32_C(0x00001000)

#define CR_LOCK     UINT32_C(0x80000000)
#define CR_EOPIE    UINT32_C(0x01000000)
#define CR_ERRIE    UINT32_C(0x02000000)
#define CR_WRITABLE UINT32_C(0x0301037f) /* one bank; two have MER1 and one more bit of SNB */

#define SR_ERRORS (SR_OPERR | SR_WRPERR | SR_PGAERR | SR_PGPERR | SR_PGSERR | SR_RDERR)

/* ---- state ---- */

bool flash_is_busy(const struct chip *chip)
{
	return chip->flash->operation.kind != FLASH_IDLE;
}

bool chip_is_erasing(const struct chip *chip, unsigned *sector)
{
	const struct flash_operation *operation = &chip->flash->operation;
	*sector = operation->kind == FLASH_ERASE_SECTOR ? operation->sector.number : 0;
	return operation->kind == FLASH_ERASE_SECTOR || operation->kind == FLASH_ERASE_BANKS;
}

bool flash_stalls(const struct chip *chip, uint32_t address)
{
	if (!flash_is_busy(chip))
		return false;
	const struct memory *alias = ahb_alias(chip);
	if (address < alias->size)
		address += alias->start;
	uint32_t offset = address - chip->flash_memory.start;
	if (offset >= chip->flash_memory.size)
		return address >= chip->system.start && address < chip->options[0].start + 16;
	struct flash_sector sector;
	return flash_sector_at(chip, address, &sector) &&
	       (chip->flash->operation.banks >> sector.bank & 1) != 0;
}

bool flash_core_may_read(const struct chip *chip)
{
	return !chip->flash->closed;
}

void flash_update_irq(struct chip *chip)
{
	const struct flash *flash = chip->flash;
	bool end = (flash->cr & CR_EOPIE) != 0 && (flash->sr & SR_EOP) != 0;
	bool error = (flash->cr & CR_ERRIE) != 0 && (flash->sr & SR_OPERR) != 0;
	peripheral_set_irq(chip->flash_block, 0, end || error);
}

void flash_set_error(struct chip *chip, uint32_t flags)
{
	struct flash *flash = chip->flash;
	flash->sr |= flags;
	if ((flash->cr & CR_ERRIE) != 0)
		flash->sr |= SR_OPERR;
	chip->books.flash_errors++;
	flash_update_irq(chip);
}

/* ---- reading the memory ---- */

static bool is_closed_to(const struct chip *chip, uint32_t address)
{
	bool otp = address >= OTP_START && address < OTP_END;
	bool main = address - chip->flash_memory.start < chip->flash_memory.size;
	return chip->flash->closed && (otp || main);
}

enum chip_ack flash_read(
	struct chip *chip, enum master master, uint32_t address, unsigned width, uint32_t *value)
{
	struct flash_sector sector;
	*value = 0;
	if (is_closed_to(chip, address))
		return CHIP_FAULT;
	if (master != MASTER_CORE && flash_stalls(chip, address))
		return CHIP_WAIT;
	if (!flash_sector_at(chip, address, &sector)) {
		memcpy(value, ahb_memory(chip, address, width), width);
		return CHIP_OK;
	}
	if (flash_is_read_protected(chip, &sector)) {
		flash_set_error(chip, SR_RDERR);
		return CHIP_OK;
	}
	if (master == MASTER_AP)
		flash_cache_read(chip, address, width, value);
	else
		memcpy(value, ahb_memory(chip, address, width), width);
	return CHIP_OK;
}

/* ---- registers ---- */

void flash_reset(struct chip *chip, enum reset_kind kind)
{
	struct flash *flash = chip->flash;
	if (kind == RESET_CORE)
		return;
	flash_abort(chip);
	flash->acr = flash->sr = flash->cr = 0;
	flash->lock = flash->option_lock = FLASH_LOCKED;
	flash_cache_reset(chip);
	if (reset_is_power(kind))
		flash->intruder_seen = flash->closed = false;
	flash_load_options(chip);
	flash_update_irq(chip);
}

static enum chip_ack read(struct peripheral *peripheral, uint32_t offset, uint32_t *value)
{
	struct chip *chip = peripheral->chip;
	const struct flash *flash = peripheral->state;
	switch (offset) {
	case ACR:
		*value = flash->acr;
		break;
	case SR:
		*value = flash->sr | (flash_is_busy(chip) ? SR_BSY : 0);
		break;
	case CR:
		*value = flash->cr | (flash->lock == FLASH_OPEN ? 0 : CR_LOCK);
		break;
	case OPTCR:
		*value = flash->optcr | (flash->option_lock == FLASH_OPEN ? 0 : OPTCR_OPTLOCK);
		break;
	case OPTCR1:
		*value = chip->model->dual_bank ? flash->optcr1 : 0;
		break;
	default:
		*value = 0;
	}
	return CHIP_OK;
}

static void write_acr(struct chip *chip, uint32_t value, uint32_t lanes)
{
	struct flash *flash = chip->flash;
	uint32_t latency = (UINT32_C(1) << chip->model->latency_bits) - 1;
	uint32_t old = flash->acr;
	flash->acr = merge_lanes(old, value, lanes) & (latency | UINT32_C(0x00001f00));
	/* A cache is emptied only while it is off. */
	if ((flash->acr & ACR_DCRST) != 0 && ((old | flash->acr) & ACR_DCEN) == 0)
		flash_cache_reset(chip);
}

/* Any wrong step locks until the next reset, and is a bus error at once. */
static enum chip_ack write_key(
	enum flash_lock *lock, uint32_t value, uint32_t first, uint32_t second)
{
	if (*lock == FLASH_LOCKED && value == first)
		*lock = FLASH_HALF_OPEN;
	else if (*lock == FLASH_HALF_OPEN && value == second)
		*lock = FLASH_OPEN;
	else
		*lock = FLASH_DEAD;
	return *lock == FLASH_DEAD ? CHIP_FAULT : CHIP_OK;
}

static enum chip_ack write_cr(struct chip *chip, uint32_t value, uint32_t lanes)
{
	struct flash *flash = chip->flash;
	if (flash_is_busy(chip))
		return CHIP_WAIT;
	if (flash->lock != FLASH_OPEN)
		return CHIP_OK;
	uint32_t writable = CR_WRITABLE | (chip->model->dual_bank ? CR_MER1 | 0x80 : 0);
	flash->cr = merge_lanes(flash->cr, value, lanes) & writable;
	if ((value & lanes & CR_LOCK) != 0)
		flash->lock = FLASH_LOCKED;
	if ((flash->cr & CR_STRT) != 0)
		flash_start_erase(chip);
	flash_update_irq(chip);
	return CHIP_OK;
}

static enum chip_ack write_options(
	struct chip *chip, uint32_t offset, uint32_t value, uint32_t lanes)
{
	struct flash *flash = chip->flash;
	if (flash_is_busy(chip))
		return CHIP_WAIT;
	if (flash->option_lock != FLASH_OPEN)
		return CHIP_OK;
	if (offset == OPTCR1)
		flash_write_optcr1(chip, value, lanes);
	else
		flash_write_optcr(chip, value, lanes);
	return CHIP_OK;
}

static enum chip_ack write(
	struct peripheral *peripheral, uint32_t offset, uint32_t value, uint32_t lanes)
{
	struct chip *chip = peripheral->chip;
	struct flash *flash = peripheral->state;
	switch (offset) {
	case ACR:
		write_acr(chip, value, lanes);
		return CHIP_OK;
	case KEYR:
		return write_key(&flash->lock, value, KEY1, KEY2);
	case OPTKEYR:
		return write_key(&flash->option_lock, value, OPTKEY1, OPTKEY2);
	case SR:
		flash->sr &= ~(value & lanes & (SR_EOP | SR_ERRORS));
		flash_update_irq(chip);
		return CHIP_OK;
	case CR:
		return write_cr(chip, value, lanes);
	case OPTCR:
	case OPTCR1:
		return write_options(chip, offset, value, lanes);
	default:
		return CHIP_OK;
	}
}

static uint64_t deadline(const struct peripheral *peripheral)
{
	const struct flash *flash = peripheral->state;
	return flash->operation.kind == FLASH_IDLE ? CLOCK_NEVER : flash->operation.end_ns;
}

static void tick(struct peripheral *peripheral)
{
	struct chip *chip = peripheral->chip;
	if (deadline(peripheral) > chip_now(chip))
		return;
	flash_finish(chip);
	ahb_make_waiting_stores(chip);
	chip_attend(chip);
}

/* ---- fault switches ---- */

void flash_inject_errors(struct chip *chip, uint32_t sr)
{
	chip->flash->sr |= sr & SR_ERRORS;
}

void flash_inject_key_lock(struct chip *chip)
{
	chip->flash->lock = FLASH_DEAD;
}

void flash_inject_erase(struct chip *chip, unsigned sector)
{
	struct flash *flash = chip->flash;
	if (flash_is_busy(chip))
		return;
	flash->lock = FLASH_OPEN;
	flash->cr = CR_SER | CR_STRT | sector << 3;
	flash_start_erase(chip);
}

const struct peripheral_ops flash_ops = {
	.name = "FLASH",
	.state_size = sizeof(struct flash),
	/* flash_reset() is called by name, before any other block: they ask for the options */
	.read = read,
	.write = write,
	.deadline = deadline,
	.tick = tick,
};
