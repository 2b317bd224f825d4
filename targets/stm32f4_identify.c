/*
 * Which STM32F4 it is, and whether it is one: see stm32f4_identify.h. Worker thread.
 *
 * Sources: RM0090 rev 21, 38.6 (DBGMCU_IDCODE), 39.2 (flash size); CoreSight Architecture
 * Specification, B2.2 (PIDR: who designed the chip). Clones answer like ST's in everything but
 * that.
 */
#include "stm32f4_identify.h"

#include "cortexm_registers.h"
#include "family.h"
#include "probe/log.h"
#include "stm32f4_chips.h"
#include "stm32f4_registers.h"

#include <stdio.h>
#include <strings.h>

/* Erratum of the F405/F407 rev A (ES0182): it calls itself 0x411, an STM32F2, but has a Cortex-M4.
 */
static uint16_t dev_id_of(uint32_t idcode)
{
	uint16_t dev_id = idcode & 0xFFF;
	return dev_id == 0x411 ? 0x413 : dev_id;
}

/* The factory wrote the size in KiB; 0 and 0xFFFF are seen on odd parts and mean the largest. */
static unsigned flash_kb_of(const struct stm32f4_chip *chip, uint32_t size_word)
{
	unsigned kb = size_word >> 16;
	if (kb != 0 && kb <= chip->flash_max_kb)
		return kb;
	log_warn("the flash size register reads %u KiB; assuming the %u KiB of the largest %s", kb,
		chip->flash_max_kb, chip->name);
	return chip->flash_max_kb;
}

static bool has_two_banks(struct bus *bus, const struct stm32f4_chip *chip, unsigned flash_kb)
{
	if (!chip->has_bank2 || flash_kb < 1024)
		return false;
	return flash_kb > 1024 || bus_read(bus, FLASH_OPTCR) & OPTCR_DB1M;
}

static void read_identity(struct bus *bus, struct device *device)
{
	struct bus_later id = bus_read_later(bus, DBGMCU_IDCODE);
	struct bus_later pidr1 = bus_read_later(bus, ROM_TABLE_PIDR1);
	struct bus_later pidr2 = bus_read_later(bus, ROM_TABLE_PIDR2);
	bus_flush(bus);
	device->id = bus_value(bus, id);
	device->is_foreign = JEP106_OF(bus_value(bus, pidr1), bus_value(bus, pidr2)) != JEP106_ST;
}

/* What the chip says of itself counts, unless it is a stranger and the user knows it. */
static const struct stm32f4_chip *choose(const char *named, struct device *device)
{
	const struct stm32f4_chip *chip = stm32f4_find_chip(dev_id_of(device->id));
	bool is_strange = !chip || device->is_foreign;
	if (named && is_strange) {
		device->is_named = true;
		chip = stm32f4_find_name(named);
	}
	if (device->is_named && chip)
		log_warn("device id %08X, %s: it is taken for an %s, as --chip says", device->id,
			device->is_foreign ? "not made by ST" : "not known", chip->name);
	else if (chip && is_strange)
		log_warn("it answers like an %s, but is not made by ST: it can be debugged, its "
			 "flash will not be touched; --chip=%s says that it is one",
			chip->name, chip->name);
	else if (chip && named && strcasecmp(chip->name, named) != 0)
		log_warn("it is an %s of ST's: --chip=%s is left aside", chip->name, named);
	return chip;
}

bool stm32f4_identify(struct bus *bus, uint32_t cpuid, const char *named, struct device *device)
{
	if ((cpuid & CPUID_PART_MASK) != CPUID_PART_M4)
		return false;
	read_identity(bus, device);
	if (bus->err)
		return false;
	const struct stm32f4_chip *chip = choose(named, device);
	if (!chip)
		return false;

	uint32_t size_word = bus_read(bus, F_SIZE_WORD);
	if (bus->err)
		return false;
	unsigned flash_kb = flash_kb_of(chip, size_word);
	bool two_banks = has_two_banks(bus, chip, flash_kb);
	if (bus->err)
		return false;
	device->row = chip;
	(void)snprintf(device->name, sizeof(device->name), "%s", chip->name);
	stm32f4_describe(chip, flash_kb, two_banks, device);
	return true;
}
