/*
 * What the engine has to look out for: breakpoints of the FPB, matches of the DWT, unaligned
 * accesses. Called whenever one of their registers, DEMCR or CCR, changes.
 */
#include "dwt.h"
#include "fpb.h"
#include "m4.h"

enum { ADDRESSES = FPB_ADDRESSES + 4 };

static unsigned collect(const struct m4 *core, uint32_t *addresses)
{
	unsigned count = fpb_addresses(core->fpb, addresses);
	return count + dwt_pc_addresses(core->dwt, addresses + count);
}

void breakpoints_update(struct m4 *core)
{
	uint32_t addresses[ADDRESSES];
	if (core->fpb == NULL || core->dwt == NULL)
		return;
	engine_set_breakpoints(core->engine, addresses, collect(core, addresses));
	engine_watch(
		core->engine, dwt_wants_accesses(core), (core->scb.ccr & CCR_UNALIGN_TRP) != 0);
}

bool breakpoints_match(const struct m4 *core, uint32_t address)
{
	uint32_t addresses[ADDRESSES];
	unsigned count = collect(core, addresses);
	for (unsigned i = 0; i < count; i++)
		if (addresses[i] == address)
			return true;
	return false;
}

bool breakpoints_hit(struct m4 *core, uint32_t pc)
{
	bool by_dwt = dwt_match_pc(core, pc);
	return m4_debug_event(core, by_dwt ? DFSR_DWTTRAP : DFSR_BKPT, pc);
}
