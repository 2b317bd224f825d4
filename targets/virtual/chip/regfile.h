/*
 * Registers that are described by a table: reset value, which bits can be written, and how.
 *
 * Peripherals keep their registers in an array of words, one for each 4 bytes of offset, and let
 * these functions do the plain ones. Pure.
 */
#ifndef TARGETS_VIRTUAL_CHIP_REGFILE_H
#define TARGETS_VIRTUAL_CHIP_REGFILE_H

#include <stddef.h>
#include <stdint.h>

struct reg_rule {
	uint16_t offset;
	uint32_t reset;
	uint32_t writable; /* plain read/write bits */
	uint32_t clear_by_1;
	uint32_t clear_by_0;
};

struct reg_table {
	const struct reg_rule *rules;
	size_t count;
};

#define REG_TABLE(array)                                  \
	{                                                 \
		(array), sizeof(array) / sizeof(array)[0] \
	}

void regfile_reset(uint32_t *words, const struct reg_table *table);

/* Applies a write to one word; an offset without a rule ignores it. */
void regfile_write(uint32_t *words, const struct reg_table *table, uint32_t offset, uint32_t value,
	uint32_t lanes);

#endif
