/*
 * All STM32F4 chips as data, and the two layouts that follow from a row: sectors and memory map.
 *
 * Sources: the "Embedded flash memory" and "Memory map" sections and the DBGMCU_IDCODE table of
 * RM0090 (F405-F439), RM0368 (F401), RM0383 (F411), RM0401 (F410), RM0402 (F412), RM0430
 * (F413/F423), RM0390 (F446), RM0386 (F469/F479).
 */
#include "stm32f4_chips.h"

#include "family.h"
#include "stm32f4_registers.h"

#include <stddef.h>
#include <strings.h>

#define KIB 1024u

static const struct stm32f4_chip chips[] = {
	/* id, name, flash, SRAM, CCM, nWRP, PCROP, bank 2, external */
	{0x413, "STM32F405/407/415/417", 1024, 128, 64, 12, false, false, true},
	{0x419, "STM32F427/429/437/439", 2048, 192, 64, 12, true, true, true},
	{0x423, "STM32F401xB/C", 256, 64, 0, 6, true, false, false},
	{0x433, "STM32F401xD/E", 512, 96, 0, 8, true, false, false},
	{0x431, "STM32F411xC/E", 512, 128, 0, 8, true, false, false},
	{0x458, "STM32F410", 128, 32, 0, 5, true, false, false},
	{0x441, "STM32F412", 1024, 256, 0, 12, true, false, true},
	{0x463, "STM32F413/423", 1536, 320, 0, 15, true, false, true},
	{0x421, "STM32F446", 512, 128, 0, 8, true, false, true},
	{0x434, "STM32F469/479", 2048, 320, 64, 12, true, true, true},
};

const struct stm32f4_chip *stm32f4_find_chip(uint16_t dev_id)
{
	for (size_t i = 0; i < sizeof(chips) / sizeof(chips[0]); i++)
		if (chips[i].dev_id == dev_id)
			return &chips[i];
	return NULL;
}

const struct stm32f4_chip *stm32f4_find_name(const char *name)
{
	for (size_t i = 0; i < sizeof(chips) / sizeof(chips[0]); i++)
		if (strcasecmp(chips[i].name, name) == 0)
			return &chips[i];
	return NULL;
}

const char *stm32f4_chip_name(size_t index)
{
	return index < sizeof(chips) / sizeof(chips[0]) ? chips[index].name : NULL;
}

/* ---- sectors ---- */

/* OPTCR is for the first bank and OPTCR1 for the second; the F413 has 16 sectors and 15 bits, the
 * last of which covers two sectors (RM0430, 3.6.2). */
bool stm32f4_nwrp(const struct stm32f4_chip *chip, unsigned number, const uint32_t optcr[2])
{
	bool second = chip->has_bank2 && number >= 12;
	unsigned bit = second ? number - 12 : number;
	if (!second && bit >= chip->nwrp_bits)
		bit = chip->nwrp_bits - 1u;
	return optcr[second] >> (OPTCR_NWRP_SHIFT + bit) & 1;
}

/* Each bank begins with four sectors of 16 KiB and one of 64 KiB; the rest are of 128 KiB. */
static unsigned sector_kb(unsigned index_in_bank)
{
	if (index_in_bank < 4)
		return 16;
	return index_in_bank == 4 ? 64 : 128;
}

/* FLASH_CR.SNB: sectors of bank 2 have bit 4 set and count from 0 again (RM0090, 3.9.8). */
static void add_bank(struct device *device, uint32_t start, unsigned kb, unsigned first_number,
	uint8_t first_code)
{
	for (unsigned i = 0; kb > 0; i++) {
		unsigned size_kb = sector_kb(i) < kb ? sector_kb(i) : kb;
		device->sectors[device->sector_count++] = (struct flash_sector){
			.start = start,
			.size = size_kb * KIB,
			.number = first_number + i,
			.code = (uint8_t)(first_code + i),
		};
		start += size_kb * KIB;
		kb -= size_kb;
	}
}

static void add_flash(struct device *device, unsigned flash_kb, bool two_banks)
{
	static const uint32_t flash_start = 0x08000000;
	device->flash_start = flash_start;
	device->flash_size = flash_kb * KIB;
	if (!two_banks) {
		add_bank(device, flash_start, flash_kb, 0, 0);
		return;
	}
	unsigned bank_kb = flash_kb / 2;
	add_bank(device, flash_start, bank_kb, 0, 0);
	add_bank(device, flash_start + bank_kb * KIB, bank_kb, 12, 0x10);
}

/* ---- memory map ---- */

/* One region per run of equal sectors. */
static void add_flash_regions(struct device *device)
{
	struct target_region run = {0};
	for (size_t i = 0; i < device->sector_count; i++) {
		const struct flash_sector *sector = &device->sectors[i];
		if (run.size && run.sector_size != sector->size) {
			device_add_region(device, &run);
			run.size = 0;
		}
		if (!run.size)
			run = (struct target_region){
				TARGET_FLASH, sector->start, 0, sector->size, "flash"};
		run.size += sector->size;
	}
	device_add_region(device, &run);
}

static const struct target_region common_regions[] = {
	{TARGET_ROM, 0x1FFF0000, 0x7800, 0, "system memory"},
	{TARGET_ROM, 0x1FFF7800, 0x0210, 0, "OTP"},
	{TARGET_ROM, 0x1FFF7A10, 0x01F0, 0, "device signature"},
	{TARGET_ROM, 0x1FFFC000, 0x0010, 0, "option bytes"},
	{TARGET_RAM, 0x40000000, 0x20000000, 0, "peripherals"},
	{TARGET_RAM, 0xE0000000, 0x20000000, 0, "private peripherals"},
};

static void add_other_regions(const struct stm32f4_chip *chip, struct device *device)
{
	for (size_t i = 0; i < sizeof(common_regions) / sizeof(common_regions[0]); i++)
		device_add_region(device, &common_regions[i]);

	uint32_t sram = chip->sram_kb * KIB;
	device->ram_start = 0x20000000;
	device->ram_size = sram;
	device_add_region(device, &(struct target_region){TARGET_RAM, 0x20000000, sram, 0, "SRAM"});
	device_add_region(device,
		&(struct target_region){TARGET_RAM, 0x22000000, sram * 32, 0, "SRAM bit-band"});
	device_add_region(device, &(struct target_region){TARGET_ROM, 0x00000000,
					  device->flash_size, 0, "boot alias"});
	if (chip->ccm_kb)
		device_add_region(device, &(struct target_region){TARGET_RAM, 0x10000000,
						  chip->ccm_kb * KIB, 0, "CCM RAM"});
	if (chip->has_bank2)
		device_add_region(device, &(struct target_region){TARGET_ROM, 0x1FFEC000, 0x10, 0,
						  "option bytes of bank 2"});
	if (chip->has_external)
		device_add_region(device,
			&(struct target_region){TARGET_RAM, 0x60000000, 0x80000000, 0, "external"});
}

void stm32f4_describe(
	const struct stm32f4_chip *chip, unsigned flash_kb, bool two_banks, struct device *device)
{
	add_flash(device, flash_kb, two_banks);
	add_flash_regions(device);
	add_other_regions(chip, device);
}
