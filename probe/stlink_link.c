/*
 * Modes, the way into and out of debug mode, the reset line, the target's voltage. On the worker
 * thread of the board.
 */
#include <string.h>

#include "probe/bytes.h"
#include "probe/log.h"
#include "stlink.h"
#include "stlink_command.h"

#define ENTER_WORDS   50 /* line reset, identification, power-up: a generous guess */
#define REFERENCE_MV  1200
#define IMPOSSIBLE_MV 10000
#define VOLTAGE_REPLY 8
#define IDCODES_REPLY 12

/* ---- modes ---- */

enum err stlink_get_mode(struct stlink *st, uint8_t *mode)
{
	uint8_t command[USB_COMMAND_SIZE] = {STLINK_GET_CURRENT_MODE};
	uint8_t reply[2];
	enum err err = stlink_receive(st, command, reply, sizeof(reply), 0);

	*mode = reply[0];
	return err;
}

static enum err check_left_dfu(struct stlink *st)
{
	uint8_t mode;
	enum err err = stlink_get_mode(st, &mode);

	if (!err && mode == STLINK_MODE_DFU) {
		log_error("%s stays in firmware-update mode: unplug it and plug it in again",
			st->probe.info.model);
		return ERR_PROBE_PROTOCOL;
	}
	return err;
}

/* A V2 is in DFU mode each time it is plugged in; the others are left by an earlier program. */
enum err stlink_leave_any_mode(struct stlink *st)
{
	static const uint8_t exits[][2] = {
		[STLINK_MODE_DFU] = {STLINK_DFU, STLINK_DFU_EXIT},
		[STLINK_MODE_MASS_STORAGE] = {0},
		[STLINK_MODE_DEBUG] = {STLINK_DEBUG, STLINK_EXIT},
		[STLINK_MODE_SWIM] = {STLINK_SWIM, STLINK_SWIM_EXIT},
		[STLINK_MODE_BOOTLOADER] = {0},
	};
	uint8_t command[USB_COMMAND_SIZE] = {0};
	uint8_t mode;
	enum err err = stlink_get_mode(st, &mode);

	if (err || mode >= sizeof(exits) / sizeof(exits[0]) || !exits[mode][0])
		return err;
	memcpy(command, exits[mode], sizeof(exits[mode]));
	err = stlink_send(st, command, 0);
	return !err && mode == STLINK_MODE_DFU ? check_left_dfu(st) : err;
}

/* ---- the reset line ---- */

/* Before ENTER the answer is not trusted: OpenOCD ignores it there, so firmware that refuses may
 * exist. ENTER is followed by a second, judged, pull. */
static enum err put_nrst(struct stlink *st, bool low)
{
	uint8_t command[USB_COMMAND_SIZE] = {
		STLINK_DEBUG, STLINK_DRIVE_NRST, low ? STLINK_NRST_LOW : STLINK_NRST_HIGH};
	uint8_t reply[2];

	if (st->entered)
		return stlink_order(st, command, 0);
	enum err err = stlink_try(st, command, reply, sizeof(reply), 0);
	if (!err && reply[0] != STLINK_OK)
		log_debug("DRIVE_NRST before ENTER: status %02x", reply[0]);
	return err;
}

enum err stlink_drive_nrst(struct probe *probe, bool low)
{
	struct stlink *st = stlink_from_probe(probe);

	st->nrst_low = low;
	st->holds_target = true;
	return put_nrst(st, low);
}

/* ---- in and out ---- */

/* EXIT has no reply. It lets go of NRST, too. */
static enum err exit_debug(struct stlink *st)
{
	uint8_t command[USB_COMMAND_SIZE] = {STLINK_DEBUG, STLINK_EXIT};

	st->entered = false;
	return stlink_send(st, command, 0);
}

/* A probe that is in debug mode already is entered again without EXIT, which would release NRST
 * for a moment; where the firmware cannot, NRST is pulled again at once. */
static enum err prepare_to_enter(struct stlink *st)
{
	if (!st->entered || stlink_has(st, STLINK_HAS_REENTER))
		return ERR_OK;
	enum err err = exit_debug(st);
	if (!err && st->nrst_low)
		err = put_nrst(st, true);
	return err;
}

/* Needed before the access port is used from J37 on, and harmless before. Where the command is
 * unknown or refused, or the port is not to be opened, the first access tells whether that matters:
 * st-util never sends it and works. */
static enum err init_ap(struct stlink *st)
{
	uint8_t command[USB_COMMAND_SIZE] = {STLINK_DEBUG, STLINK_INIT_AP, STLINK_AP_FIRST};
	uint8_t reply[2];
	struct stlink_retry retry = stlink_retry_begin(st);

	do {
		enum err err = stlink_try(st, command, reply, sizeof(reply), ENTER_WORDS);
		if (err)
			return err == ERR_USB_STALL ? ERR_OK : err;
	} while (stlink_retry_again(st, &retry, &reply[0]));
	if (reply[0] == STLINK_BAD_AP || reply[0] == STLINK_UNKNOWN_COMMAND) {
		log_debug("INIT_AP: status %02x", reply[0]);
		return ERR_OK;
	}
	return stlink_judge(st, command, reply[0], NULL);
}

/* What follows ENTER. NRST comes first: ENTER may have released it. */
static enum err settle_in(struct stlink *st)
{
	enum err err = ERR_OK;

	if (st->nrst_low)
		err = put_nrst(st, true);
	if (!err && stlink_has(st, STLINK_HAS_INIT_AP))
		err = init_ap(st);
	if (!err && stlink_has(st, STLINK_HAS_BATCHES) && !st->batch_max)
		err = stlink_ask_batch_max(st);
	return err;
}

/* The clock is set first: a V2 keeps what its last user set, which may be too fast for this
 * target, or 5 kHz. */
enum err stlink_enter(struct probe *probe, unsigned khz, unsigned *actual_khz)
{
	struct stlink *st = stlink_from_probe(probe);
	uint8_t command[USB_COMMAND_SIZE] = {STLINK_DEBUG, STLINK_ENTER, STLINK_ENTER_SWD};
	enum err err = stlink_set_speed(st, khz, actual_khz);

	if (!err)
		err = prepare_to_enter(st);
	if (err)
		return err;
	st->entered = false;
	st->holds_target = true;
	err = stlink_order(st, command, ENTER_WORDS);
	if (err)
		return err;
	st->entered = true;
	return settle_in(st);
}

enum err stlink_leave(struct probe *probe)
{
	struct stlink *st = stlink_from_probe(probe);
	enum err err = ERR_OK;

	if (!st->holds_target)
		return ERR_OK;
	/* EXIT out of idle mode is not known to release NRST. */
	if (!st->entered && st->nrst_low)
		err = put_nrst(st, false);
	enum err exit_err = exit_debug(st);
	st->holds_target = false;
	st->nrst_low = false;
	return err ? err : exit_err;
}

/* ---- what can be asked ---- */

enum err stlink_read_dpidr(struct probe *probe, uint32_t *dpidr)
{
	uint8_t command[USB_COMMAND_SIZE] = {STLINK_DEBUG, STLINK_READ_IDCODES};
	uint8_t reply[IDCODES_REPLY];
	enum err err =
		stlink_query(stlink_from_probe(probe), command, reply, sizeof(reply), ENTER_WORDS);

	if (!err)
		*dpidr = get_le32(reply + 4);
	return err;
}

enum err stlink_read_ctrl_stat(struct probe *probe, uint32_t *ctrl_stat)
{
	struct stlink *st = stlink_from_probe(probe);
	uint8_t command[USB_COMMAND_SIZE] = {STLINK_DEBUG, STLINK_READ_DAP_REG};
	uint8_t reply[8];

	if (!stlink_has(st, STLINK_HAS_DAP_REGISTERS))
		return ERR_PROBE_OLD;
	put_le16(command + 2, STLINK_PORT_DP);
	put_le16(command + 4, STLINK_CTRL_STAT);
	enum err err = stlink_query(st, command, reply, sizeof(reply), ENTER_WORDS);
	if (err)
		return err;
	*ctrl_stat = get_le32(reply + 4) | st->cleared;
	st->cleared = 0;
	return ERR_OK;
}

/* Two readings of the probe's converter: its own reference of 1.2 V, and half the target's
 * voltage. Clones without the reference answer 0 for it, or refuse the command: unknown, too. */
enum err stlink_read_voltage(struct probe *probe, unsigned *millivolts)
{
	struct stlink *st = stlink_from_probe(probe);
	uint8_t command[USB_COMMAND_SIZE] = {STLINK_GET_TARGET_VOLTAGE};
	uint8_t reply[VOLTAGE_REPLY];

	*millivolts = 0;
	if (!stlink_has(st, STLINK_HAS_VOLTAGE))
		return ERR_OK;
	enum err err = stlink_receive(st, command, reply, sizeof(reply), 0);
	if (err == ERR_USB_STALL) {
		st->features &= ~(unsigned)STLINK_HAS_VOLTAGE;
		return ERR_OK;
	}
	if (err)
		return err;
	uint32_t reference = get_le32(reply), target = get_le32(reply + 4);
	uint64_t result = reference ? (uint64_t)2 * REFERENCE_MV * target / reference : 0;
	if (result == 0 && reference)
		result = 1; /* measured, and nothing there: 0 stands for unknown */
	*millivolts = result < IMPOSSIBLE_MV ? (unsigned)result : 0;
	return ERR_OK;
}
