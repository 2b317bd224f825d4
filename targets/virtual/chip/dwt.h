/* What the DWT and the run loop say to each other. */
#ifndef TARGETS_VIRTUAL_CHIP_DWT_H
#define TARGETS_VIRTUAL_CHIP_DWT_H

#include "m4.h"

/* Addresses of comparators that match the program counter; returns how many, 4 at most. */
unsigned dwt_pc_addresses(const struct peripheral *peripheral, uint32_t *addresses);

/* Looks at what the last instructions accessed, and halts if a watchpoint matched. */
void dwt_settle(struct m4 *core);

/* A data access of the core; struct engine_ops.watch. */
void dwt_engine_access(void *owner, uint32_t address, unsigned width, bool write, uint32_t value);

/* Whether a comparator matches this program counter; marks it as MATCHED. */
bool dwt_match_pc(struct m4 *core, uint32_t pc);

/* Whether a comparator looks at data. */
bool dwt_wants_accesses(const struct m4 *core);

extern const struct peripheral_ops dwt_ops;

#endif
