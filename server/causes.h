/* The catalogue of causes for people: `stlink-gdb --list-causes`. Main thread, before any other. */
#ifndef SERVER_CAUSES_H
#define SERVER_CAUSES_H

#include <stdio.h>

/* A Markdown table of every code, from the same rows that diagnose. */
void causes_print(FILE *file);

#endif
