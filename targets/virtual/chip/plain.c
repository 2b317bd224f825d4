/*
 * Peripherals that are registers and nothing else: enough for start-up code that configures them.
 *
 * With a struct reg_table the registers behave as it says; without one every word holds what is
 * written, from 0 at reset.
 */
#include "blocks.h"
#include "model.h"

enum { PLAIN_WORDS = 0x400 / 4 };

static void reset(struct peripheral *peripheral, enum reset_kind kind)
{
	uint32_t *words = peripheral->state;
	if (kind == RESET_CORE)
		return;
	for (unsigned i = 0; i < PLAIN_WORDS; i++)
		words[i] = 0;
	if (peripheral->row->variant != NULL)
		regfile_reset(words, peripheral->row->variant);
}

static enum chip_ack read(struct peripheral *peripheral, uint32_t offset, uint32_t *value)
{
	const uint32_t *words = peripheral->state;
	*value = words[offset / 4 % PLAIN_WORDS];
	return CHIP_OK;
}

static enum chip_ack write(
	struct peripheral *peripheral, uint32_t offset, uint32_t value, uint32_t lanes)
{
	uint32_t *words = peripheral->state;
	uint32_t *word = &words[offset / 4 % PLAIN_WORDS];
	if (peripheral->row->variant != NULL)
		regfile_write(words, peripheral->row->variant, offset % 0x400, value, lanes);
	else
		*word = merge_lanes(*word, value, lanes);
	return CHIP_OK;
}

const struct peripheral_ops plain_ops = {
	.name = "plain",
	.state_size = PLAIN_WORDS * sizeof(uint32_t),
	.reset = reset,
	.read = read,
	.write = write,
};
