/* Dispatch of commands, with the fault switches that strike any of them. See the header. */
#include "stlink_firmware.h"

#include <string.h>

#include "stlink_commands.h"
#include "stlink_status.h"

void firmware_init(struct firmware *firmware, const struct stlink_model *model,
	const struct stlink_version *version, struct swd *swd, struct stlink_faults *faults)
{
	memset(firmware, 0, sizeof *firmware);
	firmware->model = model;
	firmware->version = *version;
	firmware->swd = swd;
	firmware->pins = swd->pins;
	firmware->time = swd->time;
	firmware->faults = faults;
	firmware_power_up(firmware);
}

void firmware_power_up(struct firmware *firmware)
{
	if (!firmware->mode_kept)
		firmware->mode = firmware->model->power_up;
	firmware->mode_kept = false;
	firmware->command = NULL;
	firmware->reply_size = 0;
	firmware->data_size = 0;
	firmware->memory_status = STATUS_OK;
	firmware->memory_address = 0;
	firmware->misc_items = 0;
	firmware->swd->forced = 0;
	firmware_reset_clock(firmware);
}

void firmware_power_down(struct firmware *firmware)
{
	firmware_close_session(firmware);
}

void firmware_force_mode(struct firmware *firmware, enum stlink_mode mode, bool powered)
{
	firmware->mode = mode;
	firmware->mode_kept = !powered;
}

/* ---- replies ---- */

enum outcome firmware_reply_zeros(struct firmware *firmware, size_t size)
{
	memset(firmware->reply, 0, size);
	firmware->reply_size = size;
	return OUTCOME_REPLY;
}

enum outcome firmware_reply_status(struct firmware *firmware, uint8_t status)
{
	firmware_reply_zeros(firmware, 2);
	firmware->reply[0] = status;
	return OUTCOME_REPLY;
}

enum outcome firmware_reply_word(struct firmware *firmware, uint8_t status, uint32_t value)
{
	firmware_reply_zeros(firmware, 8);
	firmware->reply[0] = status;
	for (int i = 0; i < 4; i++)
		firmware->reply[4 + i] = (uint8_t)(value >> (8 * i));
	return OUTCOME_REPLY;
}

/* ---- fault switches ---- */

static const struct fault *strike(struct firmware *firmware, enum fault_id id)
{
	return stlink_faults_strike(firmware->faults, id, firmware->command->name);
}

/* A status by switch belongs to commands that can report one. The first SWD operation of the
 * command takes it; what does not touch the target gets it in end_fault. */
static void force_status(struct firmware *firmware)
{
	firmware->swd->forced = 0;
	if (firmware->command->kind == KIND_PLAIN && !firmware->command->finish)
		return;
	const struct fault *fault = strike(firmware, FAULT_STATUS);
	if (fault)
		firmware->swd->forced = (uint8_t)fault->value;
}

/* One of the events that a host has to live with, drawn by lot. */
static void roll_chaos(struct firmware *firmware)
{
	static const enum fault_id events[] = {FAULT_USB_STALL, FAULT_USB_TIMEOUT, FAULT_LOST_REPLY,
		FAULT_SWD_WAIT, FAULT_SWD_FAULT, FAULT_SWD_SILENT};
	struct fault *chaos = &firmware->faults->all[FAULT_CHAOS];
	if (!chaos->on || !stlink_faults_chance(firmware->faults, chaos->value))
		return;
	if (!strike(firmware, FAULT_CHAOS))
		return;
	uint32_t lot = stlink_faults_random(firmware->faults) % (sizeof events / sizeof events[0]);
	firmware->faults->all[events[lot]] = (struct fault){.on = true, .left = 1};
}

/* Whether a switch takes the command's place. */
static bool begin_fault(struct firmware *firmware, enum outcome *outcome)
{
	const struct fault *delay = strike(firmware, FAULT_DELAY);
	if (delay)
		timebase_spend(firmware->time, TIME_FIRMWARE, delay->value * NS_PER_MS);
	*outcome = OUTCOME_NOTHING;
	if (strike(firmware, FAULT_USB_TIMEOUT))
		return true;
	*outcome = firmware->command->finish ? OUTCOME_STALL_OUT : OUTCOME_STALL_IN;
	if (strike(firmware, FAULT_USB_STALL))
		return true;
	force_status(firmware);
	return false;
}

static enum outcome end_fault(struct firmware *firmware, enum outcome outcome)
{
	if (outcome != OUTCOME_REPLY)
		return outcome;
	if (firmware->swd->forced && firmware->command->kind == KIND_STATUS)
		firmware->reply[0] = firmware->swd->forced;
	firmware->swd->forced = 0;
	if (strike(firmware, FAULT_LOST_REPLY))
		return OUTCOME_NOTHING;
	if (strike(firmware, FAULT_GARBLED_REPLY))
		for (size_t i = 0; i < firmware->reply_size; i++)
			firmware->reply[i] = (uint8_t)stlink_faults_random(firmware->faults);
	const struct fault *cut = strike(firmware, FAULT_SHORT_REPLY);
	if (cut && cut->value < firmware->reply_size)
		firmware->reply_size = cut->value;
	return outcome;
}

/* ---- dispatch ---- */

static enum outcome unknown_command(struct firmware *firmware, const uint8_t *bytes)
{
	firmware->command = NULL;
	firmware->unknown_commands++;
	if (bytes[0] != COMMAND_DEBUG || !(MODES_CONNECTED & IN_MODE(firmware->mode)))
		return OUTCOME_STALL_IN;
	return firmware_reply_status(firmware, STATUS_UNKNOWN_CMD);
}

enum outcome firmware_command(struct firmware *firmware, const uint8_t bytes[FIRMWARE_COMMAND_SIZE])
{
	timebase_spend(firmware->time, TIME_FIRMWARE, firmware->model->costs.command_ns);
	memcpy(firmware->arguments, bytes, FIRMWARE_COMMAND_SIZE);

	const struct stlink_command *command = firmware_command_find(firmware, bytes);
	if (!command)
		return unknown_command(firmware, bytes);
	firmware->command = command;
	firmware->counts[firmware_command_index(command)]++;
	firmware->swd->command = command->name;
	if (command->start != firmware_misc_in)
		firmware->misc_items = 0;
	if (!(command->modes & IN_MODE(firmware->mode)))
		return command->finish ? OUTCOME_STALL_OUT : OUTCOME_STALL_IN;
	roll_chaos(firmware);
	enum outcome outcome;
	if (begin_fault(firmware, &outcome))
		return outcome;
	return end_fault(firmware, command->start(firmware, firmware->arguments));
}

enum outcome firmware_data(struct firmware *firmware)
{
	enum outcome outcome = firmware->command->finish(firmware);
	firmware->swd->forced = 0;
	return outcome;
}
