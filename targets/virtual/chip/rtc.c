/*
 * RTC: registers and the 20 backup registers. The calendar stands still. From: RM0368 chapter 17.
 *
 * All of it lives in the backup domain: only power-on resets it (there is no battery), and writes
 * need PWR_CR.DBP.
 */
#include "blocks.h"

enum { TR = 0x00, DR = 0x04, CR = 0x08, ISR = 0x0c, PRER = 0x10, WUTR = 0x14, WPR = 0x24 };
enum { BKP0R = 0x50, END = 0xa0 };

enum { ISR_READY = 0x27, ISR_INITF = 1 << 6, ISR_INIT = 1 << 7 };

struct rtc {
	uint32_t words[END / 4];
	unsigned keys; /* of two that were written right */
};

static void reset(struct peripheral *peripheral, enum reset_kind kind)
{
	struct rtc *rtc = peripheral->state;
	if (!reset_is_power(kind))
		return;
	*rtc = (struct rtc){.words = {[DR / 4] = 0x2101,
				    [ISR / 4] = 0x7,
				    [PRER / 4] = 0x007f00ff,
				    [WUTR / 4] = 0xffff}};
}

static enum chip_ack read(struct peripheral *peripheral, uint32_t offset, uint32_t *value)
{
	const struct rtc *rtc = peripheral->state;
	*value = offset < END ? rtc->words[offset / 4] : 0;
	if (offset == ISR) /* write flags and synchronisation are always there */
		*value |= ISR_READY | ((*value & ISR_INIT) != 0 ? ISR_INITF : 0);
	return CHIP_OK;
}

static void write_key(struct rtc *rtc, uint32_t key)
{
	static const uint8_t wanted[] = {0xca, 0x53};
	if (rtc->keys < 2 && key == wanted[rtc->keys])
		rtc->keys++;
	else
		rtc->keys = 0;
}

static enum chip_ack write(
	struct peripheral *peripheral, uint32_t offset, uint32_t value, uint32_t lanes)
{
	struct rtc *rtc = peripheral->state;
	if (!pwr_backup_is_open(peripheral->chip) || offset >= END)
		return CHIP_OK;
	if (offset == WPR)
		write_key(rtc, value & lanes & 0xff);
	else if (offset >= BKP0R || offset == ISR || rtc->keys == 2)
		rtc->words[offset / 4] = merge_lanes(rtc->words[offset / 4], value, lanes);
	return CHIP_OK;
}

const struct peripheral_ops rtc_ops = {
	.name = "RTC",
	.state_size = sizeof(struct rtc),
	.reset = reset,
	.read = read,
	.write = write,
};
