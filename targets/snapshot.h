/*
 * A snapshot: one cheap read of everything that tells why something went wrong.
 *
 * Taken by examiner.c: before a load, after a failure, and for `monitor diagnose` at any time. It
 * changes nothing that a program or another debugger could notice, except that reading DHCSR clears
 * its sticky bits: who takes a snapshot passes S_RESET_ST on. Private to targets/. Worker thread;
 * blocks for USB, at most about a second on a link that is stuck.
 *
 * The order is what keeps it harmless (RM0090 3.6: any access to the flash stalls the bus while
 * BSY=1): supply, debug port, core, flash controller, and the flash itself only when it is idle.
 */
#ifndef TARGETS_SNAPSHOT_H
#define TARGETS_SNAPSHOT_H

#include <stdbool.h>
#include <stdint.h>

#include "family.h"
#include "probe/err.h"

struct probe;

/* In the order in which they are read. */
enum snapshot_word {
	SNAPSHOT_DHCSR,
	SNAPSHOT_DHCSR_AGAIN, /* S_RESET_ST still set: the chip is held in reset */
	SNAPSHOT_DFSR,
	SNAPSHOT_DEMCR,
	SNAPSHOT_CPUID,
	SNAPSHOT_ICSR,
	SNAPSHOT_VTOR,
	SNAPSHOT_SCR,
	SNAPSHOT_CFSR,
	SNAPSHOT_HFSR,
	SNAPSHOT_DBGMCU_CR, /* the first of those that only a known chip has */
	SNAPSHOT_RCC_CSR,
	SNAPSHOT_FLASH_SR,
	SNAPSHOT_FLASH_CR,
	SNAPSHOT_FLASH_OPTCR,
	SNAPSHOT_FLASH_OPTCR1, /* 0 on chips with one bank */
	SNAPSHOT_PWR_CR,
	SNAPSHOT_PWR_CSR,
	SNAPSHOT_IWDG_SR,
	SNAPSHOT_IWDG_PR,
	SNAPSHOT_IWDG_RLR,
	SNAPSHOT_WWDG_CR,
	SNAPSHOT_FLASH_ACR,
	SNAPSHOT_RCC_CFGR,
	SNAPSHOT_RCC_AHB1ENR,
	SNAPSHOT_MEMRMP,
	SNAPSHOT_GPIOA_MODER,
	SNAPSHOT_GPIOA_AFRH,
	SNAPSHOT_IDCODE,
	SNAPSHOT_PIDR1, /* of the ROM table: who made the chip */
	SNAPSHOT_PIDR2,
	SNAPSHOT_PC,     /* of a halted core */
	SNAPSHOT_CANARY, /* of a load */
	SNAPSHOT_COUNT
};

struct snapshot {
	bool taken;
	bool plugged;    /* the probe */
	unsigned vdd_mv; /* 0: unknown */
	enum err link;   /* of reading DPIDR */
	enum err memory; /* of the first access that failed; what comes after it is not known */
	enum err flash; /* of reading the flash's first word; ERR_UNSUPPORTED: it was not touched */
	uint32_t dpidr; /* 0: unknown */
	bool has_ctrl_stat;
	uint32_t ctrl_stat; /* of the debug port, where the probe can read it */
	uint64_t known;     /* a bit for each word */
	uint32_t words[SNAPSHOT_COUNT];
};

/* `device` tells whether the chip's own registers may be read; NULL: only the core's. */
void snapshot_take(struct snapshot *snapshot, struct probe *probe, const struct device *device);

/* Reads that word of a target that has answered. */
void snapshot_add_canary(struct snapshot *snapshot, struct probe *probe, uint32_t address);

/* Only what tells where a core that was reset and halted will start. */
void snapshot_take_start(struct snapshot *snapshot, struct probe *probe);

bool snapshot_has(const struct snapshot *snapshot, enum snapshot_word word);

/* 0 when it is not known. */
uint32_t snapshot_word(const struct snapshot *snapshot, enum snapshot_word word);

/* As the manual writes it: "FLASH_SR". */
const char *snapshot_name(enum snapshot_word word);

#endif
