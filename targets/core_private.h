/* What the files of the core share: core.c (run control), core_reset.c, core_file.c (registers). */
#ifndef TARGETS_CORE_PRIVATE_H
#define TARGETS_CORE_PRIVATE_H

#include "core.h"

#define CORE_HALT_TIMEOUT_US 100000u
#define CORE_NOWHERE         1u /* odd: no address of an instruction */

enum err core_read_dhcsr(struct core *core, uint32_t *dhcsr) MUST_USE;

/* Writes key, C_DEBUGEN and `bits`. */
enum err core_write_dhcsr(struct core *core, uint32_t bits) MUST_USE;

/* The core is halted: reads and clears DFSR, sets core->reason and core->halted. */
enum err core_take_reason(struct core *core) MUST_USE;

/* Writes the breakpoints that are wanted into the comparators, none at `except`. */
enum err core_sync_breakpoints(struct core *core, uint32_t except) MUST_USE;

/* Notes that the core runs: what was cached of the stop is gone. */
void core_now_runs(struct core *core);

#endif
