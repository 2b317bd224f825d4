/*
 * The witness: what was read of the chip's registers over SWD, and what they answered.
 *
 * For tests that hold what a debugger says against what it was told. Filled by the access port with
 * words of peripherals and of the private bus, asked by the control language (`seen`). Memory is
 * left out: it can be looked at later.
 */
#ifndef TARGETS_VIRTUAL_WITNESS_H
#define TARGETS_VIRTUAL_WITNESS_H

#include <stddef.h>
#include <stdint.h>

#define WITNESS_SIGHTS 256

/* A value at an address; each pair is kept once, with the time when it was seen last. */
struct sight {
	uint32_t address, value;
	uint64_t order; /* 0: free */
};

struct witness {
	struct sight sights[WITNESS_SIGHTS];
	uint64_t count; /* of all that was seen */
};

void witness_forget(struct witness *witness);

/* When there is no room, what was not seen for longest is forgotten. */
void witness_note(struct witness *witness, uint32_t address, uint32_t value);

/* The values seen at an address, in no order; returns how many. */
size_t witness_values(
	const struct witness *witness, uint32_t address, uint32_t values[WITNESS_SIGHTS]);

#endif
