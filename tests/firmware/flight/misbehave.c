/*
 * PM0214 4.4.7 (CCR: the trap bits), 4.6.1 (CPACR). Each function spoils as little as it can and,
 * when it is let go on, puts things right again.
 */
#include "misbehave.h"

#include <stdint.h>

#include "cpu.h"
#include "registers.h"

/* Reserved on this chip: the bus answers with an error. */
static volatile uint32_t *const nowhere = (volatile uint32_t *)0x30000000;

void misbehave_divide_by_zero(void)
{
	uint32_t number = 84;

	scb.ccr |= SCB_CCR_DIV_0_TRP;
	cpu_synchronize();
	__asm volatile("udiv %0, %0, %1" : "+r"(number) : "r"(0));
	scb.ccr &= ~(uint32_t)SCB_CCR_DIV_0_TRP;
}

/* Aligned for misbehave_invalid_state, which calls it as if it were ARM code. */
__attribute__((aligned(4))) void misbehave_read_nowhere(void)
{
	(void)*nowhere;
}

void misbehave_write_nowhere(void)
{
	*nowhere = 84;
	cpu_synchronize();
}

void misbehave_undefined_instruction(void)
{
	__asm volatile("udf #0");
}

void misbehave_unaligned_access(void)
{
	uint32_t words[2] = {0};

	scb.ccr |= SCB_CCR_UNALIGN_TRP;
	cpu_synchronize();
	__asm volatile("ldr r3, [%0]" ::"r"((uint32_t)words + 1) : "r3", "memory");
	scb.ccr &= ~(uint32_t)SCB_CCR_UNALIGN_TRP;
}

void misbehave_no_coprocessor(void)
{
	/* The control loop would trip over it first. */
	uint32_t primask = cpu_mask_interrupts();

	scb.cpacr &= ~(uint32_t)SCB_CPACR_FPU_FULL;
	cpu_synchronize();
	__asm volatile("vmov s0, s0" ::: "s0");
	scb.cpacr |= SCB_CPACR_FPU_FULL;
	cpu_synchronize();
	cpu_unmask_interrupts(primask);
}

void misbehave_invalid_state(void)
{
	__asm volatile("blx %0" ::"r"((uint32_t)misbehave_read_nowhere & ~1u) : "lr", "memory");
}

/* 2 KB of stack are gone after some 40 of these. */
__attribute__((noinline)) static uint32_t dig(uint32_t depth)
{
	volatile uint32_t load[8];

	load[depth % 8] = depth;
	return depth == 0 ? load[0] : dig(depth - 1) + load[depth % 8];
}

void misbehave_stack_overflow(void)
{
	(void)dig(100000);
}

void misbehave_lockup(void)
{
	__asm volatile("cpsid f\n\tudf #0");
}
