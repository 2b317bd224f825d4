/*
 * The table of chips: everything in which one STM32F4 differs from another, as data.
 *
 * Adding a chip is adding a row to model.c and, if it has peripherals that no other has, a list of
 * them to model_peripherals.c. Facts from RM0368, RM0090, RM0383 and the datasheets.
 */
#ifndef TARGETS_VIRTUAL_CHIP_MODEL_H
#define TARGETS_VIRTUAL_CHIP_MODEL_H

#include "peripheral.h"

enum { PERIPHERAL_IRQS = 8 };

struct peripheral_row {
	const struct peripheral_ops *ops;
	uint32_t base, size;
	uint8_t enable, enable_bit;    /* RCC_xxxENR: offset and bit of its clock; 0: always on */
	uint8_t freeze, freeze_bit;    /* DBGMCU_APBx_FZ: offset and bit; 0: never frozen */
	uint8_t irqs[PERIPHERAL_IRQS]; /* interrupt numbers + 1; 0: none. The block's own order */
	const void *variant;           /* what its ops want to know of this instance */
};

/* Peripherals of one kind of chip; a chip has several lists. */
struct peripheral_list {
	const struct peripheral_row *rows;
	size_t count;
};

enum { MODEL_LISTS = 4 };

struct model {
	const char *name;
	uint16_t device_id, revision;
	uint16_t flash_kb;
	uint16_t sram_kb, ccm_kb, backup_kb;
	uint8_t irq_count;
	uint8_t wrp_bits;          /* nWRP bits of OPTCR in use, from bit 16 */
	bool pcrop;                /* has OPTCR.SPRMOD */
	bool dual_bank;            /* has OPTCR1, MER1, and sectors 12 and up in a second bank */
	bool db1m;                 /* 1 MiB in two banks if OPTCR.DB1M says so */
	uint8_t latency_bits;      /* width of ACR.LATENCY */
	uint32_t mass_erase_ms[4]; /* typical, by PSIZE */
	const struct peripheral_list *peripherals[MODEL_LISTS]; /* unused ones are NULL */
};

/* NULL when there is no such chip. */
const struct model *model_find(const char *name);

/* Lists of peripherals; model_peripherals.c. */
extern const struct peripheral_list peripherals_core, peripherals_common, peripherals_f401,
	peripherals_f405;

#endif
