/* A cause that was found, as an event: see diagnosis_event.h. Any thread. */
#include "server/diagnosis_event.h"

#include "server/event.h"
#include "targets/target.h"

static void add_value(struct event *event, const struct target_evidence *value)
{
	switch (value->kind) {
	case TARGET_VALUE_NUMBER:
		event_number(event, value->name, value->value);
		break;
	case TARGET_VALUE_WORD:
		event_address(event, value->name, value->value);
		break;
	case TARGET_VALUE_TEXT:
		event_string(event, value->name, value->text);
		break;
	}
}

void diagnosis_event(const struct target_report *report, const struct events *events)
{
	static const char *const severities[] = {
		[TARGET_ERROR] = "error", [TARGET_WARNING] = "warning", [TARGET_REMARK] = "remark"};
	struct event event;

	event_begin(&event, "diagnosis");
	event_string(&event, "severity", severities[report->severity]);
	if (report->code[0])
		event_string(&event, "code", report->code);
	event_string(&event, "cause", report->cause);
	event_object_begin(&event, "evidence");
	for (size_t i = 0; i < report->value_count; i++)
		add_value(&event, &report->values[i]);
	event_object_end(&event);
	if (report->remedy[0])
		event_string(&event, "remedy", report->remedy);
	if (report->flash[0])
		event_string(&event, "flash", report->flash);
	event_end(&event, events);
}
