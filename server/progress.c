/* How far a load is, shown on the server's terminal. Worker thread. */
#include "progress.h"

#include <stdio.h>
#include <unistd.h>

#include "probe/log.h"
#include "server/event.h"

void progress_init(struct progress *progress)
{
	*progress = (struct progress){.is_terminal = isatty(STDERR_FILENO), .phase = -1};
}

static void describe(const struct target_progress *now, char *text, size_t size)
{
	if (now->phase == TARGET_CHECKING)
		(void)snprintf(text, size, "comparing with what the chip holds");
	else if (now->phase == TARGET_VERIFYING)
		(void)snprintf(text, size, "verifying");
	else if (now->sectors_to_erase)
		(void)snprintf(text, size, "erasing %u sectors, writing %zu bytes",
			now->sectors_to_erase, now->bytes_to_write);
	else
		(void)snprintf(text, size, "writing %zu bytes", now->bytes_to_write);
}

/* The cursor is left at the line's start, so that a log line in between overwrites it. */
static void rewrite_line(const char *text, unsigned percent, bool is_done)
{
	char line[120];
	int length = snprintf(
		line, sizeof(line), "\r\033[K%s: %u %%%s", text, percent, is_done ? "\n" : "\r");

	if (length < 0)
		return;
	ssize_t written = write(STDERR_FILENO, line, (size_t)length);
	(void)written; /* nobody is left to read it */
}

static void report(const struct target_progress *now, const struct events *events)
{
	static const char *const states[] = {
		[TARGET_CHECKING] = "checking",
		[TARGET_WRITING] = "writing",
		[TARGET_VERIFYING] = "verifying",
	};
	struct event event;

	event_begin(&event, "flash");
	event_string(&event, "state", states[now->phase]);
	event_number(&event, "sectors", now->sectors_to_erase);
	event_number(&event, "bytes", now->bytes_to_write);
	event_end(&event, events);
}

void progress_show(
	struct progress *progress, const struct target_progress *now, const struct events *events)
{
	unsigned percent = now->total ? (unsigned)(100 * (uint64_t)now->done / now->total) : 100;
	char text[80];
	bool is_new = progress->phase != (int)now->phase || percent < progress->percent;

	if (!is_new && percent == progress->percent)
		return;
	progress->phase = (int)now->phase;
	progress->percent = percent;
	describe(now, text, sizeof(text));
	if (is_new)
		report(now, events);
	if (progress->is_terminal)
		rewrite_line(text, percent, now->done == now->total);
	else if (is_new)
		log_info("%s", text);
}
