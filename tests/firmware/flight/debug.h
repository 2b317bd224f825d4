/*
 * Orders from a debugger: set `debug_command` to one of the numbers below, in any context; the main
 * loop does it within a millisecond and sets it back to 0. README.md tells what to expect of each.
 */
#ifndef FLIGHT_DEBUG_H
#define FLIGHT_DEBUG_H

#include <stdint.h>

enum debug_command {
	DEBUG_NONE,
	DEBUG_DIVIDE_BY_ZERO,
	DEBUG_READ_NOWHERE,
	DEBUG_WRITE_NOWHERE,
	DEBUG_UNDEFINED_INSTRUCTION,
	DEBUG_UNALIGNED_ACCESS,
	DEBUG_NO_COPROCESSOR,
	DEBUG_INVALID_STATE,
	DEBUG_STACK_OVERFLOW,
	DEBUG_LOCKUP,
	DEBUG_SEMIHOSTING_HELLO,
	DEBUG_START_WATCHDOG,
	DEBUG_ENTER_STOP,
	DEBUG_ENTER_STANDBY,
	DEBUG_RELEASE_SWD_PINS,
	DEBUG_RESET,
	DEBUG_ERASE_LAST_SECTOR,
	DEBUG_DMA_COPY,
	DEBUG_COMMANDS,
};

extern volatile uint32_t debug_command;

/* What the last command returned, and how many have been done. */
extern volatile uint32_t debug_result;
extern volatile uint32_t debug_done;

void debug_poll(void);

#endif
