/* The memory map: what answers, what does not, aliases, bit-banding, clock enables. RM0368 2. */
#include "chip_rig.h"

#define RCC_AHB1ENR  UINT32_C(0x40023830)
#define RCC_APB1ENR  UINT32_C(0x40023840)
#define RCC_APB2ENR  UINT32_C(0x40023844)
#define RCC_AHB1RSTR UINT32_C(0x40023810)
#define GPIOA        UINT32_C(0x40020000)
#define MEMRMP       UINT32_C(0x40013800)

static void reserved_space_is_a_fault(void **state)
{
	struct rig *rig = *state;
	static const uint32_t nowhere[] = {0x00100000, 0x08040000, 0x10000000, 0x1ffec000,
		0x1fff8000, 0x20010000, 0x30000000, 0x40001000, 0x40006000, 0x40010400, 0x40014c00,
		0x40021400, 0x40024000, 0x40028000, 0x50050000, 0x60000000, 0xa0000000, 0xe0010000,
		0xe0100000, 0xfffffffc};
	for (size_t i = 0; i < sizeof nowhere / sizeof nowhere[0]; i++) {
		assert_int_equal(rig_try_read(rig, nowhere[i]), CHIP_FAULT);
		assert_int_equal(rig_try_write(rig, nowhere[i], 0), CHIP_FAULT);
	}
}

static void memory_takes_every_width(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, DATA, 0x44332211);
	assert_int_equal(rig_read_width(rig, DATA + 1, 1), 0x22);
	assert_int_equal(rig_read_width(rig, DATA + 2, 2), 0x4433);
	rig_write_width(rig, DATA + 3, 1, 0xaa);
	rig_write_width(rig, DATA, 2, 0xbbcc);
	assert_int_equal(rig_read(rig, DATA), 0xaa33bbcc);
	rig_write(rig, 0x2000fffc, 0x12345678); /* the last word */
	assert_int_equal(rig_read(rig, 0x2000fffc), 0x12345678);
}

static void registers_are_read_in_parts(void **state)
{
	struct rig *rig = *state;
	assert_int_equal(rig_read_width(rig, FLASH_SR + 2, 2), 0);  /* as st-flash polls BSY */
	assert_int_equal(rig_read_width(rig, 0x40023c15, 1), 0xaa); /* OPTCR.RDP */
	assert_int_equal(rig_read_width(rig, 0x40023c16, 2), 0x0fff);
	assert_int_equal(rig_read_width(rig, 0xe000ed02, 2), 0x410f); /* CPUID */
}

static void registers_are_written_in_parts(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, RCC_AHB1ENR, 1);
	rig_write_width(rig, GPIOA + 0x16, 1, 0xff); /* the upper half of ODR is not there */
	rig_write_width(rig, GPIOA + 0x15, 1, 0x5a);
	assert_int_equal(rig_read(rig, GPIOA + 0x14), 0x5a00);
	rig_write_width(rig, GPIOA + 0x1a, 2, 0x1800); /* BSRR: resets */
	assert_int_equal(rig_read(rig, GPIOA + 0x14), 0x4200);
}

static void dbgmcu_takes_words_only(void **state)
{
	struct rig *rig = *state;
	uint32_t value;
	assert_int_equal(chip_read(rig->chip, 0xe0042000, 1, &value), CHIP_FAULT);
	assert_int_equal(chip_read(rig->chip, 0xe0042002, 2, &value), CHIP_FAULT);
	assert_int_equal(chip_write(rig->chip, 0xe0042004, 2, 7), CHIP_FAULT);
	rig_write(rig, 0xe0042004, 0xffffffff);
	assert_int_equal(rig_read(rig, 0xe0042004), 0xe7);
	rig_write(rig, 0xe0042008, 0x00001800);
	assert_int_equal(rig_read(rig, 0xe0042008), 0x00001800);
}

static void reserved_private_registers_read_0(void **state)
{
	struct rig *rig = *state;
	assert_int_equal(rig_read(rig, 0xe000e020), 0);
	assert_int_equal(rig_read(rig, 0xe000efb0), 0);
	rig_write(rig, 0xe000e020, 0xffffffff);
}

/* ---- bit-banding ---- */

static void bits_of_ram_are_words(void **state)
{
	struct rig *rig = *state;
	const uint32_t alias = 0x22000000 + (DATA - RAM) * 32;
	rig_write(rig, DATA, 0x80000001);
	assert_int_equal(rig_read(rig, alias), 1);
	assert_int_equal(rig_read(rig, alias + 4), 0);
	assert_int_equal(rig_read(rig, alias + 4 * 31), 1);
	rig_write(rig, alias + 4 * 5, 0xff); /* bit 0 counts */
	rig_write(rig, alias, 0xfe);
	assert_int_equal(rig_read(rig, DATA), 0x80000020);
}

static void bits_of_registers_are_words(void **state)
{
	struct rig *rig = *state;
	const uint32_t crcen = 0x42000000 + (RCC_AHB1ENR - 0x40000000) * 32 + 4 * 12;
	rig_write(rig, crcen, 1);
	assert_int_equal(rig_read(rig, RCC_AHB1ENR), 1 << 12);
	assert_int_equal(rig_read(rig, crcen), 1);
	rig_write(rig, crcen, 0);
	assert_int_equal(rig_read(rig, RCC_AHB1ENR), 0);
	assert_int_equal(rig_try_read(rig, 0x42000000 + 0x1000 * 32), CHIP_FAULT);
}

static void firmware_uses_them_too(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, DATA, 0);
	rig_set_reg(rig, 0, 0x22000000 + (DATA - RAM) * 32 + 4 * 7);
	rig_set_reg(rig, 1, 1);
	/* str r1, [r0]; ldr r2, [r0]; bkpt 1 */
	RIG_EXECUTE(rig, 0x6001, 0x6802, 0xbe01);
	assert_int_equal(rig_reg(rig, 2), 1);
	assert_int_equal(rig_read(rig, DATA), 0x80);
}

/* ---- what is at address 0 ---- */

static void memrmp_chooses_the_alias(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, RAM, 0x5a5a1234);
	rig_write(rig, RCC_APB2ENR, 1 << 14);
	assert_int_equal(rig_read(rig, 0), 0xffffffff);
	rig_write(rig, MEMRMP, 3);
	assert_int_equal(rig_read(rig, 0), 0x5a5a1234);
	rig_write(rig, 0, 0x11111111); /* RAM there, too */
	assert_int_equal(rig_read(rig, RAM), 0x11111111);
	rig_write(rig, MEMRMP, 1);
	assert_int_equal(rig_read(rig, 0), rig_read(rig, 0x1fff0000));
	rig_write(rig, MEMRMP, 0);
	assert_int_equal(rig_read(rig, 0), 0xffffffff);
}

static void code_follows_the_alias(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, RCC_APB2ENR, 1 << 14);
	rig_write(rig, MEMRMP, 3);
	RIG_CODE(rig, CODE, 0x2005, 0xbe00); /* movs r0, #5; bkpt 0 */
	rig_go(rig, CODE - RAM);
	assert_int_equal(rig_wait_halt(rig, 1), CODE - RAM + 2);
	assert_int_equal(rig_reg(rig, 0), 5);
}

static void boot0_boots_system_memory(void **state)
{
	struct rig *rig = *state;
	assert_true(chip_fault(rig->chip, "boot0 on"));
	rig_write(rig, DEMCR, 1);
	rig_write(rig, AIRCR, SYSRESETREQ_KEY);
	rig_run(rig, US);
	rig_write(rig, RCC_APB2ENR, 1 << 14);
	assert_int_equal(rig_read(rig, MEMRMP), 1);
	assert_int_equal(rig_reg(rig, PC) & 0xffff0000, 0x1fff0000);
	rig_resume(rig);
	rig_run(rig, MS);
	assert_int_equal(rig_read(rig, DHCSR) & (S_LOCKUP | S_HALT), 0);
}

/* ---- clock enables and peripheral resets ---- */

static void a_peripheral_without_clock_is_deaf(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, GPIOA, 0x12345678);
	assert_int_equal(rig_read(rig, GPIOA), 0);
	rig_write(rig, RCC_AHB1ENR, 1);
	assert_int_equal(rig_read(rig, GPIOA), 0xa8000000);
	rig_write(rig, GPIOA, 0xa8000001);
	rig_write(rig, RCC_AHB1ENR, 0);
	assert_int_equal(rig_read(rig, GPIOA), 0);
	rig_write(rig, RCC_AHB1ENR, 1); /* it remembers */
	assert_int_equal(rig_read(rig, GPIOA), 0xa8000001);
}

static void rstr_resets_a_peripheral(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, RCC_AHB1ENR, 3);
	rig_write(rig, GPIOA, 0xa8000001);
	rig_write(rig, GPIOA + 0x400, 0x00000281);
	rig_write(rig, RCC_AHB1RSTR, 1);
	rig_write(rig, RCC_AHB1RSTR, 0);
	assert_int_equal(rig_read(rig, GPIOA), 0xa8000000);
	assert_int_equal(rig_read(rig, GPIOA + 0x400), 0x00000281);
}

/* ---- other chips ---- */

static void ccm_and_backup_sram_where_they_are(void **state)
{
	struct rig rig;
	(void)state;
	rig_start_model(&rig, "stm32f405rg");
	rig_write(&rig, 0x10000000, 0x12345678);
	assert_int_equal(rig_read(&rig, 0x10000000), 0x12345678);
	assert_int_equal(rig_read(&rig, 0x2001fffc) == 0x12345678, 0); /* 128 KiB */
	rig_write(&rig, 0x40024000, 1);                                /* no clock: nothing there */
	assert_int_equal(rig_read(&rig, 0x40024000), 0);
	rig_write(&rig, RCC_AHB1ENR, 1 << 18);
	uint32_t before = rig_read(&rig, 0x40024000);
	rig_write(&rig, 0x40024000, ~before); /* PWR_CR.DBP is missing */
	assert_int_equal(rig_read(&rig, 0x40024000), before);
	rig_write(&rig, RCC_APB1ENR, 1 << 28);
	rig_write(&rig, 0x40007000, 1 << 8);
	rig_write(&rig, 0x40024000, ~before);
	assert_int_equal(rig_read(&rig, 0x40024000), ~before);
	rig_stop(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(reserved_space_is_a_fault),
		RIG_TEST(memory_takes_every_width),
		RIG_TEST(registers_are_read_in_parts),
		RIG_TEST(registers_are_written_in_parts),
		RIG_TEST(dbgmcu_takes_words_only),
		RIG_TEST(reserved_private_registers_read_0),
		RIG_TEST(bits_of_ram_are_words),
		RIG_TEST(bits_of_registers_are_words),
		RIG_TEST(firmware_uses_them_too),
		RIG_TEST(memrmp_chooses_the_alias),
		RIG_TEST(code_follows_the_alias),
		RIG_TEST(boot0_boots_system_memory),
		RIG_TEST(a_peripheral_without_clock_is_deaf),
		RIG_TEST(rstr_resets_a_peripheral),
		cmocka_unit_test(ccm_and_backup_sram_where_they_are),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
