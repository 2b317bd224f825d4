/* The controller's breakpoints, as it set them. Worker thread. */
#include "breakpoints.h"

#include <stdlib.h>

#include "targets/target.h"

#define FIRST_ROOM 8

static struct breakpoint *find(
	const struct breakpoints *breakpoints, uint32_t address, enum breakpoint_type type)
{
	for (size_t i = 0; i < breakpoints->count; i++) {
		struct breakpoint *each = &breakpoints->list[i];
		if (each->address == address && each->type == type)
			return each;
	}
	return NULL;
}

static enum err make_room(struct breakpoints *breakpoints)
{
	if (breakpoints->count < breakpoints->room)
		return ERR_OK;

	size_t room = breakpoints->room ? 2 * breakpoints->room : FIRST_ROOM;
	struct breakpoint *list = realloc(breakpoints->list, room * sizeof(*list));
	if (!list)
		return ERR_NO_MEMORY;
	breakpoints->list = list;
	breakpoints->room = room;
	return ERR_OK;
}

enum err breakpoints_add(struct breakpoints *breakpoints, struct target *target, uint32_t address,
	enum breakpoint_type type)
{
	if (find(breakpoints, address, type))
		return ERR_OK;

	enum err err = make_room(breakpoints);
	if (!err)
		err = target_add_breakpoint(target, address);
	if (err)
		return err;
	breakpoints->list[breakpoints->count++] = (struct breakpoint){address, type};
	return ERR_OK;
}

enum err breakpoints_remove(struct breakpoints *breakpoints, struct target *target,
	uint32_t address, enum breakpoint_type type)
{
	struct breakpoint *found = find(breakpoints, address, type);
	if (!found)
		return ERR_OK;

	*found = breakpoints->list[--breakpoints->count];
	if (breakpoints_find(breakpoints, address))
		return ERR_OK;
	return target_remove_breakpoint(target, address);
}

const struct breakpoint *breakpoints_find(const struct breakpoints *breakpoints, uint32_t address)
{
	const struct breakpoint *hardware = find(breakpoints, address, BREAKPOINT_HARDWARE);
	return hardware ? hardware : find(breakpoints, address, BREAKPOINT_SOFTWARE);
}

void breakpoints_restore(const struct breakpoints *breakpoints, struct target *target)
{
	for (size_t i = 0; i < breakpoints->count; i++) {
		enum err err = target_add_breakpoint(target, breakpoints->list[i].address);
		(void)err; /* gdb will set it again itself before it resumes */
	}
}

void breakpoints_clear(struct breakpoints *breakpoints, struct target *target)
{
	for (size_t i = 0; i < breakpoints->count; i++) {
		enum err err = target_remove_breakpoint(target, breakpoints->list[i].address);
		(void)err; /* logged; the others have to go all the same */
	}
	breakpoints->count = 0;
}

void breakpoints_finish(struct breakpoints *breakpoints)
{
	free(breakpoints->list);
	*breakpoints = (struct breakpoints){0};
}
