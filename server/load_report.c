/* How a load went. Any thread. */
#include "server/load_report.h"

#include <inttypes.h>
#include <stdio.h>

#include "probe/log.h"
#include "server/event.h"

static void log_load(const struct target_load *load)
{
	uint64_t ms = load->duration_us / 1000;
	uint64_t rate =
		load->duration_us ? (uint64_t)load->bytes_written * 1000000 / load->duration_us : 0;

	char unchanged[48] = "";
	if (load->sectors_unchanged)
		(void)snprintf(unchanged, sizeof(unchanged), "%u of %u sectors unchanged, ",
			load->sectors_unchanged, load->sectors);
	log_info("%serased %u sectors, wrote %zu bytes, verified, %" PRIu64 ".%02" PRIu64
		 " s (%" PRIu64 " KiB/s)",
		unchanged, load->sectors_erased, load->bytes_written, ms / 1000, ms % 1000 / 10,
		rate / 1024);
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
