/*
 * Commands of the probe itself: version, mode, voltage, entering and leaving debug, NRST.
 *
 * Called by the dispatcher. Sources: see stlink_firmware.h.
 */
#include "probe/bytes.h"
#include "stlink_commands.h"
#include "stlink_status.h"
#include "targets/virtual/chip.h"

#define ENTER_SWD               0xa3
#define ENTER_JTAG              0x00
#define ENTER_JTAG_NO_RESET     0xa4
#define NRST_LOW_COMMAND        0
#define NRST_HIGH_COMMAND       1
#define NRST_PULSE_COMMAND      2
#define NRST_PULSE_NS           NS_PER_MS /* the real length is unknown */
#define ADC_REFERENCE           1489      /* 1.2 V, twelve bits over the probe's 3.3 V */
#define ADC_MILLIVOLTS          2400      /* of the target, when both channels read the same */
#define BOARD_IDENTIFIERS_BYTES 128

HANDLER(firmware_get_version)
{
	(void)arguments;
	const struct stlink_version *version = &firmware->version;
	unsigned word = version->major << 12;
	if (version->generation == STLINK_V2)
		word |= version->jtag << 6 |
			(firmware->model->composite ? version->msd : version->swim);
	firmware_reply_zeros(firmware, 6);
	put_be16(firmware->reply, (uint16_t)word);
	put_le16(firmware->reply + 2, STLINK_VID);
	put_le16(firmware->reply + 4, firmware->model->pid);
	return OUTCOME_REPLY;
}

HANDLER(firmware_get_version_ex)
{
	(void)arguments;
	const struct stlink_version *version = &firmware->version;
	firmware_reply_zeros(firmware, 12);
	firmware->reply[0] = (uint8_t)version->major;
	firmware->reply[1] = (uint8_t)version->swim;
	firmware->reply[2] = (uint8_t)version->jtag;
	firmware->reply[3] = (uint8_t)version->msd;
	firmware->reply[4] = (uint8_t)version->bridge;
	firmware->reply[5] = (uint8_t)version->power;
	put_le16(firmware->reply + 8, STLINK_VID);
	put_le16(firmware->reply + 10, firmware->model->pid);
	return OUTCOME_REPLY;
}

HANDLER(firmware_get_mode)
{
	(void)arguments;
	firmware_reply_zeros(firmware, 2);
	firmware->reply[0] = (uint8_t)firmware->mode;
	return OUTCOME_REPLY;
}

HANDLER(firmware_get_voltage)
{
	(void)arguments;
	pins_run_chip(firmware->pins);
	unsigned millivolts = chip_vdd(firmware->pins->chip);
	unsigned target = (millivolts * ADC_REFERENCE + ADC_MILLIVOLTS / 2) / ADC_MILLIVOLTS;
	unsigned reference = ADC_REFERENCE;
	if (stlink_faults_strike(firmware->faults, FAULT_VOLTAGE_ZERO, firmware->command->name))
		reference = 0;
	firmware_reply_zeros(firmware, 8);
	put_le32(firmware->reply, reference);
	put_le32(firmware->reply + 4, target);
	return OUTCOME_REPLY;
}

HANDLER(firmware_leave_mode)
{
	enum stlink_mode left = arguments[0] == 0xf3 ? MODE_DFU : MODE_SWIM;
	if (firmware->mode == left)
		firmware->mode = MODE_IDLE;
	return OUTCOME_NOTHING;
}

HANDLER(firmware_get_board_identifiers)
{
	(void)arguments;
	/* Four zero bytes after the status: the probe sits on no board that Mbed has a name for. */
	firmware_reply_zeros(firmware, BOARD_IDENTIFIERS_BYTES);
	firmware->reply[0] = STATUS_OK;
	return OUTCOME_REPLY;
}

/* ---- debug mode ---- */

static uint8_t enter_status(struct firmware *firmware, uint8_t protocol)
{
	if (protocol == ENTER_JTAG || protocol == ENTER_JTAG_NO_RESET)
		return STATUS_UNKNOWN_CHAIN; /* this board's JTAG pins are not wired */
	if (protocol != ENTER_SWD)
		return STATUS_COMMAND_ERROR;
	if (firmware->mode == MODE_DEBUG &&
		!firmware_version_has(&firmware->version, FEATURE_ENTER_AGAIN))
		return STATUS_ALREADY_OPEN;
	return swd_connect(firmware->swd, NULL);
}

HANDLER(firmware_enter)
{
	uint8_t status = enter_status(firmware, arguments[2]);
	if (status == STATUS_OK) {
		firmware->mode = MODE_DEBUG;
		firmware->trace_spoilt = firmware->tracing;
	} else if (stlink_faults_strike(
			   firmware->faults, FAULT_DEAF_ENTER, firmware->command->name)) {
		return OUTCOME_DEAF;
	}
	return firmware_reply_status(firmware, status);
}

void firmware_close_session(struct firmware *firmware)
{
	pins_drive_nrst(firmware->pins, false);
	firmware->open_aps = 0;
	firmware->tracing = false;
	firmware->trace_count = 0;
	firmware->trace_announced = 0;
}

HANDLER(firmware_exit)
{
	(void)arguments;
	firmware_close_session(firmware);
	if (firmware->mode == MODE_DEBUG)
		firmware->mode = MODE_IDLE;
	return OUTCOME_NOTHING;
}

HANDLER(firmware_drive_nrst)
{
	switch (arguments[2]) {
	case NRST_LOW_COMMAND:
		pins_drive_nrst(firmware->pins, true);
		break;
	case NRST_HIGH_COMMAND:
		pins_drive_nrst(firmware->pins, false);
		break;
	case NRST_PULSE_COMMAND:
		pins_drive_nrst(firmware->pins, true);
		timebase_spend(firmware->time, TIME_FIRMWARE, NRST_PULSE_NS);
		pins_drive_nrst(firmware->pins, false);
		break;
	default:
		return firmware_reply_status(firmware, STATUS_COMMAND_ERROR);
	}
	return firmware_reply_status(firmware, STATUS_OK);
}
