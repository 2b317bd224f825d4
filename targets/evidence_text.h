/* The words of a report: texts of causes with measured values in them. Pure. */
#ifndef TARGETS_EVIDENCE_TEXT_H
#define TARGETS_EVIDENCE_TEXT_H

#include <stddef.h>

#include "evidence.h"

/* Expands {name} to a value of the evidence: {vdd} "3.21 V", {FLASH_SR} "FLASH_SR 00010000 (BSY)",
 * {took} "1.93 s"; all names are in the table of evidence_text.c. Cut at `size`. A name that is not
 * there is our own mistake. */
void evidence_expand(const struct evidence *e, const char *format, char *text, size_t size);

/* Whether {name} is a register's word, now or before the load. */
bool evidence_find_word(const char *name, enum snapshot_word *word, bool *is_before);

/* What the flash holds after a load that failed: "sectors 0-2 blank, 3-4 old; ...". Empty when no
 * load began to change it. */
void evidence_describe_flash(const struct evidence *e, char *text, size_t size);

#endif
