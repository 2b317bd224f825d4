/* The STM32F4 chips as data: stm32f4_chips.c. Private to the family. */
#ifndef TARGETS_STM32F4_CHIPS_H
#define TARGETS_STM32F4_CHIPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct device;

/* NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): a row begins with its id */
struct stm32f4_chip {
	uint16_t dev_id; /* DBGMCU_IDCODE[11:0] */
	const char *name;
	uint16_t flash_max_kb; /* of the largest part of the line */
	uint16_t sram_kb;      /* contiguous from 0x20000000 */
	uint16_t ccm_kb;       /* at 0x10000000; 0: none */
	uint8_t nwrp_bits;     /* write protection bits in OPTCR, from bit 16 */
	bool has_pcrop;        /* OPTCR.SPRMOD exists */
	bool has_bank2;        /* the 2 MiB parts; 1 MiB parts when OPTCR.DB1M is set */
	bool has_external;     /* FSMC or FMC: memory on the external bus */
};

/* NULL when no row has this id. */
const struct stm32f4_chip *stm32f4_find_chip(uint16_t dev_id);

/* By its name, in capitals or not; NULL when no row has it. */
const struct stm32f4_chip *stm32f4_find_name(const char *name);

/* The names, in the table's order; NULL behind the last. */
const char *stm32f4_chip_name(size_t index);

/* The nWRP bit of a sector, as the manual numbers them; `optcr` is OPTCR and OPTCR1. */
bool stm32f4_nwrp(const struct stm32f4_chip *chip, unsigned number, const uint32_t optcr[2]);

/* Fills sectors and memory map of a part with `flash_kb` of flash. */
void stm32f4_describe(
	const struct stm32f4_chip *chip, unsigned flash_kb, bool two_banks, struct device *device);

#endif
