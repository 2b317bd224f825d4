/*
 * What the files of the core share: core.c (attach, state), core_run.c (run and step),
 * core_range.c (steps that are runs), core_look.c (at a stop), core_points.c (where it stops),
 * core_reset.c, core_file.c (registers), core_call.c (calls of the firmware), core_memory.c,
 * core_code.c (code of our own).
 */
#ifndef TARGETS_CORE_PRIVATE_H
#define TARGETS_CORE_PRIVATE_H

#include "core.h"

#define CORE_HALT_TIMEOUT_US 100000u
#define CORE_NOWHERE         1u /* odd: no address of an instruction */

/* S_RESET_ST, which the read has cleared, is remembered. */
void core_note_reset(struct core *core, uint32_t dhcsr);

enum err core_read_dhcsr(struct core *core, uint32_t *dhcsr) MUST_USE;

/* Writes key, C_DEBUGEN and `bits`. */
enum err core_write_dhcsr(struct core *core, uint32_t bits) MUST_USE;

/* Changes bits of DEMCR; the others are the firmware's. */
enum err core_change_demcr(struct core *core, uint32_t clear, uint32_t set) MUST_USE;

/* The core is halted: learns why, sets core->reason and core->halted; core_look.c. */
enum err core_take_reason(struct core *core) MUST_USE;

/* The same, knowing DFSR. */
enum err core_note_stop(struct core *core, uint32_t dfsr) MUST_USE;

struct core_look {
	uint32_t dhcsr, dfsr;
};

/* One look at a core that may have stopped; after a step it brings along what is read next. */
enum err core_look(struct core *core, struct core_look *look) MUST_USE;

/* core_prepare() but for memory, a step, and one look behind it. *gone: the step was made, whatever
 * has failed after it; it is noted only when nothing has. */
enum err core_step_and_look(
	struct core *core, uint32_t except, bool mask, struct core_look *look, bool *gone) MUST_USE;

/* What is wanted behind a stop that was no step, in one command: whether the flash is locked,
 * DEMCR, and the stack from `sp` on. Reads nothing where that is known, or where the firmware of
 * the probe has no batches. ERR_TARGET_FAULT where the chip has no memory for the stack. */
enum err core_look_behind(struct core *core, uint32_t sp) MUST_USE;

/* Where a core that is halted stands; CORE_NOWHERE: it runs, or that cannot be told. */
uint32_t core_stands_at(struct core *core);

/* Waits up to 100 ms for the core to halt, then does that. `wakes`: one that sleeps is halted. */
enum err core_wait_stop(struct core *core, bool wakes) MUST_USE;

/* Waits up to 100 ms for the core to halt, and leaves the reason alone. */
enum err core_wait_halted(struct core *core) MUST_USE;

/* Makes comparators, patches, vector catch and the interrupt mask as the next run wants them; no
 * breakpoint at `except`. The core must be halted. */
enum err core_prepare(struct core *core, uint32_t except, bool mask) MUST_USE;

/* Lets the core go after core_prepare(), by a step or a run (C_STEP or 0). */
enum err core_go(struct core *core, uint32_t bits) MUST_USE;

/* The halves of core_prepare() and of core_go(), for who has more to put on the bus: what is queued
 * for it, and what is known when the bus has ended with `err`. */
bool core_queue_prepare(struct core *core, struct bus *bus, uint32_t except, bool mask);
enum err core_note_prepared(struct core *core, enum err err, bool clears, bool mask) MUST_USE;
uint32_t core_go_word(uint32_t bits, bool mask); /* for DHCSR */
void core_note_gone(struct core *core, uint32_t bits);

/* Vector catch as the next run wants it. */
enum err core_catch_faults(struct core *core) MUST_USE;

/* Does what is due and lets the core run; in one command, where that can be, with a look at whether
 * it has halted again at once. */
enum err core_return(struct core *core) MUST_USE;

/* Notes that the core runs: what was read at the stop is gone. The first leaves memory alone. */
void core_stop_is_over(struct core *core);
void core_now_runs(struct core *core);

/* What the flash's lock register reads at this stop: what is known of flash may be gone. */
void core_note_flash(struct core *core, uint32_t lock);

/* The core has stopped in a run that is a step: it is over, or *goes_on. */
enum err core_end_range(struct core *core, bool *goes_on) MUST_USE;
void core_forget_range(struct core *core);

/* Whether a breakpoint of the user's is at `address`. */
bool core_has_breakpoint(const struct core *core, uint32_t address);

/* One instruction whatever it is; the core is halted after it. */
enum err core_step_once(struct core *core, uint32_t pc, bool mask) MUST_USE;

/* One instruction as core_step() makes it; or, where it has to be waited for, range.running. */
enum err core_begin_step(struct core *core) MUST_USE;

/* Before a step: lets interrupts in that pend. After it core->reason tells whether the core came
 * back (TARGET_STOP_STEP), or what else has stopped it. A handler that switches to another thread
 * may keep it away for long: then range.running, and it ends where it began. */
enum err core_let_in(struct core *core, uint32_t pc) MUST_USE;

/* Runs an exclusive sequence that begins at `pc` to its end. False in *passed when there is none.
 */
enum err core_pass_exclusive(struct core *core, uint32_t pc, bool *passed) MUST_USE;

#endif
