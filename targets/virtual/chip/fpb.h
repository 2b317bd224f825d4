/* What the FPB contributes to breakpoints.c. */
#ifndef TARGETS_VIRTUAL_CHIP_FPB_H
#define TARGETS_VIRTUAL_CHIP_FPB_H

#include "peripheral.h"

enum { FPB_ADDRESSES = 12 };

/* The addresses of the breakpoints in force; returns how many of FPB_ADDRESSES. */
unsigned fpb_addresses(const struct peripheral *peripheral, uint32_t *addresses);

extern const struct peripheral_ops fpb_ops;

#endif
