/*
 * RM0368 5.3.5 (STOP), 5.3.6 (STANDBY), 15.3 (IWDG), 8.3.2 (PA13, PA14 are SWDIO, SWCLK after
 * reset), 6.3.21 (RCC_CSR); PM0214 4.4.5 (AIRCR), 4.4.6 (SCR).
 */
#include "power.h"

#include "clock.h"
#include "cpu.h"
#include "log.h"
#include "motors.h"
#include "registers.h"

void power_start_watchdog(void)
{
	iwdg.kr = IWDG_KR_ACCESS;
	iwdg.pr = IWDG_PR_DIV32;
	iwdg.rlr = 500; /* LSI is 32 kHz, give or take half */
	iwdg.kr = IWDG_KR_START;
}

static void sleep_deep(uint32_t pwr_bits)
{
	motors_stop();
	rcc.apb1enr |= RCC_APB1ENR_PWREN;
	pwr.cr = (pwr.cr & ~(uint32_t)PWR_CR_PDDS) | PWR_CR_CWUF | pwr_bits;
	systick.ctrl &= ~(uint32_t)SYSTICK_CTRL_TICKINT;
	scb.scr |= SCB_SCR_SLEEPDEEP;
	cpu_wait_for_interrupt();
	scb.scr &= ~(uint32_t)SCB_SCR_SLEEPDEEP;
	systick.ctrl |= SYSTICK_CTRL_TICKINT;
}

void power_enter_stop(void)
{
	sleep_deep(PWR_CR_LPDS);
	clock_start();
}

void power_enter_standby(void)
{
	sleep_deep(PWR_CR_PDDS);
}

void power_release_swd_pins(void)
{
	rcc.ahb1enr |= RCC_AHB1ENR_GPIOAEN;
	gpioa.moder |= GPIO_MODE_ANALOG << 2 * 13 | GPIO_MODE_ANALOG << 2 * 14;
}

void power_reset(void)
{
	cpu_synchronize();
	scb.aircr = SCB_AIRCR_VECTKEY | SCB_AIRCR_SYSRESETREQ;
	cpu_synchronize();
}

void power_log_reset_cause(void)
{
	log_write(
		"reset: causes (BOR PIN POR SFT IWDG WWDG LPWR)", rcc.csr >> RCC_CSR_CAUSES_SHIFT);
	rcc.csr |= RCC_CSR_RMVF;
}
