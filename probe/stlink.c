/*
 * Opens and closes an ST-LINK. On the worker thread of the board.
 *
 * A program that was killed between a command and its reply leaves the reply in the probe, where
 * the next program takes it for its first answer. So the pipe is drained first, the first answer
 * has to carry an ST-LINK's ids, and a probe that does not make sense is reset once.
 */
#include "stlink.h"

#include <stdio.h>
#include <stdlib.h>

#include "probe/log.h"
#include "stlink_command.h"
#include "stlink_speed.h"
#include "usb_product.h"

#define AFTER_RESET_US 500000

/* ---- identity ---- */

static enum err read_version(struct stlink *st)
{
	uint8_t command[USB_COMMAND_SIZE] = {STLINK_GET_VERSION};
	uint8_t command_ex[USB_COMMAND_SIZE] = {STLINK_GET_VERSION_EX};
	uint8_t reply[STLINK_VERSION_EX_SIZE];
	enum err err = stlink_receive(st, command, reply, STLINK_VERSION_SIZE, 0);
	bool makes_sense =
		!err && stlink_version_decode(reply, st->probe.usb->identity.pid, &st->version);

	if (makes_sense && st->version.hardware >= 3) {
		err = stlink_receive(st, command_ex, reply, sizeof(reply), 0);
		makes_sense = !err && stlink_version_decode_ex(reply, &st->version);
	}
	if (!err && !makes_sense) {
		log_warn("%s: the version reply has no ST-LINK's ids in it",
			st->probe.usb->identity.path);
		return ERR_PROBE_PROTOCOL;
	}
	return err;
}

static enum err check_version(const struct stlink *st)
{
	if (st->version.hardware < 2) {
		log_error("%s has the firmware of an ST-LINK/V1, which is not supported: use an "
			  "ST-LINK/V2 or newer",
			st->probe.usb->identity.path);
		return ERR_UNSUPPORTED;
	}
	if (st->version.jtag == 0) {
		log_error("%s (firmware %s) cannot debug a Cortex-M: it is a probe for STM8, or "
			  "its firmware update was not finished",
			st->probe.info.model, st->probe.info.firmware);
		return ERR_UNSUPPORTED;
	}
	return ERR_OK;
}

static unsigned default_speed_khz(const struct stlink *st)
{
	if (stlink_has(st, STLINK_HAS_COM_FREQ))
		return STLINK_V3_DEFAULT_KHZ;
	return stlink_has(st, STLINK_HAS_DIVISOR) ? STLINK_V2_DEFAULT_KHZ : STLINK_V2_POWER_UP_KHZ;
}

static enum err identify(struct stlink *st)
{
	enum err err = usb_drain(st->probe.usb);

	if (!err) {
		st->stale = false;
		err = read_version(st);
	}
	if (err)
		return err;
	struct probe_info *info = &st->probe.info;
	stlink_version_format(&st->version, info->firmware, sizeof(info->firmware));
	st->features = stlink_version_features(&st->version);
	stlink_assume_speed(st);
	info->has_batches = stlink_has(st, STLINK_HAS_BATCHES);
	info->default_speed_khz = default_speed_khz(st);
	return check_version(st);
}

static enum err start(struct stlink *st)
{
	enum err err = identify(st);
	return err ? err : stlink_leave_any_mode(st);
}

/* ---- life ---- */

static void stlink_close(struct probe *probe)
{
	if (usb_plugged(probe->usb) && stlink_leave(probe))
		log_debug("%s: could not leave debug mode", probe->info.model);
	usb_close(probe->usb);
	free(probe);
}

static const struct probe_ops stlink_ops = {
	.close = stlink_close,
	.enter = stlink_enter,
	.leave = stlink_leave,
	.read_dpidr = stlink_read_dpidr,
	.read_ctrl_stat = stlink_read_ctrl_stat,
	.read_voltage = stlink_read_voltage,
	.drive_nrst = stlink_drive_nrst,
	.read_word = stlink_read_word,
	.write_word = stlink_write_word,
	.read = stlink_read,
	.write = stlink_write,
	.block_size = stlink_block_size,
	.batch = stlink_batch,
	.read_register = stlink_read_register,
	.write_register = stlink_write_register,
	.read_registers = stlink_read_registers,
};

static struct stlink *create(struct usb *usb)
{
	const struct usb_product *product = usb_product_find(usb->identity.vid, usb->identity.pid);
	struct stlink *st = calloc(1, sizeof(*st));

	if (!st)
		return NULL;
	st->probe.ops = &stlink_ops;
	st->probe.usb = usb;
	struct probe_info *info = &st->probe.info;
	snprintf(info->model, sizeof(info->model), "%s", product ? product->model : "ST-LINK");
	snprintf(info->serial, sizeof(info->serial), "%s", usb->identity.serial);
	snprintf(info->path, sizeof(info->path), "%s", usb->identity.path);
	return st;
}

static enum err refuse_product(const struct usb *usb)
{
	const struct usb_product *product = usb_product_find(usb->identity.vid, usb->identity.pid);

	if (!product || !product->refusal)
		return ERR_OK;
	log_error("%s at %s: %s", product->model, usb->identity.path, product->refusal);
	return ERR_UNSUPPORTED;
}

static bool may_be_cured_by_reset(enum err err)
{
	return err == ERR_USB_TIMEOUT || err == ERR_USB_STALL || err == ERR_USB_IO ||
	       err == ERR_PROBE_PROTOCOL;
}

static enum err reset_and_start(struct stlink *st)
{
	struct usb *usb = st->probe.usb;

	log_info("%s: resetting the probe and trying once more", usb->identity.path);
	enum err err = usb_reset(usb);
	if (err) {
		log_error("%s: the reset failed (%s): unplug the probe and plug it in again",
			usb->identity.path, err_text(err));
		return err;
	}
	usb_sleep_us(usb, AFTER_RESET_US);
	return start(st);
}

enum err stlink_open(struct usb *usb, struct probe **probe)
{
	enum err err = refuse_product(usb);
	struct stlink *st = err ? NULL : create(usb);

	if (!st) {
		usb_close(usb);
		return err ? err : ERR_NO_MEMORY;
	}
	err = start(st);
	if (may_be_cured_by_reset(err))
		err = reset_and_start(st);
	if (err) {
		usb_close(usb);
		free(st);
		return err;
	}
	*probe = &st->probe;
	return ERR_OK;
}

enum err stlink_look(struct usb *usb, char firmware[24], unsigned *millivolts)
{
	struct stlink *st = create(usb);
	uint8_t mode = STLINK_MODE_DFU;

	*millivolts = 0;
	if (!st)
		return ERR_NO_MEMORY;
	enum err err = identify(st);
	snprintf(firmware, sizeof(st->probe.info.firmware), "%s", st->probe.info.firmware);
	if (!err)
		err = stlink_get_mode(st, &mode);
	/* In DFU mode the command is not understood. */
	if (!err && mode != STLINK_MODE_DFU)
		err = stlink_read_voltage(&st->probe, millivolts);
	free(st);
	return err;
}
