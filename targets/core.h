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
#include "probe/probe.h"
#include "targets/target.h"

struct core {
	struct probe *probe;
	uint32_t cpuid;
	bool has_fpu;
	uint32_t found_demcr; /* at attach; restored at detach */
	uint32_t demcr;       /* as it stands */
	bool halted;          /* as last seen or made by us */
	bool masked;          /* C_MASKINTS is set; it may change only while halted */
	bool stepped;         /* the halt was made by a step */
	bool reset_seen;      /* S_RESET_ST was read, which clears it, and is not reported yet */
	enum target_stop_reason reason; /* of the present halt */
	struct breakpoints breakpoints;

	/* the register file, read once per stop */
	bool file_valid, fpu_valid;
	uint32_t file[PROBE_CORE_REGISTERS];
	uint32_t fpu[33]; /* FPSCR, S0-S31 */
};

/* Identifies the core behind the access port; neither halts nor enables debug.
 * Errors: ERR_TARGET_UNKNOWN when it is no ARMv7-M core. */
enum err core_attach(struct core *core, struct probe *probe) MUST_USE;

/* Clears comparators, restores DEMCR, and either lets the core run or leaves it halted; takes
 * C_DEBUGEN away when it runs. */
enum err core_detach(struct core *core, bool run) MUST_USE;

enum err core_poll(struct core *core, struct target_status *status) MUST_USE;

/* Waits up to 100 ms for the core to be halted. */
enum err core_halt(struct core *core) MUST_USE;
enum err core_resume(struct core *core) MUST_USE;

/* One instruction, interrupts masked; waits up to 100 ms. */
enum err core_step(struct core *core) MUST_USE;

/* SYSRESETREQ, then NRST if that had no effect; waits up to 1 s for each. With `halt` the core is
 * stopped before its first instruction. */
enum err core_reset(struct core *core, bool halt) MUST_USE;

/* Vector catch is set and NRST is low: lets go of NRST and waits up to 1 s for the halt. */
enum err core_release_reset(struct core *core) MUST_USE;

/* Registers: core_file.c */
enum err core_read_register(
	struct core *core, enum target_register which, uint32_t *value) MUST_USE;
enum err core_write_register(
	struct core *core, enum target_register which, uint32_t value) MUST_USE;

/* Starts code of our own (a RAM loader) at `pc`: interrupts off by PRIMASK, privileged, on the main
 * stack, in the handler that the core may be in. The core must be halted; it runs afterwards, and
 * the user's breakpoints are not touched. */
enum err core_run_code(struct core *core, uint32_t pc, uint32_t sp) MUST_USE;

/* Stops that code between two instructions, and lets it go on where it was. Its registers and the
 * reason of the stop are nobody's business. */
enum err core_pause_code(struct core *core) MUST_USE;
enum err core_continue_code(struct core *core) MUST_USE;

#endif
