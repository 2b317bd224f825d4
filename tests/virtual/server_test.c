/* The loop of stlink-board over real sockets, in a child process (stlink_board/server.c). */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "server.h"

#define HEADER   48
#define DEADLINE 20 /* seconds until a test that hangs is failed */

struct child {
	pid_t pid;
	FILE *output;
	unsigned port;
};

static char folder[64];

static int setup(void **state)
{
	(void)state;
	snprintf(folder, sizeof folder, "/tmp/stlink-board-XXXXXX");
	alarm(DEADLINE);
	return mkdtemp(folder) ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	char command[128];
	snprintf(command, sizeof command, "rm -r %s", folder);
	alarm(0);
	return system(command);
}

static char *in_folder(const char *name)
{
	static char paths[4][128];
	static unsigned next;
	char *path = paths[next++ % 4];
	snprintf(path, sizeof paths[0], "%s/%s", folder, name);
	return path;
}

/* ---- the child ---- */

static struct child start(const struct options *options)
{
	int pipes[2];
	struct child child = {0};
	assert_int_equal(pipe(pipes), 0);
	child.pid = fork();
	assert_true(child.pid >= 0);
	if (child.pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(pipes[1], STDOUT_FILENO);
		close(pipes[0]);
		close(pipes[1]);
		enum err err = server_run(options);
		fflush(stdout);
		_exit((int)err);
	}
	close(pipes[1]);
	child.output = fdopen(pipes[0], "r");
	return child;
}

static struct child start_listening(struct options *options)
{
	options->listen = "127.0.0.1:0";
	options->fd = -1;
	if (options->boards == 0)
		options->boards = 1;
	struct child child = start(options);
	char line[64];
	assert_non_null(fgets(line, sizeof line, child.output));
	assert_int_equal(sscanf(line, "Listening on 127.0.0.1:%u", &child.port), 1);
	return child;
}

static int finish(struct child *child)
{
	int status = 0;
	assert_int_equal(waitpid(child->pid, &status, 0), child->pid);
	fclose(child->output);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int stop(struct child *child)
{
	kill(child->pid, SIGTERM);
	return finish(child);
}

/* ---- a peer with blocking sockets ---- */

static int connect_tcp(const struct child *child)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
		.sin_port = htons((uint16_t)child->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
	return fd;
}

static void put(int fd, const void *bytes, size_t size)
{
	assert_int_equal(send(fd, bytes, size, MSG_NOSIGNAL), size);
}

static void get(int fd, void *bytes, size_t size)
{
	assert_int_equal(recv(fd, bytes, size, MSG_WAITALL), size);
}

static uint32_t import(int fd, const char *busid)
{
	uint8_t message[40] = {0x01, 0x11, 0x80, 0x03};
	uint8_t reply[320];
	strncpy((char *)message + 8, busid, 31);
	put(fd, message, sizeof message);
	get(fd, reply, 8);
	if (get_be32(reply + 4) == 0)
		get(fd, reply + 8, 312);
	return get_be32(reply + 4);
}

static void submit(int fd, uint32_t seqnum, bool in, const uint8_t *bytes, uint32_t size)
{
	uint8_t message[HEADER + 64] = {0, 0, 0, 1};
	put_be32(message + 4, seqnum);
	put_be32(message + 8, 0x00010002);
	put_be32(message + 12, in);
	put_be32(message + 16, 1);
	put_be32(message + 24, size);
	if (bytes)
		memcpy(message + HEADER, bytes, size);
	put(fd, message, HEADER + (bytes ? size : 0));
}

static uint32_t returned(int fd, uint32_t seqnum, uint8_t *bytes)
{
	uint8_t header[HEADER];
	get(fd, header, HEADER);
	assert_int_equal(get_be32(header), 3);
	assert_int_equal(get_be32(header + 4), seqnum);
	assert_int_equal(get_be32(header + 20), 0);
	if (bytes)
		get(fd, bytes, get_be32(header + 24));
	return get_be32(header + 24);
}

static void ask_version(int fd)
{
	static const uint8_t get_version[16] = {0xf1};
	uint8_t reply[64];
	submit(fd, 1, false, get_version, 16);
	submit(fd, 2, true, NULL, 64);
	assert_int_equal(returned(fd, 1, NULL), 16);
	assert_int_equal(returned(fd, 2, reply), 6);
	assert_int_equal(reply[0], 0x29);
}

static void assert_closed(int fd)
{
	uint8_t byte;
	assert_true(recv(fd, &byte, 1, 0) <= 0);
	close(fd);
}

/* ---- tests ---- */

static void a_client_is_served_at_both_paces(void **state)
{
	(void)state;
	for (int pace = PACE_REAL; pace <= PACE_FREE; pace++) {
		struct options options = {.pace = (enum pace_mode)pace};
		struct child child = start_listening(&options);
		int fd = connect_tcp(&child);
		assert_int_equal(import(fd, "1-1"), 0);
		for (int i = 0; i < 5; i++)
			ask_version(fd);
		close(fd);
		assert_int_equal(stop(&child), 0);
	}
}

static void one_bad_client_closes_alone(void **state)
{
	(void)state;
	struct options options = {.pace = PACE_FREE, .boards = 2};
	struct child child = start_listening(&options);
	int good = connect_tcp(&child);
	assert_int_equal(import(good, "1-1"), 0);
	int bad = connect_tcp(&child);
	put(bad, "GET / HTTP/1.0\r\n\r\n", 18);
	assert_closed(bad);
	int second = connect_tcp(&child);
	assert_int_equal(import(second, "1-1"), 2);
	assert_int_equal(import(second, "1-2"), 0);
	ask_version(good);
	close(good);
	close(second);
	assert_int_equal(stop(&child), 0);
}

static void a_device_is_free_again_when_its_client_has_gone(void **state)
{
	(void)state;
	struct options options = {.pace = PACE_FREE};
	struct child child = start_listening(&options);
	for (int i = 0; i < 20; i++) {
		int fd = connect_tcp(&child);
		uint32_t status;
		while ((status = import(fd, "1-1")) == 2) /* its leaving is not noticed yet */
			sched_yield();
		assert_int_equal(status, 0);
		submit(fd, 9, true, NULL, 64); /* and leaves with this pending */
		close(fd);
	}
	assert_int_equal(stop(&child), 0);
}

static void a_given_socket_is_served_until_it_ends(void **state)
{
	(void)state;
	int pair[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	struct options options = {.fd = pair[1], .boards = 1, .pace = PACE_FREE};
	struct child child = start(&options);
	close(pair[1]);
	assert_int_equal(import(pair[0], "1-1"), 0);
	kill(child.pid, SIGINT); /* a Ctrl-C is its parent's */
	ask_version(pair[0]);
	/* The child holds a copy of our end, as it was forked and not executed. */
	shutdown(pair[0], SHUT_RDWR);
	assert_int_equal(finish(&child), 0);
	close(pair[0]);
}

static int connect_unix(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
	return fd;
}

static void control_pulls_the_cable(void **state)
{
	(void)state;
	char answer[16];
	char *path = in_folder("control");
	struct options options = {.pace = PACE_FREE, .control = path};
	struct child child = start_listening(&options);
	int control = connect_unix(path);
	int fd = connect_tcp(&child);
	assert_int_equal(import(fd, "1-1"), 0);
	ask_version(fd);
	put(control, "usb unplug\n", 11);
	get(control, answer, 12);
	assert_memory_equal(answer, "{\"ok\":true}\n", 12);
	assert_closed(fd);
	fd = connect_tcp(&child);
	assert_int_equal(import(fd, "1-1"), 4);
	put(control, "usb plug\n", 9);
	get(control, answer, 12);
	assert_int_equal(import(fd, "1-1"), 0);
	ask_version(fd);
	close(fd);
	close(control);
	assert_int_equal(stop(&child), 0);
	assert_int_not_equal(access(path, F_OK), 0);
}

static void a_dead_control_socket_is_replaced_and_a_live_one_is_not(void **state)
{
	(void)state;
	char *path = in_folder("control");
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	int left_behind = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(left_behind, (struct sockaddr *)&address, sizeof address), 0);
	close(left_behind);

	struct options options = {.pace = PACE_FREE, .control = path};
	struct child child = start_listening(&options);
	struct options same = {.listen = "127.0.0.1:0", .fd = -1, .boards = 1, .control = path};
	struct child second = start(&same);
	assert_int_equal(finish(&second), ERR_IO);
	close(connect_unix(path));
	assert_int_equal(stop(&child), 0);
}

static void books_and_state_are_written_at_exit(void **state)
{
	(void)state;
	char line[8192];
	char *books = in_folder("books");
	char *file = in_folder("state");
	struct options options = {
		.pace = PACE_FREE, .boards = 2, .books = books, .board.state_file = file};
	struct child child = start_listening(&options);
	int fd = connect_tcp(&child);
	assert_int_equal(import(fd, "1-1"), 0);
	ask_version(fd);
	assert_int_equal(stop(&child), 0);
	close(fd);
	FILE *written = fopen(books, "r");
	assert_non_null(written);
	assert_non_null(fgets(line, sizeof line, written));
	assert_non_null(strstr(line, "\"GET_VERSION\":1"));
	assert_non_null(fgets(line, sizeof line, written));
	assert_non_null(strstr(line, "\"commands\":{}"));
	assert_null(fgets(line, sizeof line, written));
	fclose(written);
	assert_int_equal(access(file, F_OK), 0);
	assert_int_equal(access(in_folder("state.2"), F_OK), 0);
}

static void a_port_in_use_is_an_error(void **state)
{
	(void)state;
	char address[64];
	struct options options = {.pace = PACE_FREE};
	struct child child = start_listening(&options);
	snprintf(address, sizeof address, "127.0.0.1:%u", child.port);
	struct options same = {.listen = address, .fd = -1, .boards = 1};
	struct child second = start(&same);
	assert_int_equal(finish(&second), ERR_IO);
	assert_int_equal(stop(&child), 0);
	struct options nonsense = {.listen = "no.such.host.invalid:x", .fd = -1, .boards = 1};
	struct child third = start(&nonsense);
	assert_int_equal(finish(&third), ERR_ARGUMENT);
}

#define SERVER_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SERVER_TEST(a_client_is_served_at_both_paces),
		SERVER_TEST(one_bad_client_closes_alone),
		SERVER_TEST(a_device_is_free_again_when_its_client_has_gone),
		SERVER_TEST(a_given_socket_is_served_until_it_ends),
		SERVER_TEST(control_pulls_the_cable),
		SERVER_TEST(a_dead_control_socket_is_replaced_and_a_live_one_is_not),
		SERVER_TEST(books_and_state_are_written_at_exit),
		SERVER_TEST(a_port_in_use_is_an_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
