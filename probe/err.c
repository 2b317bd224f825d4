/* Texts of the error codes. Pure; any thread. */
#include "probe/err.h"

static const char *const texts[ERR_COUNT] = {
	[ERR_OK] = "ok",
	[ERR_NO_MEMORY] = "out of memory",
	[ERR_ARGUMENT] = "invalid argument",
	[ERR_CANCELLED] = "cancelled",
	[ERR_UNSUPPORTED] = "not supported",
	[ERR_IO] = "input or output error",
	[ERR_USB_NOT_FOUND] = "no such probe",
	[ERR_USB_AMBIGUOUS] = "several probes match",
	[ERR_USB_ACCESS] = "no permission for the USB device",
	[ERR_USB_BUSY] = "the probe is in use by another program",
	[ERR_USB_GONE] = "the probe was unplugged",
	[ERR_USB_TIMEOUT] = "the probe did not answer in time",
	[ERR_USB_STALL] = "the probe refused the command",
	[ERR_USB_IO] = "USB transfer failed",
	[ERR_PROBE_PROTOCOL] = "the probe gave an answer that makes no sense",
	[ERR_PROBE_OLD] = "the firmware of the probe is too old",
	[ERR_TARGET_POWER] = "the target has no power",
	[ERR_TARGET_NO_LINK] = "the target does not answer on SWD",
	[ERR_TARGET_WAIT] = "the target's bus stays busy",
	[ERR_TARGET_FAULT] = "bus fault at the target",
	[ERR_TARGET_TIMEOUT] = "the target did not get there in time",
	[ERR_TARGET_STATE] = "not possible while the core is in this state",
	[ERR_TARGET_UNKNOWN] = "unknown chip",
	[ERR_FLASH_RANGE] = "outside the flash of this chip",
	[ERR_FLASH_PROTECTED] = "the flash is protected",
	[ERR_FLASH_ERASE] = "flash erase failed",
	[ERR_FLASH_PROGRAM] = "flash write failed",
	[ERR_FLASH_VERIFY] = "flash verification failed",
};

const char *err_text(enum err err)
{
	if ((unsigned)err >= ERR_COUNT || !texts[err])
		return "unknown error";
	return texts[err];
}
