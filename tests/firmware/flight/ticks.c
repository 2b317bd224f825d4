/* PM0214 4.5 (SysTick), 4.4.9 (priorities: the F401 implements the upper four bits), 4.4.3 (ICSR).
 */
#include "ticks.h"

#include "clock.h"
#include "registers.h"

volatile uint32_t ticks;

void ticks_start(void)
{
	scb.shpr[SCB_SHPR_SYSTICK] = 0x10;
	scb.shpr[SCB_SHPR_SVCALL] = 0x80;
	scb.shpr[SCB_SHPR_PENDSV] = 0xF0;

	systick.load = clock_hz / TICKS_HZ - 1;
	systick.val = 0;
	systick.ctrl = SYSTICK_CTRL_CLKSOURCE | SYSTICK_CTRL_TICKINT | SYSTICK_CTRL_ENABLE;
}

void ticks_handler(void)
{
	ticks++;
	scb.icsr = SCB_ICSR_PENDSVSET;
}
