/* Fault switches: each does to a chip what it is named after. */
#include "chip_rig.h"

#define CR_SER  UINT32_C(0x00000002)
#define CR_STRT UINT32_C(0x00010000)
#define X32     UINT32_C(0x00000200)
#define SR_BSY  UINT32_C(0x00010000)

#define OPTCR     UINT32_C(0x40023c14)
#define DBGMCU_CR UINT32_C(0xe0042004)

static void set(struct rig *rig, const char *line)
{
	assert_true(chip_fault(rig->chip, line));
}

static void start_erase(struct rig *rig, uint32_t sector)
{
	rig_write(rig, FLASH_CR, X32 | CR_SER | sector << 3 | CR_STRT);
}

static void nonsense_is_refused(void **state)
{
	struct rig *rig = *state;
	static const char *const lines[] = {"", "   ", "no-such-switch", "vdd", "vdd x",
		"vdd-droop", "vdd-droop erase:1", "vdd-droop erase:1 +10 2500",
		"slow-flash perhaps", "rdp 3", "wrp", "wrp 9-3", "wrp 6", "wrp 1x", "iwdg",
		"iwdg maybe", "bor", "bor 4", "boot0 maybe", "db1m on", "dma-scribble 0x20000000",
		"irq-storm", "irq-storm 0us", "weak-bit", "a-name-that-is-much-too-long-to-be-any",
		"vdd 1 2 3 4 5 6 7 8"};
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
		assert_false(chip_fault(rig->chip, lines[i]));
}

/* ---- supply ---- */

static void the_supply_droops_while_erasing(void **state)
{
	struct rig *rig = *state;
	set(rig, "vdd-droop erase:1 +120ms 2500");
	rig_write(rig, DBGMCU_CR, 7);
	rig_flash_unlock(rig);
	start_erase(rig, 0);
	rig_run(rig, 260 * MS);
	assert_int_equal(chip_vdd(rig->chip), 3300); /* not this one */
	start_erase(rig, 1);
	rig_run(rig, 119 * MS);
	assert_int_equal(chip_vdd(rig->chip), 3300);
	rig_run(rig, 2 * MS);
	assert_int_equal(chip_vdd(rig->chip), 2500);
	rig_run(rig, 20 * MS);
	assert_int_equal(chip_vdd(rig->chip), 3300);
	assert_int_equal(rig_read(rig, DBGMCU_CR), 7); /* 2.5 V is no reason for a reset */
	rig_run(rig, 260 * MS);
	start_erase(rig, 1); /* once only */
	rig_run(rig, 121 * MS);
	assert_int_equal(chip_vdd(rig->chip), 3300);
}

static void a_deep_droop_resets(void **state)
{
	struct rig *rig = *state;
	set(rig, "vdd-droop erase +10ms 1000 5ms");
	rig_write(rig, DBGMCU_CR, 7);
	rig_flash_unlock(rig);
	start_erase(rig, 3);
	rig_run(rig, 12 * MS);
	assert_false(chip_dp_alive(rig->chip));
	rig_run(rig, 5 * MS);
	assert_true(chip_dp_alive(rig->chip));
	assert_int_equal(rig_read(rig, DBGMCU_CR), 0);
	assert_int_equal(rig_read(rig, RCC_CSR) & 0x08000000, 0x08000000); /* PORRSTF */
	assert_int_equal(rig_read(rig, FLASH_SR), 0);
}

static void por_is_a_power_cycle(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, DBGMCU_CR, 7);
	set(rig, "por");
	assert_true(chip_dp_alive(rig->chip));
	assert_int_equal(rig_read(rig, DBGMCU_CR), 0);
	rig_flash_unlock(rig);
	set(rig, "por erase:0 +5ms");
	start_erase(rig, 0);
	rig_run(rig, 6 * MS);
	assert_false(chip_dp_alive(rig->chip));
}

static void vdd_sets_the_supply(void **state)
{
	struct rig *rig = *state;
	set(rig, "vdd 2500");
	assert_int_equal(chip_vdd(rig->chip), 2500);
}

/* ---- flash ---- */

static void busy_for_ever(void **state)
{
	struct rig *rig = *state;
	set(rig, "bsy-stuck");
	rig_flash_unlock(rig);
	start_erase(rig, 0);
	rig_run(rig, 60000 * MS);
	assert_int_equal(rig_read(rig, FLASH_SR), SR_BSY);
	rig_write(rig, DEMCR, 1);
	rig_write(rig, AIRCR, SYSRESETREQ_KEY); /* a reset helps */
	rig_run(rig, US);
	assert_int_equal(rig_read(rig, FLASH_SR), 0);
	set(rig, "bsy-stuck off");
	rig_flash_unlock(rig);
	start_erase(rig, 0);
	rig_run(rig, 251 * MS);
	assert_int_equal(rig_read(rig, FLASH_SR), 0);
}

static unsigned erase_ms(struct rig *rig)
{
	unsigned ms = 0;
	start_erase(rig, 0);
	while ((rig_read(rig, FLASH_SR) & SR_BSY) != 0) {
		rig_run(rig, MS);
		ms++;
	}
	return ms;
}

static void flash_can_be_slow(void **state)
{
	struct rig *rig = *state;
	rig_flash_unlock(rig);
	set(rig, "slow-flash max");
	assert_int_equal(erase_ms(rig), 500);
	set(rig, "slow-flash 120");
	assert_int_equal(erase_ms(rig), 300);
	set(rig, "slow-flash typ");
	assert_int_equal(erase_ms(rig), 250);
}

static void errors_can_be_old(void **state)
{
	struct rig *rig = *state;
	set(rig, "stale-sr 0x80");
	assert_int_equal(rig_read(rig, FLASH_SR), 0x80);
	rig_write(rig, FLASH_SR, 0x80);
	assert_int_equal(rig_read(rig, FLASH_SR), 0);
}

static void the_controller_can_be_locked(void **state)
{
	struct rig *rig = *state;
	set(rig, "keylock");
	assert_int_equal(rig_try_write(rig, FLASH_KEYR, 0x45670123), CHIP_FAULT);
	rig_write(rig, AIRCR, SYSRESETREQ_KEY);
	rig_run(rig, US);
	rig_flash_unlock(rig);
	assert_int_equal(rig_read(rig, FLASH_CR), 0);
}

static void a_bit_can_be_weak(void **state)
{
	struct rig *rig = *state;
	static const uint32_t zeros[] = {0, 0, 0};
	set(rig, "weak-bit 0x08000104");
	rig_flash_unlock(rig);
	rig_flash_program(rig, FLASH + 0x100, zeros, 3);
	assert_int_equal(rig_read(rig, FLASH + 0x100), 0);
	assert_int_equal(__builtin_popcount(rig_read(rig, FLASH + 0x104)), 1);
	assert_int_equal(rig_read(rig, FLASH + 0x108), 0);
}

static void firmware_can_erase_itself(void **state)
{
	struct rig *rig = *state;
	set(rig, "fw-self-erase 5");
	assert_int_equal(rig_read(rig, FLASH_SR), SR_BSY);
	rig_run(rig, 1999 * MS); /* at x8 */
	assert_int_equal(rig_read(rig, FLASH_SR), SR_BSY);
	rig_run(rig, 2 * MS);
	assert_int_equal(rig_read(rig, FLASH_SR), 0);
}

/* ---- option bytes ---- */

static void protections_can_be_there(void **state)
{
	struct rig *rig = *state;
	set(rig, "wrp 0-3");
	assert_int_equal(rig_read(rig, OPTCR), 0x0ff0aaed);
	set(rig, "wrp none");
	assert_int_equal(rig_read(rig, OPTCR), 0x0fffaaed);
	set(rig, "pcrop 1");
	assert_int_equal(rig_read(rig, OPTCR), 0x8fc2aaed);
	set(rig, "wrp none");
	set(rig, "rdp 1");
	assert_int_equal(rig_read(rig, OPTCR) & 0xff00, 0x5500);
	assert_int_equal(rig_try_read(rig, FLASH), CHIP_FAULT);
	set(rig, "rdp 0"); /* but the intrusion is still known */
	assert_int_equal(rig_try_read(rig, FLASH), CHIP_FAULT);
	set(rig, "por");
	assert_int_equal(rig_try_read(rig, FLASH), CHIP_OK);
	set(rig, "rdp 2");
	assert_false(chip_ap_alive(rig->chip));
}

/* ---- watchdogs ---- */

static void watchdogs_can_be_running(void **state)
{
	struct rig *rig = *state;
	set(rig, "iwdg sw 100ms");
	rig_run(rig, 99 * MS);
	assert_int_equal(rig_read(rig, RCC_CSR) & 0x20000000, 0);
	rig_run(rig, 2 * MS);
	assert_int_equal(rig_read(rig, RCC_CSR) & 0x20000000, 0x20000000);
	rig_write(rig, RCC_CSR, 1 << 24);
	set(rig, "wwdg");
	rig_run(rig, 20 * MS);
	assert_int_equal(rig_read(rig, RCC_CSR) & 0x40000000, 0x40000000);
	set(rig, "iwdg hw");
	set(rig, "por");
	rig_write(rig, RCC_CSR, 1 << 24);
	rig_run(rig, 513 * MS);
	assert_int_equal(rig_read(rig, RCC_CSR) & 0x20000000, 0x20000000);
}

/* ---- low power, pins ---- */

static void the_chip_can_be_asleep(void **state)
{
	struct rig *rig = *state;
	set(rig, "stop");
	assert_true(chip_dp_alive(rig->chip));
	assert_int_equal(rig_try_read(rig, DATA), CHIP_WAIT);
	set(rig, "por");
	set(rig, "standby");
	assert_false(chip_dp_alive(rig->chip));
	set(rig, "por");
	assert_true(chip_dp_alive(rig->chip));
}

static void swd_can_be_off_once_firmware_runs(void **state)
{
	struct rig *rig = *state;
	RIG_CODE(rig, CODE, 0xe7fe);
	set(rig, "swd off");
	assert_true(chip_dp_alive(rig->chip));
	rig_go(rig, CODE);
	rig_run(rig, MS);
	assert_false(chip_dp_alive(rig->chip));
	chip_set_nrst(rig->chip, true);
	assert_true(chip_dp_alive(rig->chip));
	rig_write(rig, DHCSR, KEY | 1);
	rig_write(rig, DEMCR, 1);
	chip_set_nrst(rig->chip, false);
	rig_run(rig, MS);
	assert_true(chip_dp_alive(rig->chip)); /* halted at its reset vector */
	assert_int_equal(rig_read(rig, DHCSR) & S_HALT, S_HALT);
}

/* ---- clocks and core ---- */

static void clocks_can_be_wrong(void **state)
{
	struct rig *rig = *state;
	RIG_CODE(rig, CODE, 0xe7fe);
	set(rig, "hclk 500000");
	uint64_t before = chip_books(rig->chip)->instructions;
	rig_go(rig, CODE);
	rig_run(rig, 10 * MS);
	assert_int_equal(chip_books(rig->chip)->instructions - before, 5000);
	set(rig, "hclk 0");
	set(rig, "hse off");
	rig_write(rig, 0x40023800, 0x00010083);
	rig_run(rig, 100 * MS);
	assert_int_equal(rig_read(rig, 0x40023800) & 0x20000, 0); /* never ready */
}

static void the_core_can_be_stuck(void **state)
{
	struct rig *rig = *state;
	RIG_CODE(rig, CODE, 0xe7fe);
	rig_go(rig, CODE);
	set(rig, "core-stuck");
	(void)rig_read(rig, DHCSR);
	rig_write(rig, DHCSR, KEY | 3);
	rig_run(rig, 100 * MS);
	assert_int_equal(rig_read(rig, DHCSR) & (S_HALT | S_RETIRE_ST), 0);
	assert_int_equal(rig_try_read(rig, DATA), CHIP_OK);
}

static void interrupts_can_storm(void **state)
{
	struct rig *rig = *state;
	rig_vectors(rig);
	RIG_CODE(rig, HANDLER + 16 * 15, 0x3401, 0x4770); /* adds r4, #1; bx lr */
	RIG_CODE(rig, CODE, 0xe7fe);
	rig_set_reg(rig, 4, 0);
	set(rig, "irq-storm 100us");
	rig_go(rig, CODE);
	rig_run(rig, 10 * MS + 10 * US);
	rig_write(rig, DHCSR, KEY | 3);
	assert_int_equal(rig_reg(rig, 4), 100);
	set(rig, "irq-storm off");
}

static void dma_can_scribble(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, DATA, 0x12345678);
	set(rig, "dma-scribble 0x20005000 1ms");
	rig_run(rig, 2 * MS);
	assert_int_not_equal(rig_read(rig, DATA), 0x12345678);
	set(rig, "dma-scribble off");
	rig_write(rig, DATA, 0x12345678);
	rig_run(rig, 10 * MS);
	assert_int_equal(rig_read(rig, DATA), 0x12345678);
}

/* ---- identity ---- */

static void it_can_be_somebody_else(void **state)
{
	struct rig *rig = *state;
	set(rig, "bad-id");
	assert_int_equal(rig_read(rig, 0xe0042000), 0x05fa0004);
	set(rig, "bad-id 0x2b3");
	assert_int_equal(rig_read(rig, 0xe0042000), 0x2b3);
	set(rig, "bad-id off");
	assert_int_equal(rig_read(rig, 0xe0042000) & 0xfff, 0x423);
	set(rig, "clone-jep");
	assert_int_equal(rig_read(rig, 0xe00fffd0), 7); /* GigaDevice: bank 7, code 0x51 */
	assert_int_equal(rig_read(rig, 0xe00fffe4), 0x14);
	assert_int_equal(rig_read(rig, 0xe00fffe8) & 7, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(nonsense_is_refused),
		RIG_TEST(the_supply_droops_while_erasing),
		RIG_TEST(a_deep_droop_resets),
		RIG_TEST(por_is_a_power_cycle),
		RIG_TEST(vdd_sets_the_supply),
		RIG_TEST(busy_for_ever),
		RIG_TEST(flash_can_be_slow),
		RIG_TEST(errors_can_be_old),
		RIG_TEST(the_controller_can_be_locked),
		RIG_TEST(a_bit_can_be_weak),
		RIG_TEST(firmware_can_erase_itself),
		RIG_TEST(protections_can_be_there),
		RIG_TEST(watchdogs_can_be_running),
		RIG_TEST(the_chip_can_be_asleep),
		RIG_TEST(swd_can_be_off_once_firmware_runs),
		RIG_TEST(clocks_can_be_wrong),
		RIG_TEST(the_core_can_be_stuck),
		RIG_TEST(interrupts_can_storm),
		RIG_TEST(dma_can_scribble),
		RIG_TEST(it_can_be_somebody_else),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
