/*
 * Commands for the core: identification, reset, core and debug registers.
 *
 * Called by the dispatcher. Sources: see stlink_firmware.h. What RESETSYS does exactly is unknown;
 * here it asks for a system reset through AIRCR.
 */
#include "probe/bytes.h"
#include "stlink_commands.h"
#include "stlink_status.h"
#include "swd_memory.h"

#define AIRCR             0xe000ed0cU
#define AIRCR_KEY         0x05fa0000U
#define AIRCR_SYSRESETREQ (1U << 2)
#define ALL_REGISTERS     21 /* DCRSR selectors 0 to 20 */
#define LAST_OLD_SELECTOR 0x1f
#define IDCODES_BYTES     12
#define WORD_ADDRESS_MASK 3U

HANDLER(firmware_read_idcodes)
{
	(void)arguments;
	swd_begin(firmware->swd);
	uint32_t dpidr = swd_read_dp(firmware->swd, DP_DPIDR);
	uint8_t status = swd_end_raw(firmware->swd);
	if (status == STATUS_DP_ERROR)
		status = STATUS_NO_IDCODE;
	firmware_reply_zeros(firmware, IDCODES_BYTES);
	firmware->reply[0] = status;
	put_le32(firmware->reply + 4, dpidr);
	return OUTCOME_REPLY;
}

HANDLER(firmware_reset_system)
{
	(void)arguments;
	uint8_t status = swd_write_word(firmware->swd, 0, AIRCR, AIRCR_KEY | AIRCR_SYSRESETREQ);
	return firmware_reply_status(firmware, status);
}

/* ---- core registers ---- */

static bool selector_known(const struct firmware *firmware, unsigned selector)
{
	return selector <= LAST_OLD_SELECTOR ||
	       firmware_version_has(&firmware->version, FEATURE_FPU_REGISTERS);
}

HANDLER(firmware_read_register)
{
	uint32_t value = 0;
	if (!selector_known(firmware, arguments[2]))
		return firmware_reply_word(firmware, STATUS_COMMAND_ERROR, 0);
	uint8_t status = swd_read_core(firmware->swd, arguments[2], 1, &value);
	return firmware_reply_word(firmware, status, value);
}

HANDLER(firmware_write_register)
{
	if (!selector_known(firmware, arguments[2]))
		return firmware_reply_status(firmware, STATUS_COMMAND_ERROR);
	return firmware_reply_status(
		firmware, swd_write_core(firmware->swd, arguments[2], get_le32(arguments + 3)));
}

HANDLER(firmware_read_all_registers)
{
	(void)arguments;
	uint32_t values[ALL_REGISTERS] = {0};
	uint8_t status = swd_read_core(firmware->swd, 0, ALL_REGISTERS, values);
	firmware_reply_zeros(firmware, 4 + sizeof values);
	firmware->reply[0] = status;
	for (size_t i = 0; i < ALL_REGISTERS; i++)
		put_le32(firmware->reply + 4 + 4 * i, values[i]);
	return OUTCOME_REPLY;
}

/* ---- single words ---- */

HANDLER(firmware_read_debug_register)
{
	uint32_t address = get_le32(arguments + 2);
	uint32_t value = 0;
	if (address & WORD_ADDRESS_MASK)
		return firmware_reply_word(firmware, STATUS_ALIGNMENT, 0);
	if (!firmware_ap_usable(firmware, arguments[6]))
		return firmware_reply_word(firmware, STATUS_BAD_AP, 0);
	uint8_t status = swd_read_word(firmware->swd, arguments[6], address, &value);
	return firmware_reply_word(firmware, status, value);
}

HANDLER(firmware_write_debug_register)
{
	uint32_t address = get_le32(arguments + 2);
	if (address & WORD_ADDRESS_MASK)
		return firmware_reply_status(firmware, STATUS_ALIGNMENT);
	if (!firmware_ap_usable(firmware, arguments[10]))
		return firmware_reply_status(firmware, STATUS_BAD_AP);
	return firmware_reply_status(firmware,
		swd_write_word(firmware->swd, arguments[10], address, get_le32(arguments + 6)));
}
