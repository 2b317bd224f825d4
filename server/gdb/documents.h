/*
 * The XML documents that gdb reads. Called by xfer.c. Worker thread; no access to the target.
 *
 * Written from the GDB manual: appendix G "Target Descriptions", and in appendix E "Memory Map
 * Format" and "Thread List Format".
 */
#ifndef SERVER_GDB_DOCUMENTS_H
#define SERVER_GDB_DOCUMENTS_H

#include "text.h"

struct gdb;

void documents_features(const struct gdb *gdb, struct text *xml);
void documents_memory_map(const struct gdb *gdb, struct text *xml);
void documents_threads(const struct gdb *gdb, struct text *xml);

#endif
