/* The watchdogs. RM0368 15, 16. */
#include "chip_rig.h"

#define IWDG_KR  UINT32_C(0x40003000)
#define IWDG_PR  UINT32_C(0x40003004)
#define IWDG_RLR UINT32_C(0x40003008)
#define IWDG_SR  UINT32_C(0x4000300c)
#define WWDG_CR  UINT32_C(0x40002c00)
#define WWDG_CFR UINT32_C(0x40002c04)
#define WWDG_SR  UINT32_C(0x40002c08)

#define RCC_APB1ENR UINT32_C(0x40023840)
#define APB1_FZ     UINT32_C(0xe0042008)

#define IWDGRSTF UINT32_C(0x20000000)
#define WWDGRSTF UINT32_C(0x40000000)

static bool has_reset(struct rig *rig, uint32_t flag)
{
	return (rig_read(rig, RCC_CSR) & flag) != 0;
}

/* A core that is not halted; it sleeps, so that seconds pass quickly. */
static void run_core(struct rig *rig)
{
	/* wfi; b .-2 */
	RIG_CODE(rig, CODE, 0xbf30, 0xe7fd);
	rig_go(rig, CODE);
}

/* ---- independent ---- */

static void sleeps_until_it_is_started(void **state)
{
	struct rig *rig = *state;
	run_core(rig);
	rig_run(rig, 10000 * MS);
	assert_false(has_reset(rig, IWDGRSTF));
	assert_int_equal(rig_read(rig, RCC_CSR) & 2, 0); /* LSI is off */
}

static void bites_after_its_period(void **state)
{
	struct rig *rig = *state;
	run_core(rig);
	rig_write(rig, IWDG_KR, 0xcccc);
	assert_int_equal(rig_read(rig, RCC_CSR) & 3, 2); /* LSIRDY, without LSION */
	rig_run(rig, 511 * MS);
	assert_false(has_reset(rig, IWDGRSTF));
	rig_run(rig, 2 * MS);
	assert_true(has_reset(rig, IWDGRSTF));
	assert_int_equal(rig_read(rig, DHCSR) & S_RESET_ST, S_RESET_ST);
	assert_int_equal(rig_read(rig, RCC_CSR) & 0xfe000000, IWDGRSTF | 0x04000000);
}

static void feeding_keeps_it_quiet(void **state)
{
	struct rig *rig = *state;
	run_core(rig);
	rig_write(rig, IWDG_KR, 0xcccc);
	for (unsigned i = 0; i < 10; i++) {
		rig_run(rig, 500 * MS);
		rig_write(rig, IWDG_KR, 0xaaaa);
	}
	assert_false(has_reset(rig, IWDGRSTF));
	rig_run(rig, 513 * MS);
	assert_true(has_reset(rig, IWDGRSTF));
}

static void its_registers_need_a_key(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, IWDG_PR, 6);
	rig_write(rig, IWDG_RLR, 0x123);
	assert_int_equal(rig_read(rig, IWDG_PR), 0);
	assert_int_equal(rig_read(rig, IWDG_RLR), 0xfff);
	rig_write(rig, IWDG_KR, 0x5555);
	rig_write(rig, IWDG_PR, 6);
	rig_write(rig, IWDG_RLR, 0x123);
	assert_int_equal(rig_read(rig, IWDG_PR), 6);
	assert_int_equal(rig_read(rig, IWDG_RLR), 0x123);
	assert_int_equal(rig_read(rig, IWDG_SR), 0);
	rig_write(rig, IWDG_KR, 0xaaaa); /* any other key closes them */
	rig_write(rig, IWDG_PR, 1);
	assert_int_equal(rig_read(rig, IWDG_PR), 6);
}

static void can_be_made_slow(void **state)
{
	struct rig *rig = *state;
	run_core(rig);
	rig_write(rig, IWDG_KR, 0xcccc);
	rig_write(rig, IWDG_KR, 0x5555);
	rig_write(rig, IWDG_PR, 6);
	rig_write(rig, IWDG_KR, 0xaaaa);
	rig_run(rig, 32700 * MS); /* 4096 x 256 / 32 kHz = 32.768 s */
	assert_false(has_reset(rig, IWDGRSTF));
	rig_run(rig, 100 * MS);
	assert_true(has_reset(rig, IWDGRSTF));
}

static void a_new_reload_value_waits_for_the_next_feeding(void **state)
{
	struct rig *rig = *state;
	run_core(rig);
	rig_write(rig, IWDG_KR, 0xcccc);
	rig_write(rig, IWDG_KR, 0x5555);
	rig_write(rig, IWDG_RLR, 7); /* 1 ms */
	rig_run(rig, 500 * MS);
	assert_false(has_reset(rig, IWDGRSTF));
	rig_write(rig, IWDG_KR, 0xaaaa);
	rig_run(rig, 2 * MS);
	assert_true(has_reset(rig, IWDGRSTF));
}

static void a_halted_core_does_not_stop_it(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, IWDG_KR, 0xcccc);
	rig_run(rig, 513 * MS);
	assert_true(has_reset(rig, IWDGRSTF));
}

static void the_freeze_bit_does_while_halted(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, APB1_FZ, 1 << 12);
	rig_write(rig, IWDG_KR, 0xcccc);
	rig_run(rig, 10000 * MS);
	assert_false(has_reset(rig, IWDGRSTF));
	run_core(rig); /* a running core is not halted: it counts on */
	rig_run(rig, 400 * MS);
	rig_write(rig, DHCSR, KEY | 3);
	rig_run(rig, 10000 * MS);
	assert_false(has_reset(rig, IWDGRSTF));
	rig_resume(rig);
	rig_run(rig, 113 * MS);
	assert_true(has_reset(rig, IWDGRSTF));
}

static void a_reset_stops_it(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, IWDG_KR, 0xcccc);
	rig_run(rig, 500 * MS);
	rig_write(rig, AIRCR, SYSRESETREQ_KEY);
	rig_run(rig, 10000 * MS);
	assert_false(has_reset(rig, IWDGRSTF));
}

static void it_bites_a_sleeping_core_and_a_stopped_chip(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, IWDG_KR, 0xcccc);
	assert_true(chip_fault(rig->chip, "stop"));
	assert_int_equal(rig_try_read(rig, DATA), CHIP_WAIT);
	rig_run(rig, 513 * MS);
	assert_true(has_reset(rig, IWDGRSTF));
}

static void it_breaks_off_an_erase(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, IWDG_KR, 0xcccc);
	rig_flash_unlock(rig);
	rig_write(rig, FLASH_CR, 0x0001022a); /* sector 5, x32: 1 s */
	rig_run(rig, 513 * MS);
	assert_int_equal(rig_read(rig, FLASH_SR), 0);
	assert_true(has_reset(rig, IWDGRSTF));
}

/* ---- window ---- */

static int setup_wwdg(void **state)
{
	rig_setup(state);
	rig_write(*state, RCC_APB1ENR, 1 << 11);
	run_core(*state);
	return 0;
}

#define WWDG_TEST(function) cmocka_unit_test_setup_teardown(function, setup_wwdg, rig_teardown)

/* PCLK1 16 MHz / 4096 / 8: 2.048 ms a count; from 0x7f to 0x3f are 64 of them, 131 ms. */
static void the_window_watchdog_counts_to_0x3f(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, WWDG_CFR, 0x1ff);
	rig_write(rig, WWDG_CR, 0xff);
	rig_run(rig, 100 * MS);
	assert_int_equal(rig_read(rig, WWDG_CR), 0x80 | (0x7f - 48));
	rig_run(rig, 31 * MS);
	assert_false(has_reset(rig, WWDGRSTF));
	rig_run(rig, MS);
	assert_true(has_reset(rig, WWDGRSTF));
}

static void it_warns_before(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, WWDG_CFR, 0x3ff); /* EWI */
	rig_write(rig, WWDG_CR, 0xff);
	rig_run(rig, 128 * MS);
	assert_int_equal(rig_read(rig, 0xe000e200) & 1, 0);
	rig_run(rig, 2 * MS); /* 63 counts: 0x40 */
	assert_int_equal(rig_read(rig, WWDG_SR), 1);
	assert_int_equal(rig_read(rig, 0xe000e200) & 1, 1);
	rig_write(rig, WWDG_SR, 0);
	rig_write(rig, WWDG_CR, 0x7f);
	assert_int_equal(rig_read(rig, WWDG_SR), 0);
	rig_run(rig, 100 * MS);
	assert_false(has_reset(rig, WWDGRSTF));
}

static void feeding_too_early_bites(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, WWDG_CFR, 0x1e0); /* window: 0x60 and below */
	rig_write(rig, WWDG_CR, 0xff);
	rig_run(rig, 80 * MS);
	rig_write(rig, WWDG_CR, 0x7f);
	rig_run(rig, US);
	assert_false(has_reset(rig, WWDGRSTF));
	rig_run(rig, 30 * MS);
	rig_write(rig, WWDG_CR, 0x7f);
	rig_run(rig, US);
	assert_true(has_reset(rig, WWDGRSTF));
}

static void it_freezes_while_halted(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, APB1_FZ, 1 << 11);
	rig_write(rig, WWDG_CFR, 0x1ff);
	rig_write(rig, WWDG_CR, 0xff);
	rig_run(rig, 100 * MS);
	rig_write(rig, DHCSR, KEY | 3);
	rig_run(rig, 1000 * MS);
	assert_false(has_reset(rig, WWDGRSTF));
	rig_resume(rig);
	rig_run(rig, 32 * MS);
	assert_true(has_reset(rig, WWDGRSTF));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(sleeps_until_it_is_started),
		RIG_TEST(bites_after_its_period),
		RIG_TEST(feeding_keeps_it_quiet),
		RIG_TEST(its_registers_need_a_key),
		RIG_TEST(can_be_made_slow),
		RIG_TEST(a_new_reload_value_waits_for_the_next_feeding),
		RIG_TEST(a_halted_core_does_not_stop_it),
		RIG_TEST(the_freeze_bit_does_while_halted),
		RIG_TEST(a_reset_stops_it),
		RIG_TEST(it_bites_a_sleeping_core_and_a_stopped_chip),
		RIG_TEST(it_breaks_off_an_erase),
		WWDG_TEST(the_window_watchdog_counts_to_0x3f),
		WWDG_TEST(it_warns_before),
		WWDG_TEST(feeding_too_early_bites),
		WWDG_TEST(it_freezes_while_halted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
