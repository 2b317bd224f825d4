/* RAM over a load: see kept_ram.h. Worker thread. */
#include "kept_ram.h"

#include "core.h"

#include <stdlib.h>

static void forget(struct kept_ram *kept)
{
	free(kept->bytes);
	*kept = (struct kept_ram){0};
}

enum err kept_ram_save(struct kept_ram *kept, struct core *core)
{
	*kept = (struct kept_ram){.start = core->ram_from, .size = core->ram_to - core->ram_from};
	if (!kept->size)
		return ERR_OK;
	kept->bytes = malloc(kept->size);
	enum err err = kept->bytes ? core_read_once(core, kept->start, kept->bytes, kept->size)
				   : ERR_NO_MEMORY;
	if (err)
		forget(kept);
	return err;
}

enum err kept_ram_restore(struct kept_ram *kept, struct core *core)
{
	enum err err = kept->bytes ? core_write_memory(core, kept->start, kept->bytes, kept->size)
				   : ERR_OK;
	forget(kept);
	return err;
}
