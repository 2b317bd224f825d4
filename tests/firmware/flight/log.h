/* The last things that happened, in RAM, for a debugger to read. */
#ifndef FLIGHT_LOG_H
#define FLIGHT_LOG_H

#include <stdint.h>

enum { LOG_ENTRIES = 32 };

struct log_entry {
	uint32_t tick;
	uint32_t value;
	const char *text; /* lives in flash */
};

/* A ring: the newest entry is entry[(written - 1) % LOG_ENTRIES]. */
struct log {
	uint32_t written;
	struct log_entry entry[LOG_ENTRIES];
};

extern struct log flight_log;

/* Any context; `text` must outlive the program. */
void log_write(const char *text, uint32_t value);

#endif
