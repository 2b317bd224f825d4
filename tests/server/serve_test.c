/*
 * The whole server as a process, with a probe and a target that are none: ready line, exit codes,
 * signals. argv[1] is its executable.
 */
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/prelude.h"

static const char *executable;

struct server {
	pid_t pid;
	FILE *out;
};

static struct server start(const char *first, const char *second)
{
	int pipes[2];

	assert_int_equal(pipe(pipes), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		dup2(pipes[1], STDOUT_FILENO);
		dup2(pipes[1], STDERR_FILENO);
		close(pipes[0]);
		close(pipes[1]);
		alarm(60);
		execl(executable, executable, "-p", "0", first, second, NULL);
		_exit(127);
	}
	close(pipes[1]);
	return (struct server){pid, fdopen(pipes[0], "r")};
}

static int end(struct server *server)
{
	int status;

	while (fgetc(server->out) != EOF)
		;
	(void)fclose(server->out);
	assert_int_equal(waitpid(server->pid, &status, 0), server->pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static unsigned read_port(struct server *server)
{
	char line[300], newline;
	unsigned port;

	do
		assert_non_null(fgets(line, sizeof(line), server->out));
	while (strncmp(line, "Listening", 9) != 0);
	assert_int_equal(sscanf(line, "Listening on port %u%c", &port, &newline), 2);
	assert_int_equal(newline, '\n');
	return port;
}

static int connect_to(unsigned port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

/* Reads until the whole of `text` came; fails when something else does. */
static void expect_bytes(int fd, const char *text)
{
	char got[200] = "";
	size_t size = 0;

	while (size < strlen(text)) {
		ssize_t count = read(fd, got + size, strlen(text) - size);
		assert_true(count > 0);
		size += (size_t)count;
	}
	assert_string_equal(got, text);
}

/* Sends `before` and one packet, and expects these bytes. */
static void ask(int fd, const char *before, const char *payload, const char *reply)
{
	char packet[200];
	unsigned sum = 0;

	for (const char *at = payload; *at; at++)
		sum += (unsigned char)*at;
	int size = snprintf(packet, sizeof(packet), "%s$%s#%02x", before, payload, sum & 0xff);
	assert_int_equal(write(fd, packet, (size_t)size), size);
	expect_bytes(fd, reply);
}

static void signals_end_it_well(void **state)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct server server = start(NULL, NULL);
		int fd = connect_to(read_port(&server));
		ask(fd, "", "qC", "+$QC1#c5");
		ask(fd, "+", "c", "+");
		kill(server.pid, signals[i]);
		char byte;
		assert_int_equal(read(fd, &byte, 1), 0);
		close(fd);
		assert_int_equal(end(&server), 0);
	}
}

/* Whoever reads the ready line may close the pipe then: log lines go nowhere. */
static void a_closed_output_is_no_end(void **state)
{
	(void)state;
	struct server server = start("-v", NULL);
	unsigned port = read_port(&server);
	(void)fclose(server.out);
	server.out = fopen("/dev/null", "r");
	int fd = connect_to(port);
	ask(fd, "", "qC", "+$QC1#c5");
	close(fd);
	kill(server.pid, SIGTERM);
	assert_int_equal(end(&server), 0);
}

static void monitor_exit_ends_it_after_the_reply(void **state)
{
	(void)state;
	struct server server = start(NULL, NULL);
	int fd = connect_to(read_port(&server));
	ask(fd, "", "QStartNoAckMode", "+$OK#9a");
	/* monitor exit: "the server ends\n" */
	ask(fd, "+", "qRcmd,65786974", "$O7468652073657276657220656e64730a#");
	char rest[64];
	size_t size = 0;
	for (ssize_t count; (count = read(fd, rest + size, sizeof(rest) - 1 - size)) > 0;)
		size += (size_t)count;
	rest[size] = '\0';
	assert_non_null(strstr(rest, "$OK#9a"));
	close(fd);
	assert_int_equal(end(&server), 0);
}

static void several_boards_have_a_port_each(void **state)
{
	(void)state;
	setenv("FAKE_PROBES", "3", 1);
	struct server server = start("--all", NULL);
	unsetenv("FAKE_PROBES");
	for (int i = 0; i < 3; i++) {
		int fd = connect_to(read_port(&server));
		ask(fd, "", "qC", "+$QC1#c5");
		close(fd);
	}
	kill(server.pid, SIGINT);
	assert_int_equal(end(&server), 0);
}

static void exit_codes(void **state)
{
	char taken[16];

	(void)state;
	struct server server = start("--no-such-option", NULL);
	assert_int_equal(end(&server), 2);

	setenv("FAKE_PROBES", "0", 1);
	server = start(NULL, NULL);
	unsetenv("FAKE_PROBES");
	assert_int_equal(end(&server), 3);

	struct server first = start(NULL, NULL);
	(void)snprintf(taken, sizeof(taken), "%u", read_port(&first));
	server = start("-p", taken);
	assert_int_equal(end(&server), 4);
	kill(first.pid, SIGINT);
	assert_int_equal(end(&first), 0);

	server = start("--help", NULL);
	assert_int_equal(end(&server), 0);
	server = start("--version", NULL);
	assert_int_equal(end(&server), 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signals_end_it_well),
		cmocka_unit_test(a_closed_output_is_no_end),
		cmocka_unit_test(monitor_exit_ends_it_after_the_reply),
		cmocka_unit_test(several_boards_have_a_port_each),
		cmocka_unit_test(exit_codes),
	};

	if (argc != 2)
		return 2;
	executable = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
