/* How far a load is, shown on the server's terminal. Worker thread. */
#include "progress.h"

#include <stdio.h>
#include <unistd.h>

#include "probe/log.h"

void progress_init(struct progress *progress)
{
	*progress = (struct progress){.is_terminal = isatty(STDERR_FILENO), .phase = -1};
}

static const char *phase_name(enum target_phase phase)
{
	static const char *const names[] = {
		[TARGET_ERASING] = "erasing",
		[TARGET_WRITING] = "writing",
		[TARGET_VERIFYING] = "verifying",
	};
	return names[phase];
}

/* The cursor is left at the line's start, so that a log line in between overwrites it. */
static void rewrite_line(const struct target_progress *now, unsigned percent)
{
	char line[80];
	bool is_done = now->done == now->total;
	int length = snprintf(line, sizeof(line), "\r\033[K%s %zu bytes: %u %%%s",
		phase_name(now->phase), now->total, percent, is_done ? "\n" : "\r");

	if (length < 0)
		return;
	ssize_t written = write(STDERR_FILENO, line, (size_t)length);
	(void)written; /* nobody is left to read it */
}

void progress_show(struct progress *progress, const struct target_progress *now)
{
	unsigned percent = now->total ? (unsigned)(100 * (uint64_t)now->done / now->total) : 100;
	bool is_new = progress->phase != (int)now->phase || percent < progress->percent;

	if (!is_new && percent == progress->percent)
		return;
	progress->phase = (int)now->phase;
	progress->percent = percent;
	if (progress->is_terminal)
		rewrite_line(now, percent);
	else if (is_new)
		log_info("%s %zu bytes", phase_name(now->phase), now->total);
}
