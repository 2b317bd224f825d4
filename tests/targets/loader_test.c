/*
 * The RAM loader, instruction by instruction, on Unicorn: what it programs, skips, refuses and sums
 * up. The flash here is a model of a few lines, made for this test from RM0090 3.6: bits go from 1
 * to 0 only, and error flags are raised on request. The last test proves that the others have
 * executed every instruction of the loader.
 */
#include <stdio.h>
#include <string.h>

#include "tests/prelude.h"
#include <unicorn/unicorn.h>

#include "loader/layout.h"
#include "loader/stm32f4_bytes.h"
#include "probe/bytes.h"

#define RAM_SIZE   0x10000u
#define FLASH      0x08000000u
#define FLASH_SIZE 0x4000u
#define PAGE       0x1000u
#define CRC_PAGE   0x40023000u /* the CRC unit and, at 0xC00, the flash controller */
#define IWDG_PAGE  0x40003000u
#define SR_OFFSET  0xC0Cu
#define ENOUGH     200000u /* instructions */

static uint8_t ram[RAM_SIZE], flash[FLASH_SIZE];
static uint8_t executed[sizeof(loader_bytes)];
static unsigned stores[5]; /* into the flash, by width */
static unsigned feeds;
static uint32_t status, crc;
static uint32_t error_at, error_flags; /* a store there raises these */
static bool stopped;
static uc_engine *uc;

/* ---- the machine around the loader ---- */

static uint64_t flash_read(uc_engine *engine, uint64_t offset, unsigned size, void *context)
{
	uint64_t value = 0;
	memcpy(&value, flash + offset, size);
	return value;
}

static void flash_write(
	uc_engine *engine, uint64_t offset, unsigned size, uint64_t value, void *context)
{
	stores[size]++;
	if (error_flags && error_at - FLASH == offset)
		status |= error_flags;
	for (unsigned i = 0; i < size; i++)
		flash[offset + i] &= (uint8_t)(value >> 8 * i);
}

/* RM0090 chapter 4: polynomial 04C11DB7 over 32 bits, most significant first. */
static uint32_t crc_word(uint32_t value, uint32_t word)
{
	value ^= word;
	for (int bit = 0; bit < 32; bit++)
		value = value & 0x80000000u ? value << 1 ^ 0x04C11DB7u : value << 1;
	return value;
}

static uint64_t unit_read(uc_engine *engine, uint64_t offset, unsigned size, void *context)
{
	if (offset == 0)
		return crc;
	return offset == SR_OFFSET ? status : 0;
}

static void unit_write(
	uc_engine *engine, uint64_t offset, unsigned size, uint64_t value, void *context)
{
	if (offset == 0)
		crc = crc_word(crc, (uint32_t)value);
	else if (offset == 8 && value & 1)
		crc = 0xFFFFFFFF;
}

static uint64_t watchdog_read(uc_engine *engine, uint64_t offset, unsigned size, void *context)
{
	return 0;
}

static void watchdog_write(
	uc_engine *engine, uint64_t offset, unsigned size, uint64_t value, void *context)
{
	feeds += offset == 0 && value == 0xAAAA;
}

static void on_interrupt(uc_engine *engine, uint32_t number, void *context)
{
	stopped = true;
	uc_emu_stop(engine);
}

static void on_code(uc_engine *engine, uint64_t address, uint32_t size, void *context)
{
	uint64_t offset = address - (LOADER_RAM + LOADER_CODE);
	if (offset < sizeof(executed))
		memset(executed + offset, 1, size);
}

static void mail_put(uint32_t field, uint32_t value)
{
	put_le32(ram + LOADER_MAILBOX + field, value);
}

static uint32_t mail_get(uint32_t field)
{
	return get_le32(ram + LOADER_MAILBOX + field);
}

static void start_machine(void)
{
	uc_hook hook;
	assert_int_equal(uc_open(UC_ARCH_ARM, UC_MODE_THUMB | UC_MODE_MCLASS, &uc), UC_ERR_OK);
	uc_ctl_set_cpu_model(uc, UC_CPU_ARM_CORTEX_M4);
	uc_mem_map_ptr(uc, LOADER_RAM, RAM_SIZE, UC_PROT_ALL, ram);
	uc_mmio_map(uc, FLASH, FLASH_SIZE, flash_read, NULL, flash_write, NULL);
	uc_mmio_map(uc, CRC_PAGE, PAGE, unit_read, NULL, unit_write, NULL);
	uc_mmio_map(uc, IWDG_PAGE, PAGE, watchdog_read, NULL, watchdog_write, NULL);
	uc_hook_add(uc, &hook, UC_HOOK_INTR, (void *)on_interrupt, NULL, 1, 0);
	uc_hook_add(uc, &hook, UC_HOOK_CODE, (void *)on_code, NULL, 1, 0);
}

static int setup(void **state)
{
	(void)state;
	memset(ram, 0, sizeof(ram));
	memset(flash, 0xFF, sizeof(flash));
	memset(stores, 0, sizeof(stores));
	feeds = status = crc = error_at = error_flags = 0;
	stopped = false;
	memcpy(ram + LOADER_CODE, loader_bytes, sizeof(loader_bytes));
	mail_put(MAIL_WRITE, LOADER_RAM + LOADER_RING);
	mail_put(MAIL_READ, LOADER_RAM + LOADER_RING);
	mail_put(MAIL_RING_START, LOADER_RAM + LOADER_RING);
	mail_put(MAIL_RING_END, LOADER_RAM + RAM_SIZE);
	mail_put(MAIL_WIDTH, 4);
	start_machine();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	uc_close(uc);
	return 0;
}

static uint32_t at(uint32_t offset)
{
	return (LOADER_RAM + LOADER_CODE + offset) | 1;
}

static uint32_t pc = 0;

static void start(void)
{
	pc = at(LOADER_START_OFFSET);
}

/* Lets the loader go on where it was. */
static void run(size_t instructions)
{
	uint32_t reached;
	assert_int_equal(uc_emu_start(uc, pc, 0, 0, instructions), UC_ERR_OK);
	uc_reg_read(uc, UC_ARM_REG_PC, &reached);
	pc = reached | 1;
}

static void post(uint32_t command, uint32_t from, uint32_t to)
{
	mail_put(MAIL_DESTINATION, from);
	mail_put(MAIL_END, to);
	mail_put(MAIL_COMMAND, command);
}

static void fill_ring(const void *data, size_t size)
{
	uint32_t write = mail_get(MAIL_WRITE);
	for (size_t i = 0; i < size; i++) {
		ram[write++ - LOADER_RAM] = ((const uint8_t *)data)[i];
		if (write == mail_get(MAIL_RING_END))
			write = mail_get(MAIL_RING_START);
	}
	mail_put(MAIL_WRITE, write);
}

static void make_pattern(uint8_t *data, size_t size)
{
	for (size_t i = 0; i < size; i++)
		data[i] = (uint8_t)(i * 37 + i / 251 + 1);
}

/* ---- programming ---- */

static void programs_at(unsigned width)
{
	uint8_t data[64];
	make_pattern(data, sizeof(data));
	mail_put(MAIL_WIDTH, width);
	fill_ring(data, sizeof(data));
	post(COMMAND_PROGRAM, FLASH + 0x100, FLASH + 0x100 + sizeof(data));
	start();
	run(ENOUGH);
	assert_false(stopped);
	assert_memory_equal(flash + 0x100, data, sizeof(data));
	assert_int_equal(flash[0x0FF], 0xFF);
	assert_int_equal(flash[0x140], 0xFF);
	assert_int_equal(stores[width], sizeof(data) / width);
	assert_int_equal(stores[1] + stores[2] + stores[4], sizeof(data) / width);
	assert_int_equal(mail_get(MAIL_COMMAND), 0);
	assert_int_equal(mail_get(MAIL_RESULT), 0);
	assert_int_equal(mail_get(MAIL_READ), mail_get(MAIL_WRITE));
}

static void programs_words(void **state)
{
	(void)state;
	programs_at(4);
}

static void programs_half_words(void **state)
{
	(void)state;
	programs_at(2);
}

static void programs_bytes(void **state)
{
	(void)state;
	programs_at(1);
}

static void waits_for_data_and_feeds_the_watchdog(void **state)
{
	(void)state;
	uint8_t data[8] = {1, 2, 3, 4, 5, 6, 7, 8};
	start();
	run(100);
	assert_true(feeds > 10);
	post(COMMAND_PROGRAM, FLASH, FLASH + 8);
	fill_ring(data, 4);
	run(ENOUGH);
	assert_int_equal(mail_get(MAIL_COMMAND), COMMAND_PROGRAM);
	assert_int_equal(mail_get(MAIL_DESTINATION), FLASH + 4);
	feeds = 0;
	run(100);
	assert_true(feeds > 10);
	fill_ring(data + 4, 4);
	run(ENOUGH);
	assert_int_equal(mail_get(MAIL_COMMAND), 0);
	assert_memory_equal(flash, data, 8);
}

static void the_ring_wraps(void **state)
{
	(void)state;
	uint8_t data[256];
	make_pattern(data, sizeof(data));
	mail_put(MAIL_RING_END, LOADER_RAM + LOADER_RING + 96);
	start();
	post(COMMAND_PROGRAM, FLASH, FLASH + sizeof(data));
	for (size_t done = 0; done < sizeof(data); done += 64) {
		fill_ring(data + done, 64);
		run(ENOUGH);
	}
	assert_int_equal(mail_get(MAIL_COMMAND), 0);
	assert_memory_equal(flash, data, sizeof(data));
}

static void equal_words_are_not_stored_again(void **state)
{
	(void)state;
	uint8_t data[32];
	make_pattern(data, sizeof(data));
	memcpy(flash, data, 16);
	fill_ring(data, sizeof(data));
	post(COMMAND_PROGRAM, FLASH, FLASH + sizeof(data));
	start();
	run(ENOUGH);
	assert_int_equal(stores[4], 4);
	assert_memory_equal(flash, data, sizeof(data));
}

static void ones_may_become_zeros(void **state)
{
	(void)state;
	uint8_t data[4] = {0x10, 0x20, 0x00, 0x0F};
	memset(flash, 0x3F, 4);
	fill_ring(data, 4);
	post(COMMAND_PROGRAM, FLASH, FLASH + 4);
	start();
	run(ENOUGH);
	assert_false(stopped);
	assert_memory_equal(flash, data, 4);
}

static void zeros_never_become_ones(void **state)
{
	(void)state;
	uint8_t data[8] = {0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 1};
	memset(flash + 4, 0, 4);
	fill_ring(data, 8);
	post(COMMAND_PROGRAM, FLASH, FLASH + 8);
	start();
	run(ENOUGH);
	assert_true(stopped);
	assert_int_equal(mail_get(MAIL_RESULT), RESULT_NOT_BLANK);
	assert_int_equal(mail_get(MAIL_DESTINATION), FLASH + 4);
	assert_int_equal(stores[4], 0);
}

static void an_error_flag_stops_at_its_word(void **state)
{
	(void)state;
	static const uint32_t flags[] = {0x02, 0x10, 0x20, 0x40, 0x80, 0x100};
	uint8_t data[16] = {0};
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		teardown(NULL);
		setup(NULL);
		error_at = FLASH + 8;
		error_flags = flags[i];
		fill_ring(data, sizeof(data));
		post(COMMAND_PROGRAM, FLASH, FLASH + sizeof(data));
		start();
		run(ENOUGH);
		assert_true(stopped);
		assert_int_equal(mail_get(MAIL_RESULT), RESULT_FLASH_ERROR);
		assert_int_equal(mail_get(MAIL_DESTINATION), FLASH + 8);
		assert_int_equal(mail_get(MAIL_STATUS), flags[i]);
		assert_int_equal(stores[4], 3);
	}
}

/* BSY and EOP are no errors. */
static void harmless_flags_do_not_stop(void **state)
{
	(void)state;
	uint8_t data[8] = {0};
	error_at = FLASH;
	error_flags = 0x10001;
	fill_ring(data, sizeof(data));
	post(COMMAND_PROGRAM, FLASH, FLASH + sizeof(data));
	start();
	run(ENOUGH);
	assert_false(stopped);
	assert_int_equal(mail_get(MAIL_COMMAND), 0);
}

static void an_exception_is_reported_and_stays(void **state)
{
	(void)state;
	uint32_t where = FLASH + 0x123;
	uc_reg_write(uc, UC_ARM_REG_R5, &where);
	status = 0x10000;
	pc = at(LOADER_FAULT_OFFSET);
	run(ENOUGH);
	assert_true(stopped);
	assert_int_equal(mail_get(MAIL_RESULT), RESULT_FAULT);
	assert_int_equal(mail_get(MAIL_DESTINATION), where);
	assert_int_equal(mail_get(MAIL_STATUS), 0x10000);
	/* Resumed behind the BKPT it comes back to it. */
	stopped = false;
	pc += 2;
	run(10);
	assert_true(stopped);
}

/* ---- the survey ---- */

static uint32_t expected_crc(const uint8_t *data, size_t size)
{
	uint32_t value = 0xFFFFFFFF;
	for (size_t i = 0; i < size; i += 4)
		value = crc_word(value, get_be32(data + i));
	return value;
}

static uint32_t expected_sum(const uint8_t *data, size_t size)
{
	uint32_t sum = 0;
	for (size_t i = 0; i < size; i += 4)
		sum = sum * SURVEY_FACTOR + get_le32(data + i);
	return sum;
}

static void the_survey_sums_up_each_row(void **state)
{
	(void)state;
	uint8_t *table = ram + LOADER_RING;
	uint32_t base = LOADER_RAM + LOADER_RING;
	static const uint32_t ranges[][2] = {
		{0, 0x100}, {0x200, 0x204}, {0x300, 0x300}, {0x800, 0xC00}};
	make_pattern(flash, 0x400);
	for (size_t i = 0; i < 4; i++) {
		put_le32(table + i * SURVEY_ROW + SURVEY_FIRST, FLASH + ranges[i][0]);
		put_le32(table + i * SURVEY_ROW + SURVEY_END, FLASH + ranges[i][1]);
	}
	post(COMMAND_SURVEY, base, base + 4 * SURVEY_ROW);
	start();
	run(ENOUGH);
	assert_int_equal(mail_get(MAIL_COMMAND), 0);
	for (size_t i = 0; i < 4; i++) {
		const uint8_t *data = flash + ranges[i][0];
		size_t size = ranges[i][1] - ranges[i][0];
		uint32_t all = 0xFFFFFFFF;
		for (size_t j = 0; j < size; j += 4)
			all &= get_le32(data + j);
		const uint8_t *row = table + i * SURVEY_ROW;
		assert_int_equal(get_le32(row + SURVEY_FIRST), expected_crc(data, size));
		assert_int_equal(get_le32(row + SURVEY_END), expected_sum(data, size));
		assert_int_equal(get_le32(row + SURVEY_AND), all);
	}
	/* CRC-32/MPEG-2, which is what qCRC wants */
	assert_int_equal(expected_crc((const uint8_t *)"123456789012", 12), 0xB7E0821A);
}

static void it_programs_after_a_survey(void **state)
{
	(void)state;
	uint8_t data[16];
	make_pattern(data, sizeof(data));
	start();
	post(COMMAND_SURVEY, LOADER_RAM + LOADER_RING, LOADER_RAM + LOADER_RING);
	run(ENOUGH);
	fill_ring(data, sizeof(data));
	post(COMMAND_PROGRAM, FLASH, FLASH + sizeof(data));
	run(ENOUGH);
	assert_int_equal(mail_get(MAIL_COMMAND), 0);
	assert_memory_equal(flash, data, sizeof(data));
}

/* ---- coverage ---- */

static void every_instruction_was_executed(void **state)
{
	(void)state;
	/* The literal pool follows the last branch, aligned to a word. */
	size_t code = sizeof(loader_bytes);
	while (code > 0 && !executed[code - 1])
		code--;
	assert_true(sizeof(loader_bytes) - code <= 6 * 4 + 2);
	for (size_t i = 0; i < code; i++)
		if (!executed[i])
			fail_msg("the instruction at offset 0x%zx was never executed", i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(programs_words, setup, teardown),
		cmocka_unit_test_setup_teardown(programs_half_words, setup, teardown),
		cmocka_unit_test_setup_teardown(programs_bytes, setup, teardown),
		cmocka_unit_test_setup_teardown(
			waits_for_data_and_feeds_the_watchdog, setup, teardown),
		cmocka_unit_test_setup_teardown(the_ring_wraps, setup, teardown),
		cmocka_unit_test_setup_teardown(equal_words_are_not_stored_again, setup, teardown),
		cmocka_unit_test_setup_teardown(ones_may_become_zeros, setup, teardown),
		cmocka_unit_test_setup_teardown(zeros_never_become_ones, setup, teardown),
		cmocka_unit_test_setup_teardown(an_error_flag_stops_at_its_word, setup, teardown),
		cmocka_unit_test_setup_teardown(harmless_flags_do_not_stop, setup, teardown),
		cmocka_unit_test_setup_teardown(
			an_exception_is_reported_and_stays, setup, teardown),
		cmocka_unit_test_setup_teardown(the_survey_sums_up_each_row, setup, teardown),
		cmocka_unit_test_setup_teardown(it_programs_after_a_survey, setup, teardown),
		cmocka_unit_test(every_instruction_was_executed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
