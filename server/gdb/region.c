/*
 * qMemoryRegionInfo: what lies at an address, for LLDB. Worker thread; no access to the target.
 *
 * Written from LLDB's extensions of the protocol (docs/resources/lldbgdbremote.md). The regions are
 * those of the memory map, as otherwise LLDB writes to flash without vFlashWrite. Gaps are regions
 * too: LLDB's `expression` and its conditions look for one, and an error makes them print a trace.
 */
#include <inttypes.h>

#include "handlers.h"
#include "session.h"

#define END_OF_MEMORY (UINT64_C(1) << 32)

static const char *const permissions[] = {
	[TARGET_RAM] = "rwx",
	[TARGET_FLASH] = "rx",
	[TARGET_ROM] = "rx",
};

enum err handle_region(struct session *session, const struct args *args, struct text *reply)
{
	size_t count;
	const struct target_region *regions = target_memory_map(session->gdb->target, &count);
	uint64_t address = args->number[0], start = 0, end = END_OF_MEMORY;

	for (size_t i = 0; i < count && end == END_OF_MEMORY; i++) {
		const struct target_region *region = &regions[i];
		uint64_t region_end = (uint64_t)region->start + region->size;
		if (address >= region->start && address < region_end) {
			text_format(reply, "start:%" PRIx32 ";size:%" PRIx32 ";permissions:%s;",
				region->start, region->size, permissions[region->kind]);
			return ERR_OK;
		}
		if (address < region->start)
			end = region->start;
		else
			start = region_end;
	}
	if (count)
		text_format(reply, "start:%" PRIx64 ";size:%" PRIx64 ";", start, end - start);
	return ERR_OK;
}
