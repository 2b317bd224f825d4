/* Events of the board. Worker thread. */
#include "report.h"

#include "server/event.h"

static const char *reason_name(const struct gdb *gdb)
{
	static const char *const names[] = {
		[TARGET_STOP_REQUEST] = "request",
		[TARGET_STOP_STEP] = "step",
		[TARGET_STOP_BREAKPOINT] = "breakpoint",
		[TARGET_STOP_WATCHPOINT] = "watchpoint",
		[TARGET_STOP_VECTOR_CATCH] = "vector-catch",
		[TARGET_STOP_EXTERNAL] = "external",
	};
	size_t reason = (size_t)gdb->stop.reason;

	return reason < sizeof(names) / sizeof(names[0]) ? names[reason] : "external";
}

static void add_register(
	const struct gdb *gdb, struct event *event, const char *key, enum target_register which)
{
	if (gdb->stop.known & 1U << which)
		event_address(event, key, gdb->stop.registers[which]);
}

static bool is_fault(const struct gdb *gdb)
{
	return gdb->stop.locked_up || gdb->stop.reason == TARGET_STOP_VECTOR_CATCH;
}

void report_stop(const struct gdb *gdb)
{
	struct event event;

	event_begin(&event, "halt");
	event_number(&event, "signal", gdb->stop.signal);
	event_string(&event, "reason", reason_name(gdb));
	add_register(gdb, &event, "pc", TARGET_PC);
	event_end(&event, gdb->options.events);
	if (!is_fault(gdb))
		return;
	event_begin(&event, "fault");
	event_string(&event, "kind", gdb->stop.locked_up ? "lockup" : "vector-catch");
	add_register(gdb, &event, "pc", TARGET_PC);
	add_register(gdb, &event, "lr", TARGET_LR);
	add_register(gdb, &event, "xpsr", TARGET_XPSR);
	event_end(&event, gdb->options.events);
}

void report_reach(const struct gdb *gdb, const char *name, const char *text)
{
	struct event event;

	event_begin(&event, name);
	event_string(&event, "text", text);
	event_end(&event, gdb->options.events);
}

void report_failure(const struct gdb *gdb, const char *text)
{
	struct event event;

	event_begin(&event, "diagnosis");
	event_string(&event, "text", text);
	event_end(&event, gdb->options.events);
}
