/* How a load went. Any thread. */
#include "server/load_report.h"

#include <inttypes.h>
#include <stdio.h>

#include "probe/log.h"
#include "server/event.h"

#define KIB ((size_t)1024)

/* Bytes as people say them. */
static void say_size(size_t bytes, char text[24])
{
	if (bytes < KIB)
		(void)snprintf(text, 24, "%zu bytes", bytes);
	else if (bytes % KIB == 0 || bytes >= 100 * KIB)
		(void)snprintf(text, 24, "%zu KiB", bytes / KIB);
	else
		(void)snprintf(text, 24, "%zu.%zu KiB", bytes / KIB, bytes % KIB * 10 / KIB);
}

static void say_unchanged(const struct target_load *load, char text[48])
{
	text[0] = '\0';
	if (load->sectors_unchanged == load->sectors)
		(void)snprintf(text, 48, "all %u sectors unchanged, ", load->sectors);
	else if (load->sectors_unchanged)
		(void)snprintf(text, 48, "%u of %u sectors unchanged, ", load->sectors_unchanged,
			load->sectors);
}

static void log_load(const struct target_load *load)
{
	char unchanged[48], size[24], changed[64] = "";
	uint64_t ms = load->duration_us / 1000;

	say_unchanged(load, unchanged);
	say_size(load->bytes_written, size);
	if (load->sectors_unchanged < load->sectors)
		(void)snprintf(changed, sizeof(changed), "erased %u, wrote %s, ",
			load->sectors_erased, size);
	log_info("%s%sverified, %" PRIu64 ".%02" PRIu64 " s", unchanged, changed, ms / 1000,
		ms % 1000 / 10);
}

void load_report(const struct target_load *load, enum err err, const struct events *events)
{
	struct event event;

	if (!err)
		log_load(load);
	event_begin(&event, "flash");
	event_string(&event, "state", err ? "failed" : "done");
	if (err)
		event_string(&event, "error", err_text(err));
	event_number(&event, "sectors", load->sectors);
	event_number(&event, "unchanged", load->sectors_unchanged);
	event_number(&event, "erased", load->sectors_erased);
	event_number(&event, "bytes", load->bytes_written);
	event_number(&event, "ms", load->duration_us / 1000);
	event_end(&event, events);
}
