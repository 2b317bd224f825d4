/* Recovery: making ready for the second try of a load that failed. Worker thread. */
#ifndef TARGETS_RECOVERY_H
#define TARGETS_RECOVERY_H

#include <stdbool.h>

#include "examiner.h"
#include "flash.h"

/* Whether a load that failed for `cause` (NULL: unknown) is worth one more try; says so, waits
 * until the supply is back (at most 1 s), enters the debug port anew and changes `settings` and the
 * clock to what the second try needs. Blocks for USB and that wait. */
bool recovery_prepare(struct examiner *examiner, const struct cause *cause,
	struct flash_settings *settings, unsigned *speed_khz);

/* The next slower clock to try after `khz`, or 0. */
unsigned recovery_slower_khz(unsigned khz);

#endif
