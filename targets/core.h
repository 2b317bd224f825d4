/*
 * One Cortex-M core: halt, run, step, reset, registers, breakpoints.
 *
 * Private to targets/. Worker thread; blocks for USB and for the short bounded waits named below.
 * Sources: ARMv7-M ARM part C1, PM0214.
 */
#ifndef TARGETS_CORE_H
#define TARGETS_CORE_H

#include <stdbool.h>
#include <stdint.h>

#include "breakpoints.h"
#include "bus.h"
#include "cache.h"
#include "family.h"
#include "patches.h"
#include "probe/probe.h"
#include "targets/target.h"
#include "watchpoints.h"

/* A run that is a step of the user's: it ends where the code leaves a range. */
struct core_range {
	bool running;
	uint32_t exception; /* in which it began, 0 for none: handlers that come by do not end it */
	bool keeps_stack;   /* it ends with the sp that it began with: not in another thread */
	uint32_t stack;
};

struct core {
	struct probe *probe;
	const struct device *device; /* set by the owner after core_attach; where memory is */
	uint32_t cpuid;
	bool has_fpu;
	bool found_known;     /* the next is kept until a detach, over attaching anew */
	uint32_t found_demcr; /* at attach; restored at detach */
	bool catches_faults;  /* vector catch for faults is set */
	bool halted;          /* as last seen or made by us */
	bool masked;          /* C_MASKINTS is set; it may change only while halted */
	bool mask_unsure;     /* an attempt to change it has failed */
	bool stepped;         /* the halt was made by a step */
	bool stop_seen;       /* it has halted again as soon as it was let go; not reported yet */
	bool reset_seen;      /* S_RESET_ST was read, which clears it, and is not reported yet */
	bool lets_steps_in;   /* a step may enter an interrupt handler */
	uint64_t let_in_us;   /* when interrupts that pend may be let in again between steps */

	/* the present halt */
	enum target_stop_reason reason;
	struct watchpoint watched; /* which watchpoint; size 0: none of ours */
	bool reason_stands;        /* DFSR holds more than a halt, and is to be cleared */
	bool reason_is_clear;      /* DFSR was cleared when the core was let go */
	uint32_t stack_before;     /* sp at the last stop */
	bool pending_known;
	uint32_t pending;          /* ICSR */
	bool pending_suspect;      /* the debugger has written something, perhaps to the NVIC */
	uint32_t ram_from, ram_to; /* between these RAM was written; the same: nothing was */
	bool flash_checked, flash_locked;
	bool demcr_known;
	uint32_t demcr;

	struct core_range range;
	struct breakpoints breakpoints;
	struct watchpoints watchpoints;
	struct patches patches;
	struct cache cache;

	/* the register file, read once per stop */
	bool file_valid;
	uint32_t few_valid;           /* bit n: file[n] was read without the others */
	uint32_t due;                 /* bit n: file[n] has to be written before the core runs */
	uint32_t pc_before;           /* where the core stands while its pc is due */
	struct target_text *text_due; /* to be read before that; NULL: none */
	uint64_t fpu_valid;           /* bit n: fpu[n] was read */
	uint32_t file[PROBE_CORE_REGISTERS];
	uint32_t fpu[33]; /* FPSCR, S0-S31 */
};

/* Identifies the core behind the access port; neither halts nor enables debug. What another
 * debugger left set is no business of the firmware's and will not be restored.
 * Errors: ERR_TARGET_UNKNOWN when it is no ARMv7-M core. */
enum err core_attach(struct core *core, struct probe *probe) MUST_USE;

/* Takes away all breakpoints and watchpoints, restores the units and DEMCR as they were found, and
 * either lets the core run or leaves it halted; takes C_DEBUGEN away when it runs. Goes with what
 * is queued on `bus` already, and ends it. When that fails, the core's part is done once more in
 * pieces, so that what fails keeps nothing else from being put back. */
enum err core_detach(struct core *core, struct bus *bus, bool run) MUST_USE;

enum err core_poll(struct core *core, struct target_status *status) MUST_USE;

/* The present stop; costs nothing. */
void core_get_stop(const struct core *core, struct target_status *status);

/* Waits up to 100 ms for the core to be halted. */
enum err core_halt(struct core *core) MUST_USE;

/* ---- run and step: core_run.c ---- */

enum err core_resume(struct core *core) MUST_USE;

/* One instruction, interrupts masked; waits up to 100 ms, for pending interrupts too. */
enum err core_step(struct core *core) MUST_USE;

/* Steps once, or lets the core run until it leaves [start, end), where that is known to end. */
enum err core_step_range(struct core *core, uint32_t start, uint32_t end) MUST_USE;

/* ---- reset: core_reset.c ---- */

/* SYSRESETREQ, then NRST if that had no effect; waits up to 1 s for each. With `halt` the core is
 * stopped before its first instruction. */
enum err core_reset(struct core *core, bool halt) MUST_USE;

/* Vector catch is set and NRST is low: lets go of NRST and waits up to 1 s for the halt. */
enum err core_release_reset(struct core *core) MUST_USE;

/* ---- registers: core_file.c ---- */

enum err core_read_register(
	struct core *core, enum target_register which, uint32_t *value) MUST_USE;
enum err core_write_register(
	struct core *core, enum target_register which, uint32_t value) MUST_USE;

/* ---- calls of the firmware to its debugger: core_call.c ---- */

/* Reads some of r0-r15 (bit n: rn) without the rest of the file, and with them what is plain memory
 * of the ranges, where that costs little. */
enum err core_fetch(struct core *core, uint32_t which, const struct target_range *ranges,
	size_t count) MUST_USE;

/* Reads plain memory, at the latest when the core is let go. Errors: ERR_UNSUPPORTED. */
enum err core_read_soon(struct core *core, struct target_text *text) MUST_USE;

/* Does both now. */
enum err core_settle(struct core *core) MUST_USE;

/* Writes one of r0-r12, lr and pc, at the latest when the core is let go. */
enum err core_write_register_soon(
	struct core *core, enum target_register which, uint32_t value) MUST_USE;

/* ---- where it stops: core_points.c ---- */

enum err core_add_breakpoint(struct core *core, uint32_t address) MUST_USE;
enum err core_remove_breakpoint(struct core *core, uint32_t address) MUST_USE;
enum err core_add_watchpoint(
	struct core *core, enum target_watch kind, uint32_t address, uint32_t size) MUST_USE;
enum err core_remove_watchpoint(
	struct core *core, enum target_watch kind, uint32_t address, uint32_t size) MUST_USE;

/* ---- memory as the user is to see it: core_memory.c ---- */

/* While the core is halted, plain memory is read ahead and kept as cache.h says. */
enum err core_read_memory(struct core *core, uint32_t address, uint8_t *data, size_t size) MUST_USE;
/* Not a byte more is read, and nothing is kept. */
enum err core_read_once(struct core *core, uint32_t address, uint8_t *data, size_t size) MUST_USE;
enum err core_write_memory(
	struct core *core, uint32_t address, const uint8_t *data, size_t size) MUST_USE;

/* Whether the range is plain memory, which can be read without effects. */
bool core_has_plain_memory(const struct core *core, uint32_t address, size_t size);

/* Reads what is going to be asked for at a stop: code at the pc, the top of the stack. */
enum err core_prefetch(struct core *core) MUST_USE;

/* ---- code of our own: core_code.c ---- */

/* Starts code of our own (a RAM loader) at `pc`: interrupts off by PRIMASK, privileged, on the main
 * stack, in the handler that the core may be in. The core must be halted; it runs afterwards, and
 * the user's breakpoints are not touched. */
enum err core_run_code(struct core *core, uint32_t pc, uint32_t sp) MUST_USE;

/* Stops that code between two instructions, and lets it go on where it was. Its registers and the
 * reason of the stop are nobody's business. */
enum err core_pause_code(struct core *core) MUST_USE;
enum err core_continue_code(struct core *core) MUST_USE;

#endif
