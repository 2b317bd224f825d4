/*
 * Any packets at all, whole and malformed, from several clients, for the sessions on a target in
 * memory that may fail: each comes to an end; when all have left, so is the target, and a new
 * client is served as ever.
 *
 * The input is a text with a packet in each line. `}` escapes as in the protocol (the next byte is
 * meant with bit 5 turned over), so that a packet may hold any byte. Some bytes stand for what is
 * no packet: see acts below.
 */
#include <string.h>

#include "fuzz.h"
#include "probe/log.h"
#include "tests/gdb/desk.h"
#include "tests/prelude.h"

#define CLIENTS     3
#define PACKET_MAX  4096
#define POLLS_MAX   50
#define LEAVE_US    1000000
#define ESCAPE      0x7D
#define ESCAPE_FLIP 0x20

struct play {
	struct desk *desk;
	struct input *input;
	unsigned at, client[CLIENTS], last_client;
};

/* The desk's hook for jobs has no room for it. */
static struct play play;

static void forget_sent(struct desk *desk)
{
	while (desk->sent)
		message_destroy(desk_take(desk, desk->sent->client));
}

/* ---- what is no packet ---- */

static void open_client(void)
{
	play.client[play.at] = ++play.last_client;
	desk_message(play.desk, MESSAGE_OPENED, play.last_client);
}

static void next_client(void)
{
	play.at = (play.at + 1) % CLIENTS;
	if (!play.client[play.at])
		open_client();
}

static void interrupt(void)
{
	desk_message(play.desk, MESSAGE_INTERRUPT, play.client[play.at]);
}

static void replace_client(void)
{
	desk_message(play.desk, MESSAGE_CLOSED, play.client[play.at]);
	open_client();
}

static void fail_a_call(void)
{
	unsigned which = input_byte(play.input) % FAKE_CALLS;
	play.desk->target->fail[which] = (enum err)(input_byte(play.input) % ERR_COUNT);
}

static void change_target(void)
{
	struct target *target = play.desk->target;
	uint8_t bits = input_byte(play.input);

	target->locked_up = bits & 1;
	target->was_reset = bits & 2;
	target->in_reset = bits & 4;
	target->instructions_per_poll = bits >> 3 & 7;
	target->ranges_are_endless = bits & 64;
}

static void lose_probe(void)
{
	gdb_probe_lost(play.desk->gdb);
}

static void bring_probe_back(void)
{
	target_set_probe(play.desk->target, NULL);
	gdb_probe_back(play.desk->gdb);
}

static void look(void)
{
	gdb_look(play.desk->gdb);
}

/* A program that prints for ever is polled for ever, so the polls are counted and not the time. */
static void pass_time(void)
{
	for (unsigned i = 0; i < POLLS_MAX; i++) {
		uint64_t due_us = gdb_poll(play.desk->gdb);
		if (due_us == UINT64_MAX)
			return;
		play.desk->now_us = due_us > play.desk->now_us ? due_us : play.desk->now_us + 1;
	}
}

static void (*const acts[32])(void) = {
	[0x01] = pass_time,
	[0x02] = next_client,
	[0x03] = interrupt,
	[0x04] = replace_client,
	[0x05] = fail_a_call,
	[0x06] = change_target,
	[0x07] = look,
	[0x0E] = lose_probe,
	[0x0F] = bring_probe_back,
};

/* ---- packets ---- */

static void send_packet(uint8_t first)
{
	static uint8_t packet[PACKET_MAX];
	size_t size = 0;

	for (uint8_t byte = first; byte != '\n' && size < PACKET_MAX;
		byte = input_byte(play.input)) {
		if (byte == ESCAPE)
			byte = input_byte(play.input) ^ ESCAPE_FLIP;
		packet[size++] = byte;
		if (!play.input->size)
			break;
	}
	desk_packet_bytes(play.desk, play.client[play.at], packet, size);
}

static void act(void)
{
	uint8_t byte = input_byte(play.input);

	if (byte < COUNT_OF(acts) && acts[byte])
		acts[byte]();
	else
		send_packet(byte);
}

/* From the midst of a job nothing may come but messages. */
static void act_in_job(struct desk *desk)
{
	uint8_t next = play.input->size ? play.input->bytes[0] : 0;

	(void)desk;
	if (next > 0x01 && next != 0x07 && next != 0x0E && next != 0x0F)
		act();
}

/* ---- afterwards ---- */

static void check_left(struct desk *desk)
{
	struct target *target = desk->target;
	bool was_incomplete = target->incomplete; /* then it may have been left halted */

	memset(target->fail, 0, sizeof(target->fail));
	target->locked_up = target->was_reset = target->in_reset = target->incomplete = false;
	desk->in_job = NULL;
	bring_probe_back();
	for (unsigned i = 0; i < CLIENTS; i++)
		if (play.client[i])
			desk_message(desk, MESSAGE_CLOSED, play.client[i]);
	require(desk_run(desk, LEAVE_US) == UINT64_MAX);
	require(!target->attached && (target->running || was_incomplete));
	require(!target->breakpoint_count && !target->watch_count);
	forget_sent(desk);
}

static void check_served(struct desk *desk)
{
	unsigned client = ++play.last_client;

	desk->target->instructions_per_poll = 0;
	desk_join(desk, client);
	desk_packet(desk, client, "?");
	desk_expect_prefix(desk, client, "T05");
	desk_ask(desk, client, "M20000000,4:01020304", "OK");
	desk_ask(desk, client, "m20000000,4", "01020304");
	desk_message(desk, MESSAGE_CLOSED, client);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct input input = {bytes, size};
	void *desk;

	log_set_level(LOG_ERROR);
	desk_set_up(&desk);
	play = (struct play){.desk = desk, .input = &input};
	play.desk->in_job = act_in_job;
	open_client();
	while (input.size) {
		act();
		forget_sent(desk);
	}
	check_left(desk);
	check_served(desk);
	desk_tear_down(&desk);
	return 0;
}
