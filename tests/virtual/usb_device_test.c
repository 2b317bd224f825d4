/* The bulk endpoints of the device (usb_device.c). */
#include <stdlib.h>
#include <string.h>

#include "bench.h"

#define OUT   0x01
#define IN    0x81
#define TRACE 0x82

static int setup(void **state)
{
	*state = bench_create("v21", NULL, true);
	return 0;
}

static int teardown(void **state)
{
	bench_destroy(*state);
	return 0;
}

static struct usb_device *device_of(void **state)
{
	return &((struct bench *)*state)->board->device;
}

static enum usb_answer out(struct usb_device *device, const uint8_t *bytes, size_t size)
{
	return usb_device_out(device, OUT, bytes, size);
}

static const uint8_t get_version[16] = {0xf1};
static const uint8_t get_mode[16] = {0xf5};
static const uint8_t read_64[16] = {0xf2, 0x07, 0, 0, 0, 0x20, 64};
static const uint8_t write_8[16] = {0xf2, 0x08, 0, 0, 0, 0x20, 8};

static void a_reply_is_nak_until_it_exists(void **state)
{
	struct usb_device *device = device_of(state);
	uint8_t bytes[64];
	struct usb_in in = {.data = bytes, .size = sizeof bytes};
	assert_int_equal(usb_device_in(device, IN, &in), USB_ANSWER_NAK);
	assert_int_equal(out(device, get_version, 16), USB_ANSWER_DONE);
	assert_int_equal(usb_device_in(device, IN, &in), USB_ANSWER_DONE);
	assert_int_equal(in.done, 6);
	struct usb_in more = {.data = bytes, .size = sizeof bytes};
	assert_int_equal(usb_device_in(device, IN, &more), USB_ANSWER_NAK);
	assert_int_equal(usb_device_in(device, TRACE, &more), USB_ANSWER_NAK);
}

static void commands_have_sixteen_bytes(void **state)
{
	struct usb_device *device = device_of(state);
	uint8_t bytes[512] = {0xf1};
	static const size_t wrong[] = {1, 2, 15, 17, 31, 64, 512};
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		assert_int_equal(out(device, bytes, wrong[i]), USB_ANSWER_STALL);
		assert_int_equal(out(device, get_version, 16), USB_ANSWER_STALL);
		*usb_device_halt(device, OUT) = false;
	}
	assert_int_equal(out(device, bytes, 0), USB_ANSWER_DONE);
	assert_int_equal(device->reply_count, 0);
	assert_int_equal(out(device, get_version, 16), USB_ANSWER_DONE);
}

static void data_may_come_in_any_pieces(void **state)
{
	struct usb_device *device = device_of(state);
	for (size_t cut = 0; cut <= 8; cut++) {
		memset(fake_chip()->ram, 0, 8);
		assert_int_equal(out(device, write_8, 16), USB_ANSWER_DONE);
		assert_int_equal(out(device, (const uint8_t *)"ABCDEFGH", cut), USB_ANSWER_DONE);
		if (cut < 8) {
			assert_int_equal(fake_chip()->ram[0], 0);
			assert_int_equal(out(device, (const uint8_t *)"ABCDEFGH" + cut, 8 - cut),
				USB_ANSWER_DONE);
		}
		assert_memory_equal(fake_chip()->ram, "ABCDEFGH", 8);
	}
}

static void data_beyond_the_phase_stall(void **state)
{
	struct usb_device *device = device_of(state);
	assert_int_equal(out(device, write_8, 16), USB_ANSWER_DONE);
	assert_int_equal(out(device, (const uint8_t *)"ABCDEFGHIJ", 10), USB_ANSWER_STALL);
	assert_memory_equal(fake_chip()->ram, "ABCDEFGH\0", 9);
	*usb_device_halt(device, OUT) = false;
	assert_int_equal(out(device, get_mode, 16), USB_ANSWER_DONE);
	assert_int_equal(device->reply_count, 1);
}

static void a_killed_hosts_data_phase_swallows_commands_until_reset(void **state)
{
	struct usb_device *device = device_of(state);
	assert_int_equal(out(device, (const uint8_t[16]){0xf2, 0x08, 0, 0, 0, 0x20, 64}, 16),
		USB_ANSWER_DONE);
	assert_int_equal(out(device, get_version, 16), USB_ANSWER_DONE);
	assert_int_equal(device->reply_count, 0);
	usb_device_reset(device);
	assert_int_equal(out(device, get_version, 16), USB_ANSWER_DONE);
	assert_int_equal(device->reply_count, 1);
	assert_int_equal(device->firmware->mode, MODE_DEBUG);
}

static void replies_are_cut_into_packets(void **state)
{
	struct usb_device *device = device_of(state);
	uint8_t bytes[256];
	/* exactly one packet, into a buffer of one packet */
	assert_int_equal(out(device, read_64, 16), USB_ANSWER_DONE);
	struct usb_in in = {.data = bytes, .size = 64};
	assert_int_equal(usb_device_in(device, IN, &in), USB_ANSWER_DONE);
	assert_int_equal(in.done, 64);
	/* into a larger one: no zero-length packet ends it */
	assert_int_equal(out(device, read_64, 16), USB_ANSWER_DONE);
	in = (struct usb_in){.data = bytes, .size = 128};
	assert_int_equal(usb_device_in(device, IN, &in), USB_ANSWER_NAK);
	assert_int_equal(in.done, 64);
	assert_int_equal(out(device, get_mode, 16), USB_ANSWER_DONE);
	assert_int_equal(usb_device_in(device, IN, &in), USB_ANSWER_DONE);
	assert_int_equal(in.done, 66);
}

static void a_buffer_that_is_too_small_overflows(void **state)
{
	struct usb_device *device = device_of(state);
	uint8_t bytes[64] = {0};
	assert_int_equal(out(device, get_version, 16), USB_ANSWER_DONE);
	struct usb_in in = {.data = bytes, .size = 5};
	assert_int_equal(usb_device_in(device, IN, &in), USB_ANSWER_OVERFLOW);
	assert_int_equal(in.done, 5);
	assert_int_equal(bytes[5], 0);
	in = (struct usb_in){.data = bytes, .size = 64};
	assert_int_equal(usb_device_in(device, IN, &in), USB_ANSWER_NAK);
}

static void a_smaller_buffer_of_whole_packets_leaves_the_rest(void **state)
{
	struct usb_device *device = device_of(state);
	uint8_t bytes[64];
	assert_int_equal(out(device, (const uint8_t[16]){0xf2, 0x07, 0, 0, 0, 0x20, 100}, 16),
		USB_ANSWER_DONE);
	struct usb_in in = {.data = bytes, .size = 64};
	assert_int_equal(usb_device_in(device, IN, &in), USB_ANSWER_DONE);
	assert_int_equal(in.done, 64);
	in = (struct usb_in){.data = bytes, .size = 64};
	assert_int_equal(usb_device_in(device, IN, &in), USB_ANSWER_DONE);
	assert_int_equal(in.done, 36);
}

static void two_replies_wait_and_a_third_command_does_not_get_in(void **state)
{
	struct usb_device *device = device_of(state);
	uint8_t bytes[64];
	assert_int_equal(out(device, get_version, 16), USB_ANSWER_DONE);
	assert_int_equal(out(device, get_mode, 16), USB_ANSWER_DONE);
	assert_int_equal(out(device, get_mode, 16), USB_ANSWER_NAK);
	struct usb_in in = {.data = bytes, .size = sizeof bytes};
	assert_int_equal(usb_device_in(device, IN, &in), USB_ANSWER_DONE);
	assert_int_equal(in.done, 6);
	assert_int_equal(out(device, get_mode, 16), USB_ANSWER_DONE);
	in = (struct usb_in){.data = bytes, .size = sizeof bytes};
	assert_int_equal(usb_device_in(device, IN, &in), USB_ANSWER_DONE);
	assert_int_equal(in.done, 2);
	assert_int_equal(bytes[0], 2);
}

static void a_stale_reply_comes_first(void **state)
{
	struct bench *bench = *state;
	bench_control(bench, "fault stale-in 12");
	uint8_t bytes[64];
	assert_int_equal(out(&bench->board->device, get_version, 16), USB_ANSWER_DONE);
	struct usb_in in = {.data = bytes, .size = sizeof bytes};
	assert_int_equal(usb_device_in(&bench->board->device, IN, &in), USB_ANSWER_DONE);
	assert_int_equal(in.done, 12);
	in = (struct usb_in){.data = bytes, .size = sizeof bytes};
	assert_int_equal(usb_device_in(&bench->board->device, IN, &in), USB_ANSWER_DONE);
	assert_int_equal(in.done, 6);
}

/* st-info goes on without clearing the halt, and finds the target once it is there. */
static void a_reply_ends_a_stall(void **state)
{
	struct usb_device *device = device_of(state);
	static const uint8_t unknown[16] = {0x55};
	uint8_t bytes[64];
	struct usb_in in = {.data = bytes, .size = sizeof bytes};
	for (unsigned i = 0; i < USB_DEVICE_REPLIES + 1; i++) {
		assert_int_equal(out(device, unknown, 16), USB_ANSWER_DONE);
		assert_int_equal(usb_device_in(device, IN, &in), USB_ANSWER_STALL);
		assert_int_equal(usb_device_in(device, IN, &in), USB_ANSWER_STALL);
	}
	assert_int_equal(out(device, get_version, 16), USB_ANSWER_DONE);
	assert_int_equal(usb_device_in(device, IN, &in), USB_ANSWER_DONE);
	assert_int_equal(in.done, 6);
}

static void endpoints_are_those_of_the_product(void **state)
{
	struct usb_device *device = device_of(state);
	uint8_t bytes[64];
	struct usb_in in = {.data = bytes, .size = sizeof bytes};
	assert_int_equal(usb_device_out(device, 0x02, get_version, 16), USB_ANSWER_NONE);
	assert_int_equal(usb_device_in(device, 0x83, &in), USB_ANSWER_NONE);
	assert_int_equal(usb_device_in(device, OUT, &in), USB_ANSWER_NONE);
	assert_int_equal(usb_device_out(device, IN, get_version, 16), USB_ANSWER_NONE);
	usb_device_unplug(device);
	assert_int_equal(usb_device_out(device, OUT, get_version, 16), USB_ANSWER_NONE);
}

static void unplugging_forgets_everything_but_the_target(void **state)
{
	struct bench *bench = *state;
	struct usb_device *device = device_of(state);
	BENCH_ASK(bench, 2, 0xf2, 0x3c, 0);
	BENCH_ASK(bench, 2, 0xf2, 0x43, 7);
	assert_int_equal(out(device, write_8, 16), USB_ANSWER_DONE);
	fake_chip()->ram[5] = 0x55;
	usb_device_unplug(device);
	assert_false(fake_chip()->nrst_low);
	assert_true(usb_device_plug(device));
	assert_int_equal(device->firmware->mode, MODE_IDLE);
	assert_int_equal(device->firmware->swd->khz, 1553);
	assert_int_equal(device->data_expected, 0);
	assert_int_equal(fake_chip()->ram[5], 0x55);
}

static void serials_are_checked(void **state)
{
	struct bench *bench = *state;
	struct usb_device *device = calloc(1, sizeof *device);
	static const char *const wrong[] = {"", "0669FF50515389866716182",
		"0669FF505153898667161820A", "0669FF50515389866716182G", "0123456789a"};
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		assert_false(usb_device_init(device, &bench->board->firmware, wrong[i]));
	assert_true(usb_device_init(device, &bench->board->firmware,
		"\x80\xff\x01"
		"abcdefghi"));
	assert_int_equal(device->serial_length, 12);
	assert_int_equal(device->serial[1], 0xff);
	free(device);
}

static void transfers_and_bytes_are_counted(void **state)
{
	struct bench *bench = *state;
	struct usb_counts before = bench->board->device.counts;
	bench_memory(bench, 0x07, FAKE_RAM, 100, NULL);
	uint8_t bytes[32] = {0};
	bench_memory(bench, 0x08, FAKE_RAM, 32, bytes);
	struct usb_counts after = bench->board->device.counts;
	assert_int_equal(after.out - before.out, 3);
	assert_int_equal(after.in - before.in, 1);
	assert_int_equal(after.out_bytes - before.out_bytes, 16 + 16 + 32);
	assert_int_equal(after.in_bytes - before.in_bytes, 100);
}

#define DEVICE_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		DEVICE_TEST(a_reply_is_nak_until_it_exists),
		DEVICE_TEST(commands_have_sixteen_bytes),
		DEVICE_TEST(data_may_come_in_any_pieces),
		DEVICE_TEST(data_beyond_the_phase_stall),
		DEVICE_TEST(a_killed_hosts_data_phase_swallows_commands_until_reset),
		DEVICE_TEST(replies_are_cut_into_packets),
		DEVICE_TEST(a_buffer_that_is_too_small_overflows),
		DEVICE_TEST(a_smaller_buffer_of_whole_packets_leaves_the_rest),
		DEVICE_TEST(two_replies_wait_and_a_third_command_does_not_get_in),
		DEVICE_TEST(a_stale_reply_comes_first),
		DEVICE_TEST(a_reply_ends_a_stall),
		DEVICE_TEST(endpoints_are_those_of_the_product),
		DEVICE_TEST(unplugging_forgets_everything_but_the_target),
		DEVICE_TEST(serials_are_checked),
		DEVICE_TEST(transfers_and_bytes_are_counted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
