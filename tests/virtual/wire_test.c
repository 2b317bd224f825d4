/* The in-process wire (wire.c) against the contract of probe/usb.h and the time model. */
#include <string.h>

#include "bench.h"

static void it_says_who_it_is(void **state)
{
	(void)state;
	struct bench *bench = bench_create("v3", NULL, false);
	assert_int_equal(bench->usb->identity.vid, 0x0483);
	assert_int_equal(bench->usb->identity.pid, 0x374e);
	assert_string_equal(bench->usb->identity.serial, "002F00283137511239383538");
	assert_string_equal(bench->usb->identity.path, "virtual");
	assert_true(bench->usb->ops->plugged(bench->usb));
	bench_destroy(bench);
}

static void a_command_costs_its_transfers_and_the_firmware(void **state)
{
	(void)state;
	struct bench *bench = bench_create("v21", NULL, false);
	uint64_t start = board_now_ns(bench->board);
	BENCH_ASK(bench, 6, 0xf1);
	assert_int_equal(board_now_ns(bench->board) - start,
		(125000 + 16 * 1000) + 60000 + (125000 + 6 * 1000));
	bench_destroy(bench);
	bench = bench_create("v3", NULL, false);
	start = board_now_ns(bench->board);
	BENCH_ASK(bench, 6, 0xf1);
	assert_int_equal(
		board_now_ns(bench->board) - start, (60000 + 16 * 50) + 30000 + (60000 + 6 * 50));
	bench_destroy(bench);
}

static void time_is_split_without_a_rest(void **state)
{
	(void)state;
	struct bench *bench = bench_create("v21", NULL, true);
	bench_memory(bench, 0x07, FAKE_RAM, 1024, NULL);
	usb_sleep_us(bench->usb, 1234);
	const struct timebase *time = &bench->board->time;
	uint64_t sum = 0;
	for (int kind = 0; kind < TIME_KINDS; kind++)
		sum += time->spent_ns[kind];
	assert_int_equal(sum, time->now_ns);
	assert_int_equal(time->spent_ns[TIME_IDLE], 1234000);
	bench_destroy(bench);
}

static void sleeping_moves_the_clock_and_the_chip(void **state)
{
	(void)state;
	struct bench *bench = bench_create("v21", NULL, false);
	uint64_t start = usb_now_us(bench->usb);
	usb_sleep_us(bench->usb, 5000000);
	assert_int_equal(usb_now_us(bench->usb) - start, 5000000);
	assert_int_equal(fake_chip()->ran_until_ns, board_now_ns(bench->board));
	bench_destroy(bench);
}

static void the_chip_runs_meanwhile(void **state)
{
	(void)state;
	struct bench *bench = bench_create("v21", NULL, true);
	uint64_t before = fake_chip()->ran_until_ns;
	bench_memory(bench, 0x07, FAKE_RAM, 1024, NULL);
	assert_true(fake_chip()->ran_until_ns - before > 256ULL * 29000);
	bench_destroy(bench);
}

static void a_missing_reply_takes_the_whole_time_out(void **state)
{
	(void)state;
	struct bench *bench = bench_create("v21", NULL, false);
	bench_control(bench, "fault usb-timeout");
	uint64_t start = board_now_ns(bench->board);
	assert_int_equal(BENCH_TRY(bench, 6, 0xf1), ERR_USB_TIMEOUT);
	assert_int_equal(board_now_ns(bench->board) - start, BENCH_TIMEOUT_MS * NS_PER_MS);
	BENCH_ASK(bench, 6, 0xf1);
	bench_destroy(bench);
}

static void stale_bytes_are_drained(void **state)
{
	(void)state;
	struct bench *bench = bench_create("v21", NULL, false);
	bench_control(bench, "fault stale-in 12");
	assert_int_equal(BENCH_TRY(bench, 6, 0xf1), ERR_USB_IO); /* twelve bytes for six */
	bench_control(bench, "fault stale-in");
	assert_int_equal(bench->usb->ops->drain(bench->usb), ERR_OK);
	BENCH_ASK(bench, 6, 0xf1);
	assert_int_equal(bench->usb->ops->drain(bench->usb), ERR_OK);
	BENCH_ASK(bench, 6, 0xf1);
	bench_destroy(bench);
}

static void a_reset_drops_what_is_stale(void **state)
{
	(void)state;
	struct bench *bench = bench_create("v21", NULL, false);
	bench_control(bench, "fault stale-in 6");
	assert_int_equal(bench->usb->ops->reset(bench->usb), ERR_OK);
	BENCH_ASK(bench, 2, 0xf5);
	bench_destroy(bench);
}

static void a_pulled_cable_is_gone(void **state)
{
	(void)state;
	struct bench *bench = bench_create("v21", NULL, false);
	size_t received;
	bench_control(bench, "usb unplug");
	assert_false(bench->usb->ops->plugged(bench->usb));
	assert_int_equal(BENCH_TRY(bench, 6, 0xf1), ERR_USB_GONE);
	assert_int_equal(bench->usb->ops->drain(bench->usb), ERR_USB_GONE);
	assert_int_equal(bench->usb->ops->reset(bench->usb), ERR_USB_GONE);
	assert_int_equal(bench->usb->ops->read_trace(bench->usb, bench->reply, 8, &received, 1),
		ERR_USB_GONE);
	struct usb *early = board_wire(bench->board);
	assert_false(early->ops->plugged(early));
	bench_control(bench, "usb plug");
	assert_int_equal(BENCH_TRY(bench, 6, 0xf1), ERR_USB_GONE);
	struct usb *again = board_wire(bench->board);
	assert_true(again->ops->plugged(again));
	assert_false(bench->usb->ops->plugged(bench->usb));
	usb_close(early);
	usb_close(bench->usb);
	assert_true(again->ops->plugged(again));
	bench->usb = again;
	BENCH_ASK(bench, 6, 0xf1);
	bench_destroy(bench);
}

static void closing_leaves_the_probe_without_power(void **state)
{
	(void)state;
	struct bench *bench = bench_create("v21", NULL, true);
	BENCH_ASK(bench, 2, 0xf2, 0x3c, 0);
	fake_chip()->dhcsr = 0x00030003;
	usb_close(bench->usb);
	assert_false(fake_chip()->nrst_low);
	assert_int_equal(fake_chip()->dhcsr, 0x00030003); /* the target stays as it was */
	bench->usb = board_wire(bench->board);
	BENCH_ASK(bench, 2, 0xf5);
	assert_int_equal(bench->reply[0], 1);
	bench_destroy(bench);
}

static void wrong_lengths_never_harm(void **state)
{
	(void)state;
	struct bench *bench = bench_create("v21", NULL, true);
	uint8_t command[USB_COMMAND_SIZE] = {0xf2, 0x08, 0, 0, 0, 0x20, 8};
	uint8_t bytes[300] = {0};
	/* too much, then too little: the probe goes on waiting until it is reset */
	struct usb_data data = {.direction = USB_OUT, .data = bytes, .size = sizeof bytes};
	assert_int_equal(usb_command(bench->usb, command, &data, 100), ERR_USB_STALL);
	BENCH_ASK(bench, 2, 0xf5);
	data.size = 3;
	assert_int_equal(usb_command(bench->usb, command, &data, 100), ERR_OK);
	/* the next command ends that data phase, and is too long for it */
	assert_int_equal(BENCH_TRY(bench, 2, 0xf5), ERR_USB_STALL);
	BENCH_ASK(bench, 2, 0xf5);
	bench_destroy(bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_says_who_it_is),
		cmocka_unit_test(a_command_costs_its_transfers_and_the_firmware),
		cmocka_unit_test(time_is_split_without_a_rest),
		cmocka_unit_test(sleeping_moves_the_clock_and_the_chip),
		cmocka_unit_test(the_chip_runs_meanwhile),
		cmocka_unit_test(a_missing_reply_takes_the_whole_time_out),
		cmocka_unit_test(stale_bytes_are_drained),
		cmocka_unit_test(a_reset_drops_what_is_stale),
		cmocka_unit_test(a_pulled_cable_is_gone),
		cmocka_unit_test(closing_leaves_the_probe_without_power),
		cmocka_unit_test(wrong_lengths_never_harm),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
