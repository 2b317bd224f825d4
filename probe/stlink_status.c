/* The status codes of the ST-LINK. */
#include "stlink_status.h"

#include <stddef.h>

static const struct stlink_status statuses[] = {
	{STLINK_OK, ERR_OK, STLINK_NONE, "ok"},
	{0x81, ERR_TARGET_FAULT, STLINK_CLEAR, "fault"},
	/* Firmware that has no code for it reports a bus fault as "unknown". */
	{0x01, ERR_TARGET_FAULT, STLINK_CLEAR, "unknown error"},
	{0x02, ERR_PROBE_PROTOCOL, STLINK_NONE, "SPI error inside the probe"},
	{0x03, ERR_PROBE_PROTOCOL, STLINK_NONE, "DMA error inside the probe"},
	{0x04, ERR_TARGET_NO_LINK, STLINK_NONE, "unknown JTAG chain"},
	{0x05, ERR_TARGET_NO_LINK, STLINK_NONE, "no device connected"},
	{0x06, ERR_PROBE_PROTOCOL, STLINK_NONE, "internal error of the probe"},
	{0x07, ERR_PROBE_PROTOCOL, STLINK_NONE, "command wait"},
	{STLINK_COMMAND_ERROR, ERR_PROBE_PROTOCOL, STLINK_NONE, "command error"},
	{0x09, ERR_TARGET_NO_LINK, STLINK_NONE, "cannot read IDCODE"},
	{0x0A, ERR_ARGUMENT, STLINK_NONE, "alignment error"},
	{0x0B, ERR_TARGET_NO_LINK, STLINK_NONE, "debug power-up failed"},
	{0x0C, ERR_TARGET_FAULT, STLINK_CLEAR, "write error"},
	/* Some registers read back otherwise than written; OpenOCD and Black Magic Debug ignore
	 * this code too. */
	{0x0D, ERR_OK, STLINK_NONE, "write verify error"},
	{0x0E, ERR_PROBE_PROTOCOL, STLINK_NONE, "open in the other mode"},
	{STLINK_AP_WAIT, ERR_TARGET_WAIT, STLINK_RETRY, "AP WAIT"},
	{STLINK_AP_FAULT, ERR_TARGET_FAULT, STLINK_CLEAR, "AP FAULT"},
	{0x12, ERR_TARGET_NO_LINK, STLINK_CLEAR, "AP error"},
	{0x13, ERR_TARGET_NO_LINK, STLINK_CLEAR, "AP parity error"},
	{STLINK_DP_WAIT, ERR_TARGET_WAIT, STLINK_RETRY, "DP WAIT"},
	{0x15, ERR_TARGET_FAULT, STLINK_CLEAR, "DP FAULT"},
	{0x16, ERR_TARGET_NO_LINK, STLINK_CLEAR, "DP error"},
	{0x17, ERR_TARGET_NO_LINK, STLINK_CLEAR, "DP parity error"},
	{0x18, ERR_TARGET_FAULT, STLINK_CLEAR, "AP WDATA error"},
	{0x19, ERR_TARGET_FAULT, STLINK_CLEAR, "AP sticky error"},
	{0x1A, ERR_TARGET_NO_LINK, STLINK_CLEAR, "AP sticky overrun"},
	{STLINK_BAD_AP, ERR_PROBE_PROTOCOL, STLINK_NONE, "bad AP number, or AP not open"},
	{0x20, ERR_UNSUPPORTED, STLINK_NONE, "SWV not available"},
	{0x29, ERR_PROBE_PROTOCOL, STLINK_NONE, "too many APs open"},
	/* Good news, but only SWITCH_STLINK_FREQ may bring it; its caller knows. */
	{STLINK_CONFIGURATION_CHANGED, ERR_PROBE_PROTOCOL, STLINK_NONE, "configuration changed"},
	{STLINK_FREQUENCY_NOT_SUPPORTED, ERR_UNSUPPORTED, STLINK_NONE, "frequency not supported"},
	{STLINK_UNKNOWN_COMMAND, ERR_PROBE_OLD, STLINK_NONE, "unknown command"},
};

const struct stlink_status *stlink_status_find(uint8_t code)
{
	static const struct stlink_status unknown = {
		0, ERR_PROBE_PROTOCOL, STLINK_NONE, "unknown status"};

	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		if (statuses[i].code == code)
			return &statuses[i];
	return &unknown;
}
