/*
 * Summing up on the chip outside a load: what the firmware and the debugger can see afterwards is
 * what they saw before, to the last bit, in the middle of an interrupt too.
 */
#include "rig.h"

#include <stdlib.h>
#include <string.h>

#define KIB ((size_t)1024)

#define RAM      0x20000000u
#define RAM_SIZE (64 * KIB)
#define TICK     (RIG_FLASH + 0x66) /* the handler of SysTick */

/* A loop with SysTick on, most registers filled, BASEPRI at 0x20; r2 counts rounds, r7 interrupts.
 */
static const uint16_t program[] = {
	0xf24e, 0x0010, /* 40 movw r0, #0xE010 */
	0xf2ce, 0x0000, /* 44 movt r0, #0xE000 */
	0xf240, 0x31e7, /* 48 movw r1, #999 */
	0x6041,         /* 4C str  r1, [r0, #4]: SYST_RVR */
	0x2107,         /* 4E movs r1, #7 */
	0x6001,         /* 50 str  r1, [r0]: SYST_CSR */
	0x2444,         /* 52 movs r4, #0x44 */
	0x2555,         /* 54 movs r5, #0x55 */
	0x46a0,         /* 56 mov  r8, r4 */
	0x46ab,         /* 58 mov  r11, r5 */
	0x2620,         /* 5A movs r6, #0x20 */
	0xf386, 0x8811, /* 5C msr  basepri, r6 */
	0x3201,         /* 60 adds r2, #1 */
	0xe7fd,         /* 62 b    60 */
	0xe7fe,         /* 64 b    64: what should not happen */
	0x3701,         /* 66 adds r7, #1 */
	0x46b9,         /* 68 mov  r9, r7 */
	0x4770,         /* 6A bx   lr */
};

static uint8_t image[1024 * KIB];

static void put_word(uint8_t *at, uint32_t word)
{
	for (unsigned i = 0; i < 4; i++)
		at[i] = (uint8_t)(word >> 8 * i);
}

static void make_image(size_t size)
{
	rig_fill(image, size, 7);
	put_word(image, RAM + 0x1000);
	put_word(image + 4, RIG_FLASH + 0x41);
	for (size_t i = 2; i < 15; i++)
		put_word(image + 4 * i, RIG_FLASH + 0x65);
	put_word(image + 60, TICK + 1);
	memcpy(image + 0x40, program, sizeof(program));
}

/* gdb's CRC, bit by bit: an independent reading of what is asked for. */
static uint32_t crc_of(const uint8_t *data, size_t size)
{
	uint32_t crc = 0xFFFFFFFF;
	for (size_t i = 0; i < size; i++) {
		crc ^= (uint32_t)data[i] << 24;
		for (unsigned bit = 0; bit < 8; bit++)
			crc = crc << 1 ^ (crc & 0x80000000 ? 0x04C11DB7 : 0);
	}
	return crc;
}

static void run_until_halted(struct rig *rig)
{
	struct target_status status = {.state = TARGET_RUNNING};
	assert_int_equal(target_resume(rig->target), ERR_OK);
	for (unsigned i = 0; i < 1000 && status.state != TARGET_HALTED; i++)
		assert_int_equal(target_poll(rig->target, &status), ERR_OK);
	assert_int_equal(status.state, TARGET_HALTED);
	assert_int_equal(status.reason, TARGET_STOP_BREAKPOINT);
}

/* Where the loader's mailbox and ring would be. */
static void watch_the_loader(struct rig *rig)
{
	assert_int_equal(
		target_add_watchpoint(rig->target, TARGET_WATCH_ACCESS, RAM + 0x400, 0x100),
		ERR_OK);
}

/* Loads the firmware and stops it in its interrupt's handler, the third time. */
static void stop_in_handler(struct rig *rig, const char *probe, const char *chip, size_t size)
{
	rig_start(rig, &(struct rig_options){.board = {.probe = probe, .chip = chip}});
	make_image(size);
	assert_int_equal(rig_load(rig, 0, image, size, NULL), ERR_OK);
	assert_int_equal(target_add_breakpoint(rig->target, TICK), ERR_OK);
	assert_int_equal(target_add_breakpoint(rig->target, RIG_FLASH + 0x64), ERR_OK);
	watch_the_loader(rig);
	for (unsigned i = 0; i < 3; i++)
		run_until_halted(rig);
	uint32_t xpsr;
	assert_int_equal(target_read_register(rig->target, TARGET_XPSR, &xpsr), ERR_OK);
	assert_int_equal(xpsr & 0x1FF, 15);
}

/* ---- all that can be seen ---- */

static const struct {
	uint32_t first, words;
	const char *what;
} visible[] = {
	{0xE000E010, 3, "SysTick"},
	{0xE000E100, 3, "NVIC_ISER"},
	{0xE000E200, 3, "NVIC_ISPR"},
	{0xE000E300, 3, "NVIC_IABR"},
	{0xE000E400, 21, "NVIC_IPR"},
	{0xE000ED04, 15, "ICSR to BFAR"},
	{0xE000EDF0, 1, "DHCSR"},
	{0xE000EDFC, 1, "DEMCR"},
	{0xE0002000, 8, "FPB"},
	{0xE0001000, 2, "DWT_CTRL, DWT_CYCCNT"},
	{0xE0001020, 2, "DWT_COMP0, DWT_MASK0"},
	{0xE0042004, 3, "DBGMCU"},
	{0x40023830, 5, "RCC_AHB1ENR to RCC_APB1ENR"},
	{0x40023C00, 1, "FLASH_ACR"},
	{0x40023C0C, 3, "FLASH_SR, FLASH_CR, FLASH_OPTCR"},
};

#define VISIBLE_WORDS 32u

struct sight {
	uint8_t ram[RAM_SIZE];
	uint32_t registers[TARGET_REGISTER_COUNT];
	uint32_t words[COUNT_OF(visible)][VISIBLE_WORDS];
	uint32_t crc_unit[2];
};

static uint32_t word(struct rig *rig, uint32_t address)
{
	const char *answer = rig_control(rig, "word 0x%08x", address);
	return (uint32_t)strtoul(strstr(answer, "\"value\":") + 8, NULL, 10);
}

static void read_words(struct rig *rig, struct sight *sight)
{
	for (size_t i = 0; i < COUNT_OF(visible); i++)
		for (uint32_t k = 0; k < visible[i].words; k++)
			sight->words[i][k] = word(rig, visible[i].first + 4 * k);
}

/* The unit answers with its clock on only. */
static void read_crc_unit(struct rig *rig, struct sight *sight)
{
	uint32_t clocks = word(rig, 0x40023830);
	rig_control(rig, "word 0x40023830 %u", clocks | 1u << 12);
	sight->crc_unit[0] = word(rig, 0x40023000);
	sight->crc_unit[1] = word(rig, 0x40023004);
	rig_control(rig, "word 0x40023830 %u", clocks);
}

static void see(struct rig *rig, struct sight *sight)
{
	memset(sight, 0, sizeof(*sight));
	for (unsigned i = 0; i < TARGET_REGISTER_COUNT; i++)
		assert_int_equal(target_read_register(rig->target, (enum target_register)i,
					 &sight->registers[i]),
			ERR_OK);
	rig_peek(rig, RAM, sight->ram, sizeof(sight->ram));
	read_words(rig, sight);
	read_crc_unit(rig, sight);
}

static void expect_same(const struct sight *before, const struct sight *after)
{
	assert_memory_equal(before->ram, after->ram, sizeof(before->ram));
	for (unsigned i = 0; i < TARGET_REGISTER_COUNT; i++)
		if (before->registers[i] != after->registers[i])
			fail_msg("register %u was %08X, is %08X", i, before->registers[i],
				after->registers[i]);
	for (size_t i = 0; i < COUNT_OF(visible); i++)
		for (size_t k = 0; k < visible[i].words; k++)
			if (before->words[i][k] != after->words[i][k])
				fail_msg("%s[%zu] was %08X, is %08X", visible[i].what, k,
					before->words[i][k], after->words[i][k]);
	assert_memory_equal(before->crc_unit, after->crc_unit, sizeof(before->crc_unit));
}

/* ---- tests ---- */

static void nothing_is_seen_of_a_sum(void **state)
{
	static struct sight before, after;
	struct rig rig;
	uint32_t crc, rounds, counted;
	(void)state;
	stop_in_handler(&rig, "v21", NULL, 128 * KIB);
	rig_control(&rig, "word 0xe0001000 1");      /* CYCCNT counts */
	rig_control(&rig, "word 0xe000e200 0x80");   /* an interrupt that is pending */
	rig_control(&rig, "word 0x40023830 0x1000"); /* the CRC unit in the middle of a sum */
	rig_control(&rig, "word 0x40023000 0x12345678");
	rig_control(&rig, "word 0x40023004 0x5a");
	rig_control(&rig, "word 0x40023830 0");
	assert_int_equal(target_write_register(rig.target, TARGET_S0 + 7, 0x40490FDB), ERR_OK);
	uint64_t instructions = rig_book(&rig, "instructions");
	see(&rig, &before);
	see(&rig, &before); /* what reading itself clears is cleared */
	assert_int_equal(target_crc(rig.target, RIG_FLASH + 1, 128 * KIB - 3, &crc), ERR_OK);
	see(&rig, &after);
	assert_true(rig_book(&rig, "instructions") > instructions + 128 * KIB / 4);
	assert_int_equal(crc, crc_of(image + 1, 128 * KIB - 3));
	expect_same(&before, &after);

	/* and on it goes, to the next interrupt */
	rounds = before.registers[2];
	run_until_halted(&rig);
	assert_int_equal(target_read_register(rig.target, 7, &counted), ERR_OK);
	assert_int_equal(counted, before.registers[7] + 1);
	assert_int_equal(target_read_register(rig.target, 2, &counted), ERR_OK);
	assert_true(counted > rounds);
	rig_stop(&rig);
}

/* The core must not have run for it, and the sum is right all the same. */
static void expect_read_back(struct rig *rig)
{
	uint32_t crc;
	uint64_t instructions = rig_book(rig, "instructions");
	assert_int_equal(target_crc(rig->target, RIG_FLASH, 32 * KIB, &crc), ERR_OK);
	assert_int_equal(crc, crc_of(image, 32 * KIB));
	assert_in_range(rig_book(rig, "instructions"), instructions, instructions + 1);
}

static void with_the_mpu_on_it_is_read_back(void **state)
{
	struct rig rig;
	(void)state;
	stop_in_handler(&rig, "v3", NULL, 32 * KIB);
	rig_control(&rig, "word 0xe000ed94 5"); /* MPU_CTRL: enable, privileged default map */
	expect_read_back(&rig);
	rig_stop(&rig);
}

/* It is refreshed by the firmware in a window of time, and nobody else can do that. */
static void with_a_window_watchdog_it_is_read_back(void **state)
{
	struct rig rig;
	(void)state;
	stop_in_handler(&rig, "v3", NULL, 32 * KIB);
	rig_control(&rig, "word 0x40023840 0x800"); /* RCC_APB1ENR: WWDGEN */
	rig_control(&rig, "word 0x40002c00 0xff");  /* WWDG_CR: on */
	expect_read_back(&rig);
	rig_stop(&rig);
}

/* A DMA that writes over the code: nothing of it is started. */
static void where_ram_does_not_hold_code_it_is_read_back(void **state)
{
	struct rig rig;
	(void)state;
	stop_in_handler(&rig, "v3", NULL, 32 * KIB);
	rig_control(&rig, "fault dma-scribble 0x200000c0 100us");
	expect_read_back(&rig);
	rig_stop(&rig);
}

static void a_megabyte_takes_less_than_a_second(void **state)
{
	static const char *const probes[] = {"v21", "v3"};
	(void)state;
	make_image(1024 * KIB);
	uint32_t wanted = crc_of(image, 1024 * KIB);
	for (size_t i = 0; i < COUNT_OF(probes); i++) {
		struct rig rig;
		uint32_t crc;
		stop_in_handler(&rig, probes[i], "stm32f407vg", 1024 * KIB);
		uint64_t start_ns = board_now_ns(rig.board);
		assert_int_equal(target_crc(rig.target, RIG_FLASH, 1024 * KIB, &crc), ERR_OK);
		assert_int_equal(crc, wanted);
		assert_in_range((board_now_ns(rig.board) - start_ns) / 1000000, 1, 999);
		print_message("%s: %u ms\n", probes[i],
			(unsigned)((board_now_ns(rig.board) - start_ns) / 1000000));
		rig_stop(&rig);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_seen_of_a_sum),
		cmocka_unit_test(with_the_mpu_on_it_is_read_back),
		cmocka_unit_test(with_a_window_watchdog_it_is_read_back),
		cmocka_unit_test(where_ram_does_not_hold_code_it_is_read_back),
		cmocka_unit_test(a_megabyte_takes_less_than_a_second),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
