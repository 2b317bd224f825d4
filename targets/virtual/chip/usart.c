/*
 * USART: what is sent goes nowhere, at once; nothing ever comes in. From: RM0368 chapter 19.
 */
#include "blocks.h"
#include "model.h"

enum { SR = 0x00, DR = 0x04, CR1 = 0x0c, WORDS = 7 };

enum { SR_TC = 1 << 6, SR_TXE = 1 << 7, CR1_TCIE = 1 << 6, CR1_TXEIE = 1 << 7 };

struct usart {
	uint32_t words[WORDS];
	bool complete; /* TC; software can clear it */
};

static void update_irq(struct peripheral *peripheral)
{
	const struct usart *usart = peripheral->state;
	uint32_t enabled = usart->words[CR1 / 4];
	peripheral_set_irq(peripheral, 0,
		(enabled & CR1_TXEIE) != 0 || (usart->complete && (enabled & CR1_TCIE) != 0));
}

static void reset(struct peripheral *peripheral, enum reset_kind kind)
{
	struct usart *usart = peripheral->state;
	if (kind == RESET_CORE)
		return;
	*usart = (struct usart){.complete = true};
	update_irq(peripheral);
}

static enum chip_ack read(struct peripheral *peripheral, uint32_t offset, uint32_t *value)
{
	const struct usart *usart = peripheral->state;
	*value = 0;
	if (offset == SR)
		*value = SR_TXE | (usart->complete ? SR_TC : 0);
	else if (offset != DR && offset / 4 < WORDS)
		*value = usart->words[offset / 4];
	return CHIP_OK;
}

static enum chip_ack write(
	struct peripheral *peripheral, uint32_t offset, uint32_t value, uint32_t lanes)
{
	struct usart *usart = peripheral->state;
	if (offset == SR)
		usart->complete = usart->complete && (value & SR_TC) != 0;
	else if (offset == DR)
		usart->complete = true;
	else if (offset / 4 < WORDS)
		usart->words[offset / 4] =
			merge_lanes(usart->words[offset / 4], value, lanes) & 0xffff;
	update_irq(peripheral);
	return CHIP_OK;
}

const struct peripheral_ops usart_ops = {
	.name = "USART",
	.state_size = sizeof(struct usart),
	.reset = reset,
	.read = read,
	.write = write,
};
