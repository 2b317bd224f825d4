/* What the thread packets share with the documents and with vCont. Worker thread. */
#ifndef SERVER_GDB_THREADS_H
#define SERVER_GDB_THREADS_H

#include <stdbool.h>
#include <stddef.h>

#include "text.h"

struct gdb;

/* Whether a thread-id means the core: 1, any (0) or all (-1). */
bool threads_is_ours(const char *id, size_t size);

/* What the core is at, in words: "Thread mode", "SysTick handler", "Running". */
void threads_describe(const struct gdb *gdb, struct text *text);

#endif
