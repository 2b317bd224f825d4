/* Hardware breakpoints on FPB comparators: see breakpoints.h. Source: ARMv7-M ARM C1.11. */
#include "breakpoints.h"

#include "cortexm_registers.h"
#include "probe/log.h"

#include <string.h>

#define UNKNOWN 0xFFFFFFFFu /* no value that we ever write */

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

/* FPB_CTRL.NUM_CODE is split: [7:4] its low bits, [14:12] its high bits. */
static unsigned code_comparators(uint32_t ctrl)
{
	unsigned count = (ctrl >> 4 & 0xF) | (ctrl >> 8 & 0x70);
	return count < BREAKPOINTS_MAX ? count : BREAKPOINTS_MAX;
}

void breakpoints_probe(struct breakpoints *breakpoints, struct bus *bus)
{
	uint32_t ctrl = bus_read(bus, FPB_CTRL);
	breakpoints->available = code_comparators(ctrl);
	breakpoints_forget(breakpoints);
}

void breakpoints_forget(struct breakpoints *breakpoints)
{
	breakpoints->enabled = false;
	for (unsigned i = 0; i < BREAKPOINTS_MAX; i++)
		breakpoints->written[i] = UNKNOWN;
}

void breakpoints_clear(struct breakpoints *breakpoints)
{
	memset(breakpoints->wanted, 0, sizeof(breakpoints->wanted));
}

static uint32_t *find(struct breakpoints *breakpoints, uint32_t address)
{
	for (unsigned i = 0; i < breakpoints->available; i++)
		if (same_word(breakpoints->wanted[i], address))
			return &breakpoints->wanted[i];
	return NULL;
}

/* A comparator that already holds this word costs no write; else any that is free. */
static uint32_t *choose(struct breakpoints *breakpoints, uint32_t address)
{
	uint32_t *chosen = NULL;
	for (unsigned i = 0; i < breakpoints->available; i++) {
		if (breakpoints->wanted[i])
			continue;
		if (breakpoints->written[i] == (word_of(address) | half_of(address)))
			return &breakpoints->wanted[i];
		if (!chosen)
			chosen = &breakpoints->wanted[i];
	}
	return chosen;
}

enum err breakpoints_add(struct breakpoints *breakpoints, uint32_t address)
{
	if (address >= FPB_CODE_END || address & 1) {
		log_warn("no hardware breakpoint at 0x%08X: the comparators reach code below "
			 "0x%08X only",
			address, FPB_CODE_END);
		return ERR_UNSUPPORTED;
	}
	uint32_t *comparator = find(breakpoints, address);
	if (!comparator)
		comparator = choose(breakpoints, address);
	if (!comparator) {
		log_warn(
			"no hardware breakpoint at 0x%08X: all %u comparators are in use; delete a "
			"breakpoint",
			address, breakpoints->available);
		return ERR_UNSUPPORTED;
	}
	*comparator |= word_of(address) | half_of(address);
	return ERR_OK;
}

void breakpoints_remove(struct breakpoints *breakpoints, uint32_t address)
{
	uint32_t *comparator = find(breakpoints, address);
	if (!comparator)
		return;
	*comparator &= ~half_of(address);
	if (!(*comparator & (FPB_COMP_LOW | FPB_COMP_HIGH)))
		*comparator = 0;
}

bool breakpoints_has(const struct breakpoints *breakpoints, uint32_t address)
{
	for (unsigned i = 0; i < breakpoints->available; i++)
		if (same_word(breakpoints->wanted[i], address) &&
			breakpoints->wanted[i] & half_of(address))
			return true;
	return false;
}

static uint32_t without(uint32_t comparator, uint32_t address)
{
	if (address & 1 || !same_word(comparator, address))
		return comparator;
	comparator &= ~half_of(address);
	return comparator & (FPB_COMP_LOW | FPB_COMP_HIGH) ? comparator : 0;
}

void breakpoints_sync(struct breakpoints *breakpoints, struct bus *bus, uint32_t except)
{
	bool any = false;
	for (unsigned i = 0; i < breakpoints->available; i++) {
		uint32_t value = without(breakpoints->wanted[i], except);
		any |= value != 0;
		if (breakpoints->written[i] == value)
			continue;
		bus_write(bus, FPB_COMP(i), value);
		breakpoints->written[i] = value;
	}
	if (any && !breakpoints->enabled) {
		bus_write(bus, FPB_CTRL, FPB_CTRL_KEY | FPB_CTRL_ENABLE);
		breakpoints->enabled = true;
	}
}
