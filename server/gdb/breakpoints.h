/*
 * The controller's breakpoints, as it set them: what the target was told, and by which packet.
 *
 * gdb wants to hear whether a stop is due to its own software (Z0) or hardware (Z1) breakpoint, or
 * to neither; the target knows only addresses. Worker thread.
 */
#ifndef SERVER_GDB_BREAKPOINTS_H
#define SERVER_GDB_BREAKPOINTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probe/err.h"

struct target;

enum breakpoint_type { BREAKPOINT_SOFTWARE = 0, BREAKPOINT_HARDWARE = 1 }; /* as in Z0, Z1 */

struct breakpoint {
	uint32_t address;
	enum breakpoint_type type;
};

/* Zeroed is empty. */
struct breakpoints {
	struct breakpoint *list;
	size_t count, room;
};

/* Sets one; setting it twice is fine. Errors: those of target_add_breakpoint, ERR_NO_MEMORY. */
enum err breakpoints_add(struct breakpoints *breakpoints, struct target *target, uint32_t address,
	enum breakpoint_type type) MUST_USE;

/* Removes one; that it is not there is fine. */
enum err breakpoints_remove(struct breakpoints *breakpoints, struct target *target,
	uint32_t address, enum breakpoint_type type) MUST_USE;

/* The breakpoint at an address, a hardware one first, or NULL. */
const struct breakpoint *breakpoints_find(const struct breakpoints *breakpoints, uint32_t address);

/* Tells a target that was attached anew of all of them. What fails is logged by the target. */
void breakpoints_restore(const struct breakpoints *breakpoints, struct target *target);

/* Removes all from the target. */
void breakpoints_clear(struct breakpoints *breakpoints, struct target *target);

/* Forgets all, without telling the target. */
void breakpoints_finish(struct breakpoints *breakpoints);

#endif
