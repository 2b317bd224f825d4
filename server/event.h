/*
 * Events for scripts: one JSON object a line (--json). What there is to expect is told by
 * event.schema.json, which a test holds against what is emitted.
 *
 * Any thread: an event is a local value, and a line is written with one write. Strings are UTF-8;
 * what is none, and what does not fit, becomes `?` or is cut.
 */
#ifndef SERVER_EVENT_H
#define SERVER_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EVENT_MAX 4000 /* below PIPE_BUF, so that lines never mix */

/* Where events go to. */
struct events {
	int fd;
};

struct event {
	char line[EVENT_MAX + 4];
	size_t size;
	bool in_object;
};

/* {"event":NAME */
void event_begin(struct event *event, const char *name);
void event_string(struct event *event, const char *key, const char *value);
void event_number(struct event *event, const char *key, uint64_t value);
void event_address(struct event *event, const char *key, uint32_t value); /* "0x08000000" */

/* Between the two, values are those of an object under that key. */
void event_object_begin(struct event *event, const char *key);
void event_object_end(struct event *event);

/* Writes it. `events` may be NULL: nobody wants any. */
void event_end(struct event *event, const struct events *events);

#endif
