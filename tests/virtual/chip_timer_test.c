/* SysTick and the general timers: counting, updates, interrupts, freezing. RM0368 12, 13; B3.3. */
#include "chip_rig.h"

#define SYST_CSR UINT32_C(0xe000e010)
#define SYST_RVR UINT32_C(0xe000e014)
#define SYST_CVR UINT32_C(0xe000e018)

#define RCC_APB1ENR UINT32_C(0x40023840)
#define RCC_APB2ENR UINT32_C(0x40023844)
#define TIM1        UINT32_C(0x40010000)
#define TIM2        UINT32_C(0x40000000)
#define TIM4        UINT32_C(0x40000800)

enum {
	CR1 = 0x00,
	DIER = 0x0c,
	SR = 0x10,
	EGR = 0x14,
	CNT = 0x24,
	PSC = 0x28,
	ARR = 0x2c,
	CCR1 = 0x34
};

#define NVIC_ISER UINT32_C(0xe000e100)
#define NVIC_ISPR UINT32_C(0xe000e200)

/* adds r4, #1; bx lr at the handler of an exception; b . in the foreground. */
static void count_exceptions(struct rig *rig, unsigned exception)
{
	rig_vectors(rig);
	RIG_CODE(rig, HANDLER + 16 * exception, 0x3401, 0x4770);
	RIG_CODE(rig, CODE, 0xe7fe);
	rig_set_reg(rig, 4, 0);
}

static uint32_t counted(struct rig *rig)
{
	rig_write(rig, DHCSR, KEY | 3);
	uint32_t count = rig_reg(rig, 4);
	rig_resume(rig);
	return count;
}

/* ---- SysTick ---- */

static void systick_makes_milliseconds(void **state)
{
	struct rig *rig = *state;
	count_exceptions(rig, 15);
	rig_write(rig, SYST_RVR, 15999);
	rig_write(rig, SYST_CVR, 0);
	rig_write(rig, SYST_CSR, 7);
	rig_go(rig, CODE);
	rig_run(rig, 100 * MS + 10 * US);
	assert_int_equal(counted(rig), 100);
	rig_run(rig, 900 * MS);
	assert_int_equal(counted(rig), 1000);
}

static void systick_counts_down_from_its_reload(void **state)
{
	struct rig *rig = *state;
	RIG_CODE(rig, CODE, 0xe7fe);
	rig_write(rig, SYST_RVR, 999);
	rig_write(rig, SYST_CVR, 0x123456); /* any write clears */
	assert_int_equal(rig_read(rig, SYST_CVR), 0);
	rig_write(rig, SYST_CSR, 5);
	rig_go(rig, CODE);
	rig_run(rig, 10 * US); /* 160 cycles: the first loads 999 */
	assert_int_equal(rig_read(rig, SYST_CVR), 999 - 159);
	assert_int_equal(rig_read(rig, SYST_CSR), 5);
	rig_run(rig, 60 * US);
	assert_int_equal(rig_read(rig, SYST_CSR) & 0x10000, 0x10000); /* COUNTFLAG */
}

static void systick_can_count_eighths(void **state)
{
	struct rig *rig = *state;
	count_exceptions(rig, 15);
	rig_write(rig, SYST_RVR, 1999);
	rig_write(rig, SYST_CSR, 3);
	rig_go(rig, CODE);
	rig_run(rig, 10 * MS + 10 * US);
	assert_int_equal(counted(rig), 10);
}

static void systick_stands_still_in_debug_state(void **state)
{
	struct rig *rig = *state;
	RIG_CODE(rig, CODE, 0xe7fe);
	rig_write(rig, SYST_RVR, 0xffffff);
	rig_write(rig, SYST_CSR, 5);
	rig_go(rig, CODE);
	rig_run(rig, MS);
	rig_write(rig, DHCSR, KEY | 3);
	uint32_t value = rig_read(rig, SYST_CVR);
	rig_run(rig, 100 * MS);
	assert_int_equal(rig_read(rig, SYST_CVR), value);
	rig_resume(rig);
	rig_run(rig, MS);
	assert_int_equal(rig_read(rig, SYST_CVR), value - 16000);
}

static void systick_wakes_a_sleeping_core(void **state)
{
	struct rig *rig = *state;
	count_exceptions(rig, 15);
	RIG_CODE(rig, CODE, 0xbf30, 0xe7fd); /* wfi; b .-2 */
	rig_write(rig, SYST_RVR, 15999);
	rig_write(rig, SYST_CSR, 7);
	uint64_t before = chip_books(rig->chip)->instructions;
	rig_go(rig, CODE);
	rig_run(rig, 1000 * MS + 10 * US);
	assert_int_equal(counted(rig), 1000);
	/* wfi, b, and the handler's two: the rest of the time was slept */
	assert_in_range(chip_books(rig->chip)->instructions - before, 3990, 4010);
}

/* ---- timers ---- */

static void start_timer(struct rig *rig, uint32_t timer, uint32_t prescaler, uint32_t period)
{
	rig_write(rig, RCC_APB1ENR, 0xf);
	rig_write(rig, RCC_APB2ENR, 1);
	rig_write(rig, timer + PSC, prescaler);
	rig_write(rig, timer + ARR, period);
	rig_write(rig, timer + EGR, 1); /* UG loads the prescaler */
	rig_write(rig, timer + SR, 0);
	rig_write(rig, timer + CR1, 1);
}

static void a_timer_counts_at_its_prescaler(void **state)
{
	struct rig *rig = *state;
	start_timer(rig, TIM4, 15, 999); /* 1 MHz */
	rig_run(rig, 250 * US);
	assert_int_equal(rig_read(rig, TIM4 + CNT), 250);
	assert_int_equal(rig_read(rig, TIM4 + SR) & 1, 0);
	rig_run(rig, 750 * US);
	assert_int_equal(rig_read(rig, TIM4 + CNT), 0);
	assert_int_equal(rig_read(rig, TIM4 + SR) & 1, 1); /* UIF */
	rig_write(rig, TIM4 + SR, 0);
	assert_int_equal(rig_read(rig, TIM4 + SR) & 1, 0);
	rig_run(rig, 10100 * US);
	assert_int_equal(rig_read(rig, TIM4 + CNT), 100);
}

static void the_prescaler_is_buffered(void **state)
{
	struct rig *rig = *state;
	start_timer(rig, TIM4, 15, 999);
	rig_write(rig, TIM4 + PSC, 31);
	rig_run(rig, 1000 * US);
	assert_int_equal(rig_read(rig, TIM4 + CNT), 0);
	rig_run(rig, 100 * US); /* from the update on it counts at half the speed */
	assert_int_equal(rig_read(rig, TIM4 + CNT), 50);
}

static void arr_is_buffered_if_arpe(void **state)
{
	struct rig *rig = *state;
	start_timer(rig, TIM4, 15, 999);
	rig_write(rig, TIM4 + CR1, 0x81); /* ARPE */
	rig_write(rig, TIM4 + ARR, 499);
	rig_run(rig, 600 * US);
	assert_int_equal(rig_read(rig, TIM4 + CNT), 600);
	rig_run(rig, 900 * US);
	assert_int_equal(rig_read(rig, TIM4 + CNT), 0);
	rig_write(rig, TIM4 + CR1, 1);
	rig_run(rig, 100 * US);
	rig_write(rig, TIM4 + ARR, 199);
	rig_run(rig, 150 * US);
	assert_int_equal(rig_read(rig, TIM4 + CNT), 50);
}

static void timers_interrupt(void **state)
{
	struct rig *rig = *state;
	count_exceptions(rig, 16 + 30);
	/* TIM4: r0 is TIM4 + SR: str r1 (0), [r0]; adds r4, #1; bx lr */
	RIG_CODE(rig, HANDLER + 16 * (16 + 30), 0x6001, 0x3401, 0x4770);
	rig_set_reg(rig, 0, TIM4 + SR);
	rig_set_reg(rig, 1, 0);
	start_timer(rig, TIM4, 15, 999);
	/* The handler's pushes change r0 and r1 not at all: they are the same in the foreground. */
	rig_write(rig, TIM4 + DIER, 1);
	rig_write(rig, NVIC_ISER, 1 << 30);
	rig_go(rig, CODE);
	rig_run(rig, 100 * MS + 100 * US);
	assert_int_equal(counted(rig), 100);
}

static void compare_channels_interrupt(void **state)
{
	struct rig *rig = *state;
	start_timer(rig, TIM4, 15, 999);
	rig_write(rig, TIM4 + CCR1 + 4, 300);
	rig_write(rig, TIM4 + DIER, 4); /* CC2IE */
	rig_run(rig, 299 * US);
	assert_int_equal(rig_read(rig, NVIC_ISPR) & 1 << 30, 0);
	rig_run(rig, 2 * US);
	assert_int_equal(rig_read(rig, NVIC_ISPR) & 1 << 30, 1 << 30);
	assert_int_equal(rig_read(rig, TIM4 + SR) & 4, 4);
}

static void advanced_timers_have_two_lines(void **state)
{
	struct rig *rig = *state;
	start_timer(rig, TIM1, 15, 999);
	rig_write(rig, TIM1 + CCR1, 300);
	rig_write(rig, TIM1 + DIER, 3);
	rig_run(rig, 301 * US);
	assert_int_equal(rig_read(rig, NVIC_ISPR) & (1 << 25 | 1 << 27), 1 << 27);
	rig_run(rig, 700 * US);
	assert_int_equal(rig_read(rig, NVIC_ISPR) & (1 << 25 | 1 << 27), 1 << 25 | 1 << 27);
}

static void one_pulse_stops(void **state)
{
	struct rig *rig = *state;
	start_timer(rig, TIM4, 15, 999);
	rig_write(rig, TIM4 + CR1, 9); /* OPM */
	rig_run(rig, 5 * MS);
	assert_int_equal(rig_read(rig, TIM4 + CR1), 8);
	assert_int_equal(rig_read(rig, TIM4 + CNT), 0);
}

static void counts_down_and_up_and_down(void **state)
{
	struct rig *rig = *state;
	start_timer(rig, TIM4, 15, 999);
	rig_write(rig, TIM4 + CR1, 0x11); /* DIR */
	rig_run(rig, 100 * US);
	assert_in_range(rig_read(rig, TIM4 + CNT), 898, 900);
	rig_write(rig, TIM4 + CR1, 0x20); /* CMS: up, then down */
	rig_write(rig, TIM4 + CNT, 0);
	rig_write(rig, TIM4 + CR1, 0x21);
	rig_run(rig, 900 * US);
	assert_int_equal(rig_read(rig, TIM4 + CNT), 900);
	rig_run(rig, 200 * US);
	assert_int_equal(rig_read(rig, TIM4 + CNT), 898);
}

static void tim2_is_32_bits_wide(void **state)
{
	struct rig *rig = *state;
	start_timer(rig, TIM2, 0, 0xffffffff);
	rig_run(rig, 10 * MS);
	assert_int_equal(rig_read(rig, TIM2 + CNT), 160000);
	rig_write(rig, TIM4 + ARR, 0x12345678);
	assert_int_equal(rig_read(rig, TIM4 + ARR), 0x5678);
}

/* Halting leaves timers running, and with them the motors: unless they are told to stop. */
static void timers_run_on_in_debug_state(void **state)
{
	struct rig *rig = *state;
	start_timer(rig, TIM4, 15, 0xffff);
	rig_run(rig, MS);
	assert_int_equal(rig_read(rig, TIM4 + CNT), 1000);
	rig_write(rig, 0xe0042008, 1 << 2); /* DBG_TIM4_STOP, the core is halted */
	rig_run(rig, 10 * MS);
	assert_int_equal(rig_read(rig, TIM4 + CNT), 1000);
	RIG_CODE(rig, CODE, 0xe7fe);
	rig_go(rig, CODE);
	rig_run(rig, MS);
	assert_int_equal(rig_read(rig, TIM4 + CNT), 2000);
	rig_write(rig, DHCSR, KEY | 3);
	rig_run(rig, MS);
	assert_int_equal(rig_read(rig, TIM4 + CNT), 2000);
	rig_write(rig, 0xe0042008, 0);
	rig_run(rig, MS);
	assert_int_equal(rig_read(rig, TIM4 + CNT), 3000);
}

static void timers_follow_their_bus(void **state)
{
	struct rig *rig = *state;
	start_timer(rig, TIM4, 15, 0xffff);
	rig_write(rig, 0x40023808, 0x00001400); /* PPRE1: PCLK1 = HCLK / 4, timers at twice that */
	rig_run(rig, MS);
	assert_in_range(rig_read(rig, TIM4 + CNT), 499, 501);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(systick_makes_milliseconds),
		RIG_TEST(systick_counts_down_from_its_reload),
		RIG_TEST(systick_can_count_eighths),
		RIG_TEST(systick_stands_still_in_debug_state),
		RIG_TEST(systick_wakes_a_sleeping_core),
		RIG_TEST(a_timer_counts_at_its_prescaler),
		RIG_TEST(the_prescaler_is_buffered),
		RIG_TEST(arr_is_buffered_if_arpe),
		RIG_TEST(timers_interrupt),
		RIG_TEST(compare_channels_interrupt),
		RIG_TEST(advanced_timers_have_two_lines),
		RIG_TEST(one_pulse_stops),
		RIG_TEST(counts_down_and_up_and_down),
		RIG_TEST(tim2_is_32_bits_wide),
		RIG_TEST(timers_run_on_in_debug_state),
		RIG_TEST(timers_follow_their_bus),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
