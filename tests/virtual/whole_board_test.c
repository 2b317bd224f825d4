/* Probe and true chip together: what only both can show. Numbers are those of the references. */
#include <string.h>

#include "bench.h"

#define DHCSR      0xe000edf0U
#define DEMCR      0xe000edfcU
#define DFSR       0xe000ed30U
#define FLASH_KEYR 0x40023c04U
#define FLASH_SR   0x40023c0cU
#define FLASH_CR   0x40023c10U
#define FLASH_BASE 0x08000000U
#define SRAM       0x20000000U

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

static uint32_t read_word(struct bench *bench, uint32_t address)
{
	assert_int_equal(BENCH_STATUS(bench, 8, 0xf2, 0x36, LE32(address)), 0x80);
	return get_le32(bench->reply + 4);
}

static void write_word(struct bench *bench, uint32_t address, uint32_t value)
{
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x35, LE32(address), LE32(value)), 0x80);
}

static void unlock_flash(struct bench *bench)
{
	write_word(bench, DHCSR, 0xa05f0003);
	write_word(bench, FLASH_KEYR, 0x45670123);
	write_word(bench, FLASH_KEYR, 0xcdef89ab);
}

static void the_target_is_an_stm32f401(void **state)
{
	struct bench *bench = *state;
	assert_int_equal(read_word(bench, 0xe000ed00), 0x410fc241);
	assert_int_equal(read_word(bench, 0xe0042000) & 0xfff, 0x423);
	assert_int_equal(read_word(bench, 0x1fff7a20) >> 16, 256);
}

static void a_core_is_halted_run_and_stepped(void **state)
{
	struct bench *bench = *state;
	write_word(bench, DHCSR, 0xa05f0003);
	assert_true(read_word(bench, DHCSR) & 1U << 17);
	write_word(bench, SRAM, 0x3001bf00);     /* nop; adds r0, #1 */
	write_word(bench, SRAM + 4, 0xbe00e7fc); /* b back to the nop; bkpt */
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x34, 0, LE32(0)), 0x80);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x34, 15, LE32(SRAM)), 0x80);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x34, 16, LE32(0x01000000U)), 0x80);
	write_word(bench, DHCSR, 0xa05f000d);
	BENCH_ASK(bench, 88, 0xf2, 0x3a);
	assert_int_equal(get_le32(bench->reply + 64), SRAM + 2);
	write_word(bench, DHCSR, 0xa05f0001);
	usb_sleep_us(bench->usb, 10000);
	write_word(bench, DHCSR, 0xa05f0003);
	BENCH_ASK(bench, 88, 0xf2, 0x3a);
	/* 10 ms at 16 MHz are 160,000 cycles, of which each turn takes three or four */
	assert_in_range(get_le32(bench->reply + 4), 35000, 60000);
}

static void reset_with_vector_catch_halts(void **state)
{
	struct bench *bench = *state;
	write_word(bench, DHCSR, 0xa05f0003);
	write_word(bench, DEMCR, 0x01000001);
	write_word(bench, DFSR, 0x1f);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x32), 0x80);
	usb_sleep_us(bench->usb, 1000);
	assert_true(read_word(bench, DHCSR) & 1U << 17);
	assert_true(read_word(bench, DFSR) & 1U << 3);
}

static void the_probe_holds_the_target_in_reset(void **state)
{
	struct bench *bench = *state;
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x3c, 0), 0x80);
	assert_true(read_word(bench, DHCSR) & 1U << 25);
	assert_true(read_word(bench, DHCSR) & 1U << 25); /* sticky, and set anew all the time */
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x3c, 1), 0x80);
	usb_sleep_us(bench->usb, 1000);
	(void)read_word(bench, DHCSR);
	assert_false(read_word(bench, DHCSR) & 1U << 25);
}

static void flash_is_programmed_through_the_probe(void **state)
{
	struct bench *bench = *state;
	uint8_t bytes[64];
	memset(bytes, 0xa5, sizeof bytes);
	unlock_flash(bench);
	write_word(bench, FLASH_CR, 0x201); /* PG, x32 */
	assert_int_equal(bench_memory(bench, 0x08, FLASH_BASE, sizeof bytes, bytes), ERR_OK);
	assert_int_equal(bench_memory_status(bench), 0x80);
	assert_int_equal(bench_memory(bench, 0x07, FLASH_BASE, sizeof bytes, NULL), ERR_OK);
	assert_memory_equal(bench->reply, bytes, sizeof bytes);
	char books[4096];
	assert_int_equal(board_control(bench->board, "books", books, sizeof books), ERR_OK);
	assert_non_null(strstr(books, "\"programmed\":{\"x8\":0,\"x16\":0,\"x32\":16}"));
}

static void reading_flash_during_an_erase_waits(void **state)
{
	struct bench *bench = *state;
	unlock_flash(bench);
	write_word(bench, FLASH_CR, 0x10202); /* SER, sector 0, x32, STRT */
	assert_true(read_word(bench, FLASH_SR) & 1U << 16);
	assert_int_equal(BENCH_STATUS(bench, 8, 0xf2, 0x36, LE32(FLASH_BASE)), 0x10);
	/* the stalled access is in the way of every other, until it is given up */
	assert_int_equal(BENCH_STATUS(bench, 8, 0xf2, 0x36, LE32(FLASH_SR)), 0x10);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x46, LE16(0xffff), LE16(0), LE32(1)), 0x80);
	assert_true(read_word(bench, FLASH_SR) & 1U << 16);
	usb_sleep_us(bench->usb, 400000);
	assert_false(read_word(bench, FLASH_SR) & 1U << 16);
	assert_int_equal(read_word(bench, FLASH_BASE), 0xffffffff);
}

static void losing_power_loses_the_debug_port_and_ram(void **state)
{
	struct bench *bench = *state;
	write_word(bench, SRAM, 0x600d600d);
	bench_control(bench, "power off");
	assert_int_equal(BENCH_STATUS(bench, 8, 0xf2, 0x36, LE32(SRAM)), 0x16);
	BENCH_ASK(bench, 8, 0xf7);
	assert_int_equal(get_le32(bench->reply + 4), 0);
	bench_control(bench, "power on");
	usb_sleep_us(bench->usb, 20000);
	assert_int_equal(BENCH_STATUS(bench, 2, 0xf2, 0x30, 0xa3), 0x80);
	assert_int_not_equal(read_word(bench, SRAM), 0x600d600d);
}

#define BOARD_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOARD_TEST(the_target_is_an_stm32f401),
		BOARD_TEST(a_core_is_halted_run_and_stepped),
		BOARD_TEST(reset_with_vector_catch_halts),
		BOARD_TEST(the_probe_holds_the_target_in_reset),
		BOARD_TEST(flash_is_programmed_through_the_probe),
		BOARD_TEST(reading_flash_during_an_erase_waits),
		BOARD_TEST(losing_power_loses_the_debug_port_and_ram),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
