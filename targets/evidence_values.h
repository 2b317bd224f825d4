/* The values in a report's evidence, for programs. Pure. */
#ifndef TARGETS_EVIDENCE_VALUES_H
#define TARGETS_EVIDENCE_VALUES_H

#include <stddef.h>

#include "evidence.h"
#include "targets/target.h"

/* Each {name} of a text of evidence_text.h, in its order, as one value: a register as a word, a
 * time in milliseconds, a voltage in millivolts, anything else as its text. What is not known is
 * left out, and what does not fit. Returns how many there are. */
size_t evidence_collect(const struct evidence *e, const char *format,
	struct target_evidence values[TARGET_EVIDENCE_MAX]);

#endif
