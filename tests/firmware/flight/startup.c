/*
 * From reset to main(): the vector table, the FPU, RAM contents, the two stacks.
 *
 * Thread mode runs on the process stack, exceptions on the main stack. The process stack lies at
 * the bottom of RAM, so an overflow runs into unmapped space and faults at once, instead of eating
 * data; the fault handler still has the main stack to work on.
 *
 * PM0214 2.3.4 (vector table), 2.1.3 (CONTROL); RM0368 10.1.3 (85 interrupts: 101 vectors).
 */
#include <stddef.h>

#include "control.h"
#include "faults.h"
#include "memory.h"
#include "registers.h"
#include "services.h"
#include "ticks.h"
#include "transfer.h"

/* Placed by firmware.ld. */
extern char main_stack_top[], thread_stack_top[];
extern char ram_image_start[], ram_image_end[], ram_image_load[];
extern char bss_start[], bss_end[];

union vector {
	const void *stack;
	void (*handler)(void);
};

void reset_handler(void);

__attribute__((section(".vectors"), used)) static const union vector vectors[16 + 85] = {
	[0] = {.stack = main_stack_top},
	[1] = {.handler = reset_handler},
	[2 ... 6] = {.handler = fault_handler},
	[11] = {.handler = services_handler},
	[12] = {.handler = fault_handler},
	[14] = {.handler = control_handler},
	[15] = {.handler = ticks_handler},
	[16 ... DMA2_STREAM0_VECTOR - 1] = {.handler = fault_handler},
	[DMA2_STREAM0_VECTOR] = {.handler = transfer_handler},
	[DMA2_STREAM0_VECTOR + 1 ... 100] = {.handler = fault_handler},
};

/* The way into thread mode: process stack selected (CONTROL.SPSEL), then main, which stays. */
__attribute__((noreturn)) static void start_thread(void)
{
	__asm volatile("msr psp, %0\n\t"
		       "msr control, %1\n\t"
		       "isb\n\t"
		       "bl main" ::"r"(thread_stack_top),
		"r"(2));
	__builtin_unreachable();
}

void reset_handler(void)
{
	/* First, because the compiler may use FPU registers anywhere. */
	scb.cpacr |= SCB_CPACR_FPU_FULL;
	cpu_synchronize();
	memcpy(ram_image_start, ram_image_load, (size_t)(ram_image_end - ram_image_start));
	memset(bss_start, 0, (size_t)(bss_end - bss_start));
	start_thread();
}
