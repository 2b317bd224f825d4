/*
 * The driver behind a probe that talks nonsense: seeded random replies, lengths, status codes and
 * transfer errors. Whatever comes, every call returns a known error in bounded time and keeps
 * within its buffers (run with the address sanitizer).
 */
#include <stdlib.h>
#include <string.h>

#include "probe/log.h"
#include "probe/probe.h"
#include "probe/usb.h"
#include "tests/prelude.h"

#define ROUNDS      20000
#define BLOCK_MAX   13000
#define ITEMS_MAX   200
#define GUARD       0xA5
#define CALL_MAX_US 60000000

struct noisy_wire {
	struct usb usb;
	uint64_t now_us;
	uint32_t random;
	bool honest;
};

static uint32_t next_random(struct noisy_wire *wire)
{
	wire->random = wire->random * 1664525 + 1013904223;
	return wire->random >> 8;
}

/* What a probe would answer to the commands of opening and entering. */
static void answer_honestly(const uint8_t *command, struct usb_data *data)
{
	static const uint8_t version[6] = {0x29, 0x5A, 0x83, 0x04, 0x4B, 0x37};

	memset(data->data, 0, data->size);
	data->received = data->size;
	if (command[0] == 0xF1)
		memcpy(data->data, version, sizeof(version));
	else if (command[0] == 0xF5)
		data->data[0] = 1;
	else if (command[1] == 0x52)
		for (size_t i = data->size / 2; i < data->size; i += 4)
			data->data[i] = 0x80;
	else
		data->data[0] = command[1] == 0x53 ? 64 : 0x80;
}

static void answer_noisily(struct noisy_wire *wire, struct usb_data *data)
{
	for (size_t i = 0; i < data->size; i++)
		data->data[i] = (uint8_t)next_random(wire);
	data->received = data->size;
	if (next_random(wire) % 8 == 0)
		data->received = next_random(wire) % (data->size + 1);
	/* Mostly well, or what would be retried, so that it gets beyond the first status. */
	if (next_random(wire) % 4 && data->size)
		data->data[0] = next_random(wire) % 8 ? 0x80 : 0x10;
	if (data->size > 1)
		data->data[1] = 0;
}

static enum err random_error(struct noisy_wire *wire)
{
	static const enum err errors[] = {ERR_USB_TIMEOUT, ERR_USB_STALL, ERR_USB_IO};

	return next_random(wire) % 16 ? ERR_OK : errors[next_random(wire) % COUNT_OF(errors)];
}

static enum err wire_command(struct usb *usb, const uint8_t command[USB_COMMAND_SIZE],
	struct usb_data *data, unsigned timeout_ms)
{
	struct noisy_wire *wire = (struct noisy_wire *)usb;
	enum err err = wire->honest ? ERR_OK : random_error(wire);

	assert_in_range(timeout_ms, 500, 5000);
	wire->now_us += err == ERR_USB_TIMEOUT ? (uint64_t)timeout_ms * 1000 : 500;
	if (!data)
		return err;
	assert_true(data->size > 0);
	data->received = 0;
	if (data->direction == USB_IN && !err) {
		/* One byte would be too few for a probe that sends two. */
		assert_true(data->size >= 2);
		if (wire->honest)
			answer_honestly(command, data);
		else
			answer_noisily(wire, data);
	}
	return err;
}

static enum err wire_drain(struct usb *usb)
{
	struct noisy_wire *wire = (struct noisy_wire *)usb;

	wire->now_us += 5000;
	return wire->honest ? ERR_OK : random_error(wire);
}

static enum err wire_reset(struct usb *usb)
{
	return wire_drain(usb);
}

static bool wire_plugged(struct usb *usb)
{
	(void)usb;
	return true;
}

static uint64_t wire_now_us(struct usb *usb)
{
	return ((struct noisy_wire *)usb)->now_us;
}

static void wire_sleep_us(struct usb *usb, uint64_t us)
{
	((struct noisy_wire *)usb)->now_us += us;
}

static void wire_close(struct usb *usb)
{
	free(usb);
}

static const struct usb_ops noisy_ops = {
	.command = wire_command,
	.drain = wire_drain,
	.reset = wire_reset,
	.plugged = wire_plugged,
	.now_us = wire_now_us,
	.sleep_us = wire_sleep_us,
	.close = wire_close,
};

static struct noisy_wire *make_wire(uint32_t seed, uint16_t pid)
{
	struct noisy_wire *wire = calloc(1, sizeof(*wire));

	assert_non_null(wire);
	wire->usb.ops = &noisy_ops;
	wire->usb.identity = (struct usb_identity){.vid = 0x0483, .pid = pid};
	wire->random = seed;
	return wire;
}

static uint8_t block[BLOCK_MAX + 1];
static struct probe_item items[ITEMS_MAX];

static enum err move_block(struct noisy_wire *wire, struct probe *probe)
{
	static const unsigned widths[] = {1, 2, 4};
	unsigned width = widths[next_random(wire) % 3];
	uint32_t address = next_random(wire) * 4;
	size_t size = (size_t)(next_random(wire) % (BLOCK_MAX / 4)) * width;
	enum err err;

	block[size] = GUARD;
	if (next_random(wire) % 2)
		err = probe_read(probe, width, address, block, size);
	else
		err = probe_write(probe, width, address, block, size);
	assert_int_equal(block[size], GUARD);
	return err;
}

static enum err run_batch(struct noisy_wire *wire, struct probe *probe)
{
	size_t count = next_random(wire) % ITEMS_MAX, done = 999;

	for (size_t i = 0; i < count; i++)
		items[i] = (struct probe_item){
			.address = next_random(wire) * 4, .write = next_random(wire) % 2};
	enum err err = probe_batch(probe, items, count, &done);
	assert_true(err ? done < count : done == count);
	return err;
}

static enum err any_call(struct noisy_wire *wire, struct probe *probe)
{
	uint32_t value, values[PROBE_CORE_REGISTERS];
	unsigned number;

	switch (next_random(wire) % 10) {
	case 0:
		return probe_enter(probe, next_random(wire) % 30000, &number);
	case 1:
		return probe_read_voltage(probe, &number);
	case 2:
		return probe_drive_nrst(probe, next_random(wire) % 2);
	case 3:
		return probe_read_word(probe, next_random(wire) * 4, &value);
	case 4:
		return probe_write_word(probe, next_random(wire) * 4, 1);
	case 5:
		return run_batch(wire, probe);
	case 6:
		return probe_read_register(probe, next_random(wire) % 0x60, &value);
	case 7:
		return probe_read_registers(probe, values);
	case 8:
		return probe_read_dpidr(probe, &value);
	default:
		return move_block(wire, probe);
	}
}

static void nonsense_is_survived(void **state)
{
	(void)state;
	struct noisy_wire *wire = make_wire(1, 0x374B);
	struct probe *probe;
	unsigned good = 0, bad = 0;

	wire->honest = true;
	assert_int_equal(probe_open(&wire->usb, &probe), ERR_OK);
	assert_int_equal(probe_enter(probe, 4000, NULL), ERR_OK);
	assert_int_equal(probe_batch(probe, items, ITEMS_MAX, NULL), ERR_OK);
	assert_true(probe_info(probe)->has_batches);
	wire->honest = false;
	for (int i = 0; i < ROUNDS; i++) {
		uint64_t start = wire->now_us;
		enum err err = any_call(wire, probe);
		assert_true(wire->now_us - start < CALL_MAX_US);
		assert_in_range(err, ERR_OK, ERR_COUNT - 1);
		assert_true(probe_block_size(probe) >= 4);
		assert_true(probe_block_size(probe) % 4 == 0);
		if (err)
			bad++;
		else
			good++;
	}
	/* Both ways were walked. */
	assert_true(good > ROUNDS / 20);
	assert_true(bad > ROUNDS / 20);
	probe_close(probe);
}

static void nonsense_at_open_is_an_error_or_a_probe(void **state)
{
	(void)state;
	static const uint16_t pids[] = {0x3748, 0x374B, 0x374E, 0x3757};

	for (uint32_t seed = 0; seed < 2000; seed++) {
		struct probe *probe = NULL;
		struct noisy_wire *wire = make_wire(seed, pids[seed % COUNT_OF(pids)]);

		if (!probe_open(&wire->usb, &probe))
			probe_close(probe);
		else
			assert_null(probe);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nonsense_is_survived),
		cmocka_unit_test(nonsense_at_open_is_an_error_or_a_probe),
	};
	log_set_level(LOG_ERROR); /* there is much to warn of */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
