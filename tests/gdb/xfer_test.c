/* qXfer: documents in pieces, and what is in them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desk.h"
#include "tests/prelude.h"

static char *read_in_pieces(struct desk *desk, const char *object, unsigned piece)
{
	char *whole = calloc(1, 65536), packet[80];
	size_t size = 0;
	bool more = true;

	while (more) {
		(void)snprintf(packet, sizeof(packet), "qXfer:%s:%zx,%x", object, size, piece);
		desk_packet(desk, 1, packet);
		struct message *message = desk_take(desk, 1);
		assert_non_null(message);
		assert_true(message->data[0] == 'm' || message->data[0] == 'l');
		assert_true(message->size - 1 <= piece);
		more = message->data[0] == 'm';
		assert_true(message->size - 1 == piece || !more);
		memcpy(whole + size, message->data + 1, message->size - 1);
		size += message->size - 1;
		message_destroy(message);
	}
	return whole;
}

static void pieces_make_the_whole(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	char *large = read_in_pieces(desk, "features:read:target.xml", 0x1000);
	char *small = read_in_pieces(desk, "features:read:target.xml", 0x11);
	assert_string_equal(large, small);
	assert_non_null(strstr(large, "</target>"));
	free(large);
	free(small);
}

static void the_end_is_an_empty_last_piece(void **state)
{
	struct desk *desk = *state;
	char packet[80];

	desk_join(desk, 1);
	char *map = read_in_pieces(desk, "memory-map:read:", 0x1000);
	(void)snprintf(packet, sizeof(packet), "qXfer:memory-map:read::%zx,100", strlen(map));
	desk_ask(desk, 1, packet, "l");
	(void)snprintf(packet, sizeof(packet), "qXfer:memory-map:read::%zx,100", strlen(map) + 1);
	desk_ask(desk, 1, packet, "E16");
	(void)snprintf(packet, sizeof(packet), "qXfer:memory-map:read::0,%zx", strlen(map));
	desk_packet(desk, 1, packet);
	desk_expect_prefix(desk, 1, "l<?xml");
	free(map);
}

static void the_map_tells_sectors(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	char *map = read_in_pieces(desk, "memory-map:read:", 0x1000);
	assert_non_null(strstr(map, "<memory type=\"flash\" start=\"0x8000000\" length=\"0x10000\">"
				    "<property name=\"blocksize\">0x4000</property></memory>"));
	assert_non_null(
		strstr(map, "<memory type=\"ram\" start=\"0x20000000\" length=\"0x10000\"/>"));
	assert_non_null(
		strstr(map, "<memory type=\"rom\" start=\"0x1fff0000\" length=\"0x7800\"/>"));
	free(map);
}

static void threads_tell_what_the_core_is_at(void **state)
{
	struct desk *desk = *state;

	(void)snprintf(
		desk->target->identity.chip, sizeof(desk->target->identity.chip), "a \"chip\" <&>");
	desk_join(desk, 1);
	char *threads = read_in_pieces(desk, "threads:read:", 0x1000);
	assert_non_null(strstr(threads,
		"<thread id=\"1\" core=\"0\" name=\"a &quot;chip&quot; &lt;&amp;&gt;\">"
		"Thread mode</thread>"));
	free(threads);

	desk->target->registers[TARGET_XPSR] = 0x0100000f;
	desk_packet(desk, 1, "vCont;s:1");
	gdb_poll(desk->gdb);
	desk_expect_prefix(desk, 1, "T05");
	threads = read_in_pieces(desk, "threads:read:", 0x10);
	assert_non_null(strstr(threads, ">SysTick handler</thread>"));
	free(threads);
}

static void what_is_not_there(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk_ask(desk, 1, "qXfer:features:read:other.xml:0,1000", "E00");
	desk_ask(desk, 1, "qXfer:memory-map:read:x:0,1000", "E00");
	desk_ask(desk, 1, "qXfer:auxv:read::0,1000", "");
	desk_ask(desk, 1, "qXfer:features:write:target.xml:0:x", "");
	desk_ask(desk, 1, "qXfer:features:read:target.xml:0", "E16");
	desk_ask(desk, 1, "qXfer:features:read:target.xml:0,", "E16");
	desk_ask(desk, 1, "qXfer:features:read:target.xml:,10", "E16");
	desk_ask(desk, 1, "qXfer:features:read:target.xml:0,10x", "E16");
	desk_ask(desk, 1, "qXfer:features:read:target.xml:0,100000000", "E16");
	desk_ask(desk, 1, "qXfer:", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DESK_TEST(pieces_make_the_whole),
		DESK_TEST(the_end_is_an_empty_last_piece),
		DESK_TEST(the_map_tells_sectors),
		DESK_TEST(threads_tell_what_the_core_is_at),
		DESK_TEST(what_is_not_there),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
