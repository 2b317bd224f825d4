/* Which of the probes that are there is meant. Called by discover.c. Pure but for the log. */
#ifndef PROBE_DISCOVER_CHOOSE_H
#define PROBE_DISCOVER_CHOOSE_H

#include <stddef.h>

#include "probe/discover.h"
#include "probe/err.h"

/* The index of the one probe in `found` that `choice` (NULL: any) means. A whole serial wins over
 * longer ones that begin with it; what cannot be driven (ST-LINK/V1, a loader) stands back while
 * something else matches. Errors, each logged: ERR_USB_NOT_FOUND, ERR_USB_AMBIGUOUS,
 * ERR_UNSUPPORTED. */
enum err discover_choose(const struct discovered *found, size_t count,
	const struct probe_choice *choice, size_t *which) MUST_USE;

#endif
