/* The two functions of <string.h> that this program and its compiler need; there is no libc. */
#ifndef FLIGHT_MEMORY_H
#define FLIGHT_MEMORY_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memset(void *to, int byte, size_t size);

#endif
