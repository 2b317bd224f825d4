/* C11 7.24.2.1 and 7.24.6.1, a byte at a time: short enough to trust. */
#include "memory.h"

void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
	unsigned char *out = to;
	const unsigned char *in = from;

	while (size-- > 0) {
		*out++ = *in++;
	}
	return to;
}

void *memset(void *to, int byte, size_t size)
{
	unsigned char *out = to;

	while (size-- > 0) {
		*out++ = (unsigned char)byte;
	}
	return to;
}
