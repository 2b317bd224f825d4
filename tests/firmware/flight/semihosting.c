/* Arm, Semihosting for AArch32 and AArch64: 3 (BKPT 0xAB in Thumb on M-profile), 6.22 (SYS_WRITE0).
 */
#include "semihosting.h"

#include <stdint.h>

enum { SYS_WRITE0 = 0x04 };

void semihosting_write(const char *text)
{
	register uint32_t operation __asm("r0") = SYS_WRITE0;
	register const char *argument __asm("r1") = text;

	/* R0 comes back changed, with nothing in it for this operation. */
	__asm volatile("bkpt 0xAB" : "+r"(operation) : "r"(argument) : "memory");
}
