/* The trace buffer and its commands (stlink_trace.c). */
#include <string.h>

#include "bench.h"

#define BAUD LE32(2000000U)

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

static size_t count(struct bench *bench)
{
	BENCH_ASK(bench, 2, 0xf2, 0x42);
	return get_le16(bench->reply);
}

static size_t read_trace(struct bench *bench, size_t size)
{
	size_t received = 99;
	assert_int_equal(
		bench->usb->ops->read_trace(bench->usb, bench->reply, size, &received, 10), ERR_OK);
	return received;
}

static void bytes_are_announced_and_fetched(void **state)
{
	struct bench *bench = *state;
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x40, LE16(4096), BAUD), 0x80);
	assert_int_equal(count(bench), 0);
	bench_control(bench, "trace 0102030405");
	assert_int_equal(read_trace(bench, 64), 0); /* not announced yet */
	assert_int_equal(count(bench), 5);
	bench_control(bench, "trace 06");
	assert_int_equal(read_trace(bench, 64), 5);
	assert_memory_equal(bench->reply, "\1\2\3\4\5", 5);
	assert_int_equal(count(bench), 1);
	assert_int_equal(read_trace(bench, 1), 1);
	assert_int_equal(count(bench), 0);
}

static void an_empty_endpoint_waits_its_time_out(void **state)
{
	struct bench *bench = *state;
	uint64_t start = board_now_ns(bench->board);
	assert_int_equal(read_trace(bench, 64), 0);
	assert_int_equal(board_now_ns(bench->board) - start, 10000000);
}

static void the_oldest_bytes_are_overwritten(void **state)
{
	struct bench *bench = *state;
	uint8_t bytes[4096 + 16];
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)(i / 16);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x40, LE16(4096), BAUD), 0x80);
	firmware_feed_trace(&bench->board->firmware, bytes, sizeof bytes);
	assert_int_equal(count(bench), 4096);
	assert_int_equal(read_trace(bench, 4096), 4096);
	assert_memory_equal(bench->reply, bytes + 16, 4096);
}

static void nothing_comes_when_trace_is_off(void **state)
{
	struct bench *bench = *state;
	bench_control(bench, "trace ff");
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x40, LE16(4096), BAUD), 0x80);
	assert_int_equal(count(bench), 0);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x41), 0x80);
	bench_control(bench, "trace ff");
	assert_int_equal(count(bench), 0);
}

static void enter_with_trace_on_spoils_the_stream(void **state)
{
	struct bench *bench = *state;
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x40, LE16(4096), BAUD), 0x80);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x30, 0xa3), 0x80);
	bench_control(bench, "trace 1234");
	assert_int_equal(count(bench), 2);
	assert_int_equal(read_trace(bench, 2), 2);
	assert_memory_equal(bench->reply, "\0\0", 2);
}

static void baud_rates_have_a_limit(void **state)
{
	struct bench *bench = *state;
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x40, LE16(4096), LE32(2250000U)), 0x80);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x40, LE16(4096), LE32(3000000U)), 0x41);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x40, LE16(4096), LE32(0U)), 0x41);
	struct bench *v3 = bench_create("v3", NULL, true);
	assert_int_equal(BENCH_STATUS(v3, 2, 0xf2, 0x40, LE16(4096), LE32(16000000U)), 0x80);
	bench_destroy(v3);
}

static void the_count_needs_debug_mode(void **state)
{
	struct bench *bench = *state;
	BENCH_ASK(bench, 0, 0xf2, 0x21);
	assert_int_equal(BENCH_TRY(bench, 2, 0xf2, 0x42), ERR_USB_STALL);
}

#define TRACE_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TRACE_TEST(bytes_are_announced_and_fetched),
		TRACE_TEST(an_empty_endpoint_waits_its_time_out),
		TRACE_TEST(the_oldest_bytes_are_overwritten),
		TRACE_TEST(nothing_comes_when_trace_is_off),
		TRACE_TEST(enter_with_trace_on_spoils_the_stream),
		TRACE_TEST(baud_rates_have_a_limit),
		TRACE_TEST(the_count_needs_debug_mode),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
