/* Registers that are described by a table; see regfile.h. */
#include "regfile.h"

void regfile_reset(uint32_t *words, const struct reg_table *table)
{
	for (size_t i = 0; i < table->count; i++)
		words[table->rules[i].offset / 4] = table->rules[i].reset;
}

void regfile_write(uint32_t *words, const struct reg_table *table, uint32_t offset, uint32_t value,
	uint32_t lanes)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct reg_rule *rule = &table->rules[i];
		if (rule->offset != offset)
			continue;
		uint32_t *word = &words[offset / 4];
		uint32_t plain = rule->writable & lanes;
		*word = (*word & ~plain) | (value & plain);
		*word &= ~(rule->clear_by_1 & lanes & value);
		*word &= ~(rule->clear_by_0 & lanes & ~value);
		return;
	}
}
