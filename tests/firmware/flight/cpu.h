/*
 * Instructions of the Cortex-M4 that C has no words for, and the frame that an exception stacks.
 * PM0214 2.3.7 (exception entry), 3.11 (miscellaneous instructions).
 */
#ifndef FLIGHT_CPU_H
#define FLIGHT_CPU_H

#include <stdint.h>

/* What the core pushes on exception entry, lowest address first. With an FPU context, S0-S15 and
 * FPSCR follow. */
struct exception_frame {
	uint32_t r0, r1, r2, r3, r12, lr, pc, xpsr;
};

static inline void cpu_wait_for_interrupt(void)
{
	__asm volatile("dsb\n\twfi" ::: "memory");
}

static inline void cpu_synchronize(void)
{
	__asm volatile("dsb\n\tisb" ::: "memory");
}

/* Masks interrupts; returns PRIMASK as it was, for cpu_unmask_interrupts. The pair nests. */
static inline uint32_t cpu_mask_interrupts(void)
{
	uint32_t primask;

	__asm volatile("mrs %0, primask\n\tcpsid i" : "=r"(primask)::"memory");
	return primask;
}

static inline void cpu_unmask_interrupts(uint32_t primask)
{
	__asm volatile("msr primask, %0" ::"r"(primask) : "memory");
}

#endif
