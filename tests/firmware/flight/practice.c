/* Each function keeps its frame: none of them is inlined or turned into a loop. */
#include "practice.h"

#include "services.h"

extern const uint32_t image_start[];

struct practice practice;

/* As many frames as `n`, one on top of the other. */
__attribute__((noinline)) static uint32_t factorial(uint32_t n)
{
	if (n <= 1) {
		return 1;
	}
	uint32_t smaller = factorial(n - 1);
	return n * smaller;
}

/* Runs in RAM, where a breakpoint is a BKPT instruction and not a comparator of the FPB. */
__attribute__((section(".ramfunc"), noinline, long_call)) static uint32_t ram_sum(
	const uint32_t *words, uint32_t count)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < count; i++) {
		sum += words[i];
	}
	return sum;
}

void practice_round(void)
{
	practice.factorial = factorial(10);
	practice.ram_sum = ram_sum(image_start, 16 + 85);
	practice.ticks = service_ticks();
	practice.rounds++;
}
