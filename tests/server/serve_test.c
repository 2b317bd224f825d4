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

#include "probe/err.h"
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

/* One that cannot be opened does not keep the others from being served. */
static void a_broken_board_is_left_out(void **state)
{
	(void)state;
	setenv("FAKE_PROBES", "3", 1);
	setenv("FAKE_BROKEN_PROBE", "1", 1);
	struct server server = start("--all", NULL);
	unsetenv("FAKE_PROBES");
	for (int i = 0; i < 2; i++) {
		int fd = connect_to(read_port(&server));
		ask(fd, "", "qC", "+$QC1#c5");
		close(fd);
	}
	kill(server.pid, SIGINT);
	assert_int_equal(end(&server), 0);

	setenv("FAKE_BROKEN_PROBE", "0", 1);
	server = start("--all", NULL);
	unsetenv("FAKE_BROKEN_PROBE");
	assert_int_equal(end(&server), 3);
}

static void once_ends_with_the_last_client(void **state)
{
	(void)state;
	struct server server = start("--once", NULL);
	unsigned port = read_port(&server);
	int first = connect_to(port), second = connect_to(port);
	ask(first, "", "qC", "+$QC1#c5");
	ask(second, "", "qC", "+$QC1#c5");
	close(first);
	ask(second, "+", "qC", "+$QC1#c5");
	close(second);
	assert_int_equal(end(&server), 0);
}

/* A load that fails is what the session came to. */
static void once_tells_how_it_went(void **state)
{
	static const struct {
		enum err err;
		int code;
	} cases[] = {{ERR_FLASH_ERASE, 6}, {ERR_FLASH_VERIFY, 7}, {ERR_FLASH_PROTECTED, 8}};
	char number[8];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		(void)snprintf(number, sizeof(number), "%d", cases[i].err);
		setenv("FAKE_LOAD_ERROR", number, 1);
		struct server server = start("--once", NULL);
		unsetenv("FAKE_LOAD_ERROR");
		int fd = connect_to(read_port(&server));
		ask(fd, "", "vFlashErase:8000000,4000", "+$OK#9a");
		ask(fd, "+", "vFlashDone", "+$E");
		close(fd);
		assert_int_equal(end(&server), cases[i].code);
	}
}

static void read_lines(struct server *server, char *text, size_t size)
{
	size_t used = fread(text, 1, size - 1, server->out);
	text[used] = '\0';
}

static void events_are_told_on_stdout(void **state)
{
	char line[300], rest[8000];
	unsigned port;

	(void)state;
	struct server server = start("--json", "--once");
	do
		assert_non_null(fgets(line, sizeof(line), server.out));
	while (line[0] != '{');
	assert_int_equal(sscanf(line, "{\"event\":\"ready\",\"port\":%u,", &port), 1);
	int fd = connect_to(port);
	ask(fd, "", "qC", "+$QC1#c5");
	ask(fd, "+", "vCont;s:1", "+$T05");
	close(fd);
	read_lines(&server, rest, sizeof(rest));
	assert_non_null(strstr(rest, "{\"event\":\"client\",\"id\":1,\"state\":\"connected\"}\n"));
	assert_non_null(strstr(rest, "{\"event\":\"halt\",\"signal\":5,\"reason\":\"step\""));
	assert_non_null(strstr(rest, "{\"event\":\"client\",\"id\":1,\"state\":\"gone\"}\n"));
	assert_non_null(strstr(rest, "{\"event\":\"exit\",\"code\":0}\n"));
	assert_null(strstr(rest, "Listening"));
	assert_int_equal(end(&server), 0);
}

static void the_log_is_kept_in_a_file(void **state)
{
	char path[] = "/tmp/serve_test.XXXXXX", text[2000];

	(void)state;
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	struct server server = start("--log", path);
	(void)read_port(&server);
	kill(server.pid, SIGTERM);
	assert_int_equal(end(&server), 0);
	ssize_t size = read(fd, text, sizeof(text) - 1);
	assert_true(size > 0);
	text[size] = '\0';
	assert_non_null(strstr(text, " ST-LINK/V2-1 V2J37M26, serial FAKE0\n"));
	assert_non_null(strstr(text, "signal 15: leaving\n"));
	assert_int_equal(text[4], '-'); /* a date */
	close(fd);
	unlink(path);

	server = start("--log", "/nonexistent/log");
	assert_int_equal(end(&server), 1);
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
		cmocka_unit_test(a_broken_board_is_left_out),
		cmocka_unit_test(once_ends_with_the_last_client),
		cmocka_unit_test(once_tells_how_it_went),
		cmocka_unit_test(events_are_told_on_stdout),
		cmocka_unit_test(the_log_is_kept_in_a_file),
		cmocka_unit_test(exit_codes),
	};

	if (argc != 2)
		return 2;
	executable = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
