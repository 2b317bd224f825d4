/*
 * What gdb 13.1 and LLDB 19 really send, packet by packet, and what they need to hear.
 */
#include <stdlib.h>
#include <string.h>

#include "desk.h"
#include "tests/prelude.h"

struct step {
	const char *packet;
	const char *prefix; /* what the reply begins with; NULL: none comes */
	const char *inside; /* what it also holds, or NULL */
};

static void play(struct desk *desk, const struct step *steps, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		desk_packet(desk, 1, steps[i].packet);
		desk_run(desk, 2000);
		struct message *message = desk_take(desk, 1);
		if (!steps[i].prefix) {
			assert_null(message);
			continue;
		}
		if (!message) {
			fail_msg("%s got no reply", steps[i].packet);
			abort();
		}
		const char *reply = (const char *)message->data;
		bool good = strncmp(reply, steps[i].prefix, strlen(steps[i].prefix)) == 0;
		if (!*steps[i].prefix)
			good = !*reply;
		if (!good || (steps[i].inside && !strstr(reply, steps[i].inside)))
			fail_msg("%s was answered %s", steps[i].packet, reply);
		message_destroy(message);
		desk_expect_nothing(desk, 1);
	}
}

#define PLAY(desk, steps) play(desk, steps, sizeof(steps) / sizeof((steps)[0]))

static const struct step gdb_connects[] = {
	{"qSupported:multiprocess+;swbreak+;hwbreak+;qRelocInsn+;fork-events+;vfork-events+;"
	 "exec-events+;vContSupported+;QThreadEvents+;no-resumed+;memory-tagging+;xmlRegisters="
	 "i386",
		"PacketSize=20000;", ";hwbreak+;swbreak+"},
	{"vMustReplyEmpty", "", NULL},
	{"QStartNoAckMode", "OK", NULL},
	{"!", "OK", NULL},
	{"Hg0", "OK", NULL},
	{"qXfer:features:read:target.xml:0,1000", "l<?xml", "</target>"},
	{"qTStatus", "", NULL},
	{"?", "T05", "f:00010008;"},
	{"qXfer:threads:read::0,1000", "l<?xml", "</threads>"},
	{"qAttached", "1", NULL},
	{"Hc-1", "OK", NULL},
	{"qOffsets", "Text=0;Data=0;Bss=0", NULL},
	{"qXfer:threads:read::0,1000", "l<?xml", "</threads>"},
	{"qXfer:memory-map:read::0,1000", "l<?xml", "</memory-map>"},
	{"m8000100,4", "ffffffff", NULL},
	{"m80000fe,2", "ffff", NULL},
	{"qSymbol::", "OK", NULL},
};

static void gdb_loads_and_steps(void **state)
{
	static const struct step steps[] = {
		{"vFlashErase:08000000,00004000", "OK", NULL},
		{"vFlashWrite:8000000:\x01\x02\x03\x04", "OK", NULL},
		{"vFlashWrite:8000100:abcd", "OK", NULL},
		{"vFlashDone", "OK", NULL},
		{"g", "00000000", NULL},
		{"p19", "00000001", NULL},
		{"qCRC:8000000,4", "C", NULL},
		{"vCont?", "vCont;c;C;s;S;t;r", NULL},
		{"Pf=00010008", "OK", NULL},
		{"vCont;s:1;c", "T05", "f:02010008;"},
		{"p1a", "00100020", NULL},
		{"m20001000,40", "0000", NULL},
		{"Z1,8000120,2", "OK", NULL},
		{"vCont;r8000102,8000108:1;c", "T05", "f:08010008;"},
		{"z1,8000120,2", "OK", NULL},
		{"X20000000,0:", "OK", NULL},
		{"X20000000,4:\x01\x02\x03\x04", "OK", NULL},
		{"qSearch:memory:20000000;40;ab", "0", NULL},
		{"D", "OK", NULL},
	};
	struct desk *desk = *state;

	desk_message(desk, MESSAGE_OPENED, 1);
	PLAY(desk, gdb_connects);
	PLAY(desk, steps);
	assert_memory_equal(desk->target->flash + 0x100, "abcd", 4);
	assert_false(desk->target->attached);
}

static void gdb_continues_to_a_breakpoint(void **state)
{
	static const struct step steps[] = {
		{"Z1,8000110,2", "OK", NULL},
		{"vCont;c", "T05", "hwbreak:;"},
		{"qXfer:threads:read::0,1000", "l", NULL},
		{"z1,8000110,2", "OK", NULL},
		{"vCont;s:1;c", "T05", NULL},
		{"vKill;a410", "OK", NULL},
		{"vRun;", "T05", "f:88010008;"},
		{"qAttached", "1", NULL},
		{"qOffsets", "Text=0", NULL},
		{"Hg1", "OK", NULL},
		{"R0", NULL, NULL},
		{"k", NULL, NULL},
	};
	struct desk *desk = *state;

	desk_message(desk, MESSAGE_OPENED, 1);
	PLAY(desk, gdb_connects);
	desk->target->instructions_per_poll = 20;
	PLAY(desk, steps);
}

static void lldb_connects_and_steps(void **state)
{
	static const struct step steps[] = {
		{"QStartNoAckMode", "OK", NULL},
		{"qSupported:xmlRegisters=i386,arm,mips,arc;multiprocess+;fork-events+;vfork-"
		 "events+",
			"PacketSize=20000", NULL},
		{"QThreadSuffixSupported", "", NULL},
		{"QListThreadsInStopReply", "OK", NULL},
		{"qHostInfo", "", NULL},
		{"vCont?", "vCont;c;C;s;S;t;r", NULL},
		{"qVAttachOrWaitSupported", "", NULL},
		{"QEnableErrorStrings", "", NULL},
		{"qProcessInfo", "", NULL},
		{"qC", "QC1", NULL},
		{"?", "T05", NULL},
		{"qXfer:features:read:target.xml:0,1ffff", "l<?xml", "</target>"},
		{"Hg1", "OK", NULL},
		{"p0", "00000000", NULL},
		{"qOffsets", "Text=0", NULL},
		{"qSymbol::", "OK", NULL},
		{"qStructuredDataPlugins", "", NULL},
		{"qfThreadInfo", "m1", NULL},
		{"qsThreadInfo", "l", NULL},
		{"x0,0", "", NULL},
		{"m20000e00,200", "0000", NULL},
		{"qMemoryRegionInfo:8000000", "start:8000000;size:10000;permissions:rx;", NULL},
		{"qMemoryRegionInfo:2000ffff", "start:20000000;size:10000;permissions:rwx;", NULL},
		{"qMemoryRegionInfo:30000000", "start:20010000;size:bfff0000;", NULL},
		{"qMemoryRegionInfo:ffffffff", "start:e0100000;size:1ff00000;", NULL},
		{"qMemoryRegionInfo:100000000", "E", NULL},
		{"qMemoryRegionInfo:", "E", NULL},
		{"qXfer:memory-map:read::0,1ffff", "l<?xml", NULL},
		{"jThreadsInfo", "", NULL},
		{"vFlashErase:8000000,4000", "OK", NULL},
		{"vFlashWrite:8000000:abcd", "OK", NULL},
		{"M20000000,4:64000008", "OK", NULL},
		{"vFlashDone", "OK", NULL},
		{"vCont;s:0001", "T05", NULL},
		{"Z0,8000200,0", "OK", NULL},
		{"Z0,8000204,4", "OK", NULL},
		{"c", NULL, NULL},
	};
	struct desk *desk = *state;

	desk_message(desk, MESSAGE_OPENED, 1);
	PLAY(desk, steps);
	desk_message(desk, MESSAGE_INTERRUPT, 1);
	desk_expect_prefix(desk, 1, "T02");
	desk_ask(desk, 1, "k", "X09");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DESK_TEST(gdb_loads_and_steps),
		DESK_TEST(gdb_continues_to_a_breakpoint),
		DESK_TEST(lldb_connects_and_steps),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
