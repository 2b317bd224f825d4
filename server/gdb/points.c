/* The controller's breakpoints, as it set them. Worker thread. */
#include "points.h"

#include <stdlib.h>

#include "point_code.h"
#include "targets/target.h"

#define FIRST_ROOM 8

static struct point *find(const struct points *points, uint32_t address, enum point_type type)
{
	for (size_t i = 0; i < points->count; i++) {
		struct point *each = &points->list[i];
		if (each->address == address && each->type == type)
			return each;
	}
	return NULL;
}

static enum err make_room(struct points *points)
{
	if (points->count < points->room)
		return ERR_OK;

	size_t room = points->room ? 2 * points->room : FIRST_ROOM;
	struct point *list = realloc(points->list, room * sizeof(*list));
	if (!list)
		return ERR_NO_MEMORY;
	points->list = list;
	points->room = room;
	return ERR_OK;
}

enum err points_add(
	struct points *points, struct target *target, uint32_t address, enum point_type type)
{
	if (find(points, address, type))
		return ERR_OK;

	enum err err = make_room(points);
	if (!err)
		err = target_add_breakpoint(target, address);
	if (err)
		return err;
	points->list[points->count++] = (struct point){address, type};
	return ERR_OK;
}

enum err points_remove(
	struct points *points, struct target *target, uint32_t address, enum point_type type)
{
	struct point *found = find(points, address, type);
	if (!found)
		return ERR_OK;

	*found = points->list[--points->count];
	point_code_put(&points->codes, address, (int)type, NULL);
	if (points_find(points, address))
		return ERR_OK;
	return target_remove_breakpoint(target, address);
}

const struct point *points_find(const struct points *points, uint32_t address)
{
	const struct point *hardware = find(points, address, POINT_HARDWARE);
	return hardware ? hardware : find(points, address, POINT_SOFTWARE);
}

bool points_has(const struct points *points, uint32_t address, enum point_type type)
{
	return find(points, address, type);
}

void points_restore(const struct points *points, struct target *target)
{
	for (size_t i = 0; i < points->count; i++) {
		enum err err = target_add_breakpoint(target, points->list[i].address);
		(void)err; /* gdb will set it again itself before it resumes */
	}
}

void points_clear(struct points *points, struct target *target)
{
	for (size_t i = 0; i < points->count; i++) {
		enum err err = target_remove_breakpoint(target, points->list[i].address);
		(void)err; /* logged; the others have to go all the same */
	}
	points->count = 0;
	point_code_clear(&points->codes);
}

void points_finish(struct points *points)
{
	point_code_clear(&points->codes);
	free(points->list);
	*points = (struct points){0};
}
