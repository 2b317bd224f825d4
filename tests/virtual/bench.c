/* A board on the bench. See the header. */
#include "bench.h"

#include <stdlib.h>
#include <string.h>

struct bench *bench_create(const char *probe, const char *firmware, bool debug)
{
	struct bench *bench = calloc(1, sizeof *bench);
	assert_non_null(bench);
	struct board_options options = {.probe = probe, .firmware = firmware};
	assert_int_equal(board_create(&options, &bench->board), ERR_OK);
	bench->usb = board_wire(bench->board);
	assert_non_null(bench->usb);
	if (debug) {
		BENCH_ASK(bench, 0, 0xf3, 0x07);
		assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x30, 0xa3), 0x80);
	}
	return bench;
}

void bench_destroy(struct bench *bench)
{
	usb_close(bench->usb);
	board_destroy(bench->board);
	free(bench);
}

enum err bench_command(struct bench *bench, const uint8_t *bytes, size_t size, size_t reply_size)
{
	uint8_t command[USB_COMMAND_SIZE] = {0};
	memcpy(command, bytes, size);
	memset(bench->reply, 0xee, sizeof bench->reply);
	struct usb_data data = {.direction = USB_IN, .data = bench->reply, .size = reply_size};
	enum err err =
		usb_command(bench->usb, command, reply_size > 0 ? &data : NULL, BENCH_TIMEOUT_MS);
	bench->received = data.received;
	return err;
}

void bench_ask_bytes(struct bench *bench, const uint8_t *bytes, size_t size, size_t reply_size)
{
	assert_int_equal(bench_command(bench, bytes, size, reply_size), ERR_OK);
	assert_int_equal(bench->received, reply_size);
}

enum err bench_memory(
	struct bench *bench, uint8_t code, uint32_t address, uint16_t length, const uint8_t *out)
{
	uint8_t command[USB_COMMAND_SIZE] = {0xf2, code};
	put_le32(command + 2, address);
	put_le16(command + 6, length);
	if (!out)
		return bench_command(bench, command, 8, length == 1 ? 2 : length);
	struct usb_data data = {.direction = USB_OUT, .data = (uint8_t *)out, .size = length};
	return usb_command(bench->usb, command, &data, BENCH_TIMEOUT_MS);
}

uint8_t bench_memory_status(struct bench *bench)
{
	uint8_t kept[sizeof bench->reply];
	memcpy(kept, bench->reply, sizeof kept);
	uint8_t status = BENCH_STATUS(bench, 2, 0xf2, 0x3b);
	memcpy(bench->reply, kept, sizeof kept);
	return status;
}

void bench_control(struct bench *bench, const char *line)
{
	char reply[256];
	assert_int_equal(board_control(bench->board, line, reply, sizeof reply), ERR_OK);
}
