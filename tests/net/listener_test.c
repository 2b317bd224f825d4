/* Who is let in: so many clients, those who speak first, and what happens without descriptors. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "rig.h"
#include "tests/prelude.h"

#define CLIENTS_MAX 16
#define LOOKS       100

static void serves_so_many_clients_and_no_more(void **state)
{
	struct rig *rig = *state;
	unsigned ids[CLIENTS_MAX];
	int fds[CLIENTS_MAX];

	for (int i = 0; i < CLIENTS_MAX; i++)
		fds[i] = rig_connect_client(rig, &ids[i]);
	assert_int_equal(net_clients(rig->net), CLIENTS_MAX);
	int refused = rig_connect(rig);
	rig_hear_end(rig, refused);
	close(refused);
	for (int i = 0; i < CLIENTS_MAX; i++)
		rig_deliver(rig, MESSAGE_REPLY, ids[i], "OK");
	for (int i = 0; i < CLIENTS_MAX; i++)
		rig_hear(rig, fds[i], "$OK#9a");

	close(fds[0]);
	rig_expect(rig, MESSAGE_CLOSED, ids[0], "");
	fds[0] = rig_connect_client(rig, &ids[0]);
	for (int i = 0; i < CLIENTS_MAX; i++)
		close(fds[i]);
}

static void who_says_nothing_makes_way(void **state)
{
	struct rig *rig = *state;
	int fds[CLIENTS_MAX];
	unsigned id;

	for (int i = 0; i < CLIENTS_MAX; i++)
		fds[i] = rig_connect(rig);
	int fd = rig_connect_client(rig, &id);
	rig_hear_end(rig, fds[0]);
	rig_hear_nothing(fds[1]);
	close(fd);
	for (int i = 0; i < CLIENTS_MAX; i++)
		close(fds[i]);
}

static void set_descriptor_limit(rlim_t limit)
{
	struct rlimit limits;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limits), 0);
	limits.rlim_cur = limit;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limits), 0);
}

static int count_lines(const char *text, const char *part)
{
	int count = 0;

	while ((text = strstr(text, part))) {
		count++;
		text++;
	}
	return count;
}

static void waits_for_a_descriptor_without_spinning(void **state)
{
	struct rig *rig = *state;
	struct rlimit limits;
	unsigned id;
	int fd = rig_connect(rig);
	int lowest_free = fcntl(fd, F_DUPFD_CLOEXEC, 0);

	close(lowest_free);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limits), 0);
	set_descriptor_limit((rlim_t)lowest_free);
	rig_await_log(rig, "cannot accept a connection");
	for (int i = 0; i < LOOKS; i++)
		ev_run(rig->loop, EVRUN_ONCE);
	assert_true(count_lines(rig->log, "cannot accept") < LOOKS / 2);
	set_descriptor_limit(limits.rlim_cur);
	rig_say(fd, "+");
	struct message *message = rig_take(rig);
	assert_int_equal(message->kind, MESSAGE_OPENED);
	id = message->client;
	message_destroy(message);
	rig_deliver(rig, MESSAGE_REPLY, id, "OK");
	rig_hear(rig, fd, "$OK#9a");
	close(fd);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_set_up, rig_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(serves_so_many_clients_and_no_more),
		TEST(who_says_nothing_makes_way),
		TEST(waits_for_a_descriptor_without_spinning),
	};

	return cmocka_run_group_tests_name("listener", tests, NULL, NULL);
}
