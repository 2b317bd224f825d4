/* Watchpoints on DWT comparators: see watchpoints.h. */
#include "watchpoints.h"

#include "cortexm_registers.h"
#include "probe/log.h"

#include <stdio.h>
#include <string.h>

#define UNKNOWN 0xFFFFFFFFu /* no value that we ever write */

static const uint32_t functions[] = {
	[TARGET_WATCH_WRITE] = DWT_FUNCTION_WRITE,
	[TARGET_WATCH_READ] = DWT_FUNCTION_READ,
	[TARGET_WATCH_ACCESS] = DWT_FUNCTION_ACCESS,
};

/* ---- the unit ---- */

static void read_comparators(struct watchpoints *watchpoints, struct bus *bus)
{
	struct bus_later later[WATCHPOINTS_MAX][3];
	for (unsigned i = 0; i < watchpoints->available; i++) {
		later[i][0] = bus_read_later(bus, DWT_COMP(i));
		later[i][1] = bus_read_later(bus, DWT_MASK(i));
		later[i][2] = bus_read_later(bus, DWT_FUNCTION(i));
	}
	bus_flush(bus);
	for (unsigned i = 0; i < watchpoints->available; i++)
		watchpoints->written[i] = (struct watchpoint_registers){
			.comparator = bus_value(bus, later[i][0]),
			.mask = bus_value(bus, later[i][1]),
			.function = bus_value(bus, later[i][2]) & ~DWT_FUNCTION_MATCHED,
		};
}

/* How wide a mask may be is for each implementation to choose: the bits that stick tell. */
static unsigned probe_mask(struct watchpoints *watchpoints, struct bus *bus, unsigned comparator)
{
	struct watchpoint_registers *written = &watchpoints->written[comparator];
	bus_write(bus, DWT_MASK(comparator), DWT_MASK_BITS);
	uint32_t widest = bus_read(bus, DWT_MASK(comparator));
	bus_write(bus, DWT_MASK(comparator), written->mask);
	bus_flush(bus);
	return widest;
}

void watchpoints_probe(struct watchpoints *watchpoints, struct bus *bus)
{
	unsigned count = DWT_CTRL_NUMCOMP(bus_read(bus, DWT_CTRL));
	watchpoints->available = count < WATCHPOINTS_MAX ? count : WATCHPOINTS_MAX - 1;
	watchpoints->reserved = 0;
	watchpoints->mask_bits = 0;
	read_comparators(watchpoints, bus);
	for (unsigned i = 0; i < watchpoints->available && !bus->err; i++) {
		struct watchpoint_registers *found = &watchpoints->found[i];
		*found = watchpoints->written[i];
		if (watchpoints->leftovers)
			found->function = 0;
		else if (found->function)
			watchpoints->reserved |= 1u << i;
		if (!watchpoints->mask_bits && !found->function)
			watchpoints->mask_bits = probe_mask(watchpoints, bus, i);
	}
	watchpoints->probed = !bus->err;
}

void watchpoints_forget(struct watchpoints *watchpoints)
{
	for (unsigned i = 0; i < WATCHPOINTS_MAX; i++)
		watchpoints->written[i].function = UNKNOWN;
}

/* ---- what is wanted ---- */

static bool is_same(const struct watchpoint *watchpoint, enum target_watch kind, uint32_t address,
	uint32_t size)
{
	return watchpoint->size == size && watchpoint->address == address &&
	       watchpoint->kind == kind;
}

static struct watchpoint *find(
	struct watchpoints *watchpoints, enum target_watch kind, uint32_t address, uint32_t size)
{
	for (unsigned i = 0; i < watchpoints->available; i++)
		if (is_same(&watchpoints->wanted[i], kind, address, size))
			return &watchpoints->wanted[i];
	return NULL;
}

static struct watchpoint *find_free(struct watchpoints *watchpoints)
{
	for (unsigned i = 0; i < watchpoints->available; i++)
		if (!watchpoints->wanted[i].size && !(watchpoints->reserved >> i & 1))
			return &watchpoints->wanted[i];
	return NULL;
}

static enum err check(const struct watchpoints *watchpoints, uint32_t address, uint32_t size)
{
	uint32_t widest = 1u << watchpoints->mask_bits;
	if (size && !(size & (size - 1)) && size <= widest && !(address & (size - 1)))
		return ERR_OK;
	log_warn("no watchpoint for %u bytes at 0x%08X: a comparator watches 1, 2, 4, ... %u "
		 "bytes at a multiple of their number; watch a part",
		size, address, widest);
	return ERR_ARGUMENT;
}

static void complain_full(const struct watchpoints *watchpoints, uint32_t address)
{
	char used[WATCHPOINTS_MAX * 32] = "";
	size_t length = 0;
	for (unsigned i = 0; i < watchpoints->available && length < sizeof(used); i++) {
		const struct watchpoint *each = &watchpoints->wanted[i];
		if (each->size)
			length += (size_t)snprintf(used + length, sizeof(used) - length,
				" 0x%08X+%u", each->address, each->size);
		else
			length += (size_t)snprintf(
				used + length, sizeof(used) - length, " (the firmware's own)");
	}
	log_warn("no watchpoint at 0x%08X: all %u comparators are in use, at%s; delete a "
		 "watchpoint",
		address, watchpoints->available, used);
}

enum err watchpoints_add(
	struct watchpoints *watchpoints, enum target_watch kind, uint32_t address, uint32_t size)
{
	enum err err = check(watchpoints, address, size);
	if (err || find(watchpoints, kind, address, size))
		return err;
	struct watchpoint *free = find_free(watchpoints);
	if (!free) {
		complain_full(watchpoints, address);
		return ERR_UNSUPPORTED;
	}
	*free = (struct watchpoint){.address = address, .size = size, .kind = kind};
	return ERR_OK;
}

void watchpoints_remove(
	struct watchpoints *watchpoints, enum target_watch kind, uint32_t address, uint32_t size)
{
	struct watchpoint *found = size ? find(watchpoints, kind, address, size) : NULL;
	if (found)
		found->size = 0;
}

/* ---- writing ---- */

/* Switched off while its other registers change. */
static void write_comparator(struct watchpoints *watchpoints, struct bus *bus, unsigned comparator,
	struct watchpoint_registers value)
{
	struct watchpoint_registers *written = &watchpoints->written[comparator];
	bool known = written->function != UNKNOWN;
	bool same = written->comparator == value.comparator && written->mask == value.mask;
	if (known && same && written->function == value.function)
		return;
	if (!known || (written->function && !same))
		bus_write(bus, DWT_FUNCTION(comparator), 0);
	if (!known || !same) {
		bus_write(bus, DWT_COMP(comparator), value.comparator);
		bus_write(bus, DWT_MASK(comparator), value.mask);
	}
	bus_write(bus, DWT_FUNCTION(comparator), value.function);
	*written = value;
}

void watchpoints_sync(struct watchpoints *watchpoints, struct bus *bus)
{
	for (unsigned i = 0; i < watchpoints->available; i++) {
		const struct watchpoint *wanted = &watchpoints->wanted[i];
		struct watchpoint_registers value = watchpoints->written[i];
		if (watchpoints->reserved >> i & 1)
			continue;
		value.function = 0;
		if (wanted->size)
			value = (struct watchpoint_registers){
				.comparator = wanted->address,
				.mask = (uint32_t)__builtin_ctz(wanted->size),
				.function = functions[wanted->kind],
			};
		write_comparator(watchpoints, bus, i, value);
	}
}

void watchpoints_restore(struct watchpoints *watchpoints, struct bus *bus)
{
	memset(watchpoints->wanted, 0, sizeof(watchpoints->wanted));
	for (unsigned i = 0; i < watchpoints->available; i++)
		write_comparator(watchpoints, bus, i, watchpoints->found[i]);
}

/* ---- stops ---- */

bool watchpoints_matched(
	const struct watchpoints *watchpoints, struct bus *bus, struct watchpoint *matched)
{
	struct bus_later later[WATCHPOINTS_MAX];
	bool found = false;
	for (unsigned i = 0; i < watchpoints->available; i++)
		if (watchpoints->wanted[i].size)
			later[i] = bus_read_later(bus, DWT_FUNCTION(i));
	bus_flush(bus);
	for (unsigned i = 0; i < watchpoints->available && !bus->err; i++) {
		const struct watchpoint *each = &watchpoints->wanted[i];
		if (!each->size || !(bus_value(bus, later[i]) & DWT_FUNCTION_MATCHED))
			continue;
		if (found && matched->kind != TARGET_WATCH_WRITE)
			continue;
		*matched = *each;
		found = true;
	}
	return found;
}
