/* Resets: who causes them, what they leave alone, how a core comes out of them. RM0368 6.1. */
#include "chip_rig.h"

#define DBGMCU_CR UINT32_C(0xe0042004)
#define FP_CTRL   UINT32_C(0xe0002000)
#define FP_COMP0  UINT32_C(0xe0002008)

static void power_on_sets_its_flags(void **state)
{
	struct rig *rig = *state;
	chip_set_vdd(rig->chip, 0);
	chip_set_vdd(rig->chip, 3300);
	assert_int_equal(rig_read(rig, RCC_CSR), 0x0e000000);
	rig_write(rig, RCC_CSR, 1 << 24); /* RMVF */
	assert_int_equal(rig_read(rig, RCC_CSR), 0);
}

static void registers_have_reset_values(void **state)
{
	struct rig *rig = *state;
	static const struct {
		uint32_t address, value;
	} registers[] = {
		{0x40023800, 0x00000083}, /* RCC_CR */
		{0x40023804, 0x24003010}, /* RCC_PLLCFGR */
		{0x40023808, 0x00000000}, /* RCC_CFGR */
		{0x40023c10, 0x80000000}, /* FLASH_CR */
		{0x40023c14, 0x0fffaaed}, /* FLASH_OPTCR */
		{0x40003008, 0x00000fff}, /* IWDG_RLR */
		{0xe000ed0c, 0xfa050000}, /* AIRCR */
		{0xe000ed14, 0x00000200}, /* CCR */
		{0xe0002000, 0x00000260}, /* FP_CTRL */
		{0xe000ed90, 0x00000800}, /* MPU_TYPE */
	};
	for (size_t i = 0; i < sizeof registers / sizeof registers[0]; i++)
		assert_int_equal(rig_read(rig, registers[i].address), registers[i].value);
	rig_write(rig, 0x40023830, 1);       /* GPIOAEN */
	rig_write(rig, 0x40023840, 1 << 11); /* WWDGEN */
	rig_write(rig, 0x40023844, 1 << 14); /* SYSCFGEN */
	assert_int_equal(rig_read(rig, 0x40020000), 0xa8000000);
	assert_int_equal(rig_read(rig, 0x40002c00), 0x7f);
	assert_int_equal(rig_read(rig, 0x40013800), 0);
}

/* Leaves traces in the debug domain and in the system domain. */
static void mark(struct rig *rig)
{
	rig_write(rig, RCC_CSR, 1 << 24);
	rig_write(rig, DBGMCU_CR, 7);
	rig_write(rig, FP_CTRL, 3);
	rig_write(rig, FP_COMP0, 0x48000101);
	rig_write(rig, DEMCR, 0x01000401);
	rig_write(rig, DATA, 0xcafef00d);
	rig_flash_unlock(rig);
	assert_int_equal(rig_read(rig, FLASH_CR) >> 31, 0);
}

static void debug_domain_is_kept(struct rig *rig)
{
	assert_int_equal(rig_read(rig, DBGMCU_CR), 7);
	assert_int_equal(rig_read(rig, FP_CTRL) & 1, 1);
	assert_int_equal(rig_read(rig, FP_COMP0), 0x48000101);
	assert_int_equal(rig_read(rig, DEMCR), 0x01000401);
	assert_int_equal(rig_read(rig, DATA), 0xcafef00d);
}

static void a_system_reset_spares_the_debug_domain(void **state)
{
	struct rig *rig = *state;
	mark(rig);
	rig_write(rig, AIRCR, SYSRESETREQ_KEY);
	rig_run(rig, US);
	uint32_t dhcsr = rig_read(rig, DHCSR);
	assert_int_equal(dhcsr & S_RESET_ST, S_RESET_ST);
	assert_int_equal(dhcsr & S_HALT, S_HALT); /* VC_CORERESET */
	assert_int_equal(rig_read(rig, DHCSR) & S_RESET_ST, 0);
	assert_int_equal(rig_read(rig, DFSR) & 8, 8);
	assert_int_equal(rig_read(rig, RCC_CSR), 0x14000000); /* SFTRSTF, PINRSTF */
	assert_int_equal(rig_read(rig, FLASH_CR) >> 31, 1);
	debug_domain_is_kept(rig);
}

static void a_wrong_key_resets_nothing(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, AIRCR, 0x05fb0004);
	rig_run(rig, US);
	assert_int_equal(rig_read(rig, DHCSR) & S_RESET_ST, 0);
}

static void c_halt_does_not_survive(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, AIRCR, SYSRESETREQ_KEY);
	rig_run(rig, US);
	assert_int_equal(rig_read(rig, DHCSR) & (S_HALT | 3), 1); /* C_DEBUGEN alone */
}

static void the_reset_pin_holds(void **state)
{
	struct rig *rig = *state;
	mark(rig);
	chip_set_nrst(rig->chip, true);
	rig_run(rig, MS);
	assert_true(chip_dp_alive(rig->chip));
	for (int i = 0; i < 3; i++) /* it stays set as long as the pin is low */
		assert_int_equal(rig_read(rig, DHCSR) & S_RESET_ST, S_RESET_ST);
	assert_int_equal(rig_try_read(rig, DATA), CHIP_FAULT);
	assert_int_equal(rig_read(rig, 0xe0042000) & 0xfff, 0x423);
	uint64_t instructions = chip_books(rig->chip)->instructions;
	rig_run(rig, MS);
	assert_int_equal(chip_books(rig->chip)->instructions, instructions);
	chip_set_nrst(rig->chip, false);
	assert_int_equal(rig_read(rig, DHCSR) & S_RESET_ST, S_RESET_ST);
	assert_int_equal(rig_read(rig, DHCSR) & (S_RESET_ST | S_HALT), S_HALT);
	assert_int_equal(rig_read(rig, RCC_CSR), 0x04000000); /* PINRSTF */
	debug_domain_is_kept(rig);
}

static void c_halt_cannot_be_set_under_reset(void **state)
{
	struct rig *rig = *state;
	chip_set_nrst(rig->chip, true);
	rig_write(rig, DHCSR, KEY | 3);
	assert_int_equal(rig_read(rig, DHCSR) & (S_HALT | 3), 1);
	chip_set_nrst(rig->chip, false);
	rig_run(rig, US);
	assert_int_equal(rig_read(rig, DHCSR) & S_HALT, 0);
}

static void the_debug_monitor_is_switched_off(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, DEMCR, 0x01010401);
	rig_write(rig, AIRCR, SYSRESETREQ_KEY);
	assert_int_equal(rig_read(rig, DEMCR), 0x01000401);
}

static void a_core_reset_leaves_the_system(void **state)
{
	struct rig *rig = *state;
	mark(rig);
	rig_write(rig, AIRCR, 0x05fa0001); /* VECTRESET */
	rig_run(rig, US);
	assert_int_equal(rig_read(rig, DHCSR) & (S_RESET_ST | S_HALT), S_RESET_ST | S_HALT);
	assert_int_equal(rig_read(rig, FLASH_CR) >> 31, 0); /* still unlocked */
	assert_int_equal(rig_read(rig, RCC_CSR), 0);
	debug_domain_is_kept(rig);
}

static void power_off_takes_everything(void **state)
{
	struct rig *rig = *state;
	mark(rig);
	chip_set_vdd(rig->chip, 0);
	rig_run(rig, MS);
	chip_set_vdd(rig->chip, 3300);
	assert_int_equal(rig_read(rig, DHCSR) & (S_RESET_ST | 1), S_RESET_ST);
	assert_int_equal(rig_read(rig, DBGMCU_CR), 0);
	assert_int_equal(rig_read(rig, FP_CTRL), 0x260);
	assert_int_equal(rig_read(rig, DEMCR), 0);
	assert_int_equal(rig_read(rig, RCC_CSR), 0x0e000000);
	assert_int_not_equal(rig_read(rig, DATA), 0xcafef00d);
}

/* The option bytes of a new chip switch the brown-out reset off: 1.68 V is the end. */
static void brown_out_resets_but_keeps_ram(void **state)
{
	struct rig *rig = *state;
	mark(rig);
	chip_set_vdd(rig->chip, 1750);
	rig_run(rig, MS);
	assert_true(chip_dp_alive(rig->chip));
	chip_set_vdd(rig->chip, 1600);
	rig_run(rig, MS);
	assert_false(chip_dp_alive(rig->chip));
	chip_set_vdd(rig->chip, 3300);
	assert_int_equal(rig_read(rig, DBGMCU_CR), 0);
	assert_int_equal(rig_read(rig, DATA), 0xcafef00d);
}

static void a_blank_chip_locks_up(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, AIRCR, SYSRESETREQ_KEY);
	rig_run(rig, MS);
	uint32_t dhcsr = rig_read(rig, DHCSR);
	assert_int_equal(dhcsr & (S_LOCKUP | S_HALT), S_LOCKUP);
	rig_halt(rig);
	assert_int_equal(rig_read(rig, DHCSR) & (S_LOCKUP | S_HALT), S_HALT);
	assert_int_equal(rig_reg(rig, PC), 0xfffffffe);
	assert_int_equal(rig_reg(rig, XPSR) & 0x1ff, 3); /* in HardFault */
}

static void boots_from_its_vectors(void **state)
{
	struct rig *rig = *state;
	static const uint32_t vectors[] = {0x20008003, 0x08000101};
	rig_flash_unlock(rig);
	rig_flash_program(rig, FLASH, vectors, 2);
	rig_write(rig, DEMCR, 1);
	rig_write(rig, AIRCR, SYSRESETREQ_KEY);
	rig_run(rig, US);
	assert_int_equal(rig_reg(rig, PC), 0x08000100);
	assert_int_equal(rig_reg(rig, SP), 0x20008000); /* the lowest bits are not there */
	assert_int_equal(rig_reg(rig, XPSR), 0x01000000);
	assert_int_equal(rig_reg(rig, LR), 0xffffffff);
	assert_int_equal(rig_reg(rig, MASKS), 0);
}

static void counts_resets(void **state)
{
	struct rig *rig = *state;
	uint64_t resets = chip_books(rig->chip)->resets;
	rig_write(rig, AIRCR, SYSRESETREQ_KEY);
	chip_set_nrst(rig->chip, true);
	chip_set_nrst(rig->chip, false);
	assert_int_equal(chip_books(rig->chip)->resets, resets + 2);
	chip_set_vdd(rig->chip, 0);
	chip_set_vdd(rig->chip, 3300);
	assert_int_equal(chip_books(rig->chip)->resets, resets + 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(power_on_sets_its_flags),
		RIG_TEST(registers_have_reset_values),
		RIG_TEST(a_system_reset_spares_the_debug_domain),
		RIG_TEST(a_wrong_key_resets_nothing),
		RIG_TEST(c_halt_does_not_survive),
		RIG_TEST(the_reset_pin_holds),
		RIG_TEST(c_halt_cannot_be_set_under_reset),
		RIG_TEST(the_debug_monitor_is_switched_off),
		RIG_TEST(a_core_reset_leaves_the_system),
		RIG_TEST(power_off_takes_everything),
		RIG_TEST(brown_out_resets_but_keeps_ram),
		RIG_TEST(a_blank_chip_locks_up),
		RIG_TEST(boots_from_its_vectors),
		RIG_TEST(counts_resets),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
