/* The controller's watchpoints: see watches.h. */
#include "watches.h"

static struct watch *find(struct watches *watches, const struct watch *watch)
{
	for (size_t i = 0; i < watches->count; i++) {
		struct watch *each = &watches->list[i];
		if (each->kind == watch->kind && each->address == watch->address &&
			each->size == watch->size)
			return each;
	}
	return NULL;
}

static enum err add(struct target *target, const struct watch *watch)
{
	return target_add_watchpoint(target, watch->kind, watch->address, watch->size);
}

static enum err take_away(struct target *target, const struct watch *watch)
{
	return target_remove_watchpoint(target, watch->kind, watch->address, watch->size);
}

enum err watches_add(struct watches *watches, struct target *target, const struct watch *watch)
{
	if (find(watches, watch))
		return ERR_OK;
	if (watches->count == WATCHES_MAX)
		return ERR_UNSUPPORTED;
	enum err err = add(target, watch);
	if (!err)
		watches->list[watches->count++] = *watch;
	return err;
}

enum err watches_remove(struct watches *watches, struct target *target, const struct watch *watch)
{
	struct watch *found = find(watches, watch);
	if (!found)
		return ERR_OK;
	*found = watches->list[--watches->count];
	return take_away(target, watch);
}

void watches_restore(const struct watches *watches, struct target *target)
{
	for (size_t i = 0; i < watches->count; i++) {
		enum err err = add(target, &watches->list[i]);
		(void)err; /* logged; gdb will set it again itself before it resumes */
	}
}

void watches_clear(struct watches *watches, struct target *target)
{
	for (size_t i = 0; i < watches->count; i++) {
		enum err err = take_away(target, &watches->list[i]);
		(void)err; /* logged; the others have to go all the same */
	}
	watches->count = 0;
}
