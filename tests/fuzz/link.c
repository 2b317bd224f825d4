/*
 * A target on a whole virtual board whose probe tells any lies at all: attaching, reading, running,
 * loading come to an end whatever is said, and once the probe speaks the truth again, the next load
 * is exact.
 *
 * The input: a byte that chooses the probe, then what the calls and the wire take from it, in the
 * order in which they need it: a byte for each call (see calls below), and for each lie three (how
 * many commands from now, which, and a value).
 */
#include <string.h>

#include "fuzz.h"
#include "probe/log.h"
#include "tests/flash/rig.h"

#define RAM          0x20000100u
#define IMAGE        6000u
#define CALLS_MAX    24
#define COMMANDS_MAX 200000 /* of a call; more and it goes in circles */
#define CALL_MAX_US  120000000u

static uint8_t image[IMAGE];

struct play {
	struct rig rig;
	struct input input;
	unsigned honest; /* commands until the next lie */
	unsigned commands;
	bool attached;
};

/* ---- lies ---- */

static void lie(struct usb_data *data, uint8_t how, uint8_t value)
{
	uint8_t *bytes = data->data;

	switch (how % 6) {
	case 0:
		bytes[0] = value;
		break;
	case 1:
		bytes[value % data->received] ^= (uint8_t)(how | 1);
		break;
	case 2:
		data->received = value % data->received;
		break;
	case 3:
		memset(bytes, value, data->received);
		break;
	case 4: /* status and values of a batch are in words of their own */
		bytes[data->received - 1 - value * 4 % data->received] = value;
		break;
	default: /* good, but something else */
		memset(bytes + data->received / 2, value, data->received - data->received / 2);
		break;
	}
}

static enum err alter(void *context, struct usb_data *data, enum err err)
{
	static const enum err errors[] = {ERR_USB_TIMEOUT, ERR_USB_STALL, ERR_USB_IO, ERR_USB_GONE};
	struct play *play = context;

	require(++play->commands < COMMANDS_MAX);
	if (!play->input.size || play->honest-- > 0)
		return err;
	play->honest = input_byte(&play->input);
	uint8_t how = input_byte(&play->input), value = input_byte(&play->input);
	if (err || how >= 240)
		return err ? err : errors[value % COUNT_OF(errors)];
	if (data && data->direction == USB_IN && data->received)
		lie(data, how, value);
	return ERR_OK;
}

/* ---- calls ---- */

static enum err attach(struct play *play)
{
	enum err err = target_attach(play->rig.target);
	play->attached = !err;
	return err;
}

static enum err detach(struct play *play)
{
	play->attached = false;
	return target_detach(play->rig.target);
}

static enum err poll(struct play *play)
{
	struct target_status status;
	return target_poll(play->rig.target, &status);
}

static enum err halt(struct play *play)
{
	return target_halt(play->rig.target);
}

static enum err resume(struct play *play)
{
	return target_resume(play->rig.target);
}

static enum err step(struct play *play)
{
	return target_step(play->rig.target);
}

static enum err reset(struct play *play)
{
	return target_reset(play->rig.target, input_byte(&play->input) & 1);
}

static enum err read_memory(struct play *play)
{
	uint8_t bytes[256];
	uint32_t bases[] = {RAM, RIG_FLASH, 0xE000ED00, 0x40023C00};
	uint8_t where = input_byte(&play->input);

	return target_read_memory(
		play->rig.target, bases[where & 3] + (where >> 2), bytes, 1u + where / 2);
}

static enum err write_memory(struct play *play)
{
	static const uint8_t bytes[64] = {1, 2, 3};
	uint8_t where = input_byte(&play->input);

	return target_write_memory(play->rig.target, RAM + where, bytes, 1u + where % 64);
}

static enum err registers(struct play *play)
{
	uint32_t value;
	return target_read_register(
		play->rig.target, input_byte(&play->input) % TARGET_REGISTER_COUNT, &value);
}

static enum err breakpoint(struct play *play)
{
	uint8_t where = input_byte(&play->input);
	uint32_t address = RIG_FLASH + 0x100 + (where & 0x1E);

	return where & 1 ? target_remove_breakpoint(play->rig.target, address)
			 : target_add_breakpoint(play->rig.target, address);
}

static enum err fault(struct play *play)
{
	struct target_fault found;
	return target_read_fault(play->rig.target, &found);
}

static enum err diagnose(struct play *play)
{
	struct target_report report;
	(void)target_diagnose(play->rig.target, &report);
	return ERR_OK;
}

static enum err crc(struct play *play)
{
	uint32_t sum;
	return target_crc(play->rig.target, RIG_FLASH, IMAGE, &sum);
}

static enum err look(struct play *play)
{
	struct target_sector sectors[TARGET_SECTORS_MAX];
	size_t count;
	return target_flash_look(play->rig.target, sectors, &count);
}

static enum err load(struct play *play)
{
	image[input_byte(&play->input)] ^= 1;
	return rig_load(&play->rig, 0, image, IMAGE, NULL);
}

static enum err (*const calls[])(struct play *play) = {attach, detach, poll, halt, resume, step,
	reset, read_memory, write_memory, registers, breakpoint, fault, diagnose, crc, look, load};

/* Until it is attached, nothing else may be asked of a target. */
static void call(struct play *play)
{
	uint64_t start_us = probe_now_us(play->rig.probe);
	unsigned which = play->attached ? input_byte(&play->input) % COUNT_OF(calls) : 0;

	play->commands = 0;
	enum err err = calls[which](play);
	require(err < ERR_COUNT);
	require(probe_now_us(play->rig.probe) - start_us < CALL_MAX_US);
}

/* ---- afterwards ---- */

static void check_honest(struct play *play)
{
	static uint8_t held[IMAGE];

	rig_alter(&play->rig, NULL, NULL);
	require(target_attach(play->rig.target) == ERR_OK);
	require(rig_load(&play->rig, 0, image, IMAGE, NULL) == ERR_OK);
	rig_peek(&play->rig, RIG_FLASH, held, IMAGE);
	require(memcmp(held, image, IMAGE) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static const struct board_options boards[] = {
		{.probe = "v21"}, {.probe = "v3"}, {.probe = "v21", .firmware = "V2J26M15"}};
	static struct play play;

	log_set_level(LOG_ERROR);
	play = (struct play){.input = {bytes, size}};
	rig_fill(image, IMAGE, 1);
	memcpy(image, (const uint8_t[8]){0, 0x80, 0, 0x20, 1, 1, 0, 8}, 8);
	uint8_t which = input_byte(&play.input);
	rig_start(&play.rig,
		&(struct rig_options){.board = boards[which % COUNT_OF(boards)], .detached = true});
	play.honest = input_byte(&play.input);
	rig_alter(&play.rig, alter, &play);
	for (unsigned i = 0; i < CALLS_MAX && play.input.size; i++)
		call(&play);
	check_honest(&play);
	rig_stop(&play.rig);
	return 0;
}
