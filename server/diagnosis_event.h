/* A cause that was found, as an event for scripts. Any thread. */
#ifndef SERVER_DIAGNOSIS_EVENT_H
#define SERVER_DIAGNOSIS_EVENT_H

struct events;
struct target_report;

/* `events` may be NULL: nobody wants any. */
void diagnosis_event(const struct target_report *report, const struct events *events);

#endif
