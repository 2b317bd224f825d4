/*
 * The controller's breakpoints, as it set them: what the target was told, and by which packet.
 *
 * gdb wants to hear whether a stop is due to its own software (Z0) or hardware (Z1) breakpoint, or
 * to neither; the target knows only addresses. Worker thread.
 */
#ifndef SERVER_GDB_POINTS_H
#define SERVER_GDB_POINTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probe/err.h"

struct point_code;
struct target;

enum point_type { POINT_SOFTWARE = 0, POINT_HARDWARE = 1 }; /* as in Z0, Z1 */

struct point {
	uint32_t address;
	enum point_type type;
};

/* Zeroed is empty. */
struct points {
	struct point *list;
	size_t count, room;
	struct point_code *codes; /* of those that have conditions or commands */
};

/* Sets one; setting it twice is fine. Errors: those of target_add_breakpoint, ERR_NO_MEMORY. */
enum err points_add(struct points *points, struct target *target, uint32_t address,
	enum point_type type) MUST_USE;

/* Removes one; that it is not there is fine. */
enum err points_remove(struct points *points, struct target *target, uint32_t address,
	enum point_type type) MUST_USE;

/* The breakpoint at an address, a hardware one first, or NULL. */
const struct point *points_find(const struct points *points, uint32_t address);

bool points_has(const struct points *points, uint32_t address, enum point_type type);

/* Tells a target that was attached anew of all of them. What fails is logged by the target. */
void points_restore(const struct points *points, struct target *target);

/* Removes all from the target. */
void points_clear(struct points *points, struct target *target);

/* Forgets all, without telling the target. */
void points_finish(struct points *points);

#endif
