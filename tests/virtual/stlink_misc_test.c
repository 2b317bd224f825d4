/* RW_MISC (stlink_misc.c). */
#include <stdlib.h>
#include <string.h>

#include "bench.h"

enum { SET_ADDRESS = 1, WRITE = 2, READ = 3, SELECT_AP = 5 };

struct item {
	uint8_t code;
	uint32_t payload;
};

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

static size_t padded(size_t count)
{
	return (count + 3) / 4 * 4;
}

/* Sends a batch; the data phase has the size that `count` asks for. */
static enum err send(struct bench *bench, const struct item *items, uint32_t count)
{
	uint8_t command[USB_COMMAND_SIZE] = {0xf2, 0x51};
	uint8_t *bytes = calloc(1, padded(count) + 4 * (size_t)count + 1);
	put_le32(command + 2, count);
	for (size_t i = 0; i < count; i++) {
		bytes[i] = items[i].code;
		put_le32(bytes + padded(count) + 4 * i, items[i].payload);
	}
	struct usb_data data = {
		.direction = USB_OUT, .data = bytes, .size = padded(count) + 4 * (size_t)count};
	enum err err = usb_command(bench->usb, command, &data, BENCH_TIMEOUT_MS);
	free(bytes);
	return err;
}

static void run(struct bench *bench, const struct item *items, uint32_t count)
{
	assert_int_equal(send(bench, items, count), ERR_OK);
	BENCH_ASK(bench, 8 * (size_t)count, 0xf2, 0x52);
}

static uint32_t value(const struct bench *bench, size_t i)
{
	return get_le32(bench->reply + 4 * i);
}

static uint32_t status(const struct bench *bench, size_t count, size_t i)
{
	return get_le32(bench->reply + 4 * (count + i));
}

static void reads_and_writes_in_one_batch(void **state)
{
	struct bench *bench = *state;
	put_le32(fake_chip()->ram + 8, 0x88888888);
	const struct item items[] = {{SELECT_AP, 0}, {SET_ADDRESS, FAKE_RAM}, {WRITE, 0x11111111},
		{READ, FAKE_RAM}, {READ, FAKE_RAM + 8}, {READ, 0xe000ed00}};
	run(bench, items, 6);
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(status(bench, 6, i), 0x80);
	assert_int_equal(value(bench, 0), 0);
	assert_int_equal(value(bench, 1), 0);
	assert_int_equal(value(bench, 2), 0);
	assert_int_equal(value(bench, 3), 0x11111111);
	assert_int_equal(value(bench, 4), 0x88888888);
	assert_int_equal(value(bench, 5), 0x410fc241);
}

static void the_write_address_stays_where_it_is(void **state)
{
	struct bench *bench = *state;
	const struct item items[] = {
		{SET_ADDRESS, FAKE_RAM}, {WRITE, 1}, {READ, FAKE_RAM + 4}, {WRITE, 2}};
	run(bench, items, 4);
	assert_int_equal(get_le32(fake_chip()->ram), 2);
	assert_int_equal(get_le32(fake_chip()->ram + 4), 0);
}

static void the_first_failure_ends_the_batch(void **state)
{
	struct bench *bench = *state;
	const struct item items[] = {{READ, FAKE_RAM}, {READ, 0x60000000}, {SET_ADDRESS, FAKE_RAM},
		{WRITE, 7}, {READ, FAKE_RAM}};
	run(bench, items, 5);
	assert_int_equal(status(bench, 5, 0), 0x80);
	for (size_t i = 1; i < 5; i++)
		assert_int_equal(status(bench, 5, i), 0x11);
	assert_int_equal(get_le32(fake_chip()->ram), 0);
}

static void firmware_that_goes_on_can_be_had(void **state)
{
	struct bench *bench = *state;
	bench_control(bench, "fault misc-goes-on");
	const struct item items[] = {
		{READ, 0x60000000}, {SET_ADDRESS, FAKE_RAM}, {WRITE, 7}, {READ, FAKE_RAM + 2}};
	run(bench, items, 4);
	assert_int_equal(status(bench, 4, 0), 0x11);
	assert_int_equal(status(bench, 4, 2), 0x80);
	assert_int_equal(status(bench, 4, 3), 0x0a);
	assert_int_equal(get_le32(fake_chip()->ram), 7);
}

static void items_have_their_own_errors(void **state)
{
	struct bench *bench = *state;
	const struct {
		struct item item;
		uint32_t status;
	} rows[] = {{{READ, FAKE_RAM + 1}, 0x0a}, {{4, 0}, 0x08}, {{0, 0}, 0x08},
		{{SELECT_AP, 9}, 0x1d}, {{SELECT_AP, 0xffffffff}, 0x1d}};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		run(bench, &rows[i].item, 1);
		assert_int_equal(status(bench, 1, 0), rows[i].status);
	}
	const struct item closed[] = {{SELECT_AP, 1}, {READ, FAKE_RAM}};
	run(bench, closed, 2);
	assert_int_equal(status(bench, 2, 0), 0x80);
	assert_int_equal(status(bench, 2, 1), 0x1d);
}

static void a_wait_ends_the_batch_with_10(void **state)
{
	struct bench *bench = *state;
	fake_chip()->answer = CHIP_WAIT;
	fake_chip()->answer_skip = 1;
	fake_chip()->answer_count = 6;
	const struct item items[] = {{READ, FAKE_RAM}, {READ, FAKE_RAM}, {READ, FAKE_RAM}};
	run(bench, items, 3);
	assert_int_equal(status(bench, 3, 0), 0x80);
	assert_int_equal(status(bench, 3, 1), 0x10);
	assert_int_equal(status(bench, 3, 2), 0x10);
}

static void the_maximum_is_64_or_1227(void **state)
{
	struct bench *bench = *state;
	struct item items[1228];
	for (size_t i = 0; i < 1228; i++)
		items[i] = (struct item){READ, FAKE_RAM + 4 * (uint32_t)i};
	BENCH_ASK(bench, 2, 0xf2, 0x53);
	assert_int_equal(get_le16(bench->reply), 64);
	run(bench, items, 64);
	assert_int_equal(status(bench, 64, 63), 0x80);
	assert_int_equal(send(bench, items, 65), ERR_USB_STALL);
	assert_int_equal(send(bench, items, 0), ERR_USB_STALL);

	struct bench *v3 = bench_create("v3", NULL, true);
	BENCH_ASK(v3, 2, 0xf2, 0x53);
	assert_int_equal(get_le16(v3->reply), 1227);
	put_le32(fake_chip()->ram + 4 * (size_t)1226, 0xabcd);
	run(v3, items, 1227);
	assert_int_equal(value(v3, 1226), 0xabcd);
	assert_int_equal(status(v3, 1227, 1226), 0x80);
	assert_int_equal(send(v3, items, 1228), ERR_USB_STALL);
	bench_destroy(v3);
}

static void results_are_lost_by_another_command(void **state)
{
	struct bench *bench = *state;
	const struct item item = {READ, FAKE_RAM};
	assert_int_equal(send(bench, &item, 1), ERR_OK);
	BENCH_ASK(bench, 2, 0xf5);
	assert_int_equal(BENCH_TRY(bench, 8, 0xf2, 0x52), ERR_USB_STALL);
	run(bench, &item, 1);
	assert_int_equal(BENCH_TRY(bench, 8, 0xf2, 0x52), ERR_USB_STALL);
}

static void it_needs_debug_mode_and_j32(void **state)
{
	(void)state;
	struct bench *bench = bench_create("v21", NULL, false);
	assert_int_equal(BENCH_TRY(bench, 2, 0xf2, 0x53), ERR_USB_STALL);
	const struct item item = {READ, FAKE_RAM};
	assert_int_equal(send(bench, &item, 1), ERR_USB_STALL);
	bench_destroy(bench);
	bench = bench_create("v21", "V2J31M20", true);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x53), 0x42);
	bench_destroy(bench);
}

static void a_forced_status_hits_the_first_access(void **state)
{
	struct bench *bench = *state;
	bench_control(bench, "fault status 14 on RW_MISC_OUT");
	const struct item items[] = {{SELECT_AP, 0}, {READ, FAKE_RAM}, {READ, FAKE_RAM}};
	run(bench, items, 3);
	assert_int_equal(status(bench, 3, 0), 0x80);
	assert_int_equal(status(bench, 3, 1), 0x14);
	assert_int_equal(status(bench, 3, 2), 0x14);
	run(bench, items, 3);
	assert_int_equal(status(bench, 3, 2), 0x80);
}

#define MISC_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		MISC_TEST(reads_and_writes_in_one_batch),
		MISC_TEST(the_write_address_stays_where_it_is),
		MISC_TEST(the_first_failure_ends_the_batch),
		MISC_TEST(firmware_that_goes_on_can_be_had),
		MISC_TEST(items_have_their_own_errors),
		MISC_TEST(a_wait_ends_the_batch_with_10),
		MISC_TEST(the_maximum_is_64_or_1227),
		MISC_TEST(results_are_lost_by_another_command),
		cmocka_unit_test(it_needs_debug_mode_and_j32),
		MISC_TEST(a_forced_status_hits_the_first_access),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
