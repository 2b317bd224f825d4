/* The far end: its name, the options of its socket, and who is no gdb. */
#include "peer.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/prelude.h"

static int option(int fd, int level, int name)
{
	int value = -1;
	socklen_t size = sizeof value;

	assert_int_equal(getsockopt(fd, level, name, &value, &size), 0);
	return value;
}

static void sends_small_writes_at_once_and_probes_idle_connections(void **state)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)state;
	assert_int_equal(option(fd, IPPROTO_TCP, TCP_NODELAY), 0);
	peer_set_options(fd);
	assert_int_not_equal(option(fd, IPPROTO_TCP, TCP_NODELAY), 0);
	assert_int_not_equal(option(fd, SOL_SOCKET, SO_KEEPALIVE), 0);
	int seconds = option(fd, IPPROTO_TCP, TCP_KEEPIDLE) +
		      option(fd, IPPROTO_TCP, TCP_KEEPINTVL) * option(fd, IPPROTO_TCP, TCP_KEEPCNT);
	assert_in_range(seconds, 5, 60);
	close(fd);
}

static void options_that_a_socket_lacks_do_no_harm(void **state)
{
	int fds[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	peer_set_options(fds[0]);
	assert_int_not_equal(option(fds[0], SOL_SOCKET, SO_KEEPALIVE), 0);
	close(fds[0]);
	close(fds[1]);
}

static void who_cannot_be_named_is_unknown(void **state)
{
	char name[80];

	(void)state;
	peer_name(-1, name, sizeof name);
	assert_string_equal(name, "an unknown address");
}

static void tells_strangers_by_their_first_byte(void **state)
{
	static const char *const requests[] = {
		"GET / HTTP/1.1", "POST / HTTP/1.1", "OPTIONS *", "PRI * HTTP/2.0", "ZZZ"};

	(void)state;
	for (size_t i = 0; i < sizeof requests / sizeof *requests; i++)
		assert_string_equal(peer_stranger((uint8_t)requests[i][0]), "HTTP");
	assert_string_equal(peer_stranger(0x16), "TLS");
	for (const char *byte = "+-$\x03%\r\n az@["; *byte; byte++)
		assert_null(peer_stranger((uint8_t)*byte));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sends_small_writes_at_once_and_probes_idle_connections),
		cmocka_unit_test(options_that_a_socket_lacks_do_no_harm),
		cmocka_unit_test(who_cannot_be_named_is_unknown),
		cmocka_unit_test(tells_strangers_by_their_first_byte),
	};

	return cmocka_run_group_tests_name("peer", tests, NULL, NULL);
}
