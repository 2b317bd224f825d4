/*
 * Memory and core registers of the target, as the probe's firmware reaches them: sequences of
 * transfers through the AHB access port.
 *
 * Used by the firmware's commands. Every function is one operation, with one status. Sources: see
 * stlink_firmware.h.
 */
#ifndef TARGETS_VIRTUAL_SWD_MEMORY_H
#define TARGETS_VIRTUAL_SWD_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "swd.h"

uint8_t swd_read_word(struct swd *swd, unsigned ap, uint32_t address, uint32_t *value);
uint8_t swd_write_word(struct swd *swd, unsigned ap, uint32_t address, uint32_t value);

struct swd_block {
	unsigned ap;
	uint32_t csw; /* protection bits; 0: the firmware's own */
	uint32_t address;
	unsigned width;   /* 1, 2 or 4 bytes an access */
	bool fixed;       /* every access goes to the same address */
	bool rewrite_tar; /* at each KiB, because the increment is not good for more */
	size_t size;      /* bytes, a multiple of the width */
};

/* What was not read when an access fails keeps its content. */
uint8_t swd_read_block(struct swd *swd, const struct swd_block *block, uint8_t *data);
uint8_t swd_write_block(struct swd *swd, const struct swd_block *block, const uint8_t *data);

/* `count` core registers from DCRSR selector `first` on. */
uint8_t swd_read_core(struct swd *swd, unsigned first, unsigned count, uint32_t *values);
uint8_t swd_write_core(struct swd *swd, unsigned selector, uint32_t value);

#endif
