/*
 * Registers of the STM32F4 that the debugger uses: names, addresses, bits.
 *
 * From RM0090 rev 21: section 3.9 (FLASH), 38.16 (DBGMCU); RM0368 for the F401.
 */
#ifndef TARGETS_STM32F4_REGISTERS_H
#define TARGETS_STM32F4_REGISTERS_H

#define FLASH_ACR        0x40023C00u
#define ACR_PRFTEN       (1u << 8)
#define ACR_ICEN         (1u << 9)
#define ACR_DCEN         (1u << 10)
#define ACR_ICRST        (1u << 11)
#define ACR_DCRST        (1u << 12)
#define FLASH_KEYR       0x40023C04u
#define KEYR_KEY1        0x45670123u
#define KEYR_KEY2        0xCDEF89ABu
#define FLASH_OPTKEYR    0x40023C08u
#define OPTKEYR_KEY1     0x08192A3Bu
#define OPTKEYR_KEY2     0x4C5D6E7Fu
#define FLASH_SR         0x40023C0Cu
#define SR_EOP           (1u << 0)
#define SR_OPERR         (1u << 1)
#define SR_WRPERR        (1u << 4)
#define SR_PGAERR        (1u << 5)
#define SR_PGPERR        (1u << 6)
#define SR_PGSERR        (1u << 7)
#define SR_RDERR         (1u << 8)
#define SR_ERRORS        (SR_OPERR | SR_WRPERR | SR_PGAERR | SR_PGPERR | SR_PGSERR | SR_RDERR)
#define SR_BSY           (1u << 16)
#define FLASH_CR         0x40023C10u
#define CR_PG            (1u << 0)
#define CR_SER           (1u << 1)
#define CR_MER           (1u << 2)
#define CR_SNB(field)    ((uint32_t)(field) << 3)
#define CR_PSIZE(width)  ((uint32_t)(width) << 8) /* 0 x8, 1 x16, 2 x32 */
#define CR_MER1          (1u << 15)               /* bank 2; reserved on chips with one bank */
#define CR_STRT          (1u << 16)
#define CR_LOCK          (1u << 31)
#define FLASH_OPTCR      0x40023C14u
#define FLASH_OPTCR1     0x40023C18u
#define OPTCR_RDP(optcr) ((optcr) >> 8 & 0xFF)
#define OPTCR_DB1M       (1u << 30)
#define OPTCR_SPRMOD     (1u << 31)
#define OPTCR_OPTLOCK    (1u << 0)
#define OPTCR_OPTSTRT    (1u << 1)
#define OPTCR_WDG_SW     (1u << 5)
#define OPTCR_NRST_STOP  (1u << 6)
#define OPTCR_NRST_STDBY (1u << 7)
#define OPTCR_BOR(optcr) ((optcr) >> 2 & 3) /* 0 is level 3, the highest; 3 is off */
#define OPTCR_NWRP_SHIFT 16
#define RDP_LEVEL_0      0xAAu
#define RDP_LEVEL_1      0xBBu
#define RDP_LEVEL_2      0xCCu

#define CRC_DR       0x40023000u
#define CRC_CR       0x40023008u
#define CRC_CR_RESET (1u << 0)

#define RCC_CFGR        0x40023808u
#define CFGR_SWS(cfgr)  ((cfgr) >> 2 & 3)
#define CFGR_HPRE(cfgr) ((cfgr) >> 4 & 0xF)
#define RCC_APB1ENR     0x40023840u
#define APB1ENR_WWDGEN  (1u << 11)
#define APB1ENR_PWREN   (1u << 28)
#define RCC_CSR         0x40023874u
#define CSR_RMVF        (1u << 24)
#define CSR_BORRSTF     (1u << 25)
#define CSR_PINRSTF     (1u << 26)
#define CSR_PORRSTF     (1u << 27)
#define CSR_SFTRSTF     (1u << 28)
#define CSR_IWDGRSTF    (1u << 29)
#define CSR_WWDGRSTF    (1u << 30)
#define CSR_LPWRRSTF    (1u << 31)
#define CSR_RESET_FLAGS 0xFE000000u
#define CSR_POWER_FLAGS (CSR_BORRSTF | CSR_PORRSTF)

#define RCC_AHB1ENR   0x40023830u
#define AHB1ENR_CRCEN (1u << 12)

#define PWR_CR          0x40007000u
#define PWR_CSR         0x40007004u
#define PWR_CSR_SBF     (1u << 1)
#define PWR_CSR_PVDO    (1u << 2)
#define PWR_CR_PVDE     (1u << 4)
#define PWR_CR_PLS(n)   ((uint32_t)(n) << 5)
#define PWR_CR_PLS_MASK (7u << 5)
#define APB1ENR_PWREN   (1u << 28)

#define IWDG_KR       0x40003000u
#define IWDG_KR_FEED  0xAAAAu
#define IWDG_KR_OPEN  0x5555u
#define IWDG_PR       0x40003004u
#define IWDG_PR_MOST  6u
#define IWDG_RLR      0x40003008u
#define IWDG_RLR_MOST 0xFFFu
#define IWDG_SR       0x4000300Cu
#define WWDG_CR       0x40002C00u
#define WWDG_CR_WDGA  (1u << 7)

#define SYSCFG_MEMRMP 0x40013800u
#define GPIOA_MODER   0x40020000u
#define GPIOA_AFRH    0x40020024u

#define ROM_TABLE_PIDR1         0xE00FFFE4u /* JEP106 identity, bits 3:0, in bits 7:4 */
#define ROM_TABLE_PIDR2         0xE00FFFE8u /* bits 6:4 in bits 2:0 */
#define JEP106_OF(pidr1, pidr2) (((pidr1) >> 4 & 0xF) | ((pidr2)&7) << 4)
#define JEP106_ST               0x20u

#define DBGMCU_IDCODE       0xE0042000u
#define DBGMCU_CR           0xE0042004u
#define DBGMCU_CR_LOW_POWER 0x7u /* DBG_SLEEP, DBG_STOP, DBG_STANDBY */
#define DBGMCU_APB1_FZ      0xE0042008u
#define APB1_FZ_WWDG        (1u << 11)
#define APB1_FZ_IWDG        (1u << 12)
#define APB1_FZ_TIMERS      0x1FFu /* TIM2-7, TIM12-14 */
#define DBGMCU_APB2_FZ      0xE004200Cu
#define APB2_FZ_TIMERS      0x70003u /* TIM1, TIM8, TIM9-11 */

#define F_SIZE_WORD 0x1FFF7A20u /* the size in KiB is the upper half of this word */

#endif
