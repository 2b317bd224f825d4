/*
 * Seeded sessions of nonsense: several clients, packets whole, cut and bent, a target that fails
 * now and then, messages in the midst of jobs. Nothing crashes or hangs; afterwards a new client is
 * served as ever; when all have left, the target is left.
 */
#include <stdio.h>
#include <string.h>

#include "desk.h"
#include "tests/prelude.h"

#define SEEDS   200
#define ACTIONS 300
#define CLIENTS 4

static const char *const packets[] = {"qSupported:swbreak+;hwbreak+;error-message+", "g", "p0",
	"p19", "p20", "p30", "P0=01020304", "P20=0102030405060708", "m20000000,4", "m8000000,10000",
	"m2000fff0,40", "M20000000,4:01020304", "X20000000,4:abcd", "qCRC:8000000,100", "?", "c",
	"s", "vCont;c", "vCont;s:1;c", "vCont;r8000100,8000200:1;c", "vCont;t", "C05",
	"Z1,8000110,2", "z1,8000110,2", "Z0,8000120,2", "Z2,20000000,4", "vFlashErase:8000000,4000",
	"vFlashWrite:8000000:abcdefgh", "vFlashDone", "D", "D;1", "k", "vKill;1", "R0", "vRun;",
	"vAttach;1", "Hg0", "T1", "qC", "qfThreadInfo", "qThreadExtraInfo,1",
	"qXfer:features:read:target.xml:0,100", "qXfer:memory-map:read::0,1000",
	"qXfer:threads:read::0,1000", "qRcmd,68656c70", "qRcmd,7265736574", "qRcmd,68616c74",
	"qRcmd,726573756d65", "qRcmd,696e666f", "qRcmd,787878", "QStartNoAckMode",
	"QThreadSuffixSupported", "!", "QNonStop:0"};

/* What a seed leads to; the desk's hook for jobs has no room for it. */
static struct {
	uint64_t state;
	unsigned clients[CLIENTS], last_client;
} play;

static unsigned roll(unsigned sides)
{
	play.state ^= play.state << 13;
	play.state ^= play.state >> 7;
	play.state ^= play.state << 17;
	return (unsigned)(play.state >> 20) % sides;
}

/* A packet as it should be, or with a byte changed, cut, doubled. */
static void send_something(struct desk *desk, unsigned client)
{
	char packet[128];
	size_t count = sizeof(packets) / sizeof(packets[0]);

	(void)snprintf(packet, sizeof(packet), "%s", packets[roll((unsigned)count)]);
	size_t size = strlen(packet);
	switch (roll(6)) {
	case 0:
		packet[roll((unsigned)size)] = (char)roll(256);
		break;
	case 1:
		size = roll((unsigned)size + 1);
		break;
	case 2:
		packet[size++] = (char)roll(256);
		break;
	default:
		break;
	}
	desk_packet_bytes(desk, client, packet, size);
}

static void open_client(struct desk *desk, unsigned *client)
{
	*client = ++play.last_client;
	desk_message(desk, MESSAGE_OPENED, *client);
}

static void act(struct desk *desk)
{
	unsigned *client = &play.clients[roll(CLIENTS)];

	switch (roll(20)) {
	case 0:
		desk_message(desk, MESSAGE_CLOSED, *client);
		open_client(desk, client);
		break;
	case 1:
	case 2:
		desk_message(desk, MESSAGE_INTERRUPT, *client);
		break;
	default:
		send_something(desk, *client);
	}
}

static void act_in_job(struct desk *desk)
{
	if (roll(3) == 0)
		act(desk);
}

static void let_fail(struct target *target)
{
	memset(target->fail, 0, sizeof(target->fail));
	if (roll(4) == 0)
		target->fail[roll(FAKE_CALLS)] = (enum err)(1 + roll(ERR_COUNT - 1));
	target->locked_up = roll(50) == 0;
	target->was_reset = roll(50) == 0;
}

static void forget_sent(struct desk *desk)
{
	while (desk->sent) {
		struct message *message = desk_take(desk, desk->sent->client);
		message_destroy(message);
	}
}

static void play_seed(struct desk *desk, unsigned seed)
{
	play.state = seed * 0x9e3779b97f4a7c15ULL;
	desk->in_job = act_in_job;
	desk->target->instructions_per_poll = 3;
	for (unsigned i = 0; i < CLIENTS; i++)
		open_client(desk, &play.clients[i]);
	for (unsigned i = 0; i < ACTIONS; i++) {
		let_fail(desk->target);
		act(desk);
		if (roll(3) == 0)
			desk_run(desk, roll(5000));
		forget_sent(desk);
	}
}

static void check_left(struct desk *desk)
{
	memset(desk->target->fail, 0, sizeof(desk->target->fail));
	desk->target->locked_up = false;
	desk->target->incomplete = false;
	desk->in_job = NULL;
	gdb_look(desk->gdb); /* it may be taken for lost */
	for (unsigned i = 0; i < CLIENTS; i++)
		desk_message(desk, MESSAGE_CLOSED, play.clients[i]);
	assert_int_equal(desk_run(desk, 1000000), UINT64_MAX);
	assert_false(desk->target->attached);
	assert_true(desk->target->running);
	assert_int_equal(desk->target->breakpoint_count, 0);
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
	desk_packet(desk, client, "vCont;c");
	desk_run(desk, 10000);
	desk_expect_nothing(desk, client);
	desk_message(desk, MESSAGE_INTERRUPT, client);
	desk_expect_prefix(desk, client, "T02");
	desk_message(desk, MESSAGE_CLOSED, client);
}

static void nonsense_breaks_nothing(void **state)
{
	(void)state;
	for (unsigned seed = 1; seed <= SEEDS; seed++) {
		void *desk;
		desk_set_up(&desk);
		play_seed(desk, seed);
		check_left(desk);
		check_served(desk);
		desk_tear_down(&desk);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(nonsense_breaks_nothing)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
