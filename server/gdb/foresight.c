/* What the next semihosting call is likely to read: see foresight.h. Worker thread. */
#include "foresight.h"

#include <stdbool.h>
#include <string.h>

#define LONGEST 60 /* bytes; more take less time in a command of their own */

void foresight_begin(struct foresight *foresight)
{
	memcpy(foresight->before, foresight->now, sizeof(foresight->before));
	foresight->before_count = foresight->now_count;
	foresight->now_count = 0;
}

void foresight_note(struct foresight *foresight, uint32_t address, size_t size)
{
	if (size > LONGEST || foresight->now_count == FORESIGHT_RANGES)
		return;
	foresight->now[foresight->now_count++] = (struct target_range){address, (uint32_t)size};
}

static bool was_read_before(const struct foresight *foresight, const struct target_range *range)
{
	for (size_t i = 0; i < foresight->before_count; i++) {
		if (foresight->before[i].start == range->start)
			return true;
	}
	return false;
}

size_t foresight_tell(
	const struct foresight *foresight, struct target_range ranges[FORESIGHT_RANGES])
{
	size_t count = 0;

	for (size_t i = 0; i < foresight->now_count; i++) {
		if (was_read_before(foresight, &foresight->now[i]))
			ranges[count++] = foresight->now[i];
	}
	return count;
}
