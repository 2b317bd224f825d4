/*
 * A target in memory, for tests of the sessions: implements targets/target.h.
 *
 * Its core executes nothing: a step moves the pc by two, running moves it on at each poll until a
 * breakpoint is met. Every call is counted and can be made to fail.
 */
#ifndef TESTS_GDB_FAKE_TARGET_H
#define TESTS_GDB_FAKE_TARGET_H

#include <stdbool.h>

#include "targets/target.h"

#define FAKE_FLASH_START 0x08000000U
#define FAKE_FLASH_SIZE  0x40000U
#define FAKE_RAM_START   0x20000000U
#define FAKE_RAM_SIZE    0x10000U

enum fake_call {
	FAKE_ATTACH,
	FAKE_DETACH,
	FAKE_POLL,
	FAKE_HALT,
	FAKE_RESUME,
	FAKE_STEP,
	FAKE_RESET,
	FAKE_READ_REGISTER,
	FAKE_WRITE_REGISTER,
	FAKE_READ_MEMORY,
	FAKE_WRITE_MEMORY,
	FAKE_CRC,
	FAKE_ADD_BREAKPOINT,
	FAKE_REMOVE_BREAKPOINT,
	FAKE_FLASH_ERASE,
	FAKE_FLASH_WRITE,
	FAKE_FLASH_DONE,
	FAKE_FLASH_FORGET,
	FAKE_FLASH_LOOK,
	FAKE_VOLTAGE,
	FAKE_SPEED,
	FAKE_OPTION,
	FAKE_UNLOCK,
	FAKE_CALLS,
};

#define FAKE_BREAKPOINTS 6
#define FAKE_WATCHPOINTS 4

struct target {
	struct target_hooks hooks;
	struct target_identity identity;
	uint32_t registers[TARGET_REGISTER_COUNT];
	uint8_t flash[FAKE_FLASH_SIZE];
	uint8_t ram[FAKE_RAM_SIZE];

	bool attached, running, locked_up, was_reset, incomplete;
	bool in_reset; /* held there; each poll sees it reset */
	enum target_stop_reason reason;
	struct target_fault fault;
	struct target_status stop; /* what target_get_stop adds to the reason */
	struct fake_watch {
		enum target_watch kind;
		uint32_t address, size;
	} watches[FAKE_WATCHPOINTS];
	unsigned watch_count;
	bool runs_ranges; /* a step of a range is a run: until the poll after it */
	bool ranges_are_endless;
	uint32_t range_end;
	uint32_t breakpoints[FAKE_BREAKPOINTS];
	unsigned breakpoint_count;
	unsigned instructions_per_poll; /* how far the pc moves at each poll while it runs */
	uint32_t pc_end, pc_start;      /* where the pc wraps to; end 0: nowhere */

	/* what was recorded for a load: a byte each, and whether it is to be written */
	uint8_t *staged;
	bool *is_staged, *is_erased;
	bool flash_changed, never_loaded; /* what target_flash_look() finds */
	unsigned load_blocks;             /* how often a load yields */

	enum target_connect connect;
	char wrp[16]; /* its one option byte */

	unsigned millivolts;
	unsigned calls[FAKE_CALLS];
	enum err fail[FAKE_CALLS]; /* what the call returns instead of working */
	enum err fail_once[FAKE_CALLS];
	const char *fail_log;                  /* the error line that such a call logs */
	const struct target_report *failure;   /* what target_last_failure says */
	const struct target_report *why_reset; /* what target_explain_reset finds; NULL: nothing */
	const struct target_report *why_lost;  /* what target_explain_loss finds */
	const struct target_report *load_report; /* what a load that fails tells */
	unsigned explained;                      /* how often target_explain_loss was asked */
	const struct target_report *wrong;       /* what target_diagnose finds; NULL: nothing */
	size_t largest_read;                     /* bytes of the longest target_read_memory */
};

/* Counts the call, and returns what it is to fail with. */
enum err fake_target_call(struct target *target, enum fake_call which) MUST_USE;

#endif
