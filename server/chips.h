/* The chips that are known: `--list-chips`, `--chip=NAME`. Main thread, before any other. */
#ifndef SERVER_CHIPS_H
#define SERVER_CHIPS_H

#include <stdbool.h>
#include <stdio.h>

/* One name a line. */
void chips_print(FILE *file);

/* Whether there is a chip of that name, in capitals or not; if not, logs the nearest. */
bool chips_check(const char *name);

#endif
