/*
 * The registers that this program uses, and no others. Chips: STM32F401xB/C.
 *
 * A peripheral is an external object; firmware.ld places it at its address. So C code says
 * `tim4.ccr[0] = 5`, and so does a debugger. Layouts and bit names are those of RM0368
 * (peripherals; chapter in each heading) and PM0214 chapter 4 (core).
 */
#ifndef FLIGHT_REGISTERS_H
#define FLIGHT_REGISTERS_H

#include <stdint.h>

/* RM0368 3.8: embedded flash memory interface. */
struct flash_registers {
	uint32_t acr, keyr, optkeyr, sr, cr, optcr;
};
extern volatile struct flash_registers flash;
enum {
	FLASH_ACR_LATENCY_2WS = 2,
	FLASH_ACR_PRFTEN = 1 << 8,
	FLASH_ACR_ICEN = 1 << 9,
	FLASH_ACR_DCEN = 1 << 10,
	FLASH_ACR_DCRST = 1 << 12,
	FLASH_KEY1 = 0x45670123,
	FLASH_SR_ERRORS = 0x1F2, /* OPERR, WRPERR, PGAERR, PGPERR, PGSERR, RDERR */
	FLASH_SR_BSY = 1 << 16,
	FLASH_CR_SER = 1 << 1,
	FLASH_CR_SNB_SHIFT = 3,
	FLASH_CR_PSIZE_X32 = 2 << 8,
	FLASH_CR_STRT = 1 << 16,
};
#define FLASH_KEY2    0xCDEF89ABu
#define FLASH_CR_LOCK 0x80000000u

/* RM0368 5.4: power controller. */
struct pwr_registers {
	uint32_t cr, csr;
};
extern volatile struct pwr_registers pwr;
enum {
	PWR_CR_LPDS = 1 << 0,
	PWR_CR_PDDS = 1 << 1,
	PWR_CR_CWUF = 1 << 2,
	PWR_CR_VOS_MASK = 3 << 14,
	PWR_CR_VOS_SCALE2 = 2 << 14, /* up to 84 MHz */
};

/* RM0368 6.3: reset and clock control. */
struct rcc_registers {
	uint32_t cr, pllcfgr, cfgr, cir;
	uint32_t ahb1rstr, ahb2rstr, reserved_18[2], apb1rstr, apb2rstr, reserved_28[2];
	uint32_t ahb1enr, ahb2enr, reserved_38[2], apb1enr, apb2enr, reserved_48[2];
	uint32_t ahb1lpenr, ahb2lpenr, reserved_58[2], apb1lpenr, apb2lpenr, reserved_68[2];
	uint32_t bdcr, csr;
};
extern volatile struct rcc_registers rcc;
enum {
	RCC_CR_HSION = 1 << 0,
	RCC_CR_HSIRDY = 1 << 1,
	RCC_CR_HSEON = 1 << 16,
	RCC_CR_HSERDY = 1 << 17,
	RCC_CR_PLLON = 1 << 24,
	RCC_CR_PLLRDY = 1 << 25,
	RCC_PLLCFGR_M_SHIFT = 0,
	RCC_PLLCFGR_N_SHIFT = 6,
	RCC_PLLCFGR_P_DIV4 = 1 << 16,
	RCC_PLLCFGR_SRC_HSE = 1 << 22,
	RCC_PLLCFGR_Q_SHIFT = 24,
	RCC_CFGR_SW_MASK = 3,
	RCC_CFGR_SW_HSI = 0,
	RCC_CFGR_SW_PLL = 2,
	RCC_CFGR_SWS_MASK = 3 << 2,
	RCC_CFGR_SWS_PLL = 2 << 2,
	RCC_CFGR_PPRE1_DIV2 = 4 << 10,
	RCC_AHB1ENR_GPIOAEN = 1 << 0,
	RCC_AHB1ENR_GPIOBEN = 1 << 1,
	RCC_AHB1ENR_DMA2EN = 1 << 22,
	RCC_APB1ENR_TIM4EN = 1 << 2,
	RCC_APB1ENR_PWREN = 1 << 28,
	RCC_CSR_RMVF = 1 << 24,
	RCC_CSR_CAUSES_SHIFT = 25, /* BORRSTF, then PIN, POR, SFT, IWDG, WWDG, LPWR */
};
#define RCC_PLLCFGR_RESERVED 0xF0BC8000u /* to be kept as after reset */

/* RM0368 8.4: general-purpose I/Os. Two bits a pin in moder and ospeedr, four in afr. */
struct gpio_registers {
	uint32_t moder, otyper, ospeedr, pupdr, idr, odr, bsrr, lckr, afr[2];
};
extern volatile struct gpio_registers gpioa, gpiob;
enum {
	GPIO_MODE_OUTPUT = 1,
	GPIO_MODE_ALTERNATE = 2,
	GPIO_MODE_ANALOG = 3,
};

/* RM0368 9.5: DMA controller. */
struct dma_stream {
	uint32_t cr, ndtr, par, m0ar, m1ar, fcr;
};
struct dma_registers {
	uint32_t lisr, hisr, lifcr, hifcr;
	struct dma_stream stream[8];
};
extern volatile struct dma_registers dma2;
enum {
	DMA_CR_EN = 1 << 0,
	DMA_CR_TEIE = 1 << 2,
	DMA_CR_TCIE = 1 << 4,
	DMA_CR_DIR_MEM2MEM = 2 << 6,
	DMA_CR_PINC = 1 << 9,
	DMA_CR_MINC = 1 << 10,
	DMA_CR_PSIZE_32 = 2 << 11,
	DMA_CR_MSIZE_32 = 2 << 13,
	DMA_FCR_DMDIS = 1 << 2,
	DMA_FCR_FTH_FULL = 3,
	DMA_LISR_STREAM0 = 0x3D, /* FEIF, DMEIF, TEIF, HTIF, TCIF */
	DMA_LISR_TCIF0 = 1 << 5,
	DMA2_STREAM0_IRQ = 56, /* RM0368 10.1.3, vector table */
	DMA2_STREAM0_VECTOR = 16 + DMA2_STREAM0_IRQ,
};

/* RM0368 13.4: general-purpose timers TIM2 to TIM5. */
struct timer_registers {
	uint32_t cr1, cr2, smcr, dier, sr, egr, ccmr[2], ccer, cnt, psc, arr, reserved_30, ccr[4];
};
extern volatile struct timer_registers tim4;
enum {
	TIM_CR1_CEN = 1 << 0,
	TIM_CR1_ARPE = 1 << 7,
	TIM_EGR_UG = 1 << 0,
	TIM_CCMR_PWM1_BOTH = 0x6868, /* OCxM = 110 (PWM mode 1) and OCxPE, both channels */
	TIM_CCER_ALL_OUTPUTS = 0x1111,
};

/* RM0368 15.4: independent watchdog. */
struct iwdg_registers {
	uint32_t kr, pr, rlr, sr;
};
extern volatile struct iwdg_registers iwdg;
enum {
	IWDG_KR_ACCESS = 0x5555,
	IWDG_KR_START = 0xCCCC,
	IWDG_PR_DIV32 = 3,
};

/* PM0214 4.5: system timer. */
struct systick_registers {
	uint32_t ctrl, load, val, calib;
};
extern volatile struct systick_registers systick;
enum {
	SYSTICK_CTRL_ENABLE = 1 << 0,
	SYSTICK_CTRL_TICKINT = 1 << 1,
	SYSTICK_CTRL_CLKSOURCE = 1 << 2, /* the processor's clock, not an eighth of it */
};

/* PM0214 4.3: nested vectored interrupt controller, from its ISER registers. */
extern volatile uint32_t nvic_iser[3];

/* PM0214 4.4: system control block. shpr[n] is the priority of exception n + 4. */
struct scb_registers {
	uint32_t cpuid, icsr, vtor, aircr, scr, ccr;
	uint8_t shpr[12];
	uint32_t shcsr, cfsr, hfsr, dfsr, mmfar, bfar, afsr, reserved_40[18], cpacr;
};
extern volatile struct scb_registers scb;
enum {
	SCB_ICSR_PENDSVSET = 1 << 28,
	SCB_AIRCR_SYSRESETREQ = 1 << 2,
	SCB_SCR_SLEEPDEEP = 1 << 2,
	SCB_CCR_UNALIGN_TRP = 1 << 3,
	SCB_CCR_DIV_0_TRP = 1 << 4,
	SCB_SHPR_SVCALL = 11 - 4,
	SCB_SHPR_PENDSV = 14 - 4,
	SCB_SHPR_SYSTICK = 15 - 4,
	SCB_CPACR_FPU_FULL = 0xF << 20,
};
#define SCB_AIRCR_VECTKEY 0x05FA0000u

#endif
