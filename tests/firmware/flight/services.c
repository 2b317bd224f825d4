/* PM0214 3.11.10 (SVC: the number is the instruction's low byte), 2.3.7 (stacked frame). */
#include "services.h"

#include "cpu.h"
#include "log.h"
#include "ticks.h"

enum { SERVICE_TICKS, SERVICE_LOG };

uint32_t service_ticks(void)
{
	register uint32_t result __asm("r0");

	__asm volatile("svc %1" : "=r"(result) : "i"(SERVICE_TICKS) : "memory");
	return result;
}

void service_log(const char *text, uint32_t value)
{
	register const char *first __asm("r0") = text;
	register uint32_t second __asm("r1") = value;

	__asm volatile("svc %0" ::"i"(SERVICE_LOG), "r"(first), "r"(second) : "memory");
}

/* Arguments come in the caller's stacked registers, and so goes the result. */
__attribute__((used)) static void dispatch(struct exception_frame *frame)
{
	uint8_t number = ((const uint8_t *)frame->pc)[-2];

	switch (number) {
	case SERVICE_TICKS:
		frame->r0 = ticks;
		break;
	case SERVICE_LOG:
		log_write((const char *)frame->r0, frame->r1);
		break;
	default:
		log_write("svc: no such service", number);
		break;
	}
}

__attribute__((naked)) void services_handler(void)
{
	__asm volatile("tst lr, #4\n\t"
		       "ite eq\n\t"
		       "mrseq r0, msp\n\t"
		       "mrsne r0, psp\n\t"
		       "b dispatch");
}
