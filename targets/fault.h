/*
 * What the system control block knows of a fault, decoded. Reads only: nothing in the core is
 * changed by it, so that it can be asked again and again.
 *
 * Called by target.c. Worker thread. Source: ARMv7-M ARM B3.2.15 to B3.2.18 (CFSR, HFSR, MMFAR,
 * BFAR), B1.5.6 (what is stacked), B1.5.8 (EXC_RETURN).
 */
#ifndef TARGETS_FAULT_H
#define TARGETS_FAULT_H

#include "core.h"

/* The contract is that of target_read_fault(). */
enum err fault_read(struct core *core, struct target_fault *fault) MUST_USE;

#endif
