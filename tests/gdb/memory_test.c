/* Memory packets: exact sizes, honest errors, blocks. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desk.h"
#include "tests/prelude.h"

#define MS UINT64_C(1000)

static void reads_and_writes(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk_ask(desk, 1, "M20000100,5:0102030405", "OK");
	assert_memory_equal(desk->target->ram + 0x100, "\1\2\3\4\5", 5);
	desk_ask(desk, 1, "m20000100,5", "0102030405");
	desk_packet_bytes(desk, 1, "X20000200,3:\0#}", 15);
	desk_expect(desk, 1, "OK");
	assert_memory_equal(desk->target->ram + 0x200, "\0#}", 3);
	desk_ask(desk, 1, "X20000200,0:", "OK");
	desk_ask(desk, 1, "M20000200,0:", "OK");
}

static void a_failing_address_is_an_error(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk_ask(desk, 1, "m60000000,4", "E0e");
	desk_ask(desk, 1, "M60000000,1:00", "E0e");
	desk_ask(desk, 1, "X60000000,1:z", "E0e");
	desk_ask(desk, 1, "M8000000,1:00", "E1c");
	desk->target->fail[FAKE_READ_MEMORY] = ERR_USB_GONE;
	desk_ask(desk, 1, "m20000000,4", "E13");
}

/* gdb and LLDB take a short reply; zeros for what is not there would be a lie. */
static void a_read_across_the_end_is_short(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	memset(desk->target->ram + FAKE_RAM_SIZE - 3, 0xab, 3);
	desk_ask(desk, 1, "m2000fffd,200", "ababab");
	desk_ask(desk, 1, "m20010000,200", "E0e");
}

/* gdb 16 and later read this way: `b`, then the bytes themselves. */
static void binary_reads(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	memcpy(desk->target->ram, "b#$}*", 5);
	desk_ask(desk, 1, "x20000000,5", "bb#$}*");
	desk_ask(desk, 1, "x20000000,0", "b");
	desk_ask(desk, 1, "x60000000,4", "E0e");
	memset(desk->target->ram + FAKE_RAM_SIZE - 3, 'e', 3);
	desk_ask(desk, 1, "x2000fffd,200", "beee");
	desk_packet(desk, 1, "x20000000,10000");
	desk_run(desk, 1000000);
	struct message *reply = desk_take(desk, 1);
	assert_int_equal(reply->size, 1 + FAKE_RAM_SIZE);
	assert_int_equal(reply->data[0], 'b');
	assert_memory_equal(reply->data + 1, desk->target->ram, FAKE_RAM_SIZE);
	message_destroy(reply);
	desk_expect_nothing(desk, 1);
}

/* LLDB means another packet by it, and asks with x0,0 whether there is one. */
static void lldb_gets_no_binary_reads(void **state)
{
	struct desk *desk = *state;

	desk_message(desk, MESSAGE_OPENED, 1);
	desk_packet(desk, 1, "qSupported:xmlRegisters=i386,arm,mips,arc");
	struct message *reply = desk_take(desk, 1);
	assert_null(strstr((char *)reply->data, "binary-upload"));
	message_destroy(reply);
	desk_ask(desk, 1, "QThreadSuffixSupported", "");
	desk_ask(desk, 1, "x0,0", "");
	desk_ask(desk, 1, "x20000000,4", "");
}

static void search(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	memcpy(desk->target->ram + 0x100, "needle", 6);
	memcpy(desk->target->ram + 0xfffa, "needle", 6);
	desk_ask(desk, 1, "qSearch:memory:20000000;10000;needle", "1,20000100");
	desk_ask(desk, 1, "qSearch:memory:20000100;6;needle", "1,20000100");
	desk_ask(desk, 1, "qSearch:memory:20000100;5;needle", "0");
	desk_ask(desk, 1, "qSearch:memory:20000000;105;needle", "0");
	desk_packet(desk, 1, "qSearch:memory:20000101;feff;needle");
	desk_run(desk, 1000000);
	desk_expect(desk, 1, "1,2000fffa");
	desk_packet(desk, 1, "qSearch:memory:20000101;fefe;needle");
	desk_run(desk, 1000000);
	desk_expect(desk, 1, "0");
	/* a pattern may be any bytes */
	memcpy(desk->target->ram + 0x200, "a;,\0b", 5);
	desk_packet_bytes(desk, 1, "qSearch:memory:20000000;10000;;,\0b", 34);
	desk_expect(desk, 1, "1,20000201");
	desk_ask(desk, 1, "qSearch:memory:60000000;100;a", "E0e");
	desk_ask(desk, 1, "qSearch:memory:20000000;10;", "E16");
	desk_ask(desk, 1, "qSearch:memory:20000000;10", "E16");
	desk_ask(desk, 1, "qSearch:memory:ffffffff;10;a", "E16");
	desk_ask(desk, 1, "qSearch:memory:20000000,10;a", "E16");
}

/* A match across the border of two blocks. */
static void search_in_blocks(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	for (uint32_t at = 0x6000 - 5; at <= 0x6000; at++) {
		char expected[16];
		memset(desk->target->ram, 0, FAKE_RAM_SIZE);
		memcpy(desk->target->ram + at, "needle", 6);
		desk_packet(desk, 1, "qSearch:memory:20000000;10000;needle");
		desk_run(desk, 1000000);
		(void)snprintf(expected, sizeof(expected), "1,%x", FAKE_RAM_START + at);
		desk_expect(desk, 1, expected);
	}
}

static void malformed_packets_touch_nothing(void **state)
{
	static const char *const packets[] = {"m", "m20000000", "m20000000,", "m,4", "m20000000,4x",
		"m20000000;4", "m200000000,4", "m20000000,100000000", "mffffffff,2", "m20000000,0",
		"M20000000,1", "M20000000,1:", "M20000000,1:0", "M20000000,1:000", "M20000000,1:zz",
		"M20000000,2:00", "Mffffffff,2:0000", "X20000000,2:a", "X20000000,1:ab",
		"X20000000,1", "Xffffffff,2:ab", "qCRC:20000000", "qCRC:20000000,", "qCRC:,4",
		"qCRC:ffffffff,2"};
	struct desk *desk = *state;

	desk_join(desk, 1);
	for (size_t i = 0; i < sizeof(packets) / sizeof(packets[0]); i++)
		desk_ask(desk, 1, packets[i], "E16");
	assert_int_equal(desk->target->calls[FAKE_READ_MEMORY], 0);
	assert_int_equal(desk->target->calls[FAKE_WRITE_MEMORY], 0);
	assert_int_equal(desk->target->calls[FAKE_CRC], 0);
}

static void fill(struct desk *desk)
{
	for (size_t i = 0; i < FAKE_RAM_SIZE; i++)
		desk->target->ram[i] = (uint8_t)(i * 7 + (i >> 8));
}

static void check_reply(struct desk *desk, unsigned client, size_t size)
{
	struct message *message = desk_take(desk, client);

	assert_non_null(message);
	assert_int_equal(message->size, 2 * size);
	assert_int_equal(message->data[message->size], 0);
	for (size_t i = 0; i < size; i++) {
		char digits[3] = {(char)message->data[2 * i], (char)message->data[2 * i + 1]};
		assert_int_equal(strtoul(digits, NULL, 16), desk->target->ram[i]);
	}
	message_destroy(message);
}

/* 64 KiB alone, or while halted: blocks that are multiples of the longest read of a probe. */
static void a_long_read_goes_in_blocks(void **state)
{
	struct desk *desk = *state;

	fill(desk);
	desk_join(desk, 1);
	desk_packet(desk, 1, "m20000000,10000");
	desk_expect_nothing(desk, 1);
	desk_run(desk, 1 * MS);
	check_reply(desk, 1, 0x10000);
	assert_int_equal(desk->target->largest_read, 24576);
	assert_int_equal(desk->target->calls[FAKE_READ_MEMORY], 3);
}

static void a_read_beyond_the_packet_size_is_short(void **state)
{
	struct desk *desk = *state;

	fill(desk);
	desk_join(desk, 1);
	desk_packet(desk, 1, "m20000000,20000");
	desk_run(desk, 1 * MS);
	check_reply(desk, 1, 0x10000);
}

static void a_long_read_that_fails_late_is_short(void **state)
{
	struct desk *desk = *state;

	fill(desk);
	desk_join(desk, 1);
	desk_packet(desk, 1, "m20000000,10000");
	desk->target->fail[FAKE_READ_MEMORY] = ERR_TARGET_FAULT;
	desk_run(desk, 1 * MS);
	check_reply(desk, 1, 24576);
}

static void a_long_write_goes_in_blocks(void **state)
{
	static char packet[40 + 0x10000];
	struct desk *desk = *state;

	desk_join(desk, 1);
	int head = snprintf(packet, sizeof(packet), "X20000000,10000:");
	for (size_t i = 0; i < 0x10000; i++)
		packet[head + (int)i] = (char)(i * 3);
	desk_packet_bytes(desk, 1, packet, (size_t)head + 0x10000);
	desk_expect_nothing(desk, 1);
	desk_run(desk, 1 * MS);
	desk_expect(desk, 1, "OK");
	assert_memory_equal(desk->target->ram, packet + head, 0x10000);
	assert_int_equal(desk->target->calls[FAKE_WRITE_MEMORY], 3);

	desk_packet_bytes(desk, 1, packet, (size_t)head + 0x10000);
	desk->target->fail[FAKE_WRITE_MEMORY] = ERR_TARGET_FAULT;
	desk_run(desk, 1 * MS);
	desk_expect(desk, 1, "E0e");
}

/* The other's Ctrl-C and the other's breakpoint wait for one short block at most. */
static void a_long_read_does_not_delay_others(void **state)
{
	struct desk *desk = *state;

	fill(desk);
	desk_join(desk, 1);
	desk_join(desk, 2);
	desk_packet(desk, 1, "vCont;c");
	desk_packet(desk, 2, "m20000000,10000");
	assert_int_equal(desk->target->largest_read, 2048);
	desk_message(desk, MESSAGE_INTERRUPT, 1);
	desk_expect_prefix(desk, 1, "T02");
	desk_expect_nothing(desk, 2);
	desk_run(desk, 1 * MS);
	check_reply(desk, 2, 0x10000);
}

static void packets_behind_a_long_read_wait_their_turn(void **state)
{
	struct desk *desk = *state;

	fill(desk);
	desk_join(desk, 1);
	desk_packet(desk, 1, "m20000000,10000");
	desk_packet(desk, 1, "qC");
	desk_packet(desk, 1, "m20000000,10000");
	desk_packet(desk, 1, "?");
	desk_expect_nothing(desk, 1);
	desk_run(desk, 1 * MS);
	check_reply(desk, 1, 0x10000);
	desk_expect(desk, 1, "QC1");
	check_reply(desk, 1, 0x10000);
	desk_expect_prefix(desk, 1, "T05");
}

static void a_stop_during_a_read_comes_after_its_reply(void **state)
{
	struct desk *desk = *state;

	fill(desk);
	desk_join(desk, 1);
	desk_packet(desk, 1, "c");
	desk_packet(desk, 1, "m20000000,10000");
	desk_message(desk, MESSAGE_INTERRUPT, 1);
	desk_expect_nothing(desk, 1);
	desk_run(desk, 1 * MS);
	check_reply(desk, 1, 0x10000);
	desk_expect_prefix(desk, 1, "T02");
}

static void closing_ends_a_long_read(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk_packet(desk, 1, "m20000000,10000");
	unsigned reads = desk->target->calls[FAKE_READ_MEMORY];
	desk_message(desk, MESSAGE_CLOSED, 1);
	assert_int_equal(desk_run(desk, 1 * MS), UINT64_MAX);
	assert_int_equal(desk->target->calls[FAKE_READ_MEMORY], reads);
	desk_expect_nothing(desk, 1);
}

static void a_flood_is_cut_off(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk_packet(desk, 1, "m20000000,10000");
	for (int i = 0; i < 1000; i++)
		desk_packet(desk, 1, "qC");
	struct message *message = desk_take(desk, 1);
	assert_non_null(message);
	assert_int_equal(message->kind, MESSAGE_HANG_UP);
	message_destroy(message);
	desk_message(desk, MESSAGE_CLOSED, 1);
	assert_int_equal(desk->target->calls[FAKE_DETACH], 1);
}

/* CRC-32/MPEG-2 of "123456789", which is what gdb's qCRC means. */
static void crc_as_gdb_computes_it(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	memcpy(desk->target->ram, "123456789", 9);
	desk_ask(desk, 1, "qCRC:20000000,9", "C0376e6e7");
	desk_ask(desk, 1, "qCRC:60000000,9", "E0e");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DESK_TEST(reads_and_writes),
		DESK_TEST(a_failing_address_is_an_error),
		DESK_TEST(a_read_across_the_end_is_short),
		DESK_TEST(binary_reads),
		DESK_TEST(lldb_gets_no_binary_reads),
		DESK_TEST(search),
		DESK_TEST(search_in_blocks),
		DESK_TEST(malformed_packets_touch_nothing),
		DESK_TEST(a_long_read_goes_in_blocks),
		DESK_TEST(a_read_beyond_the_packet_size_is_short),
		DESK_TEST(a_long_read_that_fails_late_is_short),
		DESK_TEST(a_long_write_goes_in_blocks),
		DESK_TEST(a_long_read_does_not_delay_others),
		DESK_TEST(packets_behind_a_long_read_wait_their_turn),
		DESK_TEST(a_stop_during_a_read_comes_after_its_reply),
		DESK_TEST(closing_ends_a_long_read),
		DESK_TEST(a_flood_is_cut_off),
		DESK_TEST(crc_as_gdb_computes_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
