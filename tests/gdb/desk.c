/* A desk for session tests. */
#include <stdlib.h>
#include <string.h>

#include "desk.h"
#include "tests/prelude.h"

static void keep(void *context, struct message *message)
{
	struct desk *desk = context;
	bool is_marker = message->kind == MESSAGE_RUNNING || message->kind == MESSAGE_KEEP_ALIVE;

	if (is_marker && !desk->keeps_markers) {
		message_destroy(message);
		return;
	}
	message->next = NULL;
	*desk->sent_end = message;
	desk->sent_end = &message->next;
}

static uint64_t now_us(void *context)
{
	const struct desk *desk = context;
	return desk->now_us;
}

static void quit(void *context)
{
	struct desk *desk = context;
	desk->quit = true;
}

static void exited(void *context, unsigned code)
{
	struct desk *desk = context;
	desk->exits++;
	desk->exit_code = code;
}

static void console(void *context, const void *text, size_t size)
{
	struct desk *desk = context;
	size_t used = strlen(desk->console);
	assert_true(used + size < sizeof(desk->console));
	memcpy(desk->console + used, text, size);
}

static bool yield(void *context)
{
	struct desk *desk = context;
	desk->jobs++;
	if (desk->in_job)
		desk->in_job(desk);
	return gdb_is_cancelled(desk->gdb);
}

static void diagnosed(void *context, const struct target_report *report)
{
	struct desk *desk = context;
	gdb_diagnosed(desk->gdb, report);
}

void desk_renew(struct desk *desk, const struct files *files, bool has_console)
{
	struct gdb_options options = {
		.send = keep,
		.now_us = now_us,
		.quit = quit,
		.exited = exited,
		.console = has_console ? console : NULL,
		.context = desk,
		.files = files,
		.reset_runs = desk->reset_runs,
		.probe = "ST-LINK/V2-1 V2J37M26",
		.version = "0.1.0",
	};

	gdb_destroy(desk->gdb);
	desk->gdb = gdb_create(desk->target, &options);
	assert_non_null(desk->gdb);
}

int desk_set_up(void **state)
{
	struct desk *desk = calloc(1, sizeof(*desk));
	struct target_options target_options = {
		.hooks = {.context = desk, .yield = yield, .diagnosed = diagnosed}};

	assert_non_null(desk);
	desk->sent_end = &desk->sent;
	desk->now_us = 1000000;
	assert_int_equal(target_create(NULL, &target_options, &desk->target), ERR_OK);
	desk_renew(desk, NULL, false);
	*state = desk;
	return 0;
}

int desk_tear_down(void **state)
{
	struct desk *desk = *state;

	gdb_destroy(desk->gdb);
	while (desk->sent) {
		struct message *message = desk->sent;
		desk->sent = message->next;
		message_destroy(message);
	}
	target_destroy(desk->target);
	free(desk);
	return 0;
}

void desk_message(struct desk *desk, enum message_kind kind, unsigned client)
{
	gdb_message(desk->gdb, message_create(kind, client, NULL, 0));
}

void desk_packet_bytes(struct desk *desk, unsigned client, const void *packet, size_t size)
{
	gdb_message(desk->gdb, message_create(MESSAGE_PACKET, client, packet, size));
}

void desk_packet(struct desk *desk, unsigned client, const char *packet)
{
	desk_packet_bytes(desk, client, packet, strlen(packet));
}

void desk_join(struct desk *desk, unsigned client)
{
	desk_message(desk, MESSAGE_OPENED, client);
	desk_packet(desk, client, "qSupported:hwbreak+;swbreak+");
	desk_expect_prefix(desk, client, "PacketSize=");
}

uint64_t desk_run(struct desk *desk, uint64_t us)
{
	uint64_t end_us = desk->now_us + us;
	uint64_t due_us;

	while ((due_us = gdb_poll(desk->gdb)) <= end_us) {
		if (due_us > desk->now_us)
			desk->now_us = due_us;
		else
			desk->now_us++; /* a turn takes time */
	}
	desk->now_us = end_us;
	return due_us;
}

struct message *desk_take(struct desk *desk, unsigned client)
{
	struct message **link = &desk->sent;

	while (*link && (*link)->client != client)
		link = &(*link)->next;
	struct message *message = *link;
	if (!message)
		return NULL;
	*link = message->next;
	if (!message->next)
		desk->sent_end = link;
	return message;
}

static struct message *must_take(struct desk *desk, unsigned client, const char *expected)
{
	struct message *message = desk_take(desk, client);

	if (!message) {
		fail_msg("nothing came, expected \"%s\"", expected);
		abort();
	}
	return message;
}

void desk_expect(struct desk *desk, unsigned client, const char *reply)
{
	struct message *message = must_take(desk, client, reply);
	assert_string_equal((char *)message->data, reply);
	message_destroy(message);
}

void desk_expect_prefix(struct desk *desk, unsigned client, const char *prefix)
{
	struct message *message = must_take(desk, client, prefix);
	if (strncmp((char *)message->data, prefix, strlen(prefix)) != 0)
		fail_msg("reply \"%s\", expected \"%s...\"", (char *)message->data, prefix);
	message_destroy(message);
}

void desk_expect_nothing(struct desk *desk, unsigned client)
{
	struct message *message = desk_take(desk, client);
	if (message)
		fail_msg("unexpected reply \"%s\"", (char *)message->data);
}

static int digit(char character)
{
	return character <= '9' ? character - '0' : character - 'a' + 10;
}

void desk_expect_console(struct desk *desk, unsigned client, const char *text)
{
	struct message *message = must_take(desk, client, text);
	char line[4097] = "";

	if (message->data[0] != 'O')
		fail_msg(
			"\"%s\", expected console output with \"%s\"", (char *)message->data, text);
	for (size_t i = 1; i + 1 < message->size && i / 2 < sizeof(line) - 1; i += 2)
		line[i / 2] = (char)(digit((char)message->data[i]) << 4 |
				     digit((char)message->data[i + 1]));
	if (!strstr(line, text))
		fail_msg("console \"%s\", expected \"%s\" in it", line, text);
	message_destroy(message);
}

void desk_ask(struct desk *desk, unsigned client, const char *packet, const char *reply)
{
	desk_packet(desk, client, packet);
	desk_expect(desk, client, reply);
}

void desk_monitor(struct desk *desk, unsigned client, const char *command)
{
	static const char digits[] = "0123456789abcdef";
	char packet[1024] = "qRcmd,";
	size_t at = strlen(packet);

	for (; *command; command++) {
		packet[at++] = digits[(unsigned char)*command >> 4];
		packet[at++] = digits[(unsigned char)*command & 15];
	}
	desk_packet_bytes(desk, client, packet, at);
}
