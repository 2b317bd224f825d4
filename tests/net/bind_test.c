/* Listening: both families, any port, a port in use, addresses that others reach. */
#include "bind.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "owner.h"
#include "probe/log.h"
#include "tests/prelude.h"

static char logged[4000];

static void keep_log(void *context, enum log_level level, const char *text)
{
	(void)context;
	(void)level;
	snprintf(logged + strlen(logged), sizeof logged - strlen(logged), "%s\n", text);
}

static int set_up(void **state)
{
	(void)state;
	logged[0] = 0;
	log_listen(keep_log, NULL);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	log_listen(NULL, NULL);
	return 0;
}

static bool connects(int family, unsigned port)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons((in_port_t)port)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons((in_port_t)port)};
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	v6.sin6_addr = in6addr_loopback;
	bool ok = fd >= 0 &&
		  (family == AF_INET6 ? connect(fd, (struct sockaddr *)&v6, sizeof v6)
				      : connect(fd, (struct sockaddr *)&v4, sizeof v4)) == 0;
	if (fd >= 0)
		close(fd);
	return ok;
}

static bool has_ipv6(void)
{
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_addr = in6addr_loopback};
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool ok = fd >= 0 && bind(fd, (struct sockaddr *)&v6, sizeof v6) == 0;

	if (fd >= 0)
		close(fd);
	return ok;
}

static void loopback_means_both_families_at_one_port(void **state)
{
	struct bind_sockets sockets;

	(void)state;
	assert_int_equal(bind_open(NULL, 0, &sockets), ERR_OK);
	assert_int_not_equal(sockets.port, 0);
	assert_true(connects(AF_INET, sockets.port));
	assert_int_equal(sockets.count, has_ipv6() ? 2 : 1);
	if (has_ipv6())
		assert_true(connects(AF_INET6, sockets.port));
	assert_string_equal(logged, "");
	bind_close(&sockets);
	assert_int_equal(sockets.count, 0);
	assert_false(connects(AF_INET, sockets.port));
}

static void sockets_do_not_block_and_are_not_inherited(void **state)
{
	struct bind_sockets sockets;

	(void)state;
	assert_int_equal(bind_open(NULL, 0, &sockets), ERR_OK);
	for (size_t i = 0; i < sockets.count; i++) {
		assert_true(fcntl(sockets.fds[i], F_GETFL) & O_NONBLOCK);
		assert_true(fcntl(sockets.fds[i], F_GETFD) & FD_CLOEXEC);
		assert_int_equal(accept(sockets.fds[i], NULL, NULL), -1);
		assert_int_equal(errno, EAGAIN);
	}
	bind_close(&sockets);
}

static void an_address_means_only_that(void **state)
{
	struct bind_sockets sockets;

	(void)state;
	assert_int_equal(bind_open("127.0.0.1", 0, &sockets), ERR_OK);
	assert_int_equal(sockets.count, 1);
	assert_true(connects(AF_INET, sockets.port));
	assert_false(connects(AF_INET6, sockets.port));
	bind_close(&sockets);
}

static void an_ipv6_address_means_only_that(void **state)
{
	struct bind_sockets sockets;

	(void)state;
	if (!has_ipv6())
		skip();
	assert_int_equal(bind_open("::1", 0, &sockets), ERR_OK);
	assert_int_equal(sockets.count, 1);
	assert_true(connects(AF_INET6, sockets.port));
	assert_false(connects(AF_INET, sockets.port));
	bind_close(&sockets);
}

static void a_name_is_looked_up(void **state)
{
	struct bind_sockets sockets;
	struct addrinfo *found;

	(void)state;
	if (getaddrinfo("localhost", NULL, NULL, &found) != 0)
		skip(); /* a chroot may have no /etc/hosts */
	freeaddrinfo(found);
	assert_int_equal(bind_open("localhost", 0, &sockets), ERR_OK);
	assert_true(sockets.count >= 1);
	assert_string_equal(logged, "");
	bind_close(&sockets);
}

static void a_port_just_left_is_free_again(void **state)
{
	struct bind_sockets sockets;
	struct bind_sockets again;

	(void)state;
	assert_int_equal(bind_open("127.0.0.1", 0, &sockets), ERR_OK);
	assert_true(connects(AF_INET, sockets.port));
	bind_close(&sockets);
	assert_int_equal(bind_open("127.0.0.1", sockets.port, &again), ERR_OK);
	assert_int_equal(again.port, sockets.port);
	bind_close(&again);
}

static void assert_names_us(unsigned port)
{
	char expected[100];
	char program[64] = "";
	FILE *file = fopen("/proc/self/comm", "re");

	assert_non_null(file);
	assert_non_null(fgets(program, sizeof program, file));
	fclose(file);
	program[strcspn(program, "\n")] = 0;
	snprintf(expected, sizeof expected, "port %u is in use by pid %d (%s)", port, (int)getpid(),
		program);
	assert_non_null(strstr(logged, expected));
}

static void a_port_in_use_names_its_owner(void **state)
{
	struct bind_sockets sockets;
	struct bind_sockets second;

	(void)state;
	assert_int_equal(bind_open("127.0.0.1", 0, &sockets), ERR_OK);
	assert_int_equal(bind_open(NULL, sockets.port, &second), ERR_IO);
	assert_names_us(sockets.port);
	assert_true(connects(AF_INET, sockets.port));
	bind_close(&sockets);
}

static void a_port_in_use_for_ipv6_alone_is_in_use(void **state)
{
	struct bind_sockets sockets;
	struct bind_sockets second;

	(void)state;
	if (!has_ipv6())
		skip();
	assert_int_equal(bind_open("::1", 0, &sockets), ERR_OK);
	assert_int_equal(bind_open(NULL, sockets.port, &second), ERR_IO);
	assert_names_us(sockets.port);
	assert_false(connects(AF_INET, sockets.port)); /* nothing is left half open */
	bind_close(&sockets);
}

/* Bound and not listening: /proc shows no owner. */
static void a_port_in_use_may_hide_its_owner(void **state)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	socklen_t size = sizeof v4;
	struct bind_sockets sockets;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)state;
	v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&v4, sizeof v4), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&v4, &size), 0);
	assert_int_equal(bind_open("127.0.0.1", ntohs(v4.sin_port), &sockets), ERR_IO);
	assert_non_null(strstr(logged, "is in use"));
	assert_null(strstr(logged, "pid"));
	close(fd);
}

static void refuses_what_cannot_be(void **state)
{
	struct bind_sockets sockets;

	(void)state;
	assert_int_equal(bind_open(NULL, 65536, &sockets), ERR_ARGUMENT);
	assert_non_null(strstr(logged, "no port 65536"));
	assert_int_equal(bind_open("300.0.0.1", 0, &sockets), ERR_IO);
	assert_non_null(strstr(logged, "cannot listen at 300.0.0.1"));
	/* RFC 5737, section 3: no machine has this one. */
	assert_int_equal(bind_open("192.0.2.1", 0, &sockets), ERR_IO);
	assert_non_null(strstr(logged, "192.0.2.1"));
}

static void warns_of_addresses_that_others_reach(void **state)
{
	struct bind_sockets sockets;

	(void)state;
	assert_int_equal(bind_open("0.0.0.0", 0, &sockets), ERR_OK);
	assert_non_null(strstr(logged, "0.0.0.0"));
	assert_non_null(strstr(logged, "without a password"));
	assert_true(connects(AF_INET, sockets.port));
	bind_close(&sockets);
}

static void finds_an_owner(void **state)
{
	struct bind_sockets sockets;
	struct owner owner;

	(void)state;
	assert_int_equal(bind_open("127.0.0.1", 0, &sockets), ERR_OK);
	assert_true(owner_find(sockets.port, &owner));
	assert_int_equal(owner.pid, getpid());
	bind_close(&sockets);
	assert_false(owner_find(sockets.port, &owner));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(loopback_means_both_families_at_one_port),
		TEST(sockets_do_not_block_and_are_not_inherited),
		TEST(an_address_means_only_that),
		TEST(an_ipv6_address_means_only_that),
		TEST(a_name_is_looked_up),
		TEST(a_port_just_left_is_free_again),
		TEST(a_port_in_use_names_its_owner),
		TEST(a_port_in_use_for_ipv6_alone_is_in_use),
		TEST(a_port_in_use_may_hide_its_owner),
		TEST(refuses_what_cannot_be),
		TEST(warns_of_addresses_that_others_reach),
		TEST(finds_an_owner),
	};

	return cmocka_run_group_tests_name("bind", tests, NULL, NULL);
}
