/*
 * Commands that set clocks: SWD and JTAG dividers of a V2, frequencies of a V3.
 *
 * Called by the dispatcher. Sources: see stlink_firmware.h. Settings survive sessions and are lost
 * with the probe's power.
 */
#include "probe/bytes.h"
#include "stlink_commands.h"
#include "stlink_status.h"

#define V2_DIVISOR_AT_POWER_UP 1
#define V3_KHZ_AT_POWER_UP     1000 /* the real default is unknown */
#define COM_FREQ_BYTES         52
#define COM_SWD                0
#define COM_JTAG               1

/* ---- V2: a divisor is a count of delay loops ---- */

/* What a scope saw on a V2-1, for the divisors that were measured. */
static const struct {
	unsigned divisor, khz;
} measured[] = {{0, 2360}, {1, 1553}, {2, 1230}, {3, 960}, {7, 484}, {15, 245}, {31, 123}};

/* Between and beyond them the period grows by 252.5 ns a loop, which meets every nominal value of
 * the hosts' tables within 4 %. */
static unsigned divisor_khz(unsigned divisor)
{
	for (size_t i = 0; i < sizeof measured / sizeof measured[0]; i++)
		if (measured[i].divisor == divisor)
			return measured[i].khz;
	unsigned period_tenth_ns = 2900 + 2525 * divisor;
	unsigned khz = 10000000 / period_tenth_ns;
	return khz > 0 ? khz : 1;
}

HANDLER(firmware_swd_set_freq)
{
	firmware->swd->khz = divisor_khz(get_le16(arguments + 2));
	return firmware_reply_status(firmware, STATUS_OK);
}

HANDLER(firmware_jtag_set_freq)
{
	/* Taken and without effect: the board has no JTAG. */
	return firmware_reply_status(
		firmware, get_le16(arguments + 2) ? STATUS_OK : STATUS_COMMAND_ERROR);
}

/* ---- V3: a list of frequencies ---- */

static const unsigned com_khz[] = {24000, 8000, 3300, 1000, 200, 50, 5};
#define COM_COUNT (sizeof com_khz / sizeof com_khz[0])

/* The fastest entry needs the full core clock. */
static unsigned list_khz(const struct firmware *firmware, size_t i)
{
	return i == 0 && firmware->prescaler != 1 ? 21333 : com_khz[i];
}

HANDLER(firmware_set_com_freq)
{
	unsigned wire = arguments[2];
	uint32_t wanted = get_le32(arguments + 4);
	if (wire > COM_JTAG)
		return firmware_reply_word(firmware, STATUS_COMMAND_ERROR, 0);
	for (size_t i = 0; i < COM_COUNT; i++) {
		unsigned khz = list_khz(firmware, i);
		if (khz > wanted)
			continue;
		firmware->com_khz[wire] = khz;
		if (wire == COM_SWD)
			firmware->swd->khz = khz;
		return firmware_reply_word(firmware, STATUS_OK, khz);
	}
	return firmware_reply_word(firmware, STATUS_COMMAND_ERROR, firmware->com_khz[wire]);
}

HANDLER(firmware_get_com_freq)
{
	unsigned wire = arguments[2];
	firmware_reply_zeros(firmware, COM_FREQ_BYTES);
	if (wire > COM_JTAG) {
		firmware->reply[0] = STATUS_COMMAND_ERROR;
		return OUTCOME_REPLY;
	}
	firmware->reply[0] = STATUS_OK;
	put_le32(firmware->reply + 4, firmware->com_khz[wire]);
	put_le32(firmware->reply + 8, COM_COUNT);
	for (size_t i = 0; i < COM_COUNT; i++)
		put_le32(firmware->reply + 12 + 4 * i, list_khz(firmware, i));
	return OUTCOME_REPLY;
}

HANDLER(firmware_switch_stlink_freq)
{
	uint8_t prescaler = arguments[2];
	if (prescaler != 1 && prescaler != 2 && prescaler != 4)
		return firmware_reply_word(firmware, STATUS_COMMAND_ERROR, 0);
	uint8_t status = prescaler == firmware->prescaler ? STATUS_OK : STATUS_CONFIG_CHANGED;
	firmware->prescaler = prescaler;
	return firmware_reply_word(firmware, status, 0);
}

void firmware_reset_clock(struct firmware *firmware)
{
	firmware->prescaler = 1;
	firmware->com_khz[COM_SWD] = V3_KHZ_AT_POWER_UP;
	firmware->com_khz[COM_JTAG] = V3_KHZ_AT_POWER_UP;
	firmware->swd->khz = firmware->model->generation == STLINK_V2
				     ? divisor_khz(V2_DIVISOR_AT_POWER_UP)
				     : V3_KHZ_AT_POWER_UP;
}
