/*
 * The program that tests of run control load: a vector table, and a place for each thing that a
 * debugger may meet. program.S is its source; generate.sh makes this file from it.
 */
#ifndef TESTS_DEBUG_PROGRAM_H
#define TESTS_DEBUG_PROGRAM_H

#include <stdint.h>

#define PROGRAM_START 0x08000000u
#define PROGRAM_COUNT 0x20000100u /* a word that the loop counts up */
#define PROGRAM_TICKS 0x20000200u /* a word that the SysTick handler counts up */
#define PROGRAM_STACK 0x20008000u

enum {
	PROGRAM_RESET = 0x08000100,
	PROGRAM_LOOP = 0x08000104,
	PROGRAM_LEAF = 0x08000140,
	PROGRAM_SYSTICK = 0x08000150,
	PROGRAM_HARD_FAULT = 0x08000160,
	PROGRAM_SPIN = 0x08000160,
	PROGRAM_SVC_HANDLER = 0x08000170,
	PROGRAM_SVC_HERE = 0x08000180,
	PROGRAM_BKPT_HERE = 0x08000190,
	PROGRAM_WFI_HERE = 0x080001A0,
	PROGRAM_EXCLUSIVE = 0x080001B0,
	PROGRAM_WILD_STORE = 0x080001D0,
	PROGRAM_UNDEFINED = 0x080001E0,
	PROGRAM_DIVIDE = 0x080001F0,
	PROGRAM_WILD_JUMP = 0x08000200,
	PROGRAM_UNALIGNED = 0x08000210,
	PROGRAM_MASKED = 0x08000220,
	PROGRAM_SHORT_LOOP = 0x08000230,
	PROGRAM_FPU_CALLER = 0x08000258, /* of a function that saves registers of the FPU */
	PROGRAM_CALLS = 0x08000280, /* of number r4, with r5, which then changes by r7 */
	PROGRAM_CALLED = 0x08000286,
	PROGRAM_TEXT = 0x08000290, /* two of them, 0x20 apart */
	PROGRAM_LONG_TEXT = 0x080002C0,
};

extern const uint8_t program[0x300];

#endif
