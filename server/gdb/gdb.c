/* The board: its sessions, the routing of messages, the services. Worker thread. */
#include "gdb.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "control.h"
#include "inferior.h"
#include "memory.h"
#include "packet.h"
#include "probe/log.h"
#include "reach.h"
#include "report.h"
#include "server/diagnosis_event.h"
#include "session.h"

#define HEARD_MAX 4096

static void (*const services[SERVICE_COUNT])(struct gdb *gdb) = {
	[SERVICE_TRANSFERS] = transfer_poll,
	[SERVICE_CALL] = inferior_poll_call,
	[SERVICE_STOP_POLL] = inferior_poll_stop,
	[SERVICE_RANGE_STEP] = inferior_poll_range,
	[SERVICE_CONSOLE] = semihosting_flush,
	[SERVICE_KEYS] = semihosting_poll_keys,
	[SERVICE_VOLTAGE] = inferior_poll_voltage,
};

void gdb_schedule(struct gdb *gdb, enum service service, uint64_t due_us)
{
	gdb->due_us[service] = due_us;
}

uint64_t gdb_now_us(const struct gdb *gdb)
{
	return gdb->options.now_us(gdb->options.context);
}

bool gdb_has_flash(const struct gdb *gdb, uint32_t address)
{
	size_t count;
	const struct target_region *regions = target_memory_map(gdb->target, &count);

	for (size_t i = 0; i < count; i++) {
		if (regions[i].kind == TARGET_FLASH && address >= regions[i].start &&
			address - regions[i].start < regions[i].size)
			return true;
	}
	return false;
}

bool gdb_in_job_of_other(const struct session *session)
{
	const struct session *serving = session->gdb->serving;
	return serving && serving != session;
}

static void hear(void *context, enum log_level level, const char *text)
{
	struct gdb *gdb = context;

	if (level > LOG_WARN || gdb->heard.size + strlen(text) > HEARD_MAX)
		return;
	if (gdb->heard.size)
		text_add(&gdb->heard, "\n");
	text_add(&gdb->heard, text);
}

const char *gdb_reason(const struct gdb *gdb, enum err err)
{
	return gdb->heard.size ? gdb->heard.data : err_text(err);
}

void gdb_keep_failure(struct gdb *gdb, const char *attempt, enum err err)
{
	text_clear(&gdb->failure);
	text_format(&gdb->failure, "%s: %s", attempt, gdb_reason(gdb, err));
	if (!gdb->diagnosed)
		report_failure(gdb, text_string(&gdb->failure));
}

struct gdb *gdb_create(struct target *target, const struct gdb_options *options)
{
	struct gdb *gdb = calloc(1, sizeof(*gdb));
	if (!gdb)
		return NULL;
	gdb->target = target;
	gdb->options = *options;
	gdb->failing_since_us = NEVER;
	gdb->held_since_us = NEVER;
	for (int i = 0; i < SERVICE_COUNT; i++)
		gdb_schedule(gdb, (enum service)i, NEVER);
	log_listen(hear, gdb);
	return gdb;
}

void gdb_destroy(struct gdb *gdb)
{
	if (!gdb)
		return;
	while (gdb->sessions) {
		struct session *session = gdb->sessions;
		session_send(session, MESSAGE_HANG_UP, NULL, 0);
		control_leave(session);
		session_destroy(session);
	}
	if (gdb->lost)
		reach_look(gdb); /* the last chance to leave it as it should be */
	if (gdb->must_detach && !gdb->lost) {
		enum err err = target_detach(gdb->target);
		(void)err; /* logged by the target; there is no one left to tell */
	}
	log_listen(NULL, NULL);
	points_finish(&gdb->points);
	semihosting_finish(gdb);
	text_finish(&gdb->heard);
	text_finish(&gdb->failure);
	free(gdb);
}

enum err gdb_attach(struct gdb *gdb)
{
	return inferior_attach_quietly(gdb);
}

enum err gdb_outcome(const struct gdb *gdb)
{
	return gdb->attach_error ? gdb->attach_error : gdb->load_error;
}

void gdb_diagnosed(struct gdb *gdb, const struct target_report *report)
{
	if (gdb->lost)
		return;
	gdb->diagnosed = true;
	diagnosis_event(report, gdb->options.events);
}

bool gdb_is_cancelled(const struct gdb *gdb)
{
	return gdb->cancelled;
}

static void open_session(struct gdb *gdb, unsigned client)
{
	assert(!session_find(gdb, client));
	if (session_create(gdb, client))
		return;
	log_error("out of memory: client %u is turned away", client);
	struct message *hang_up = message_create(MESSAGE_HANG_UP, client, NULL, 0);
	if (hang_up)
		gdb->options.send(gdb->options.context, hang_up);
}

static void close_session(struct session *session)
{
	control_leave(session);
	session_destroy(session);
}

static void serve(struct session *session, const struct message *packet)
{
	struct gdb *gdb = session->gdb;

	gdb->serving = session;
	gdb->cancelled = false;
	if (session->role == ROLE_NEW)
		control_join(session, false);
	packet_handle(session, (const char *)packet->data, packet->size);
	gdb->serving = NULL;
}

/* While the target works for an earlier message, only what touches nothing but memory is served. */
static void serve_in_job(struct session *session, struct message *message)
{
	struct gdb *gdb = session->gdb;
	const char *data = (const char *)message->data;

	session->closed |= message->kind == MESSAGE_CLOSED;
	session->interrupted |= message->kind == MESSAGE_INTERRUPT;
	if (message->kind != MESSAGE_PACKET) {
		gdb->cancelled |= session == gdb->serving;
		message_destroy(message);
		return;
	}
	if (session == gdb->serving || session_is_busy(session) || session->waiting ||
		!packet_is_for_job(session, data, message->size)) {
		session_defer(session, message);
		return;
	}
	size_t heard = gdb->heard.size;
	if (session->role == ROLE_NEW)
		control_join(session, true);
	packet_handle(session, data, message->size);
	text_cut(&gdb->heard, heard);
	message_destroy(message);
}

static bool is_settled(const struct session *session)
{
	if (session->closed || session->interrupted)
		return false;
	return session_is_busy(session) || !session->waiting;
}

static struct session *find_unsettled(const struct gdb *gdb)
{
	struct session *session = gdb->sessions;
	while (session && is_settled(session))
		session = session->next;
	return session;
}

static void interrupt(struct session *session)
{
	session->interrupted = false;
	if (session->awaits_stop)
		inferior_interrupt(session->gdb);
}

/* Does what had to wait: for the end of a job, or of a session's own transfer. */
static void settle(struct gdb *gdb)
{
	struct session *session;

	while ((session = find_unsettled(gdb))) {
		if (session->closed) {
			close_session(session);
		} else if (session->interrupted) {
			interrupt(session);
		} else {
			struct message *message = session_next(session);
			serve(session, message);
			message_destroy(message);
		}
	}
}

static void enter(struct gdb *gdb)
{
	gdb->inside = true;
	gdb->diagnosed = false;
	text_clear(&gdb->heard);
}

static void leave(struct gdb *gdb)
{
	settle(gdb);
	gdb->inside = false;
}

static void route(struct session *session, struct message *message)
{
	bool is_packet = message->kind == MESSAGE_PACKET;

	session->closed |= message->kind == MESSAGE_CLOSED;
	session->interrupted |= message->kind == MESSAGE_INTERRUPT;
	if (is_packet && (session_is_busy(session) || session->waiting)) {
		session_defer(session, message);
		return;
	}
	if (is_packet)
		serve(session, message);
	message_destroy(message);
}

void gdb_message(struct gdb *gdb, struct message *message)
{
	bool nested = gdb->inside;
	struct session *session = session_find(gdb, message->client);

	if (message->kind == MESSAGE_OPENED) {
		open_session(gdb, message->client);
		message_destroy(message);
		return;
	}
	if (!session) {
		message_destroy(message);
		return;
	}
	if (nested) {
		serve_in_job(session, message);
		return;
	}
	enter(gdb);
	route(session, message);
	leave(gdb);
}

void gdb_look(struct gdb *gdb)
{
	enter(gdb);
	reach_look(gdb);
	leave(gdb);
}

void gdb_probe_lost(struct gdb *gdb)
{
	enter(gdb);
	reach_probe_lost(gdb);
	leave(gdb);
}

void gdb_probe_back(struct gdb *gdb)
{
	enter(gdb);
	reach_probe_back(gdb);
	leave(gdb);
}

void gdb_typed(struct gdb *gdb, const void *keys, size_t size)
{
	semihosting_typed(gdb, keys, size);
}

uint64_t gdb_poll(struct gdb *gdb)
{
	uint64_t next_us = NEVER;

	enter(gdb);
	for (int i = 0; i < SERVICE_COUNT; i++) {
		if (gdb->due_us[i] <= gdb_now_us(gdb))
			services[i](gdb);
	}
	leave(gdb);
	for (int i = 0; i < SERVICE_COUNT; i++) {
		if (gdb->due_us[i] < next_us)
			next_us = gdb->due_us[i];
	}
	return next_us;
}
