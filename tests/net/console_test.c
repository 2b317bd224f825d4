/* A program's console at a port of its own. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rig.h"
#include "tests/prelude.h"

static unsigned id;

/* The rig's connections go to the console from now on. */
static void listen_at_console(struct rig *rig)
{
	assert_int_equal(net_listen_console(rig->net, NULL, 0, rig->down, &id, &rig->port), ERR_OK);
	assert_int_not_equal(id, 0);
}

static void bytes_go_both_ways(void **state)
{
	struct rig *rig = *state;

	listen_at_console(rig);
	int fd = rig_connect(rig);
	rig_say(fd, "$k#6b\x03");
	rig_expect(rig, MESSAGE_TYPED, id, "$k#6b\x03");
	rig_deliver(rig, MESSAGE_CONSOLE, id, "hello}#*\n");
	rig_hear(rig, fd, "hello}#*\n");
	assert_int_equal(net_clients(rig->net), 0);
	close(fd);
}

static void what_was_printed_before_is_kept(void **state)
{
	struct rig *rig = *state;

	listen_at_console(rig);
	rig_deliver(rig, MESSAGE_CONSOLE, id, "early\n");
	rig_deliver(rig, MESSAGE_CONSOLE, id, "bird\n");
	int fd = rig_connect(rig);
	rig_hear(rig, fd, "early\nbird\n");
	close(fd);
}

static void the_newest_connection_counts(void **state)
{
	struct rig *rig = *state;

	listen_at_console(rig);
	int first = rig_connect(rig);
	rig_say(first, "1");
	rig_expect(rig, MESSAGE_TYPED, id, "1");
	int second = rig_connect(rig);
	rig_hear_end(rig, first);
	rig_deliver(rig, MESSAGE_CONSOLE, id, "2");
	rig_hear(rig, second, "2");
	close(first);
	close(second);
	/* nobody is there, and then somebody again */
	int third = rig_connect(rig);
	rig_say(third, "3");
	rig_expect(rig, MESSAGE_TYPED, id, "3");
	rig_deliver(rig, MESSAGE_CONSOLE, id, "3");
	rig_hear(rig, third, "3");
	close(third);
}

static void nobody_reads(void **state)
{
	struct rig *rig = *state;
	char text[513];

	listen_at_console(rig);
	memset(text, 'x', 512);
	text[512] = '\0';
	for (int i = 0; i < 200; i++)
		rig_deliver(rig, MESSAGE_CONSOLE, id, text);
	rig_await_log(rig, "output is lost");
	assert_null(strstr(strstr(rig->log, "is lost") + 1, "is lost"));
	int fd = rig_connect(rig);
	for (int i = 0; i < 128; i++)
		rig_hear(rig, fd, text);
	rig_deliver(rig, MESSAGE_CONSOLE, id, "again");
	rig_hear(rig, fd, "again");
	close(fd);
}

static void messages_of_other_consoles_are_dropped(void **state)
{
	struct rig *rig = *state;

	listen_at_console(rig);
	int fd = rig_connect(rig);
	rig_deliver(rig, MESSAGE_CONSOLE, id + 1, "not ours");
	rig_deliver(rig, MESSAGE_CONSOLE, id, "ours");
	rig_hear(rig, fd, "ours");
	close(fd);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_set_up, rig_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(bytes_go_both_ways),
		TEST(what_was_printed_before_is_kept),
		TEST(the_newest_connection_counts),
		TEST(nobody_reads),
		TEST(messages_of_other_consoles_are_dropped),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
