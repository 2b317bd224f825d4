/*
 * Pins and alternate function 2: STM32F401xB/C data sheet, table 9. Timer: RM0368 13.3.9 (PWM
 * mode); its clock is twice APB1's when APB1 is divided (6.2), so clock_hz either way.
 */
#include "motors.h"

#include "clock.h"
#include "registers.h"
#include "tables.h"

enum {
	PWM_HZ = 8000,
	FIRST_PIN = 6,
	FOUR_PINS = 0x55 << 2 * FIRST_PIN, /* the low bit of each pin's field in MODER */
	MODER_MASK = 3 * FOUR_PINS,
	MODER_OUTPUT = GPIO_MODE_OUTPUT * FOUR_PINS,
	MODER_ALTERNATE = GPIO_MODE_ALTERNATE * FOUR_PINS,
	PINS_LOW = 0xF << (FIRST_PIN + 16),
};

static const float least_thrust = 0.05F;

/* Quadrotor in X, seen from above; positive is right side down, nose up, nose to the right. */
static const struct {
	float roll, pitch, yaw;
} mixer[MOTORS] = {
	{-1.0F, +1.0F, +1.0F}, /* front right, turns left */
	{-1.0F, -1.0F, -1.0F}, /* rear right, turns right */
	{+1.0F, -1.0F, +1.0F}, /* rear left, turns left */
	{+1.0F, +1.0F, -1.0F}, /* front left, turns right */
};

volatile uint32_t motors_armed;

static void set_pin_mode(uint32_t moder)
{
	gpiob.moder = (gpiob.moder & ~(uint32_t)MODER_MASK) | moder;
}

void motors_start(void)
{
	rcc.ahb1enr |= RCC_AHB1ENR_GPIOBEN;
	rcc.apb1enr |= RCC_APB1ENR_TIM4EN;
	gpiob.bsrr = PINS_LOW;
	set_pin_mode(MODER_OUTPUT);
	gpiob.afr[0] = (gpiob.afr[0] & 0x00FFFFFFu) | 0x22000000u;
	gpiob.afr[1] = (gpiob.afr[1] & 0xFFFFFF00u) | 0x00000022u;

	tim4.psc = 0;
	tim4.arr = clock_hz / PWM_HZ - 1;
	tim4.ccmr[0] = TIM_CCMR_PWM1_BOTH;
	tim4.ccmr[1] = TIM_CCMR_PWM1_BOTH;
	tim4.ccer = TIM_CCER_ALL_OUTPUTS;
	tim4.egr = TIM_EGR_UG;
	tim4.cr1 = TIM_CR1_ARPE | TIM_CR1_CEN;
}

static float largest(const float values[MOTORS])
{
	float result = values[0];

	for (unsigned motor = 1; motor < MOTORS; motor++) {
		if (values[motor] > result) {
			result = values[motor];
		}
	}
	return result;
}

void motors_mix(float throttle, const float torque[AXES], float thrust[MOTORS])
{
	for (unsigned motor = 0; motor < MOTORS; motor++) {
		thrust[motor] = throttle + mixer[motor].roll * torque[ROLL] +
				mixer[motor].pitch * torque[PITCH] + mixer[motor].yaw * torque[YAW];
	}
	float peak = largest(thrust);
	float excess = peak > 1.0F ? peak - 1.0F : 0.0F;
	for (unsigned motor = 0; motor < MOTORS; motor++) {
		thrust[motor] -= excess;
		if (thrust[motor] < least_thrust) {
			thrust[motor] = least_thrust;
		}
	}
}

void motors_write(const float thrust[MOTORS])
{
	float period = (float)(tim4.arr + 1);

	for (unsigned motor = 0; motor < MOTORS; motor++) {
		float duty = thrust_table[(uint32_t)(thrust[motor] * THRUST_STEPS)];
		tim4.ccr[motor] = (uint32_t)(duty * period);
	}
	set_pin_mode(motors_armed ? MODER_ALTERNATE : MODER_OUTPUT);
}

void motors_stop(void)
{
	motors_armed = 0;
	gpiob.bsrr = PINS_LOW;
	set_pin_mode(MODER_OUTPUT);
	for (unsigned motor = 0; motor < MOTORS; motor++) {
		tim4.ccr[motor] = 0;
	}
}
