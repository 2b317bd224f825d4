/*
 * Any replies at all for the ST-LINK driver: from the first command after it was opened, each call
 * comes back in bounded time with an error that exists, and keeps within its buffers.
 *
 * The input: a byte that chooses the product, then what the driver's calls and the wire take from
 * it, in the order in which they need it. The wire takes for each command a byte that says how it
 * goes (see answer()), and for each reply the bytes that are not made up.
 */
#include <string.h>

#include "fuzz.h"
#include "probe/log.h"
#include "probe/probe.h"
#include "probe/usb.h"

#define BLOCK_MAX   13000
#define ITEMS_MAX   1300
#define CALL_MAX_US 60000000
#define COMMAND_US  500
#define TIMEOUT_MS  10000 /* all registers at 5 kHz */

struct wire {
	struct usb usb;
	struct input *input;
	uint64_t now_us;
};

/* ---- the wire ---- */

enum how {
	HOW_GOOD,    /* 80 00, and the rest all one byte of the input */
	HOW_STATUS,  /* a status of the input, the rest zeros */
	HOW_BYTES,   /* byte for byte from the input */
	HOW_SHORT,   /* as good, and cut */
	HOW_TIMEOUT, /* errors of the wire */
	HOW_STALL,
	HOW_IO,
	HOW_GONE,
	HOWS,
};

static enum err error_of(enum how how)
{
	static const enum err errors[HOWS] = {
		[HOW_TIMEOUT] = ERR_USB_TIMEOUT,
		[HOW_STALL] = ERR_USB_STALL,
		[HOW_IO] = ERR_USB_IO,
		[HOW_GONE] = ERR_USB_GONE,
	};
	return errors[how];
}

static void put_status(uint8_t *data, size_t size, uint8_t status)
{
	data[0] = status;
	if (size > 1)
		data[1] = 0;
}

static void reply(struct input *input, enum how how, struct usb_data *data)
{
	data->received = data->size;
	memset(data->data, how == HOW_STATUS ? 0 : input_byte(input), data->size);
	put_status(data->data, data->size, how == HOW_STATUS ? input_byte(input) : 0x80);
	if (how == HOW_BYTES)
		for (size_t i = 0; i < data->size && input->size; i++)
			data->data[i] = input_byte(input);
	if (how == HOW_SHORT)
		data->received = input_byte(input) % (data->size + 1);
}

/* A wire whose input has ended is unplugged, so that it does. */
static enum err wire_command(struct usb *usb, const uint8_t command[USB_COMMAND_SIZE],
	struct usb_data *data, unsigned timeout_ms)
{
	struct wire *wire = (struct wire *)usb;
	enum how how = wire->input->size ? (enum how)(input_byte(wire->input) % HOWS) : HOW_GONE;

	(void)command;
	require(timeout_ms >= 500 && timeout_ms <= TIMEOUT_MS);
	wire->now_us += how == HOW_TIMEOUT ? (uint64_t)timeout_ms * 1000 : COMMAND_US;
	if (!data || data->direction == USB_NONE)
		return error_of(how);
	require(data->data && data->size > 0);
	data->received = 0;
	/* One byte would be too few for a probe that sends two. */
	require(data->direction == USB_OUT || data->size >= 2);
	if (data->direction == USB_IN && !error_of(how))
		reply(wire->input, how, data);
	return error_of(how);
}

static enum err wire_drain(struct usb *usb)
{
	struct wire *wire = (struct wire *)usb;

	wire->now_us += COMMAND_US;
	return wire->input->size ? ERR_OK : ERR_USB_GONE;
}

static bool wire_plugged(struct usb *usb)
{
	return ((struct wire *)usb)->input->size > 0;
}

static uint64_t wire_now_us(struct usb *usb)
{
	return ((struct wire *)usb)->now_us;
}

static void wire_sleep_us(struct usb *usb, uint64_t us)
{
	((struct wire *)usb)->now_us += us;
}

static void wire_close(struct usb *usb)
{
	free(usb);
}

static const struct usb_ops wire_ops = {
	.command = wire_command,
	.drain = wire_drain,
	.reset = wire_drain,
	.plugged = wire_plugged,
	.now_us = wire_now_us,
	.sleep_us = wire_sleep_us,
	.close = wire_close,
};

/* ---- calls of the driver ---- */

static enum err move_block(struct input *input, struct probe *probe)
{
	static const unsigned widths[] = {1, 2, 4, 4};
	uint8_t bits = input_byte(input);
	unsigned width = widths[bits & 3];
	size_t size = input_word(input) % (BLOCK_MAX / 4) * width;
	uint32_t address = input_word(input) & ~3u;
	uint8_t *block = calloc(1, size + 1);

	require(block);
	enum err err = bits & 4 ? probe_write(probe, width, address, block, size)
				: probe_read(probe, width, address, block, size);
	free(block);
	return err;
}

static enum err run_batch(struct input *input, struct probe *probe)
{
	static struct probe_item items[ITEMS_MAX];
	size_t count = input_word(input) % ITEMS_MAX, done = 0;
	uint8_t writes = input_byte(input);

	for (size_t i = 0; i < count; i++)
		items[i] = (struct probe_item){
			.address = 0x20000000 + 4 * (uint32_t)i,
			.write = writes >> i % 8 & 1,
		};
	enum err err = probe_batch(probe, items, count, &done);
	require(err ? done < count : done == count);
	return err;
}

static enum err any_call(struct input *input, struct probe *probe)
{
	uint32_t value, values[PROBE_CORE_REGISTERS];
	unsigned number;

	switch (input_byte(input) % 11) {
	case 0:
		return probe_enter(probe, input_word(input) % 30000, &number);
	case 1:
		return probe_read_voltage(probe, &number);
	case 2:
		return probe_drive_nrst(probe, input_byte(input) & 1);
	case 3:
		return probe_read_word(probe, input_word(input) & ~3u, &value);
	case 4:
		return probe_write_word(probe, input_word(input) & ~3u, 1);
	case 5:
		return run_batch(input, probe);
	case 6:
		return probe_read_register(probe, input_byte(input) % 0x60, &value);
	case 7:
		return probe_write_register(probe, input_byte(input) % 0x60, 1);
	case 8:
		return probe_read_registers(probe, values);
	case 9:
		return probe_read_dpidr(probe, &value);
	default:
		return move_block(input, probe);
	}
}

static void use(struct wire *wire, struct probe *probe)
{
	while (wire->input->size) {
		uint64_t start_us = wire->now_us;
		enum err err = any_call(wire->input, probe);
		require(err < ERR_COUNT);
		require(wire->now_us - start_us < CALL_MAX_US);
		require(probe_block_size(probe) >= 4 && probe_block_size(probe) % 4 == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static const uint16_t products[] = {0x3748, 0x374B, 0x374E, 0x3757};
	struct input input = {bytes, size};
	struct wire *wire = calloc(1, sizeof(*wire));
	struct probe *probe = NULL;

	require(wire);
	log_set_level(LOG_ERROR);
	wire->usb.ops = &wire_ops;
	wire->usb.identity.vid = 0x0483;
	wire->usb.identity.pid = products[input_byte(&input) % 4];
	wire->input = &input;
	if (!probe_open(&wire->usb, &probe))
		use(wire, probe);
	probe_close(probe);
	return 0;
}
