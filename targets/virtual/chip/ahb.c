/* The bus: address decoding; see ahb.h. What the core sees through Unicorn is in ahb_core.c. */
#include "ahb.h"

#include <string.h>

#include "flash.h"
#include "m4.h"
#include "rcc.h"
#include "syscfg.h"

#define PRIVATE_BUS UINT32_C(0xe0000000)
#define PRIVATE_END UINT32_C(0xe0100000)

/* ---- plain memory ---- */

const struct memory *ahb_alias(const struct chip *chip)
{
	switch (syscfg_memory_mode(chip)) {
	case SYSCFG_MEMORY_SYSTEM:
		return &chip->system;
	case SYSCFG_MEMORY_SRAM:
		return &chip->sram;
	default:
		return &chip->flash_memory;
	}
}

static bool holds(const struct memory *memory, uint32_t address, size_t size)
{
	uint32_t offset = address - memory->start;
	return memory->data != NULL && offset < memory->size && size <= memory->size - offset;
}

/* An address in the alias at 0, as the address that it stands for. */
static uint32_t unalias(const struct chip *chip, uint32_t address)
{
	const struct memory *alias = ahb_alias(chip);
	return address < alias->size ? alias->start + address : address;
}

static const struct memory *find_memory(const struct chip *chip, uint32_t address, size_t size)
{
	const struct memory *const all[] = {&chip->flash_memory, &chip->sram, &chip->ccm,
		&chip->system, &chip->options[0], &chip->options[1], &chip->backup};
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		if (holds(all[i], address, size))
			return all[i];
	return NULL;
}

uint8_t *ahb_memory(const struct chip *chip, uint32_t address, size_t size)
{
	address = unalias(chip, address);
	const struct memory *memory = find_memory(chip, address, size);
	return memory == NULL ? NULL : memory->data + (address - memory->start);
}

static bool is_flash_like(const struct chip *chip, const struct memory *memory)
{
	return memory == &chip->flash_memory || memory == &chip->system ||
	       memory == &chip->options[0] || memory == &chip->options[1];
}

/* CCM hangs on the core's data bus alone, BKPSRAM needs its clock and PWR_CR.DBP. */
static bool is_reachable(
	const struct chip *chip, const struct memory *memory, enum master master, bool write)
{
	if (memory == &chip->ccm)
		return master != MASTER_DMA;
	if (memory == &chip->backup)
		return rcc_backup_sram_is_on(chip, write);
	return true;
}

static enum chip_ack read_memory(struct chip *chip, enum master master, const struct memory *memory,
	uint32_t address, unsigned width, uint32_t *value)
{
	*value = 0;
	if (!is_reachable(chip, memory, master, false))
		return master == MASTER_DMA ? CHIP_FAULT : CHIP_OK;
	if (is_flash_like(chip, memory))
		return flash_read(chip, master, address, width, value);
	memcpy(value, memory->data + (address - memory->start), width);
	return CHIP_OK;
}

static enum chip_ack write_memory(struct chip *chip, enum master master,
	const struct memory *memory, uint32_t address, unsigned width, uint32_t value)
{
	if (!is_reachable(chip, memory, master, true))
		return master == MASTER_DMA ? CHIP_FAULT : CHIP_OK;
	if (is_flash_like(chip, memory))
		return flash_store(chip, address, width, value);
	memcpy(memory->data + (address - memory->start), &value, width);
	engine_touch(chip->core->engine, address, width);
	return CHIP_OK;
}

/* ---- peripherals ---- */

static struct peripheral *find_peripheral(const struct chip *chip, uint32_t address)
{
	size_t low = 0, high = chip->peripheral_count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		struct peripheral *peripheral = &chip->peripherals[middle];
		if (address < peripheral->row->base)
			high = middle;
		else if (address - peripheral->row->base < peripheral->row->size)
			return peripheral;
		else
			low = middle + 1;
	}
	return NULL;
}

/* Within the 4 KiB of a component of the private bus, registers that it does not have read 0. */
static bool is_reserved_private(const struct chip *chip, uint32_t address)
{
	for (size_t i = 0; i < chip->peripheral_count; i++)
		if (((chip->peripherals[i].row->base ^ address) & ~UINT32_C(0xfff)) == 0)
			return address >= PRIVATE_BUS && address < PRIVATE_END;
	return false;
}

static bool is_forbidden(const struct chip *chip, enum master master, uint32_t address)
{
	if (address < PRIVATE_BUS || address >= PRIVATE_END)
		return false;
	if (master == MASTER_DMA)
		return true;
	if (master == MASTER_AP)
		return false;
	struct engine *engine = chip->core->engine;
	return (engine_get(engine, ENGINE_CONTROL) & CONTROL_NPRIV) != 0 &&
	       (engine_get(engine, ENGINE_XPSR) & 0x1ff) == 0;
}

/* While the reset is held, only the debug blocks answer. */
static bool is_held(const struct chip *chip, uint32_t address)
{
	return chip_held_in_reset(chip) && (address < PRIVATE_BUS || address >= PRIVATE_END);
}

static void begin(struct chip *chip, enum master master, unsigned width)
{
	chip->master = master;
	chip->access_width = width;
}

static enum chip_ack read_peripheral(
	struct chip *chip, enum master master, uint32_t address, unsigned width, uint32_t *value)
{
	*value = 0;
	struct peripheral *peripheral = find_peripheral(chip, address);
	if (is_forbidden(chip, master, address))
		return CHIP_FAULT;
	if (peripheral == NULL)
		return is_reserved_private(chip, address) ? CHIP_OK : CHIP_FAULT;
	if (!peripheral_is_clocked(peripheral))
		return CHIP_OK;
	begin(chip, master, width);
	uint32_t word = 0, offset = address - peripheral->row->base;
	enum chip_ack ack = peripheral->ops->read(peripheral, offset & ~UINT32_C(3), &word);
	*value = word >> (8 * (address & 3));
	if (width < 4)
		*value &= (UINT32_C(1) << (8 * width)) - 1;
	return ack;
}

static enum chip_ack write_peripheral(
	struct chip *chip, enum master master, uint32_t address, unsigned width, uint32_t value)
{
	struct peripheral *peripheral = find_peripheral(chip, address);
	if (is_forbidden(chip, master, address))
		return CHIP_FAULT;
	if (peripheral == NULL)
		return is_reserved_private(chip, address) ? CHIP_OK : CHIP_FAULT;
	if (!peripheral_is_clocked(peripheral))
		return CHIP_OK;
	begin(chip, master, width);
	unsigned shift = 8 * (address & 3);
	uint32_t lanes = width == 4 ? ~UINT32_C(0) : ((UINT32_C(1) << (8 * width)) - 1) << shift;
	uint32_t offset = (address - peripheral->row->base) & ~UINT32_C(3);
	return peripheral->ops->write(peripheral, offset, value << shift, lanes);
}

/* ---- a memory or a peripheral ---- */

static enum chip_ack read_plain(
	struct chip *chip, enum master master, uint32_t address, unsigned width, uint32_t *value)
{
	address = unalias(chip, address);
	const struct memory *memory = find_memory(chip, address, width);
	if (memory != NULL)
		return read_memory(chip, master, memory, address, width, value);
	return read_peripheral(chip, master, address, width, value);
}

static enum chip_ack write_plain(
	struct chip *chip, enum master master, uint32_t address, unsigned width, uint32_t value)
{
	address = unalias(chip, address);
	const struct memory *memory = find_memory(chip, address, width);
	if (memory != NULL)
		return write_memory(chip, master, memory, address, width, value);
	return write_peripheral(chip, master, address, width, value);
}

/* ---- bit-banding: 32 MiB of words, each a bit of the first MiB ---- */

static bool is_bit_band(uint32_t address)
{
	return (address & UINT32_C(0xfe000000)) == UINT32_C(0x22000000) ||
	       (address & UINT32_C(0xfe000000)) == UINT32_C(0x42000000);
}

/* The word that holds the bit, and the bit. */
static uint32_t bit_band_target(uint32_t address, unsigned *bit)
{
	uint32_t offset = address & UINT32_C(0x01ffffff);
	uint32_t byte = (address & UINT32_C(0xf0000000)) + offset / 32;
	*bit = (byte & 3) * 8 + (offset / 4) % 8;
	return byte & ~UINT32_C(3);
}

static enum chip_ack read_bit(
	struct chip *chip, enum master master, uint32_t address, uint32_t *value)
{
	unsigned bit;
	uint32_t target = bit_band_target(address, &bit), word = 0;
	enum chip_ack ack = read_plain(chip, master, target, 4, &word);
	*value = word >> bit & 1;
	return ack;
}

/* A read and a write of the whole word: flags that the read or the write clears are cleared. */
static enum chip_ack write_bit(
	struct chip *chip, enum master master, uint32_t address, uint32_t value)
{
	unsigned bit;
	uint32_t target = bit_band_target(address, &bit), word = 0;
	enum chip_ack ack = read_plain(chip, master, target, 4, &word);
	if (ack != CHIP_OK)
		return ack;
	word = (word & ~(UINT32_C(1) << bit)) | (value & 1) << bit;
	return write_plain(chip, master, target, 4, word);
}

/* ---- any access ---- */

enum chip_ack ahb_read(
	struct chip *chip, enum master master, uint32_t address, unsigned width, uint32_t *value)
{
	*value = 0;
	if (is_held(chip, address))
		return CHIP_FAULT;
	if (is_bit_band(address))
		return read_bit(chip, master, address, value);
	return read_plain(chip, master, address, width, value);
}

enum chip_ack ahb_write(
	struct chip *chip, enum master master, uint32_t address, unsigned width, uint32_t value)
{
	if (is_held(chip, address))
		return CHIP_FAULT;
	if (is_bit_band(address))
		return write_bit(chip, master, address, value);
	return write_plain(chip, master, address, width, value);
}
