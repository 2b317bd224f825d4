/* Hardware breakpoints on FPB comparators: see breakpoints.h. */
#include "breakpoints.h"

#include "cortexm_registers.h"
#include "probe/log.h"

#include <stdio.h>
#include <string.h>

#define UNKNOWN 0xFFFFFFFFu /* no value that we ever write */
#define HALVES  (FPB_COMP_LOW | FPB_COMP_HIGH)

static uint32_t word_of(uint32_t address)
{
	return (address & FPB_COMP_ADDRESS) | FPB_COMP_ENABLE;
}

static uint32_t half_of(uint32_t address)
{
	return address & 2 ? FPB_COMP_HIGH : FPB_COMP_LOW;
}

static bool same_word(uint32_t comparator, uint32_t address)
{
	return comparator &&
	       (comparator & (FPB_COMP_ADDRESS | FPB_COMP_ENABLE)) == word_of(address);
}

static bool is_code(uint32_t address)
{
	return address < FPB_CODE_END && !(address & 1);
}

/* ---- the unit ---- */

/* FPB_CTRL.NUM_CODE is split: [7:4] its low bits, [14:12] its high bits. */
static unsigned code_comparators(uint32_t ctrl)
{
	unsigned count = (ctrl >> 4 & 0xF) | (ctrl >> 8 & 0x70);
	return count < BREAKPOINTS_MAX ? count : BREAKPOINTS_MAX;
}

static unsigned all_comparators(uint32_t ctrl)
{
	unsigned count = code_comparators(ctrl) + (ctrl >> 8 & 0xF);
	return count < BREAKPOINTS_MAX ? count : BREAKPOINTS_MAX;
}

void breakpoints_probe(struct breakpoints *breakpoints, struct bus *bus, bool leftovers)
{
	struct bus_later comparators[BREAKPOINTS_MAX];
	uint32_t ctrl = bus_read(bus, FPB_CTRL);
	breakpoints->available = code_comparators(ctrl);
	breakpoints->comparators = all_comparators(ctrl);
	for (unsigned i = 0; i < breakpoints->comparators; i++)
		comparators[i] = bus_read_later(bus, FPB_COMP(i));
	bus_flush(bus);
	breakpoints->reserved = 0;
	breakpoints->enabled = ctrl & FPB_CTRL_ENABLE;
	breakpoints->found_enabled = breakpoints->enabled && !leftovers;
	for (unsigned i = 0; i < breakpoints->comparators; i++) {
		uint32_t value = bus_value(bus, comparators[i]);
		breakpoints->written[i] = value;
		breakpoints->found[i] = leftovers ? 0 : value;
		if (!leftovers && value & FPB_COMP_ENABLE && breakpoints->enabled)
			breakpoints->reserved |= 1u << i;
	}
}

void breakpoints_forget(struct breakpoints *breakpoints)
{
	breakpoints->enabled = false;
	for (unsigned i = 0; i < BREAKPOINTS_MAX; i++)
		breakpoints->written[i] = UNKNOWN;
}

/* ---- what is wanted ---- */

static bool is_reserved(const struct breakpoints *breakpoints, unsigned comparator)
{
	return breakpoints->reserved >> comparator & 1;
}

static uint32_t *find(const struct breakpoints *breakpoints, uint32_t *values, uint32_t address)
{
	for (unsigned i = 0; i < breakpoints->available; i++)
		if (same_word(values[i], address))
			return &values[i];
	return NULL;
}

/* A comparator that already holds this word costs no write; else any that is free. */
static uint32_t *choose(const struct breakpoints *breakpoints, uint32_t *values, uint32_t address)
{
	uint32_t *chosen = NULL;
	for (unsigned i = 0; i < breakpoints->available; i++) {
		if (values[i] || is_reserved(breakpoints, i))
			continue;
		if (breakpoints->written[i] == (word_of(address) | half_of(address)))
			return &values[i];
		if (!chosen)
			chosen = &values[i];
	}
	return chosen;
}

static bool put(const struct breakpoints *breakpoints, uint32_t *values, uint32_t address)
{
	uint32_t *comparator = find(breakpoints, values, address);
	if (!comparator)
		comparator = choose(breakpoints, values, address);
	if (!comparator)
		return false;
	*comparator |= word_of(address) | half_of(address);
	return true;
}

/* Where the comparators are, for the user who has to give one up. */
static void complain_full(const struct breakpoints *breakpoints, uint32_t address)
{
	char used[BREAKPOINTS_MAX * 24] = "";
	size_t length = 0;
	for (unsigned i = 0; i < breakpoints->available && length < sizeof(used); i++) {
		uint32_t value = breakpoints->wanted[i];
		uint32_t at = (value & FPB_COMP_ADDRESS) + (value & FPB_COMP_LOW ? 0 : 2);
		if (value & HALVES)
			length += (size_t)snprintf(used + length, sizeof(used) - length,
				" 0x%08X%s", at, (value & HALVES) == HALVES ? " and +2" : "");
		else if (is_reserved(breakpoints, i))
			length += (size_t)snprintf(
				used + length, sizeof(used) - length, " (the firmware's own)");
	}
	log_warn("no hardware breakpoint at 0x%08X: all %u comparators are in use, at%s; delete a "
		 "breakpoint",
		address, breakpoints->available, used);
}

enum err breakpoints_add(struct breakpoints *breakpoints, uint32_t address)
{
	if (!is_code(address)) {
		log_warn("no hardware breakpoint at 0x%08X: the comparators reach code below "
			 "0x%08X only",
			address, FPB_CODE_END);
		return ERR_UNSUPPORTED;
	}
	if (put(breakpoints, breakpoints->wanted, address))
		return ERR_OK;
	complain_full(breakpoints, address);
	return ERR_UNSUPPORTED;
}

static uint32_t without(uint32_t comparator, uint32_t address)
{
	if (address & 1 || !same_word(comparator, address))
		return comparator;
	comparator &= ~half_of(address);
	return comparator & HALVES ? comparator : 0;
}

void breakpoints_remove(struct breakpoints *breakpoints, uint32_t address)
{
	uint32_t *comparator = find(breakpoints, breakpoints->wanted, address);
	if (comparator)
		*comparator = without(*comparator, address);
}

bool breakpoints_has(const struct breakpoints *breakpoints, uint32_t address)
{
	for (unsigned i = 0; i < breakpoints->available; i++)
		if (is_code(address) && same_word(breakpoints->wanted[i], address) &&
			breakpoints->wanted[i] & half_of(address))
			return true;
	return false;
}

bool breakpoints_shadowed(const struct breakpoints *breakpoints, uint32_t address)
{
	return address & 2 && breakpoints_has(breakpoints, address & ~2u);
}

/* ---- steps ---- */

static bool place_temporary(const struct breakpoints *breakpoints, uint32_t *values)
{
	for (size_t i = 0; i < breakpoints->temporary_count; i++)
		if (!put(breakpoints, values, breakpoints->temporary[i]))
			return false;
	return true;
}

bool breakpoints_set_temporary(
	struct breakpoints *breakpoints, const uint32_t *addresses, size_t count)
{
	uint32_t values[BREAKPOINTS_MAX];
	if (count > BREAKPOINTS_TEMPORARY_MAX)
		return false;
	for (size_t i = 0; i < count; i++)
		if (!is_code(addresses[i]))
			return false;
	memcpy(values, breakpoints->wanted, sizeof(values));
	memcpy(breakpoints->temporary, addresses, count * sizeof(*addresses));
	breakpoints->temporary_count = count;
	if (place_temporary(breakpoints, values))
		return true;
	breakpoints->temporary_count = 0;
	return false;
}

void breakpoints_clear_temporary(struct breakpoints *breakpoints)
{
	breakpoints->temporary_count = 0;
}

bool breakpoints_is_temporary(const struct breakpoints *breakpoints, uint32_t address)
{
	for (size_t i = 0; i < breakpoints->temporary_count; i++)
		if (breakpoints->temporary[i] == address)
			return true;
	return false;
}

/* ---- writing ---- */

static void write_comparator(
	struct breakpoints *breakpoints, struct bus *bus, unsigned comparator, uint32_t value)
{
	if (breakpoints->written[comparator] == value)
		return;
	bus_write(bus, FPB_COMP(comparator), value);
	breakpoints->written[comparator] = value;
}

void breakpoints_sync(struct breakpoints *breakpoints, struct bus *bus, uint32_t except)
{
	uint32_t values[BREAKPOINTS_MAX];
	bool any = false;
	memcpy(values, breakpoints->wanted, sizeof(values));
	(void)place_temporary(breakpoints, values); /* they fitted when they were set */
	for (unsigned i = 0; i < breakpoints->available; i++) {
		if (is_reserved(breakpoints, i))
			continue;
		uint32_t value = without(values[i], except);
		any |= value != 0;
		write_comparator(breakpoints, bus, i, value);
	}
	if (any && !breakpoints->enabled) {
		bus_write(bus, FPB_CTRL, FPB_CTRL_KEY | FPB_CTRL_ENABLE);
		breakpoints->enabled = true;
	}
}

void breakpoints_lift(struct breakpoints *breakpoints, struct bus *bus, uint32_t address)
{
	for (unsigned i = 0; i < breakpoints->available; i++) {
		uint32_t value = breakpoints->written[i];
		if (is_reserved(breakpoints, i))
			continue;
		write_comparator(breakpoints, bus, i,
			value == UNKNOWN ? without(breakpoints->wanted[i], address)
					 : without(value, address));
	}
}

void breakpoints_restore(struct breakpoints *breakpoints, struct bus *bus)
{
	memset(breakpoints->wanted, 0, sizeof(breakpoints->wanted));
	breakpoints->temporary_count = 0;
	for (unsigned i = 0; i < breakpoints->comparators; i++)
		write_comparator(breakpoints, bus, i, breakpoints->found[i]);
	bus_write(bus, FPB_CTRL, FPB_CTRL_KEY | (breakpoints->found_enabled ? FPB_CTRL_ENABLE : 0));
	breakpoints->enabled = breakpoints->found_enabled;
}
