/* Endpoint 0 (usb_control.c, usb_descriptors.c). USB 2.0, chapter 9. */
#include <string.h>

#include "bench.h"

struct control {
	uint8_t reply[USB_DEVICE_CONTROL_MAX];
	size_t size;
};

static enum usb_answer request(struct bench *bench, struct control *control, uint8_t type,
	uint8_t code, uint16_t value, uint16_t index, uint16_t length)
{
	uint8_t setup[8] = {type, code};
	put_le16(setup + 2, value);
	put_le16(setup + 4, index);
	put_le16(setup + 6, length);
	memset(control, 0, sizeof *control);
	return usb_device_control(&bench->board->device, setup, control->reply, &control->size);
}

static struct control descriptor(struct bench *bench, uint16_t value, uint16_t length)
{
	struct control control;
	assert_int_equal(request(bench, &control, 0x80, 6, value, 0, length), USB_ANSWER_DONE);
	return control;
}

static void device_descriptors(void **state)
{
	(void)state;
	static const struct {
		const char *probe;
		uint8_t bytes[18];
	} rows[] = {
		{"v2", {18, 1, 0, 2, 0, 0, 0, 64, 0x83, 4, 0x48, 0x37, 0, 1, 1, 2, 3, 1}},
		{"v21", {18, 1, 0, 2, 239, 2, 1, 64, 0x83, 4, 0x4b, 0x37, 0, 1, 1, 2, 3, 1}},
		{"v3", {18, 1, 0, 2, 239, 2, 1, 64, 0x83, 4, 0x4e, 0x37, 0, 1, 1, 2, 3, 1}},
		{"v3pwr", {18, 1, 0, 2, 239, 2, 1, 64, 0x83, 4, 0x57, 0x37, 0, 1, 1, 2, 3, 1}},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct bench *bench = bench_create(rows[i].probe, NULL, false);
		struct control control = descriptor(bench, 0x0100, 18);
		assert_int_equal(control.size, 18);
		assert_memory_equal(control.reply, rows[i].bytes, 18);
		bench_destroy(bench);
	}
}

static void the_configuration_has_three_endpoints(void **state)
{
	(void)state;
	static const struct {
		const char *probe;
		uint8_t out, trace;
		uint16_t packet;
	} rows[] = {{"v2", 0x02, 0x83, 64}, {"v21", 0x01, 0x82, 64}, {"v3", 0x01, 0x82, 512}};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct bench *bench = bench_create(rows[i].probe, NULL, false);
		struct control control = descriptor(bench, 0x0200, 255);
		const uint8_t *bytes = control.reply;
		assert_int_equal(control.size, 39);
		assert_int_equal(get_le16(bytes + 2), 39);
		assert_int_equal(bytes[4], 1);
		assert_int_equal(bytes[5], 1);
		const uint8_t interface[] = {9, 4, 0, 0, 3, 255, 255, 255};
		assert_memory_equal(bytes + 9, interface, sizeof interface);
		const uint8_t addresses[] = {0x81, rows[i].out, rows[i].trace};
		for (size_t e = 0; e < 3; e++) {
			const uint8_t *endpoint = bytes + 18 + 7 * e;
			assert_int_equal(endpoint[0], 7);
			assert_int_equal(endpoint[1], 5);
			assert_int_equal(endpoint[2], addresses[e]);
			assert_int_equal(endpoint[3], 2);
		}
		assert_int_equal(get_le16(bytes + 22), rows[i].packet);
		assert_int_equal(get_le16(bytes + 29), rows[i].packet);
		bench_destroy(bench);
	}
}

static void only_a_high_speed_device_has_a_qualifier(void **state)
{
	(void)state;
	struct control control;
	struct bench *bench = bench_create("v21", NULL, false);
	assert_int_equal(request(bench, &control, 0x80, 6, 0x0600, 0, 10), USB_ANSWER_STALL);
	assert_int_equal(request(bench, &control, 0x80, 6, 0x0700, 0, 39), USB_ANSWER_STALL);
	bench_destroy(bench);
	bench = bench_create("v3", NULL, false);
	control = descriptor(bench, 0x0600, 10);
	const uint8_t qualifier[] = {10, 6, 0, 2, 239, 2, 1, 64, 1, 0};
	assert_memory_equal(control.reply, qualifier, sizeof qualifier);
	control = descriptor(bench, 0x0700, 39);
	assert_int_equal(control.reply[1], 7);
	assert_int_equal(get_le16(control.reply + 22), 64);
	bench_destroy(bench);
}

static void assert_text(struct bench *bench, uint8_t index, const char *text)
{
	struct control control = descriptor(bench, (uint16_t)(0x0300 | index), 255);
	assert_int_equal(control.size, 2 + 2 * strlen(text));
	assert_int_equal(control.reply[0], control.size);
	assert_int_equal(control.reply[1], 3);
	for (size_t i = 0; text[i]; i++)
		assert_int_equal(get_le16(control.reply + 2 + 2 * i), text[i]);
}

static void strings(void **state)
{
	(void)state;
	struct control control;
	struct bench *bench = bench_create("v21", NULL, false);
	control = descriptor(bench, 0x0300, 255);
	assert_int_equal(control.size, 4);
	assert_int_equal(get_le16(control.reply + 2), 0x0409);
	assert_text(bench, 1, "STMicroelectronics");
	assert_text(bench, 2, "STM32 STLink");
	assert_text(bench, 3, "0669FF505153898667161820");
	assert_int_equal(request(bench, &control, 0x80, 6, 0x0377, 0, 255), USB_ANSWER_STALL);
	bench_destroy(bench);
	bench = bench_create("v3", NULL, false);
	assert_text(bench, 2, "STLINK-V3");
	bench_destroy(bench);
}

static void requests_are_cut_to_the_asked_length(void **state)
{
	(void)state;
	struct bench *bench = bench_create("v21", NULL, false);
	struct control control = descriptor(bench, 0x0303, 48);
	assert_int_equal(control.size, 48); /* as st-util asks: the descriptor still says 50 */
	assert_int_equal(control.reply[0], 50);
	control = descriptor(bench, 0x0100, 8);
	assert_int_equal(control.size, 8);
	control = descriptor(bench, 0x0200, 9);
	assert_int_equal(control.size, 9);
	control = descriptor(bench, 0x0100, 0);
	assert_int_equal(control.size, 0);
	bench_destroy(bench);
}

static void an_old_serial_is_twelve_raw_units(void **state)
{
	(void)state;
	struct board_options options = {.probe = "v2",
		.serial = "\x48\xff\x6c\x06\x50\x77\x49\x54\x48"
			  "\x13\x0b\x87"};
	struct bench bench = {0};
	assert_int_equal(board_create(&options, &bench.board), ERR_OK);
	bench.usb = board_wire(bench.board);
	struct control control = descriptor(&bench, 0x0303, 255);
	assert_int_equal(control.size, 26);
	assert_int_equal(control.reply[0], 26);
	assert_int_equal(get_le16(control.reply + 4), 0xff);
	assert_string_equal(bench.usb->identity.serial, "48FF6C065077495448130B87");
	usb_close(bench.usb);
	board_destroy(bench.board);
}

static void status_and_halt(void **state)
{
	(void)state;
	struct control control;
	struct bench *bench = bench_create("v21", NULL, false);
	assert_int_equal(request(bench, &control, 0x80, 0, 0, 0, 2), USB_ANSWER_DONE);
	assert_int_equal(get_le16(control.reply), 0);
	assert_int_equal(request(bench, &control, 0x81, 0, 0, 0, 2), USB_ANSWER_DONE);
	assert_int_equal(request(bench, &control, 0x81, 0, 0, 1, 2), USB_ANSWER_STALL);
	bench->board->device.halted_in = true;
	assert_int_equal(request(bench, &control, 0x82, 0, 0, 0x81, 2), USB_ANSWER_DONE);
	assert_int_equal(get_le16(control.reply), 1);
	assert_int_equal(request(bench, &control, 0x02, 1, 0, 0x81, 0), USB_ANSWER_DONE);
	assert_false(bench->board->device.halted_in);
	assert_int_equal(request(bench, &control, 0x02, 3, 0, 0x01, 0), USB_ANSWER_DONE);
	assert_true(bench->board->device.halted_out);
	assert_int_equal(request(bench, &control, 0x82, 0, 0, 0x05, 2), USB_ANSWER_STALL);
	assert_int_equal(request(bench, &control, 0x02, 1, 0, 0x05, 0), USB_ANSWER_STALL);
	assert_int_equal(request(bench, &control, 0x02, 1, 7, 0x81, 0), USB_ANSWER_STALL);
	assert_int_equal(request(bench, &control, 0x82, 0, 0, 0, 2), USB_ANSWER_DONE);
	bench_destroy(bench);
}

static void configurations(void **state)
{
	(void)state;
	struct control control;
	struct bench *bench = bench_create("v21", NULL, false);
	struct usb_device *device = &bench->board->device;
	assert_int_equal(request(bench, &control, 0x80, 8, 0, 0, 1), USB_ANSWER_DONE);
	assert_int_equal(control.reply[0], 1);
	assert_int_equal(request(bench, &control, 0x00, 9, 2, 0, 0), USB_ANSWER_STALL);
	assert_int_equal(request(bench, &control, 0x00, 9, 0, 0, 0), USB_ANSWER_DONE);
	assert_int_equal(
		usb_device_out(device, 0x01, (const uint8_t[16]){0xf1}, 16), USB_ANSWER_NONE);
	assert_int_equal(request(bench, &control, 0x81, 10, 0, 0, 1), USB_ANSWER_STALL);
	usb_device_leave_stale(device, 8);
	assert_int_equal(request(bench, &control, 0x00, 9, 1, 0, 0), USB_ANSWER_DONE);
	assert_int_equal(device->reply_count, 0);
	assert_int_equal(request(bench, &control, 0x81, 10, 0, 0, 1), USB_ANSWER_DONE);
	assert_int_equal(control.reply[0], 0);
	assert_int_equal(request(bench, &control, 0x01, 11, 0, 0, 0), USB_ANSWER_DONE);
	assert_int_equal(request(bench, &control, 0x01, 11, 1, 0, 0), USB_ANSWER_STALL);
	assert_int_equal(request(bench, &control, 0x01, 11, 0, 1, 0), USB_ANSWER_STALL);
	assert_int_equal(request(bench, &control, 0x00, 5, 9, 0, 0), USB_ANSWER_DONE);
	bench_destroy(bench);
}

static void a_port_reset_drops_what_is_pending(void **state)
{
	(void)state;
	struct control control;
	struct bench *bench = bench_create("v21", NULL, false);
	usb_device_leave_stale(&bench->board->device, 8);
	bench->board->device.deaf = true;
	assert_int_equal(request(bench, &control, 0x23, 3, 4, 0, 0), USB_ANSWER_DONE);
	assert_int_equal(bench->board->device.reply_count, 0);
	assert_false(bench->board->device.deaf);
	assert_int_equal(request(bench, &control, 0x23, 3, 8, 0, 0), USB_ANSWER_STALL);
	bench_destroy(bench);
}

static void every_other_request_stalls(void **state)
{
	(void)state;
	struct control control;
	struct bench *bench = bench_create("v3", NULL, false);
	for (unsigned type = 0; type < 256; type += 0x20)
		for (unsigned code = 12; code < 256; code++)
			assert_int_equal(request(bench, &control, (uint8_t)type, (uint8_t)code,
						 0xffff, 0xffff, 0xffff),
				USB_ANSWER_STALL);
	for (unsigned value = 0; value < 0x10000; value += 0x91)
		(void)request(bench, &control, 0x80, 6, (uint16_t)value, 0, 0xffff);
	bench_destroy(bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(device_descriptors),
		cmocka_unit_test(the_configuration_has_three_endpoints),
		cmocka_unit_test(only_a_high_speed_device_has_a_qualifier),
		cmocka_unit_test(strings),
		cmocka_unit_test(requests_are_cut_to_the_asked_length),
		cmocka_unit_test(an_old_serial_is_twelve_raw_units),
		cmocka_unit_test(status_and_halt),
		cmocka_unit_test(configurations),
		cmocka_unit_test(a_port_reset_drops_what_is_pending),
		cmocka_unit_test(every_other_request_stalls),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
