/* The table of orders, and the one place that runs them: thread mode, from main's loop. */
#include "debug.h"

#include "log.h"
#include "misbehave.h"
#include "power.h"
#include "semihosting.h"
#include "services.h"
#include "storage.h"
#include "transfer.h"

volatile uint32_t debug_command;
volatile uint32_t debug_result;
volatile uint32_t debug_done;

static void semihosting_hello(void)
{
	semihosting_write("Hello from the flight controller.\n");
}

/* Each either acts, or is asked for a result. */
static const struct {
	const char *text;
	void (*act)(void);
	uint32_t (*ask)(void);
} commands[DEBUG_COMMANDS] = {
	[DEBUG_DIVIDE_BY_ZERO] = {"debug: divide by zero", .act = misbehave_divide_by_zero},
	[DEBUG_READ_NOWHERE] = {"debug: read nowhere", .act = misbehave_read_nowhere},
	[DEBUG_WRITE_NOWHERE] = {"debug: write nowhere", .act = misbehave_write_nowhere},
	[DEBUG_UNDEFINED_INSTRUCTION] = {"debug: undefined instruction",
		.act = misbehave_undefined_instruction},
	[DEBUG_UNALIGNED_ACCESS] = {"debug: unaligned access", .act = misbehave_unaligned_access},
	[DEBUG_NO_COPROCESSOR] = {"debug: no coprocessor", .act = misbehave_no_coprocessor},
	[DEBUG_INVALID_STATE] = {"debug: invalid state", .act = misbehave_invalid_state},
	[DEBUG_STACK_OVERFLOW] = {"debug: stack overflow", .act = misbehave_stack_overflow},
	[DEBUG_LOCKUP] = {"debug: lockup", .act = misbehave_lockup},
	[DEBUG_SEMIHOSTING_HELLO] = {"debug: semihosting hello", .act = semihosting_hello},
	[DEBUG_START_WATCHDOG] = {"debug: start watchdog", .act = power_start_watchdog},
	[DEBUG_ENTER_STOP] = {"debug: enter STOP", .act = power_enter_stop},
	[DEBUG_ENTER_STANDBY] = {"debug: enter STANDBY", .act = power_enter_standby},
	[DEBUG_RELEASE_SWD_PINS] = {"debug: release SWD pins", .act = power_release_swd_pins},
	[DEBUG_RESET] = {"debug: reset", .act = power_reset},
	[DEBUG_ERASE_LAST_SECTOR] = {"debug: erase last sector", .ask = storage_erase_last_sector},
	[DEBUG_DMA_COPY] = {"debug: DMA copy", .ask = transfer_start},
};

static uint32_t debug_run(enum debug_command command)
{
	service_log(commands[command].text, command);
	if (commands[command].ask != 0) {
		return commands[command].ask();
	}
	commands[command].act();
	return 0;
}

void debug_poll(void)
{
	uint32_t command = debug_command;

	if (command == DEBUG_NONE) {
		return;
	}
	debug_command = DEBUG_NONE;
	if (command >= DEBUG_COMMANDS) {
		log_write("debug: no such command", command);
		return;
	}
	debug_result = debug_run((enum debug_command)command);
	debug_done++;
}
