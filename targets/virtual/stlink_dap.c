/*
 * Commands for the debug port's own registers, and for opening access ports.
 *
 * Called by the dispatcher. Sources: see stlink_firmware.h. These commands leave sticky errors to
 * the host.
 */
#include "probe/bytes.h"
#include "stlink_commands.h"
#include "stlink_status.h"

#define PORT_DP       0xffff
#define BANK_SHIFT    4
#define REGISTER_MASK 0xcU

/* ---- access ports ---- */

unsigned firmware_highest_ap(const struct firmware *firmware)
{
	return firmware_version_has(&firmware->version, FEATURE_AP_8) ? 8 : 3;
}

static bool is_open(const struct firmware *firmware, unsigned ap)
{
	return ap <= firmware_highest_ap(firmware) && (firmware->open_aps & (1U << ap));
}

/* Access port 0 works without INIT_AP, as st-util proves; a switch makes the firmware strict. */
bool firmware_ap_usable(const struct firmware *firmware, unsigned ap)
{
	bool strict = firmware->faults->all[FAULT_STRICT_AP].on;
	return (ap == 0 && !strict) || is_open(firmware, ap);
}

HANDLER(firmware_init_ap)
{
	unsigned ap = arguments[2];
	if (ap > firmware_highest_ap(firmware))
		return firmware_reply_status(firmware, STATUS_BAD_AP);
	firmware->open_aps |= 1U << ap;
	return firmware_reply_status(firmware, STATUS_OK);
}

HANDLER(firmware_close_ap)
{
	unsigned ap = arguments[2];
	bool right = firmware_version_has(&firmware->version, FEATURE_CLOSE_AP_STATUS) &&
		     is_open(firmware, ap);
	if (stlink_faults_strike(firmware->faults, FAULT_CLOSE_AP, firmware->command->name))
		right = false;
	if (ap <= firmware_highest_ap(firmware))
		firmware->open_aps &= ~(1U << ap);
	return firmware_reply_status(firmware, right ? STATUS_OK : STATUS_BAD_AP);
}

/* ---- debug port registers: the bank is in the register number, from J32 on ---- */

static unsigned bank_of(const struct firmware *firmware, unsigned reg)
{
	return firmware_version_has(&firmware->version, FEATURE_RW_MISC) ? reg >> BANK_SHIFT : 0;
}

static void enter_bank(struct firmware *firmware, unsigned bank)
{
	if (bank == 0)
		return;
	swd_write_dp(firmware->swd, DP_SELECT, bank);
	swd_forget(firmware->swd);
}

static void leave_bank(struct firmware *firmware, unsigned bank)
{
	if (bank != 0)
		swd_write_dp(firmware->swd, DP_SELECT, 0);
}

static uint32_t read_dp(struct firmware *firmware, unsigned reg)
{
	unsigned bank = bank_of(firmware, reg);
	enter_bank(firmware, bank);
	uint32_t value = swd_read_dp(firmware->swd, reg & REGISTER_MASK);
	leave_bank(firmware, bank);
	return value;
}

static void write_dp(struct firmware *firmware, unsigned reg, uint32_t value)
{
	unsigned bank = bank_of(firmware, reg);
	enter_bank(firmware, bank);
	if ((reg & REGISTER_MASK) == DP_SELECT) {
		/* The firmware keeps the bank to itself. */
		value &= ~0xfU;
		swd_forget(firmware->swd);
	}
	swd_write_dp(firmware->swd, reg & REGISTER_MASK, value);
	leave_bank(firmware, bank);
}

/* ---- the two commands ---- */

/* An absent port reads as zero without complaint, up to the highest number. */
static bool port_exists(const struct firmware *firmware, unsigned port)
{
	return port == PORT_DP || (port <= firmware_highest_ap(firmware) &&
					  (port != 0 || firmware_ap_usable(firmware, port)));
}

HANDLER(firmware_read_dap_register)
{
	unsigned port = get_le16(arguments + 2);
	unsigned reg = get_le16(arguments + 4);
	uint32_t value;
	if (!port_exists(firmware, port))
		return firmware_reply_word(firmware, STATUS_BAD_AP, 0);
	swd_begin(firmware->swd);
	if (port == PORT_DP) {
		value = read_dp(firmware, reg);
	} else {
		swd_read_ap(firmware->swd, port, reg & 0xff);
		value = swd_read_buffer(firmware->swd);
	}
	return firmware_reply_word(firmware, swd_end_raw(firmware->swd), value);
}

/* A write to an access port is answered before it is done: the next read tells of its error. */
HANDLER(firmware_write_dap_register)
{
	unsigned port = get_le16(arguments + 2);
	unsigned reg = get_le16(arguments + 4);
	uint32_t value = get_le32(arguments + 6);
	if (!port_exists(firmware, port))
		return firmware_reply_status(firmware, STATUS_BAD_AP);
	swd_begin(firmware->swd);
	if (port == PORT_DP) {
		write_dp(firmware, reg, value);
	} else {
		swd_write_ap(firmware->swd, port, reg & 0xff, value);
		firmware->swd->csw_known = false;
	}
	return firmware_reply_status(firmware, swd_end_raw(firmware->swd));
}
