/* A target on a whole virtual board: see rig.h. */
#include "rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probe/usb.h"

#define ANSWER_MAX 12288

/* ---- a wire that counts commands, and says something to the board at one of them ---- */

struct rig_wire {
	struct usb usb;
	struct usb *inner;
	struct board *board;
	uint64_t commands, at;
	char line[80];
	void (*watch)(void *context);
	void *watch_context;
	rig_alteration *alter;
	void *alter_context;
};

static struct usb *inner(struct usb *usb)
{
	return ((struct rig_wire *)usb)->inner;
}

static enum err wire_command(struct usb *usb, const uint8_t command[USB_COMMAND_SIZE],
	struct usb_data *data, unsigned timeout_ms)
{
	struct rig_wire *wire = (struct rig_wire *)usb;
	char answer[256], line[sizeof(wire->line)], *rest = NULL;
	if (++wire->commands == wire->at) {
		memcpy(line, wire->line, sizeof(line));
		for (char *each = strtok_r(line, ";", &rest); each;
			each = strtok_r(NULL, ";", &rest))
			assert_int_equal(
				board_control(wire->board, each, answer, sizeof(answer)), ERR_OK);
	}
	enum err err = usb_command(wire->inner, command, data, timeout_ms);
	if (wire->alter)
		err = wire->alter(wire->alter_context, data, err);
	if (wire->watch)
		wire->watch(wire->watch_context);
	return err;
}

static enum err wire_drain(struct usb *usb)
{
	return usb_drain(inner(usb));
}

static enum err wire_read_trace(
	struct usb *usb, uint8_t *data, size_t size, size_t *received, unsigned timeout_ms)
{
	return usb_read_trace(inner(usb), data, size, received, timeout_ms);
}

static enum err wire_reset(struct usb *usb)
{
	return usb_reset(inner(usb));
}

static bool wire_plugged(struct usb *usb)
{
	return usb_plugged(inner(usb));
}

static uint64_t wire_now_us(struct usb *usb)
{
	return usb_now_us(inner(usb));
}

static void wire_sleep_us(struct usb *usb, uint64_t us)
{
	usb_sleep_us(inner(usb), us);
}

static void wire_close(struct usb *usb)
{
	usb_close(inner(usb));
	free(usb);
}

static const struct usb_ops wire_ops = {
	.command = wire_command,
	.drain = wire_drain,
	.read_trace = wire_read_trace,
	.reset = wire_reset,
	.plugged = wire_plugged,
	.now_us = wire_now_us,
	.sleep_us = wire_sleep_us,
	.close = wire_close,
};

/* ---- life ---- */

static struct rig_wire *create_wire(struct rig *rig)
{
	struct rig_wire *wire = calloc(1, sizeof(*wire));

	assert_non_null(wire);
	wire->inner = board_wire(rig->board);
	assert_non_null(wire->inner);
	wire->board = rig->board;
	wire->usb.ops = &wire_ops;
	wire->usb.identity = wire->inner->identity;
	return wire;
}

void rig_start(struct rig *rig, const struct rig_options *options)
{
	memset(rig, 0, sizeof(*rig));
	assert_int_equal(board_create(&options->board, &rig->board), ERR_OK);
	rig->wire = create_wire(rig);
	assert_int_equal(probe_open(&rig->wire->usb, &rig->probe), ERR_OK);
	assert_int_equal(target_create(rig->probe, &options->target, &rig->target), ERR_OK);
	if (!options->detached)
		assert_int_equal(target_attach(rig->target), ERR_OK);
}

enum err rig_reopen(struct rig *rig, struct probe **probe)
{
	struct rig_wire *wire = create_wire(rig);

	if (!usb_plugged(&wire->usb)) {
		usb_close(&wire->usb);
		return ERR_USB_NOT_FOUND;
	}
	enum err err = probe_open(&wire->usb, probe);
	if (!err)
		rig->wire = wire;
	return err;
}

void rig_stop(struct rig *rig)
{
	enum err err = target_detach(rig->target);
	(void)err; /* a test may have left the board without power */
	target_destroy(rig->target);
	probe_close(rig->probe);
	board_destroy(rig->board);
	memset(rig, 0, sizeof(*rig));
}

/* ---- the board's side ---- */

const char *rig_control(struct rig *rig, const char *format, ...)
{
	static char answer[ANSWER_MAX];
	char line[128];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	if (board_control(rig->board, line, answer, sizeof(answer)))
		fail_msg("the board does not understand: %s: %s", line, answer);
	return answer;
}

uint64_t rig_book(struct rig *rig, const char *name)
{
	char key[48];
	snprintf(key, sizeof(key), "\"%s\":", name);
	const char *at = strstr(rig_control(rig, "books"), key);
	if (!at) {
		fail_msg("no %s in the books", name);
		return 0;
	}
	return strtoull(at + strlen(key), NULL, 10);
}

static unsigned hex_digit(char digit)
{
	return (unsigned)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

static uint8_t hex_byte(const char *digits)
{
	return (uint8_t)(hex_digit(digits[0]) << 4 | hex_digit(digits[1]));
}

void rig_peek(struct rig *rig, uint32_t address, uint8_t *data, size_t size)
{
	const size_t most = 4096;
	for (size_t done = 0; done < size; done += most) {
		size_t now = size - done < most ? size - done : most;
		const char *answer = rig_control(rig, "read 0x%08zx %zu", address + done, now);
		const char *digits = strstr(answer, "\"data\":\"");
		assert_non_null(digits);
		digits += strlen("\"data\":\"");
		for (size_t i = 0; i < now; i++)
			data[done + i] = hex_byte(digits + 2 * i);
	}
}

void rig_at_command(struct rig *rig, uint64_t count, const char *line)
{
	rig->wire->at = count ? rig->wire->commands + count : 0;
	snprintf(rig->wire->line, sizeof(rig->wire->line), "%s", line);
}

bool rig_was_said(const struct rig *rig)
{
	return rig->wire->at && rig->wire->commands >= rig->wire->at;
}

void rig_watch(struct rig *rig, void (*watch)(void *context), void *context)
{
	rig->wire->watch = watch;
	rig->wire->watch_context = context;
}

void rig_alter(struct rig *rig, rig_alteration *alter, void *context)
{
	rig->wire->alter = alter;
	rig->wire->alter_context = context;
}

/* ---- loads ---- */

enum err rig_load(struct rig *rig, uint32_t offset, const uint8_t *data, size_t size,
	struct target_load *load)
{
	enum err err = target_flash_erase(rig->target, RIG_FLASH + offset, (uint32_t)size);
	if (!err)
		err = target_flash_write(rig->target, RIG_FLASH + offset, data, size);
	if (!err)
		err = target_flash_done(rig->target, load);
	return err;
}

uint32_t rig_random(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

void rig_fill(uint8_t *data, size_t size, uint32_t seed)
{
	seed = seed * 2654435761u + 1;
	for (size_t i = 0; i < size; i++)
		data[i] = (uint8_t)rig_random(&seed);
}
