/*
 * Option bytes: OPTCR, OPTCR1, and the protections they stand for.
 *
 * Their image lies in the option area of the flash and is loaded by every reset. From: RM0368 3.8
 * (option bytes, RDP, WRP, PCROP), RM0090 3.7.
 */
#include <string.h>

#include "flash.h"
#include "model.h"

#define OPTCR_RDP   UINT32_C(0x0000ff00)
#define OPTCR_USER  UINT32_C(0x000000ec) /* BOR_LEV, WDG_SW, nRST_STOP, nRST_STDBY */
#define OPTCR_NWRP  UINT32_C(0x0fff0000)
#define DELIVERED   UINT32_C(0x0fffaaec)
#define DELIVERED_1 UINT32_C(0x0fff0000)

enum { RDP_LEVEL_0 = 0xaa, RDP_LEVEL_2 = 0xcc };
enum { WORD_2 = 8 }; /* where the second half-word of the image lies */

/* ---- the image ---- */

static uint32_t image_of(const struct memory *area)
{
	uint32_t low = 0, high = 0;
	memcpy(&low, area->data, 2);
	memcpy(&high, area->data + WORD_2, 2);
	return low | high << 16;
}

static void store_image(struct memory *area, uint32_t value)
{
	uint32_t high = value >> 16;
	memcpy(area->data, &value, 2);
	memcpy(area->data + WORD_2, &high, 2);
}

void flash_format(struct chip *chip)
{
	uint32_t unprotected = ((UINT32_C(1) << chip->model->wrp_bits) - 1) << 16;
	store_image(&chip->options[0], DELIVERED | unprotected);
	if (chip->options[1].data != NULL)
		store_image(&chip->options[1], DELIVERED_1);
}

static unsigned level_of(uint32_t optcr)
{
	uint32_t rdp = (optcr & OPTCR_RDP) >> 8;
	return rdp == RDP_LEVEL_0 ? 0 : rdp == RDP_LEVEL_2 ? 2 : 1;
}

unsigned flash_rdp_level(const struct chip *chip)
{
	return level_of(chip->flash->loaded);
}

/* Level 1 and somebody who is no guest: the flash is closed until the power goes off. */
static void close_if_intruded(struct chip *chip)
{
	struct flash *flash = chip->flash;
	if (flash->closed || !flash->intruder_seen || flash_rdp_level(chip) == 0)
		return;
	flash->closed = true;
	chip->remap_wanted = true;
	chip_attend(chip);
}

void flash_load_options(struct chip *chip)
{
	struct flash *flash = chip->flash;
	flash->optcr = flash->loaded = image_of(&chip->options[0]);
	flash->optcr1 = flash->loaded1 =
		chip->options[1].data == NULL ? 0 : image_of(&chip->options[1]) & OPTCR_NWRP;
	close_if_intruded(chip);
}

void flash_note_intruder(struct chip *chip)
{
	chip->flash->intruder_seen = true;
	close_if_intruded(chip);
}

/* ---- the registers ---- */

static uint32_t writable_bits(const struct model *model)
{
	uint32_t wrp = ((UINT32_C(1) << model->wrp_bits) - 1) << 16;
	return OPTCR_USER | OPTCR_RDP | wrp | (model->pcrop ? OPTCR_SPRMOD : 0) |
	       (model->dual_bank ? OPTCR_BFB2 : 0) | (model->db1m ? OPTCR_DB1M : 0);
}

/* PCROP can only be taken back together with RDP 1 to 0, which erases everything. */
static bool relaxes_pcrop(const struct flash *flash, uint32_t wrp_bits)
{
	if ((flash->loaded & OPTCR_SPRMOD) == 0)
		return false;
	uint32_t freed = flash->loaded & ~flash->optcr & wrp_bits;
	return (flash->optcr & OPTCR_SPRMOD) == 0 || freed != 0;
}

static void start_options(struct chip *chip)
{
	struct flash *flash = chip->flash;
	unsigned old = flash_rdp_level(chip), new = level_of(flash->optcr);
	uint32_t wrp_bits = ((UINT32_C(1) << chip->model->wrp_bits) - 1) << 16;
	bool regression = old == 1 && new == 0;
	if (old == 2 || (!regression && relaxes_pcrop(flash, wrp_bits))) {
		flash_set_error(chip, SR_WRPERR);
		return;
	}
	const struct flash_operation operation = {.kind = FLASH_WRITE_OPTIONS,
		.psize = flash->cr >> 8 & 3,
		.banks = 3,
		.also_mass_erase = regression};
	uint64_t ns = flash_erase_ns(chip, 16 * 1024, operation.psize);
	if (regression)
		ns += flash_mass_erase_ns(chip, operation.psize);
	flash->optcr |= OPTCR_OPTSTRT;
	flash_start(chip, &operation, ns);
}

void flash_write_optcr(struct chip *chip, uint32_t value, uint32_t lanes)
{
	struct flash *flash = chip->flash;
	flash->optcr = merge_lanes(flash->optcr, value, lanes & writable_bits(chip->model));
	value &= lanes;
	if ((value & OPTCR_OPTLOCK) != 0)
		flash->option_lock = FLASH_LOCKED;
	if ((value & OPTCR_OPTSTRT) != 0)
		start_options(chip);
}

void flash_write_optcr1(struct chip *chip, uint32_t value, uint32_t lanes)
{
	struct flash *flash = chip->flash;
	if (chip->model->dual_bank)
		flash->optcr1 = merge_lanes(flash->optcr1, value, lanes & OPTCR_NWRP);
}

void flash_finish_options(struct chip *chip)
{
	struct flash *flash = chip->flash;
	uint32_t value = flash->optcr & ~(OPTCR_OPTSTRT | OPTCR_OPTLOCK);
	store_image(&chip->options[0], value);
	if (chip->options[1].data != NULL)
		store_image(&chip->options[1], flash->optcr1);
	/* WDG_SW and RDP level 2 wait for a reset; the rest is in force. */
	uint32_t later = OPTCR_WDG_SW | (level_of(value) == 2 ? OPTCR_RDP : 0);
	flash->loaded = (value & ~later) | (flash->loaded & later);
	flash->loaded1 = flash->optcr1;
	close_if_intruded(chip);
}

bool flash_inject_options(struct chip *chip, uint32_t clear, uint32_t set)
{
	uint32_t writable = writable_bits(chip->model);
	if (((clear | set) & ~writable) != 0)
		return false;
	store_image(&chip->options[0], (image_of(&chip->options[0]) & ~clear) | set);
	flash_load_options(chip);
	return true;
}

/* ---- what they stand for ---- */

/* The nWRP bit of a sector. The F413's last bit covers its two last sectors. */
static bool nwrp_bit(const struct chip *chip, const struct flash_sector *sector)
{
	const struct flash *flash = chip->flash;
	if (sector->bank == 1)
		return (flash->loaded1 >> (16 + sector->number - 12) & 1) != 0;
	unsigned last = chip->model->wrp_bits - 1u;
	unsigned bit = sector->number < last ? sector->number : last;
	return (flash->loaded >> (16 + bit) & 1) != 0;
}

static bool has_pcrop(const struct chip *chip)
{
	return chip->model->pcrop && (chip->flash->loaded & OPTCR_SPRMOD) != 0;
}

bool flash_is_write_protected(const struct chip *chip, const struct flash_sector *sector)
{
	return nwrp_bit(chip, sector) == has_pcrop(chip);
}

bool flash_is_read_protected(const struct chip *chip, const struct flash_sector *sector)
{
	return has_pcrop(chip) && nwrp_bit(chip, sector);
}

unsigned flash_brown_out_mv(const struct chip *chip)
{
	static const uint16_t levels_mv[] = {2830, 2500, 2190, 1680}; /* the last: PDR only */
	return levels_mv[chip->flash->loaded >> 2 & 3];
}

bool flash_watchdog_is_hardware(const struct chip *chip)
{
	return (chip->flash->loaded & OPTCR_WDG_SW) == 0;
}

bool flash_allows_stop(const struct chip *chip)
{
	return (chip->flash->loaded & OPTCR_NRST_STOP) != 0;
}

bool flash_allows_standby(const struct chip *chip)
{
	return (chip->flash->loaded & OPTCR_NRST_STDBY) != 0;
}
