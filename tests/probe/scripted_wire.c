/* A wire that follows a script. */
#include "scripted_wire.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/prelude.h"

#define STEPS_MAX  600
#define SLEEPS_MAX 64

enum action { ACTION_COMMAND, ACTION_DRAIN, ACTION_RESET };

struct step {
	enum action action;
	enum usb_direction direction;
	bool any_direction;
	enum err err;
	uint8_t command[USB_COMMAND_SIZE];
	uint8_t *data; /* to answer, or expected */
	size_t size;   /* of data */
	size_t asked;  /* size of the data phase */
};

struct script {
	struct usb usb;
	struct step steps[STEPS_MAX];
	size_t planned, done;
	bool gone, closed;
	uint64_t now_us, command_us;
	uint64_t sleeps_us[SLEEPS_MAX];
	size_t sleeps;
	unsigned last_timeout_ms;
};

size_t script_bytes(const char *hex, uint8_t *bytes, size_t max)
{
	size_t count = 0;

	for (const char *p = hex; *p; p++) {
		if (*p == ' ')
			continue;
		unsigned value;
		assert_int_equal(sscanf(p, "%2x", &value), 1);
		assert_true(count < max);
		bytes[count++] = (uint8_t)value;
		p++;
	}
	return count;
}

/* ---- planning ---- */

static struct step *plan(struct script *script, enum action action, enum err err)
{
	assert_true(script->planned < STEPS_MAX);
	struct step *step = &script->steps[script->planned++];
	step->action = action;
	step->err = err;
	return step;
}

static struct step *plan_command(struct script *script, const char *command)
{
	struct step *step = plan(script, ACTION_COMMAND, ERR_OK);
	script_bytes(command, step->command, sizeof(step->command));
	return step;
}

static void plan_data(struct step *step, enum usb_direction direction, size_t asked,
	const uint8_t *data, size_t size)
{
	step->direction = direction;
	step->asked = asked;
	step->size = size;
	step->data = malloc(size + 1);
	assert_non_null(step->data);
	memcpy(step->data, data, size);
}

void script_expect(struct script *script, const char *command)
{
	plan_command(script, command);
}

void script_expect_in(struct script *script, const char *command, const char *reply)
{
	uint8_t bytes[512];
	size_t size = script_bytes(reply, bytes, sizeof(bytes));
	script_expect_read(script, command, size, bytes, size);
}

void script_expect_read(
	struct script *script, const char *command, size_t asked, const uint8_t *reply, size_t size)
{
	plan_data(plan_command(script, command), USB_IN, asked, reply, size);
}

void script_expect_out(struct script *script, const char *command, const char *data)
{
	uint8_t bytes[512];
	script_expect_write(script, command, bytes, script_bytes(data, bytes, sizeof(bytes)));
}

void script_expect_write(
	struct script *script, const char *command, const uint8_t *data, size_t size)
{
	plan_data(plan_command(script, command), USB_OUT, size, data, size);
}

void script_expect_failure(struct script *script, const char *command, enum err err)
{
	struct step *step = plan_command(script, command);
	step->err = err;
	step->any_direction = true;
}

void script_expect_drain(struct script *script, enum err err)
{
	plan(script, ACTION_DRAIN, err);
}

void script_expect_reset(struct script *script, enum err err)
{
	plan(script, ACTION_RESET, err);
}

/* ---- the wire ---- */

static struct script *script_from_usb(struct usb *usb)
{
	return (struct script *)usb;
}

static void print_command(const char *what, const uint8_t *command)
{
	print_error("%s:", what);
	for (size_t i = 0; i < USB_COMMAND_SIZE; i++)
		print_error(" %02X", command[i]);
	print_error("\n");
}

static struct step *next(struct script *script, enum action action, const uint8_t *command)
{
	if (script->done == script->planned) {
		if (command)
			print_command("not in the script", command);
		fail_msg("step %zu was not expected", script->done);
	}
	struct step *step = &script->steps[script->done++];
	if (command && memcmp(command, step->command, USB_COMMAND_SIZE) != 0) {
		print_command("expected", step->command);
		print_command("sent    ", command);
		fail_msg("step %zu is another command", script->done - 1);
	}
	assert_int_equal(action, step->action);
	return step;
}

static void run_data(const struct step *step, struct usb_data *data)
{
	enum usb_direction direction = data ? data->direction : USB_NONE;

	assert_int_equal(direction, step->direction);
	if (direction == USB_NONE)
		return;
	assert_int_equal(data->size, step->asked);
	if (direction == USB_OUT) {
		assert_memory_equal(data->data, step->data, step->size);
		return;
	}
	memcpy(data->data, step->data, step->size);
	data->received = step->size;
}

static enum err wire_command(struct usb *usb, const uint8_t command[USB_COMMAND_SIZE],
	struct usb_data *data, unsigned timeout_ms)
{
	struct script *script = script_from_usb(usb);

	if (data)
		data->received = 0;
	if (script->gone)
		return ERR_USB_GONE;
	const struct step *step = next(script, ACTION_COMMAND, command);
	script->now_us += script->command_us;
	script->last_timeout_ms = timeout_ms;
	script->gone = step->err == ERR_USB_GONE;
	if (step->err == ERR_USB_TIMEOUT)
		script->now_us += (uint64_t)timeout_ms * 1000;
	if (!step->err)
		run_data(step, data);
	return step->err;
}

static enum err wire_drain(struct usb *usb)
{
	struct script *script = script_from_usb(usb);
	if (script->gone)
		return ERR_USB_GONE;
	return next(script, ACTION_DRAIN, NULL)->err;
}

static enum err wire_read_trace(
	struct usb *usb, uint8_t *data, size_t size, size_t *received, unsigned timeout_ms)
{
	(void)usb;
	(void)size;
	(void)timeout_ms;
	fail_msg("the trace endpoint was not to be read");
	*data = 0;
	*received = 0;
	return ERR_USB_IO;
}

static enum err wire_reset(struct usb *usb)
{
	return next(script_from_usb(usb), ACTION_RESET, NULL)->err;
}

static bool wire_plugged(struct usb *usb)
{
	return !script_from_usb(usb)->gone;
}

static uint64_t wire_now_us(struct usb *usb)
{
	return script_from_usb(usb)->now_us;
}

static void wire_sleep_us(struct usb *usb, uint64_t us)
{
	struct script *script = script_from_usb(usb);

	script->now_us += us;
	assert_true(script->sleeps < SLEEPS_MAX);
	script->sleeps_us[script->sleeps++] = us;
}

static void wire_close(struct usb *usb)
{
	struct script *script = script_from_usb(usb);
	assert_false(script->closed);
	script->closed = true;
}

static const struct usb_ops script_ops = {
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

struct script *script_create(uint16_t pid)
{
	struct script *script = calloc(1, sizeof(*script));

	assert_non_null(script);
	script->usb.ops = &script_ops;
	script->usb.identity = (struct usb_identity){
		.vid = 0x0483,
		.pid = pid,
		.serial = "066EFF373535503457062922",
		.path = "1-2.3",
	};
	script->now_us = 1000000;
	return script;
}

struct usb *script_wire(struct script *script)
{
	return &script->usb;
}

void script_check(struct script *script)
{
	if (script->done < script->planned)
		print_command("still expected", script->steps[script->done].command);
	assert_int_equal(script->done, script->planned);
}

void script_finish(struct script *script)
{
	script_check(script);
	assert_true(script->closed);
	for (size_t i = 0; i < script->planned; i++)
		free(script->steps[i].data);
	free(script);
}

void script_set_command_us(struct script *script, uint64_t us)
{
	script->command_us = us;
}

size_t script_take_sleeps(struct script *script, uint64_t *sleeps_us, size_t max)
{
	size_t count = script->sleeps;

	for (size_t i = 0; i < count && i < max; i++)
		sleeps_us[i] = script->sleeps_us[i];
	script->sleeps = 0;
	return count;
}

unsigned script_last_timeout_ms(const struct script *script)
{
	return script->last_timeout_ms;
}
