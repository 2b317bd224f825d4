/*
 * PM0214 2.4 (fault handling), 2.3.7 (EXC_RETURN), 4.4.14-4.4.17 (fault status registers). The
 * configurable faults stay disabled in SHCSR, as after reset, so each of them arrives as HardFault
 * with HFSR.FORCED, the cause in CFSR.
 */
#include "faults.h"

#include <stdbool.h>

#include "motors.h"
#include "registers.h"

extern char ram_start[], ram_end[];

struct fault last_fault;

static bool is_in_ram(uint32_t address)
{
	return address >= (uint32_t)ram_start &&
	       address <= (uint32_t)ram_end - sizeof(struct exception_frame);
}

/* After a stack overflow the frame was never stored: reading it would be a fault in the fault
 * handler, which is lockup. */
static void record(const struct exception_frame *frame, uint32_t exc_return)
{
	last_fault.count++;
	last_fault.exception = scb.icsr & 0x1FF;
	last_fault.exc_return = exc_return;
	last_fault.stack = (uint32_t)frame;
	last_fault.frame = is_in_ram((uint32_t)frame) ? *frame : (struct exception_frame){0};
	last_fault.cfsr = scb.cfsr;
	last_fault.hfsr = scb.hfsr;
	last_fault.mmfar = scb.mmfar;
	last_fault.bfar = scb.bfar;
}

__attribute__((used)) static void fault_stop(
	const struct exception_frame *frame, uint32_t exc_return)
{
	motors_stop();
	record(frame, exc_return);
	last_fault.hold = 1;
	while (last_fault.hold != 0) {
		last_fault.spins++;
	}
	/* Sticky flags, cleared by writing ones: the next fault shall show its own cause. */
	scb.cfsr = last_fault.cfsr;
	scb.hfsr = last_fault.hfsr;
}

/* Bit 2 of EXC_RETURN tells which stack holds the frame. A branch, not a call: fault_stop returns
 * from the exception, and a backtrace goes straight to the culprit. */
__attribute__((naked)) void fault_handler(void)
{
	__asm volatile("tst lr, #4\n\t"
		       "ite eq\n\t"
		       "mrseq r0, msp\n\t"
		       "mrsne r0, psp\n\t"
		       "mov r1, lr\n\t"
		       "b fault_stop");
}
