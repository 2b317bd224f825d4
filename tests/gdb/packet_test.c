/* The packet table: which packets there are, and what is wrong with the others. */
#include "server/gdb/packet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desk.h"
#include "server/gdb/packet_table.h"
#include "tests/prelude.h"

static const struct packet_rule *find(const char *packet)
{
	return packet_find(packet, strlen(packet));
}

static void assert_name(const char *packet, const char *name)
{
	const struct packet_rule *rule = find(packet);
	if (!rule) {
		fail_msg("%s is not known", packet);
		abort();
	}
	assert_string_equal(rule->name, name);
}

/* One name may begin another. */
static void the_longest_name_wins(void **state)
{
	(void)state;
	assert_name("qC", "qC");
	assert_name("qCRC:0,1", "qCRC:");
	assert_name("D", "D");
	assert_name("D;1", "D;");
	assert_name("vCont?", "vCont?");
	assert_name("vCont;c", "vCont;");
	assert_name("qSupported", "qSupported");
	assert_name("qSupported:a+", "qSupported:");
	assert_name("vRun;a;b", "vRun");
	assert_name("C05", "C");
	assert_name("s", "s");
	assert_name("Z1,8000000,2", "Z1,");
}

static void what_only_looks_alike_is_unknown(void **state)
{
	static const char *const packets[] = {"qCfoo", "qSupportedX", "vContX", "vCont", "vFlash",
		"vFlashDoneX", "Z5,20000000,4", "z7,20000000,4", "Z9,0,0", "QNonStop:1",
		"vMustReplyEmpty", "qTStatus", "qHostInfo", "qProcessInfo", "jThreadsInfo", "b",
		"i", "", "vCtrlC", "QThreadEvents", "\x03", "$", "qXferX", "vKill", "qRcmd"};

	(void)state;
	for (size_t i = 0; i < sizeof(packets) / sizeof(packets[0]); i++) {
		if (find(packets[i]))
			fail_msg("%s is taken for %s", packets[i], find(packets[i])->name);
	}
}

/* The gdb manual: a packet that is not supported gets the empty reply. */
static void the_unknown_gets_the_empty_reply(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk_ask(desk, 1, "vMustReplyEmpty", "");
	desk_ask(desk, 1, "qTStatus", "");
	desk_ask(desk, 1, "Z5,20000000,4", "");
	desk_ask(desk, 1, "QNonStop:1", "");
	desk_ask(desk, 1, "", "");
	desk_packet_bytes(desk, 1, "\0\xff\0", 3);
	desk_expect(desk, 1, "");
}

static bool parse(const char *packet, struct args *args)
{
	return packet_parse(find(packet), packet, strlen(packet), args);
}

static void forms_are_parsed_strictly(void **state)
{
	struct args args;

	(void)state;
	assert_true(parse("m8000000,40", &args));
	assert_int_equal(args.number[0], 0x8000000);
	assert_int_equal(args.number[1], 0x40);
	assert_int_equal(args.rest_size, 0);
	assert_true(parse("X10,3:\x01:\x02", &args));
	assert_int_equal(args.rest_size, 3);
	assert_memory_equal(args.rest, "\x01:\x02", 3);
	assert_false(parse("m8000000,40,", &args));
	assert_false(parse("m 8000000,40", &args));
	assert_false(parse("m+8000000,40", &args));
	assert_false(parse("m0x8000000,40", &args));
	assert_false(parse("gX", &args));
}

/* Each rule's form must be one that the parser understands, and each rule must do something. */
static void the_table_is_sound(void **state)
{
	(void)state;
	for (size_t i = 0; i < packet_rule_count; i++) {
		const struct packet_rule *rule = &packet_rules[i];
		size_t numbers = 0;
		for (const char *form = rule->form; *form; form++) {
			numbers += *form == '#';
			if (*form == '*')
				assert_int_equal(form[1], '\0');
		}
		assert_true(numbers <= PACKET_NUMBERS_MAX);
		assert_true(!rule->handle != !rule->fixed);
		assert_true(rule->name[0]);
		/* what touches registers or the core cannot be served in a job */
		if (rule->flags & PACKET_IN_JOB)
			assert_false(rule->flags & (PACKET_CONTROLS | PACKET_HALTED));
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(rule->name, packet_rules[j].name);
	}
}

static void features_are_offered_to_those_who_know_them(void **state)
{
	struct desk *desk = *state;

	desk->keeps_markers = true;
	desk_message(desk, MESSAGE_OPENED, 1);
	desk_packet(desk, 1, "qSupported:xmlRegisters=i386,arm;multiprocess+");
	desk_expect(desk, 1,
		"PacketSize=20000;QStartNoAckMode+;vContSupported+;QThreadEvents+;"
		"ConditionalBreakpoints+;BreakpointCommands+;"
		"qXfer:features:read+;qXfer:memory-map:read+;qXfer:threads:read+");
	desk_expect_nothing(desk, 1);
	desk_packet(desk, 1, "qSupported:swbreak+;hwbreak+");
	struct message *message = desk_take(desk, 1);
	assert_int_equal(message->kind, MESSAGE_KEEP_ALIVE);
	message_destroy(message);
	message = desk_take(desk, 1);
	assert_non_null(strstr((char *)message->data, ";hwbreak+;swbreak+"));
	message_destroy(message);
}

static void no_ack_mode_is_marked(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk_packet(desk, 1, "QStartNoAckMode");
	struct message *message = desk_take(desk, 1);
	assert_int_equal(message->kind, MESSAGE_NO_ACK);
	assert_string_equal((char *)message->data, "OK");
	message_destroy(message);
	desk_packet(desk, 1, "qC");
	message = desk_take(desk, 1);
	assert_int_equal(message->kind, MESSAGE_REPLY);
	message_destroy(message);
}

static void breakpoints_are_checked(void **state)
{
	static const char *const packets[] = {"Z1", "Z1,", "Z1,8000100", "Z1,8000100,",
		"Z1,8000101,2", "Z1,8000100,1", "Z1,8000100,5", "Z0,8000100,4;X3,22",
		"z1,8000101,2", "Z1,108000100,2"};
	struct desk *desk = *state;

	desk_join(desk, 1);
	for (size_t i = 0; i < sizeof(packets) / sizeof(packets[0]); i++) {
		bool is_short = strlen(packets[i]) == 2;
		desk_ask(desk, 1, packets[i], is_short ? "" : "E16");
	}
	assert_int_equal(desk->target->breakpoint_count, 0);
}

/* The session lives, and removing one heals it. */
static void the_seventh_breakpoint(void **state)
{
	struct desk *desk = *state;
	char packet[32];

	desk_join(desk, 1);
	for (unsigned i = 0; i < 6; i++) {
		(void)snprintf(packet, sizeof(packet), "Z1,%x,2", 0x8000100 + 4 * i);
		desk_ask(desk, 1, packet, "OK");
		desk_ask(desk, 1, packet, "OK");
	}
	desk_ask(desk, 1, "Z1,8000200,2", "E5f");
	desk_ask(desk, 1, "z1,8000104,2", "OK");
	desk_ask(desk, 1, "Z1,8000200,2", "OK");
	desk_monitor(desk, 1, "version");
	desk_expect_console(desk, 1, "no comparator is free: 6 of 6 are in use");
}

/* gdb ignores a claim that does not fit what it has inserted, and goes on. */
static void a_stop_is_called_by_its_breakpoint(void **state)
{
	static const struct {
		const char *insert, *remove, *reason;
	} cases[] = {
		{"Z1,8000110,2", "z1,8000110,2", "hwbreak:;"},
		{"Z0,8000120,2", "z0,8000120,2", "swbreak:;"},
	};
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk->target->instructions_per_poll = 100;
	for (size_t i = 0; i < 2; i++) {
		desk_ask(desk, 1, cases[i].insert, "OK");
		desk_packet(desk, 1, "vCont;c");
		desk_run(desk, 1000);
		struct message *message = desk_take(desk, 1);
		assert_non_null(message);
		if (!strstr((char *)message->data, cases[i].reason))
			fail_msg("no %s in %s", cases[i].reason, (char *)message->data);
		message_destroy(message);
		desk_ask(desk, 1, cases[i].remove, "OK");
	}
	/* a BKPT of the program's own */
	desk_packet(desk, 1, "vCont;c");
	desk->target->running = false;
	desk->target->reason = TARGET_STOP_BREAKPOINT;
	desk_run(desk, 1000);
	struct message *message = desk_take(desk, 1);
	assert_non_null(message);
	assert_null(strstr((char *)message->data, "break"));
	message_destroy(message);
}

static void a_client_that_knows_no_reasons_gets_none(void **state)
{
	static const char *const inserts[] = {"Z1,8000110,2", "Z0,8000120,2"};
	struct desk *desk = *state;

	desk_message(desk, MESSAGE_OPENED, 1);
	desk_packet(desk, 1, "qC");
	desk_expect(desk, 1, "QC1");
	desk->target->instructions_per_poll = 100;
	for (size_t i = 0; i < 2; i++) {
		desk_ask(desk, 1, inserts[i], "OK");
		desk_packet(desk, 1, "vCont;c");
		desk_run(desk, 1000);
		struct message *message = desk_take(desk, 1);
		assert_non_null(message);
		assert_null(strstr((char *)message->data, "break"));
		message_destroy(message);
	}
	assert_int_equal(desk->target->registers[TARGET_PC], 0x08000120);
}

static void both_kinds_at_one_address(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk_ask(desk, 1, "Z0,8000110,2", "OK");
	desk_ask(desk, 1, "Z1,8000110,2", "OK");
	assert_int_equal(desk->target->breakpoint_count, 1);
	desk_ask(desk, 1, "z0,8000110,2", "OK");
	assert_int_equal(desk->target->breakpoint_count, 1);
	desk_ask(desk, 1, "z0,8000110,2", "OK");
	desk_ask(desk, 1, "z1,8000110,2", "OK");
	assert_int_equal(desk->target->breakpoint_count, 0);
}

static void threads(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk_ask(desk, 1, "Hg0", "OK");
	desk_ask(desk, 1, "Hc-1", "OK");
	desk_ask(desk, 1, "Hg0001", "OK");
	desk_ask(desk, 1, "Hg2", "E16");
	desk_ask(desk, 1, "H", "E16");
	desk_ask(desk, 1, "Hx1", "E16");
	desk_ask(desk, 1, "Hg", "E16");
	desk_ask(desk, 1, "T1", "OK");
	desk_ask(desk, 1, "T2", "E16");
	desk_ask(desk, 1, "T", "E16");
	desk_ask(desk, 1, "qfThreadInfo", "m1");
	desk_ask(desk, 1, "qsThreadInfo", "l");
	desk_ask(desk, 1, "qThreadExtraInfo,1", "546872656164206d6f6465");
	desk_ask(desk, 1, "qThreadExtraInfo,2", "E16");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_longest_name_wins),
		cmocka_unit_test(what_only_looks_alike_is_unknown),
		DESK_TEST(the_unknown_gets_the_empty_reply),
		cmocka_unit_test(forms_are_parsed_strictly),
		cmocka_unit_test(the_table_is_sound),
		DESK_TEST(features_are_offered_to_those_who_know_them),
		DESK_TEST(no_ack_mode_is_marked),
		DESK_TEST(breakpoints_are_checked),
		DESK_TEST(the_seventh_breakpoint),
		DESK_TEST(a_stop_is_called_by_its_breakpoint),
		DESK_TEST(a_client_that_knows_no_reasons_gets_none),
		DESK_TEST(both_kinds_at_one_address),
		DESK_TEST(threads),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
