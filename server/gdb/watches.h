/*
 * The controller's watchpoints, as it set them, so that they go when it leaves and come back when
 * the target is attached anew. Worker thread.
 */
#ifndef SERVER_GDB_WATCHES_H
#define SERVER_GDB_WATCHES_H

#include <stddef.h>
#include <stdint.h>

#include "targets/target.h"

#define WATCHES_MAX 16 /* more comparators than any core has */

struct watch {
	enum target_watch kind;
	uint32_t address, size;
};

/* Zeroed is empty. */
struct watches {
	struct watch list[WATCHES_MAX];
	size_t count;
};

/* Sets one; setting it twice is fine. Errors: those of target_add_watchpoint, ERR_UNSUPPORTED. */
enum err watches_add(
	struct watches *watches, struct target *target, const struct watch *watch) MUST_USE;

/* Removes one; that it is not there is fine. */
enum err watches_remove(
	struct watches *watches, struct target *target, const struct watch *watch) MUST_USE;

/* Tells a target that was attached anew of all of them. What fails is logged by the target. */
void watches_restore(const struct watches *watches, struct target *target);

/* Removes all from the target. */
void watches_clear(struct watches *watches, struct target *target);

#endif
