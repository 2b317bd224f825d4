/* Memory commands (stlink_memory.c, swd_memory.c). */
#include <string.h>

#include "bench.h"

static int setup(void **state)
{
	*state = bench_create("v21", NULL, true);
	for (size_t i = 0; i < FAKE_RAM_SIZE; i++)
		fake_chip()->ram[i] = (uint8_t)(i ^ i >> 8);
	return 0;
}

static int teardown(void **state)
{
	bench_destroy(*state);
	return 0;
}

static void pattern(uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)(0x80 + 7 * i);
}

static void blocks_are_read_at_every_width(void **state)
{
	struct bench *bench = *state;
	static const struct {
		uint8_t code;
		uint32_t offset;
		uint16_t length;
	} rows[] = {{0x07, 0, 4}, {0x07, 0x7fc, 6144}, {0x0c, 1, 64}, {0x0c, 3, 3}, {0x47, 2, 6},
		{0x47, 0x3fe, 6144}};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(bench_memory(bench, rows[i].code, FAKE_RAM + rows[i].offset,
					 rows[i].length, NULL),
			ERR_OK);
		assert_int_equal(bench->received, rows[i].length);
		assert_int_equal(bench_memory_status(bench), 0x80);
		assert_memory_equal(
			bench->reply, fake_chip()->ram + rows[i].offset, rows[i].length);
	}
}

static void blocks_are_written_at_every_width(void **state)
{
	struct bench *bench = *state;
	uint8_t bytes[6144];
	uint8_t expected[FAKE_RAM_SIZE];
	static const struct {
		uint8_t code;
		uint32_t offset;
		uint16_t length;
	} rows[] = {{0x08, 0x10, 4}, {0x08, 0x404, 6144}, {0x0d, 5, 64}, {0x48, 0x1ffe, 6144}};
	pattern(bytes, sizeof bytes);
	memcpy(expected, fake_chip()->ram, sizeof expected);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(bench_memory(bench, rows[i].code, FAKE_RAM + rows[i].offset,
					 rows[i].length, bytes),
			ERR_OK);
		assert_int_equal(bench_memory_status(bench), 0x80);
		memcpy(expected + rows[i].offset, bytes, rows[i].length);
		assert_memory_equal(fake_chip()->ram, expected, sizeof expected);
	}
}

static void a_write_may_have_65532_bytes(void **state)
{
	struct bench *bench = *state;
	static uint8_t bytes[65532];
	pattern(bytes, sizeof bytes);
	assert_int_equal(bench_memory(bench, 0x08, FAKE_RAM, sizeof bytes, bytes), ERR_OK);
	assert_int_equal(bench_memory_status(bench), 0x80);
	assert_memory_equal(fake_chip()->ram, bytes, sizeof bytes);
}

static void one_byte_is_answered_with_two(void **state)
{
	struct bench *bench = *state;
	assert_int_equal(bench_memory(bench, 0x0c, FAKE_RAM + 9, 1, NULL), ERR_OK);
	assert_int_equal(bench->received, 2);
	assert_int_equal(bench->reply[0], fake_chip()->ram[9]);
	/* A host that asks for one byte only gets an overflow. */
	assert_int_equal(BENCH_TRY(bench, 1, 0xf2, 0x0c, LE32(FAKE_RAM), LE16(1)), ERR_USB_IO);
}

static void no_increment_stays_at_one_address(void **state)
{
	struct bench *bench = *state;
	uint8_t bytes[16];
	pattern(bytes, sizeof bytes);
	assert_int_equal(bench_memory(bench, 0x50, FAKE_RAM, sizeof bytes, bytes), ERR_OK);
	assert_int_equal(bench_memory_status(bench), 0x80);
	assert_memory_equal(fake_chip()->ram, bytes + 12, 4);
	assert_int_equal(fake_chip()->ram[4], 4);
	assert_int_equal(bench_memory(bench, 0x54, FAKE_RAM, 12, NULL), ERR_OK);
	for (size_t i = 0; i < 3; i++)
		assert_memory_equal(bench->reply + 4 * i, bytes + 12, 4);
}

static void misalignment_is_status_0a(void **state)
{
	struct bench *bench = *state;
	static const struct {
		uint8_t code;
		uint32_t offset;
		uint16_t length;
	} rows[] = {{0x07, 2, 4}, {0x07, 0, 6}, {0x47, 1, 2}, {0x47, 0, 3}, {0x54, 1, 4}};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(bench_memory(bench, rows[i].code, FAKE_RAM + rows[i].offset,
					 rows[i].length, NULL),
			ERR_OK);
		assert_int_equal(bench->received, rows[i].length);
		assert_int_equal(bench_memory_status(bench), 0x0a);
	}
	unsigned writes = fake_chip()->writes;
	assert_int_equal(
		bench_memory(bench, 0x08, FAKE_RAM + 2, 4, (const uint8_t *)"1234"), ERR_OK);
	assert_int_equal(bench_memory_status(bench), 0x0a);
	assert_int_equal(fake_chip()->writes, writes);
}

/* ---- errors ---- */

static void a_failed_read_delivers_its_whole_length(void **state)
{
	struct bench *bench = *state;
	assert_int_equal(bench_memory(bench, 0x07, 0x60000000, 1024, NULL), ERR_OK);
	assert_int_equal(bench->received, 1024);
	assert_int_equal(bench_memory_status(bench), 0x11);
	BENCH_ASK(bench, 12, 0xf2, 0x3e);
	assert_int_equal(bench->reply[0], 0x11);
	assert_int_equal(get_le32(bench->reply + 4), 0x60000000);
	assert_int_equal(get_le32(bench->reply + 8), 0);
}

static void the_status_is_that_of_the_last_transfer(void **state)
{
	struct bench *bench = *state;
	assert_int_equal(bench_memory(bench, 0x07, 0x60000000, 4, NULL), ERR_OK);
	assert_int_equal(bench_memory_status(bench), 0x11);
	assert_int_equal(bench_memory_status(bench), 0x11);
	assert_int_equal(BENCH_STATUS(bench, 8, 0xf2, 0x36, LE32(FAKE_RAM)), 0x80);
	assert_int_equal(bench_memory_status(bench), 0x11);
	assert_int_equal(bench_memory(bench, 0x07, FAKE_RAM, 4, NULL), ERR_OK);
	BENCH_ASK(bench, 12, 0xf2, 0x3e);
	assert_int_equal(bench->reply[0], 0x80);
	assert_int_equal(get_le32(bench->reply + 4), 0);
}

static void the_fault_address_is_that_of_the_transfer(void **state)
{
	struct bench *bench = *state;
	uint32_t start = FAKE_RAM + FAKE_RAM_SIZE - 16; /* faults in the fifth word */
	assert_int_equal(bench_memory(bench, 0x07, start, 64, NULL), ERR_OK);
	assert_memory_equal(bench->reply, fake_chip()->ram + FAKE_RAM_SIZE - 16, 12);
	BENCH_ASK(bench, 12, 0xf2, 0x3e);
	assert_int_equal(bench->reply[0], 0x11);
	assert_int_equal(get_le32(bench->reply + 4), start);
}

static void a_failed_write_is_told(void **state)
{
	struct bench *bench = *state;
	uint8_t bytes[256] = {0};
	assert_int_equal(bench_memory(bench, 0x08, 0x60000000, sizeof bytes, bytes), ERR_OK);
	assert_int_equal(bench_memory_status(bench), 0x11);
	/* only the very last word: its error shows when the write is flushed */
	assert_int_equal(
		bench_memory(bench, 0x08, FAKE_RAM + FAKE_RAM_SIZE - 252, 256, bytes), ERR_OK);
	assert_int_equal(bench_memory_status(bench), 0x11);
	assert_int_equal(bench_memory(bench, 0x08, FAKE_RAM, sizeof bytes, bytes), ERR_OK);
	assert_int_equal(bench_memory_status(bench), 0x80);
}

static void a_stalled_bus_is_status_10(void **state)
{
	struct bench *bench = *state;
	fake_chip()->answer = CHIP_WAIT;
	fake_chip()->answer_skip = 10;
	fake_chip()->answer_count = 6;
	assert_int_equal(bench_memory(bench, 0x07, FAKE_RAM, 128, NULL), ERR_OK);
	assert_int_equal(bench_memory_status(bench), 0x10);
	assert_int_equal(bench_memory(bench, 0x07, FAKE_RAM, 128, NULL), ERR_OK);
	assert_int_equal(bench_memory_status(bench), 0x80);
	assert_memory_equal(bench->reply, fake_chip()->ram, 128);
}

static void lengths_over_the_limit_stall(void **state)
{
	struct bench *bench = *state;
	uint8_t bytes[8192] = {0};
	static const struct {
		uint8_t code;
		uint16_t most;
		uint8_t step;
	} rows[] = {{0x07, 6144, 4}, {0x0c, 64, 1}, {0x47, 6144, 2}, {0x54, 6144, 4}};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(
			bench_memory(bench, rows[i].code, FAKE_RAM, rows[i].most, NULL), ERR_OK);
		assert_int_equal(bench_memory(bench, rows[i].code, FAKE_RAM,
					 (uint16_t)(rows[i].most + rows[i].step), NULL),
			ERR_USB_STALL);
		assert_int_equal(bench_memory_status(bench), 0x08);
	}
	assert_int_equal(bench_memory(bench, 0x0d, FAKE_RAM, 65, bytes), ERR_USB_STALL);
	assert_int_equal(bench_memory(bench, 0x48, FAKE_RAM, 6146, bytes), ERR_USB_STALL);
	assert_int_equal(bench_memory(bench, 0x50, FAKE_RAM, 6148, bytes), ERR_USB_STALL);
	assert_int_equal(bench_memory(bench, 0x08, FAKE_RAM, 8192, bytes), ERR_OK);
}

static void a_v3_takes_512_bytes_from_j6(void **state)
{
	(void)state;
	struct bench *bench = bench_create("v3", "V3J5M2", true);
	assert_int_equal(bench_memory(bench, 0x0c, FAKE_RAM, 65, NULL), ERR_USB_STALL);
	bench_destroy(bench);
	bench = bench_create("v3", "V3J6M2", true);
	assert_int_equal(bench_memory(bench, 0x0c, FAKE_RAM, 512, NULL), ERR_OK);
	assert_int_equal(bench_memory(bench, 0x0c, FAKE_RAM, 513, NULL), ERR_USB_STALL);
	bench_destroy(bench);
}

static void some_probes_crash_over_the_limit(void **state)
{
	(void)state;
	struct bench *bench = bench_create("v3", "V3J5M2", true);
	bench_control(bench, "fault crash-8bit");
	assert_int_equal(bench_memory(bench, 0x0c, FAKE_RAM, 65, NULL), ERR_USB_TIMEOUT);
	assert_int_equal(BENCH_TRY(bench, 6, 0xf1), ERR_USB_TIMEOUT);
	bench_destroy(bench);
}

/* ---- address increment ---- */

static void old_firmware_wraps_at_four_kib(void **state)
{
	(void)state;
	struct bench *bench = bench_create("v21", "V2J25M14", true);
	fake_chip()->ram[0x0000] = 0x11;
	fake_chip()->ram[0x1000] = 0x22;
	assert_int_equal(bench_memory(bench, 0x07, FAKE_RAM + 0xffc, 8, NULL), ERR_OK);
	assert_int_equal(bench_memory_status(bench), 0x80);
	assert_int_equal(bench->reply[4], 0x11);
	bench_destroy(bench);
	bench = bench_create("v21", "V2J26M15", true);
	fake_chip()->ram[0x0000] = 0x11;
	fake_chip()->ram[0x1000] = 0x22;
	assert_int_equal(bench_memory(bench, 0x07, FAKE_RAM + 0xffc, 8, NULL), ERR_OK);
	assert_int_equal(bench->reply[4], 0x22);
	bench_destroy(bench);
}

static void a_core_with_less_wraps_earlier(void **state)
{
	struct bench *bench = *state;
	bench_control(bench, "fault tar-wrap 1024");
	assert_int_equal(bench_memory(bench, 0x07, FAKE_RAM + 0x7fc, 8, NULL), ERR_OK);
	assert_memory_equal(bench->reply + 4, fake_chip()->ram + 0x400, 4);
	bench_control(bench, "fault tar-wrap off");
	assert_int_equal(bench_memory(bench, 0x07, FAKE_RAM + 0x7fc, 8, NULL), ERR_OK);
	assert_memory_equal(bench->reply + 4, fake_chip()->ram + 0x800, 4);
}

static void access_port_and_csw_are_honoured(void **state)
{
	struct bench *bench = *state;
	assert_int_equal(BENCH_TRY(bench, 4, 0xf2, 0x07, LE32(FAKE_RAM), LE16(4), 2), ERR_OK);
	assert_int_equal(bench_memory_status(bench), 0x1d);
	BENCH_ASK(bench, 4, 0xf2, 0x07, LE32(FAKE_RAM), LE16(4), 0, 0, 0, 0xa2);
	assert_int_equal(bench_memory_status(bench), 0x80);
	assert_int_equal(bench->board->dap.ap.csw & CSW_PROTECTION, 0xa2000000);
	BENCH_ASK(bench, 4, 0xf2, 0x07, LE32(FAKE_RAM), LE16(4));
	assert_int_equal(bench->board->dap.ap.csw & CSW_PROTECTION, 0x23000000);
}

static void no_length_means_no_data(void **state)
{
	struct bench *bench = *state;
	BENCH_ASK(bench, 0, 0xf2, 0x07, LE32(FAKE_RAM), LE16(0));
	BENCH_ASK(bench, 0, 0xf2, 0x08, LE32(FAKE_RAM), LE16(0));
	assert_int_equal(bench_memory_status(bench), 0x80);
}

/* ---- cost ---- */

static void a_block_costs_a_word_each_and_little_more(void **state)
{
	struct bench *bench = *state;
	bench_memory(bench, 0x07, FAKE_RAM, 4, NULL);
	uint64_t words = bench->board->swd.transfers;
	uint64_t start = bench->board->time.now_ns;
	assert_int_equal(bench_memory(bench, 0x07, FAKE_RAM, 6144, NULL), ERR_OK);
	words = bench->board->swd.transfers - words;
	assert_in_range(words, 1536 + 2, 1536 + 13); /* six KiB: a TAR and an RDBUFF each */
	uint64_t expected = 2 * 125000 + (16 + 6144) * 1000 + 60000 + words * (46000000 / 1553);
	assert_int_equal(bench->board->time.now_ns - start, expected);
}

#define MEMORY_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		MEMORY_TEST(blocks_are_read_at_every_width),
		MEMORY_TEST(blocks_are_written_at_every_width),
		MEMORY_TEST(a_write_may_have_65532_bytes),
		MEMORY_TEST(one_byte_is_answered_with_two),
		MEMORY_TEST(no_increment_stays_at_one_address),
		MEMORY_TEST(misalignment_is_status_0a),
		MEMORY_TEST(a_failed_read_delivers_its_whole_length),
		MEMORY_TEST(the_status_is_that_of_the_last_transfer),
		MEMORY_TEST(the_fault_address_is_that_of_the_transfer),
		MEMORY_TEST(a_failed_write_is_told),
		MEMORY_TEST(a_stalled_bus_is_status_10),
		MEMORY_TEST(lengths_over_the_limit_stall),
		cmocka_unit_test(a_v3_takes_512_bytes_from_j6),
		cmocka_unit_test(some_probes_crash_over_the_limit),
		cmocka_unit_test(old_firmware_wraps_at_four_kib),
		MEMORY_TEST(a_core_with_less_wraps_earlier),
		MEMORY_TEST(access_port_and_csw_are_honoured),
		MEMORY_TEST(no_length_means_no_data),
		MEMORY_TEST(a_block_costs_a_word_each_and_little_more),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
