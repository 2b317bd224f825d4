/*
 * RM0368 6.2 (clocks), 6.3.2 (PLL: VCO input 1-2 MHz, VCO output 192-432 MHz), 3.4.1 (two wait
 * states from 60 to 84 MHz at 2.7-3.6 V), 5.4.1 (voltage scale 2). APB1 may not pass 42 MHz.
 */
#include "clock.h"

#include <stdbool.h>

#include "registers.h"

/* The crystal is the slow one: 2 ms typical, and a poll takes some ten cycles of 16 MHz. */
enum { READY_POLLS = 50000 };

/* Both oscillators give 16 MHz: / 16 * 336 / 4 = 84 MHz, and / 7 = 48 MHz. */
enum {
	OSCILLATOR_HZ = 16000000,
	PLL_HZ = 84000000,
	PLL_FACTORS = 16 << RCC_PLLCFGR_M_SHIFT | 336 << RCC_PLLCFGR_N_SHIFT | RCC_PLLCFGR_P_DIV4 |
		      7 << RCC_PLLCFGR_Q_SHIFT,
};

uint32_t clock_hz = OSCILLATOR_HZ;
enum clock_source clock_source = CLOCK_HSI;

static bool wait_for(const volatile uint32_t *reg, uint32_t mask, uint32_t value)
{
	for (unsigned polls = 0; polls < READY_POLLS; polls++) {
		if ((*reg & mask) == value) {
			return true;
		}
	}
	return false;
}

static bool start_crystal(void)
{
	rcc.cr |= RCC_CR_HSEON;
	return wait_for(&rcc.cr, RCC_CR_HSERDY, RCC_CR_HSERDY);
}

static bool start_pll(bool from_crystal)
{
	uint32_t reserved = rcc.pllcfgr & RCC_PLLCFGR_RESERVED;

	rcc.pllcfgr = reserved | PLL_FACTORS | (from_crystal ? RCC_PLLCFGR_SRC_HSE : 0u);
	rcc.cr |= RCC_CR_PLLON;
	return wait_for(&rcc.cr, RCC_CR_PLLRDY, RCC_CR_PLLRDY);
}

static void prepare_for_84_mhz(void)
{
	rcc.apb1enr |= RCC_APB1ENR_PWREN;
	pwr.cr = (pwr.cr & ~(uint32_t)PWR_CR_VOS_MASK) | PWR_CR_VOS_SCALE2;
	flash.acr = FLASH_ACR_LATENCY_2WS | FLASH_ACR_PRFTEN | FLASH_ACR_ICEN | FLASH_ACR_DCEN;
}

static bool switch_to_pll(void)
{
	rcc.cfgr = RCC_CFGR_PPRE1_DIV2 | RCC_CFGR_SW_PLL;
	return wait_for(&rcc.cfgr, RCC_CFGR_SWS_MASK, RCC_CFGR_SWS_PLL);
}

void clock_start(void)
{
	bool crystal = start_crystal();

	clock_hz = OSCILLATOR_HZ;
	clock_source = CLOCK_HSI;
	prepare_for_84_mhz();
	if (start_pll(crystal) && switch_to_pll()) {
		clock_hz = PLL_HZ;
		clock_source = crystal ? CLOCK_PLL_FROM_HSE : CLOCK_PLL_FROM_HSI;
	}
}
