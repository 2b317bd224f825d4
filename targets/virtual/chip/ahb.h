/*
 * The bus: which address is what, for the core, the access port and DMA.
 *
 * The core's own loads, stores and fetches of plain memory never come here: Unicorn makes them on
 * the memory that ahb_map() gave it. From: RM0368 2.3 (memory map), 2.3.3 (bit-banding), 2.4
 * (boot).
 */
#ifndef TARGETS_VIRTUAL_CHIP_AHB_H
#define TARGETS_VIRTUAL_CHIP_AHB_H

#include "state.h"

/* One access, `width` 1, 2 or 4, aligned. CHIP_WAIT only for MASTER_AP and MASTER_DMA. */
enum chip_ack ahb_read(
	struct chip *chip, enum master master, uint32_t address, unsigned width, uint32_t *value);
enum chip_ack ahb_write(
	struct chip *chip, enum master master, uint32_t address, unsigned width, uint32_t value);

/* Plain memory behind an address, the alias at 0 included; NULL when there is none, or less. */
uint8_t *ahb_memory(const struct chip *chip, uint32_t address, size_t size);

/* The memory that address 0 shows: flash, system memory or SRAM, as SYSCFG says. */
const struct memory *ahb_alias(const struct chip *chip);

/* Shows the core the memory map; later again whenever the alias at 0 or the readability of the
 * flash may have changed. */
bool ahb_map(struct chip *chip);
void ahb_remap(struct chip *chip);

/* Stores that the core made to the flash, or to FLASH_CR, while the flash was busy. The core waits
 * for them; they are made one by one as the flash gets ready. */
bool ahb_has_waiting_stores(const struct chip *chip);
void ahb_make_waiting_stores(struct chip *chip);

/* struct engine_ops; `owner` is the core. */
enum chip_ack ahb_engine_read(void *owner, uint32_t address, unsigned width, uint32_t *value);
enum chip_ack ahb_engine_write(void *owner, uint32_t address, unsigned width, uint32_t value);
enum chip_ack ahb_engine_store(void *owner, uint32_t address, unsigned width, uint32_t value);

#endif
