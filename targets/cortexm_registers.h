/*
 * Debug and system registers of ARMv7-M: names, addresses, bits.
 *
 * From the ARMv7-M Architecture Reference Manual (DDI 0403): B3 system control, C1 debug; and the
 * Cortex-M4 TRM for what is specific to r0p1.
 */
#ifndef TARGETS_CORTEXM_REGISTERS_H
#define TARGETS_CORTEXM_REGISTERS_H

/* B3.2 system control block */
#define SCB_CPUID              0xE000ED00u
#define CPUID_IMPLEMENTER_MASK 0xFF000000u
#define CPUID_IMPLEMENTER_ARM  0x41000000u
#define CPUID_PART_MASK        0x0000FFF0u
#define CPUID_PART_M3          0x0000C230u
#define CPUID_PART_M4          0x0000C240u
#define SCB_ICSR               0xE000ED04u
#define ICSR_PENDSVSET         (1u << 28)
#define ICSR_PENDSTSET         (1u << 26)
#define ICSR_ISRPENDING        (1u << 22) /* an interrupt of the NVIC */
#define SCB_VTOR               0xE000ED08u
#define SCB_AIRCR              0xE000ED0Cu
#define AIRCR_VECTKEY          0x05FA0000u
#define AIRCR_SYSRESETREQ      (1u << 2)
#define SCB_SCR                0xE000ED10u
#define SCR_SLEEPDEEP          (1u << 2)
#define SCB_CFSR               0xE000ED28u
#define CFSR_IACCVIOL          (1u << 0)
#define CFSR_DACCVIOL          (1u << 1)
#define CFSR_MUNSTKERR         (1u << 3)
#define CFSR_MSTKERR           (1u << 4)
#define CFSR_MLSPERR           (1u << 5)
#define CFSR_MMARVALID         (1u << 7)
#define CFSR_IBUSERR           (1u << 8)
#define CFSR_PRECISERR         (1u << 9)
#define CFSR_IMPRECISERR       (1u << 10)
#define CFSR_UNSTKERR          (1u << 11)
#define CFSR_STKERR            (1u << 12)
#define CFSR_LSPERR            (1u << 13)
#define CFSR_BFARVALID         (1u << 15)
#define CFSR_UNDEFINSTR        (1u << 16)
#define CFSR_INVSTATE          (1u << 17)
#define CFSR_INVPC             (1u << 18)
#define CFSR_NOCP              (1u << 19)
#define CFSR_UNALIGNED         (1u << 24)
#define CFSR_DIVBYZERO         (1u << 25)
#define SCB_HFSR               0xE000ED2Cu
#define HFSR_VECTTBL           (1u << 1)
#define HFSR_FORCED            (1u << 30)
#define SCB_MMFAR              0xE000ED34u
#define SCB_BFAR               0xE000ED38u
#define SCB_MVFR0              0xE000EF40u
#define MVFR0_SINGLE_PRECISION 0x00000020u /* [7:4] = 2: single-precision FPU */
#define MVFR0_SINGLE_MASK      0x000000F0u

/* B3.3 SysTick, B3.5 memory protection unit */
#define SYST_CSR           0xE000E010u
#define SYST_CSR_ENABLE    (1u << 0)
#define SYST_CSR_TICKINT   (1u << 1)
#define SYST_CSR_COUNTFLAG (1u << 16) /* cleared by a read */
#define MPU_CTRL           0xE000ED94u
#define MPU_CTRL_ENABLE    (1u << 0)

/* C1.6 debug registers */
#define SCB_DFSR           0xE000ED30u
#define DFSR_HALTED        (1u << 0)
#define DFSR_BKPT          (1u << 1)
#define DFSR_DWTTRAP       (1u << 2)
#define DFSR_VCATCH        (1u << 3)
#define DFSR_EXTERNAL      (1u << 4)
#define DFSR_ALL           0x0000001Fu
#define DCB_DHCSR          0xE000EDF0u
#define DHCSR_KEY          0xA05F0000u
#define DHCSR_C_DEBUGEN    (1u << 0)
#define DHCSR_C_HALT       (1u << 1)
#define DHCSR_C_STEP       (1u << 2)
#define DHCSR_C_MASKINTS   (1u << 3)
#define DHCSR_S_REGRDY     (1u << 16)
#define DHCSR_S_HALT       (1u << 17)
#define DHCSR_S_SLEEP      (1u << 18)
#define DHCSR_S_LOCKUP     (1u << 19)
#define DHCSR_S_RETIRE_ST  (1u << 24) /* cleared by the read */
#define DHCSR_S_RESET_ST   (1u << 25) /* cleared by the read */
#define DCB_DCRSR          0xE000EDF4u
#define DCB_DCRDR          0xE000EDF8u
#define DCB_DEMCR          0xE000EDFCu
#define DEMCR_VC_CORERESET (1u << 0)
#define DEMCR_VC_MMERR     (1u << 4)
#define DEMCR_VC_NOCPERR   (1u << 5)
#define DEMCR_VC_CHKERR    (1u << 6)
#define DEMCR_VC_STATERR   (1u << 7)
#define DEMCR_VC_BUSERR    (1u << 8)
#define DEMCR_VC_INTERR    (1u << 9)
#define DEMCR_VC_HARDERR   (1u << 10)
#define DEMCR_VC_ALL       0x000007F1u
#define DEMCR_VC_FAULTS    (DEMCR_VC_ALL & ~DEMCR_VC_CORERESET)
#define DEMCR_TRCENA       (1u << 24)

/* C1.11 flash patch and breakpoint unit, version 1 */
#define FPB_CTRL         0xE0002000u
#define FPB_CTRL_ENABLE  (1u << 0)
#define FPB_CTRL_KEY     (1u << 1)
#define FPB_COMP(n)      (0xE0002008u + 4u * (n))
#define FPB_COMP_ENABLE  (1u << 0)
#define FPB_COMP_ADDRESS 0x1FFFFFFCu
#define FPB_COMP_LOW     (1u << 30)  /* REPLACE = 01: break on the lower half-word */
#define FPB_COMP_HIGH    (2u << 30)  /* REPLACE = 10: break on the upper half-word */
#define FPB_CODE_END     0x20000000u /* comparators match below this address only */

/* C1.8 data watchpoint and trace unit; nothing of it answers without DEMCR.TRCENA */
#define DWT_CTRL             0xE0001000u
#define DWT_CTRL_NUMCOMP(x)  ((x) >> 28)
#define DWT_CTRL_ENABLES     0x007F1001u /* cycle counter, events, samples */
#define DWT_CYCCNT           0xE0001004u
#define DWT_COMP(n)          (0xE0001020u + 16u * (n))
#define DWT_MASK(n)          (0xE0001024u + 16u * (n))
#define DWT_MASK_BITS        0x1Fu
#define DWT_FUNCTION(n)      (0xE0001028u + 16u * (n))
#define DWT_FUNCTION_READ    5u
#define DWT_FUNCTION_WRITE   6u
#define DWT_FUNCTION_ACCESS  7u
#define DWT_FUNCTION_MATCHED (1u << 24) /* cleared by the read */

/* C1.7 instrumentation trace macrocell; needs DEMCR.TRCENA, too */
#define ITM_TCR        0xE0000E80u
#define ITM_TCR_ITMENA (1u << 0)

/* C1.6.3 DCRSR register selectors */
#define SELECTOR_SP      13u
#define SELECTOR_LR      14u
#define SELECTOR_PC      15u
#define SELECTOR_XPSR    16u
#define SELECTOR_MSP     17u
#define SELECTOR_PSP     18u
#define SELECTOR_SPECIAL 20u /* CONTROL:FAULTMASK:BASEPRI:PRIMASK, high byte first */
#define SELECTOR_FPSCR   33u
#define SELECTOR_S0      64u

#define XPSR_T         (1u << 24)  /* Thumb state; without it nothing executes */
#define XPSR_EXCEPTION 0x000001FFu /* the exception being handled; 0: none */

#endif
