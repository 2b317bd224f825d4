/* A session with a whole virtual board: see session.h. */
#include "session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probe/bytes.h"
#include "server/gdb/gdb.h"

#define CLIENT 1u
#define SECOND 1000000u

static void append(char *text, size_t room, const struct message *message)
{
	size_t used = strlen(text);
	size_t size = message->size < room - used - 1 ? message->size : room - used - 1;
	memcpy(text + used, message->data, size);
	text[used + size] = '\0';
}

/* Console text is an O packet: kept as it is, in hex. */
static void receive(void *context, struct message *message)
{
	struct session_log *log = context;
	if (message->kind == MESSAGE_REPLY && message->size > 1 && message->data[0] == 'O' &&
		message->data[1] != 'K') {
		for (size_t i = 1; i + 1 < message->size; i += 2) {
			char digits[3] = {(char)message->data[i], (char)message->data[i + 1], 0};
			size_t used = strlen(log->console);
			if (used + 1 < sizeof(log->console))
				log->console[used] = (char)strtoul(digits, NULL, 16);
		}
	} else if (message->kind == MESSAGE_REPLY || message->kind == MESSAGE_NO_ACK) {
		log->reply[0] = '\0';
		append(log->reply, sizeof(log->reply), message);
		log->replied_us = probe_now_us(log->rig.probe);
	}
	message_destroy(message);
}

static uint64_t now_us(void *context)
{
	struct session_log *log = context;
	return probe_now_us(log->rig.probe);
}

static void begin(struct session_log *log)
{
	log->reply[0] = '\0';
	memset(log->console, 0, sizeof(log->console));
}

void session_open(struct session_log *log)
{
	const struct gdb_options options = {.send = receive, .now_us = now_us, .context = log};
	log->gdb = gdb_create(log->rig.target, &options);
	assert_non_null(log->gdb);
	gdb_message(log->gdb, message_create(MESSAGE_OPENED, CLIENT, NULL, 0));
	session_expect(log, "qSupported:hwbreak+;swbreak+;vContSupported+", "PacketSize=");
	session_expect(log, "?", "T05");
}

/* ---- a probe that is unplugged ---- */

static enum err reopen(void *context, const struct probe_info *lost, struct probe **probe)
{
	struct session_log *log = context;
	(void)lost;
	return rig_reopen(&log->rig, probe);
}

static void put_in_place(void *context)
{
	struct session_log *log = context;
	log->rig.probe = log->replug.probe;
}

void session_watch_probe(struct session_log *log)
{
	log->replug = (struct replug){
		.probe = log->rig.probe,
		.target = log->rig.target,
		.gdb = log->gdb,
		.reopen = reopen,
		.reopen_context = log,
		.returned = put_in_place,
		.context = log,
	};
}

void session_close(struct session_log *log)
{
	gdb_message(log->gdb, message_create(MESSAGE_CLOSED, CLIENT, NULL, 0));
	gdb_destroy(log->gdb);
	log->gdb = NULL;
	log->replug.gdb = NULL;
}

static int setup(void **state, const char *firmware)
{
	struct session_log *log = calloc(1, sizeof(*log));
	if (!log)
		return -1;
	*state = log;
	bench_start(&log->rig, firmware);
	session_open(log);
	return 0;
}

int session_setup(void **state)
{
	return setup(state, NULL);
}

int session_setup_old(void **state)
{
	return setup(state, "V2J26M15");
}

int session_setup_v3(void **state)
{
	struct session_log *log = calloc(1, sizeof(*log));
	if (!log)
		return -1;
	*state = log;
	bench_start_v3(&log->rig);
	session_open(log);
	return 0;
}

int session_teardown(void **state)
{
	struct session_log *log = *state;
	gdb_destroy(log->gdb);
	rig_stop(&log->rig);
	free(log);
	return 0;
}

static void look(struct session_log *log)
{
	uint64_t wait_us = GDB_LOOK_US;

	if (now_us(log) < log->look_us)
		return;
	if (log->replug.gdb)
		assert_int_equal(replug_look(&log->replug, &wait_us), ERR_OK);
	else
		gdb_look(log->gdb);
	log->look_us = now_us(log) + wait_us;
}

const char *session_ask_bytes(struct session_log *log, const void *packet, size_t size)
{
	look(log);
	begin(log);
	gdb_message(log->gdb, message_create(MESSAGE_PACKET, CLIENT, packet, size));
	return log->reply;
}

static void send_packet(struct session_log *log, const char *packet)
{
	(void)session_ask_bytes(log, packet, strlen(packet));
}

const char *session_ask(struct session_log *log, const char *format, ...)
{
	char packet[256];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(packet, sizeof(packet), format, arguments);
	va_end(arguments);
	send_packet(log, packet);
	return log->reply;
}

void session_expect(struct session_log *log, const char *packet, const char *prefix)
{
	send_packet(log, packet);
	if (strncmp(log->reply, prefix, strlen(prefix)) != 0)
		fail_msg("%s gave \"%s\", not \"%s\"", packet, log->reply, prefix);
}

/* What is due; and then until the next of it, or `end_us`. False: that has come. */
static bool serve(struct session_log *log, uint64_t end_us)
{
	look(log);
	uint64_t due_us = gdb_poll(log->gdb), at_us = now_us(log);
	if (at_us >= end_us)
		return false;
	if (due_us > end_us)
		due_us = end_us;
	if (due_us > log->look_us)
		due_us = log->look_us;
	if (due_us > at_us && !log->reply[0])
		probe_sleep_us(log->rig.probe, due_us - at_us);
	return true;
}

bool session_wait(struct session_log *log, uint64_t us)
{
	uint64_t end_us = now_us(log) + us;
	while (!log->reply[0] && serve(log, end_us))
		;
	return log->reply[0];
}

void session_pass(struct session_log *log, uint64_t us)
{
	uint64_t end_us = now_us(log) + us;
	begin(log);
	while (serve(log, end_us))
		begin(log);
}

const char *session_go(struct session_log *log, const char *packet)
{
	send_packet(log, packet);
	if (!session_wait(log, SECOND))
		fail_msg("%s: the core does not stop", packet);
	return log->reply;
}

void session_interrupt(struct session_log *log)
{
	begin(log);
	gdb_message(log->gdb, message_create(MESSAGE_INTERRUPT, CLIENT, NULL, 0));
}

uint32_t session_register(const struct session_log *log, unsigned number)
{
	char key[8];
	snprintf(key, sizeof(key), "%02x:", number);
	const char *at = log->reply + 3; /* behind T05 */
	while (at && strncmp(at, key, strlen(key)) != 0) {
		at = strchr(at, ';');
		at = at ? at + 1 : NULL;
	}
	if (!at) {
		fail_msg("no register %u in %s", number, log->reply);
		return 0;
	}
	return __builtin_bswap32((uint32_t)strtoul(at + strlen(key), NULL, 16));
}
