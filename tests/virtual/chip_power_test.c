/* Low power, the voltage detector, SWD pins. RM0368 5, 23.16. */
#include "chip_rig.h"

#define RCC_AHB1ENR UINT32_C(0x40023830)
#define RCC_APB1ENR UINT32_C(0x40023840)
#define RCC_CFGR    UINT32_C(0x40023808)
#define PWR_CR      UINT32_C(0x40007000)
#define PWR_CSR     UINT32_C(0x40007004)
#define SCR         UINT32_C(0xe000ed10)
#define DBGMCU_CR   UINT32_C(0xe0042004)
#define EXTI_IMR    UINT32_C(0x40013c00)
#define EXTI_RTSR   UINT32_C(0x40013c08)
#define EXTI_FTSR   UINT32_C(0x40013c0c)
#define EXTI_PR     UINT32_C(0x40013c14)
#define GPIOA_MODER UINT32_C(0x40020000)
#define GPIOA_AFRH  UINT32_C(0x40020024)

static int setup_pwr(void **state)
{
	rig_setup(state);
	rig_write(*state, RCC_APB1ENR, 1 << 28);
	return 0;
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup_pwr, rig_teardown)

/* ---- PVD ---- */

static void the_detector_compares_with_vdd(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, PWR_CR, 0x8080); /* PLS 100 without PVDE: no output */
	chip_set_vdd(rig->chip, 2600);
	assert_int_equal(rig_read(rig, PWR_CSR) & 4, 0);
	rig_write(rig, PWR_CR, 0x8090);
	assert_int_equal(rig_read(rig, PWR_CSR) & 4, 4); /* below 2.66 V */
	chip_set_vdd(rig->chip, 2700);
	assert_int_equal(rig_read(rig, PWR_CSR) & 4, 4); /* rising it is 2.76 V */
	chip_set_vdd(rig->chip, 2800);
	assert_int_equal(rig_read(rig, PWR_CSR) & 4, 0);
	chip_set_vdd(rig->chip, 2700);
	assert_int_equal(rig_read(rig, PWR_CSR) & 4, 0);
	rig_write(rig, PWR_CR, 0x80f0); /* PLS 111: 3.03 V */
	assert_int_equal(rig_read(rig, PWR_CSR) & 4, 4);
}

static void the_detector_interrupts(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, PWR_CR, 0x8090);
	rig_write(rig, EXTI_IMR, 1 << 16);
	rig_write(rig, EXTI_RTSR, 1 << 16);
	chip_set_vdd(rig->chip, 2600);
	assert_int_equal(rig_read(rig, EXTI_PR), 1 << 16);
	assert_int_equal(rig_read(rig, 0xe000e200) & 2, 2); /* interrupt 1 */
	rig_write(rig, EXTI_PR, 1 << 16);
	assert_int_equal(rig_read(rig, EXTI_PR), 0);
}

/* ---- STOP ---- */

/* wfi; nop; b .-2, from RAM, with SLEEPDEEP. */
static void fall_asleep(struct rig *rig, uint32_t pwr_cr)
{
	rig_write(rig, PWR_CR, pwr_cr);
	rig_write(rig, SCR, 4);
	RIG_CODE(rig, CODE, 0xbf30, 0xbf00, 0xe7fd);
	rig_go(rig, CODE);
	rig_run(rig, MS);
}

static void stop_takes_the_bus_clock(void **state)
{
	struct rig *rig = *state;
	fall_asleep(rig, 0x8000);
	assert_true(chip_dp_alive(rig->chip)); /* the debug port has a clock of its own */
	assert_int_equal(rig_try_read(rig, DHCSR), CHIP_WAIT);
	assert_int_equal(rig_try_write(rig, DHCSR, KEY | 3), CHIP_WAIT);
	rig_run(rig, 1000 * MS);
	assert_int_equal(rig_try_read(rig, DHCSR), CHIP_WAIT);
	chip_set_nrst(rig->chip, true);
	assert_int_equal(rig_try_read(rig, DHCSR), CHIP_OK);
	chip_set_nrst(rig->chip, false);
	assert_int_equal(rig_read(rig, RCC_CSR) & 0xfe000000, 0x04000000);
}

static void dbg_stop_keeps_it(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, DBGMCU_CR, 2);
	fall_asleep(rig, 0x8000);
	assert_int_equal(rig_read(rig, DHCSR) & S_SLEEP, S_SLEEP);
	rig_halt(rig);
	assert_int_equal(rig_reg(rig, PC), CODE + 2);
	rig_resume(rig);
	rig_run(rig, MS);
	assert_int_equal(rig_read(rig, DHCSR) & (S_SLEEP | S_RETIRE_ST), S_RETIRE_ST);
}

static void an_exti_line_ends_stop(void **state)
{
	struct rig *rig = *state;
	rig_vectors(rig);
	RIG_CODE(rig, HANDLER + 16 * 17, 0xe7fe); /* PVD: b . */
	rig_write(rig, EXTI_IMR, 1 << 16);
	rig_write(rig, EXTI_RTSR, 1 << 16);
	rig_write(rig, 0xe000e100, 2);
	rig_write(rig, RCC_CFGR, 0x80);
	fall_asleep(rig, 0x8090);
	assert_int_equal(rig_try_read(rig, DATA), CHIP_WAIT);
	chip_set_vdd(rig->chip, 2600);
	rig_run(rig, MS);
	assert_int_equal(rig_read(rig, DHCSR) & S_SLEEP, 0);
	rig_halt(rig);
	assert_int_equal(rig_reg(rig, PC), HANDLER + 16 * 17);
}

static void stop_can_be_forbidden(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, 0x40023c08, 0x08192a3b);
	rig_write(rig, 0x40023c08, 0x4c5d6e7f);
	rig_write(rig, 0x40023c14, 0x0fffaaae); /* nRST_STOP = 0, OPTSTRT */
	rig_run(rig, 1000 * MS);
	fall_asleep(rig, 0x8000);
	assert_int_equal(rig_read(rig, RCC_CSR) & 0xfe000000, 0x84000000); /* LPWRRSTF */
}

/* ---- STANDBY ---- */

static void standby_takes_the_debug_port_too(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, DATA, 0x12345678);
	fall_asleep(rig, 0x8002); /* PDDS */
	assert_false(chip_dp_alive(rig->chip));
	chip_set_nrst(rig->chip, true);
	assert_true(chip_dp_alive(rig->chip));
	chip_set_nrst(rig->chip, false);
	rig_write(rig, RCC_APB1ENR, 1 << 28);
	assert_int_equal(rig_read(rig, PWR_CSR) & 2, 2); /* SBF */
	assert_int_not_equal(rig_read(rig, DATA), 0x12345678);
	rig_write(rig, PWR_CR, 8); /* CSBF */
	assert_int_equal(rig_read(rig, PWR_CSR) & 2, 0);
}

static void dbg_standby_keeps_it(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, DBGMCU_CR, 4);
	fall_asleep(rig, 0x8002);
	assert_true(chip_dp_alive(rig->chip));
	assert_int_equal(rig_try_read(rig, DHCSR), CHIP_OK);
}

/* ---- plain sleep ---- */

static void sleep_leaves_the_bus_alone(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, DATA, 0x1234);
	RIG_CODE(rig, CODE, 0xbf30, 0xe7fd);
	rig_go(rig, CODE);
	rig_run(rig, MS);
	assert_int_equal(rig_read(rig, DHCSR) & S_SLEEP, S_SLEEP);
	assert_int_equal(rig_read(rig, DATA), 0x1234);
	assert_false(chip_is_active(rig->chip)); /* nothing will ever happen by itself */
}

/* ---- SWD pins ---- */

static void firmware_can_take_the_pins(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, RCC_AHB1ENR, 1);
	rig_write(rig, GPIOA_MODER, 0x50000000); /* PA14, PA15 as outputs */
	assert_false(chip_dp_alive(rig->chip));
	chip_set_nrst(rig->chip, true); /* under reset they are SWD's again */
	assert_true(chip_dp_alive(rig->chip));
	chip_set_nrst(rig->chip, false);
	assert_true(chip_dp_alive(rig->chip));
	rig_write(rig, RCC_AHB1ENR, 1);
	rig_write(rig, GPIOA_AFRH, 0x00100000); /* another function on PA13 */
	assert_false(chip_dp_alive(rig->chip));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_detector_compares_with_vdd),
		TEST(the_detector_interrupts),
		TEST(stop_takes_the_bus_clock),
		TEST(dbg_stop_keeps_it),
		TEST(an_exti_line_ends_stop),
		TEST(stop_can_be_forbidden),
		TEST(standby_takes_the_debug_port_too),
		TEST(dbg_standby_keeps_it),
		TEST(sleep_leaves_the_bus_alone),
		TEST(firmware_can_take_the_pins),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
