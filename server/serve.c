/*
 * Serving: ports, probes, workers and the loop between them. Main thread, which is the loop's.
 *
 * Ports are bound before a probe is touched, and nothing is announced before both are there.
 */
#include "serve.h"

#include <ev.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "activation.h"
#include "probe/log.h"
#include "probe/probe.h"
#include "probes.h"
#include "server/event.h"
#include "server/files.h"
#include "server/mailbox.h"
#include "server/net/net.h"
#include "settings.h"
#include "virtual.h"
#include "worker.h"

/* A worker ends after the USB transfer it is in, and what it takes to leave the target well. */
#define QUIT_LIMIT_S 5.0

/* One board: its port, its mailbox, its worker. */
struct line {
	unsigned port;
	struct mailbox *down;
	struct worker *worker;
	struct probe *probe; /* until the worker takes it */
	char serial[USB_SERIAL_MAX];
	pid_t board; /* the process of a virtual one, or 0 */
	const struct probes *probes;
	unsigned console; /* the net's number, or 0 */
	bool has_exited;  /* its program, and the server is to end with its code */
	unsigned code;
};

enum { SIGNALS = 3 };

struct server {
	const struct options *options;
	const char *version;
	struct ev_loop *loop;
	struct net *net;
	struct files *files; /* of semihosting, or NULL */
	struct mailbox *up;
	ev_async arrived;
	ev_signal signals[SIGNALS];
	ev_timer quit_limit;
	struct probes probes;
	struct line lines[DISCOVER_MAX];
	size_t line_count, started, ended;
	struct events stdout_events;
	const struct events *events; /* NULL: none are wanted */
	int given_first;             /* sockets of systemd's */
	size_t given_count;
	bool quitting, signalled;
	bool is_stuck; /* a worker has not come to an end */
	enum exit_code exit_code;
};

static void tell_workers(const struct server *server)
{
	for (size_t i = 0; i < server->started; i++)
		mailbox_put(server->lines[i].down, message_create(MESSAGE_QUIT, 0, NULL, 0));
}

static void quit(struct server *server)
{
	if (server->quitting)
		return;
	server->quitting = true;
	ev_timer_start(server->loop, &server->quit_limit);
	tell_workers(server);
}

static void on_signal(struct ev_loop *loop, ev_signal *watcher, int events)
{
	struct server *server = watcher->data;

	(void)events;
	if (server->signalled) {
		log_warn("signal %d again: the target may not have been left in order",
			watcher->signum);
		server->exit_code = EXIT_INTERNAL;
		server->is_stuck = true;
		ev_break(loop, EVBREAK_ALL);
		return;
	}
	server->signalled = true;
	log_info("signal %d: leaving", watcher->signum);
	quit(server);
}

static void on_quit_limit(struct ev_loop *loop, ev_timer *watcher, int events)
{
	struct server *server = watcher->data;

	(void)events;
	log_error("a board did not come to an end in %.0f s: its target may not have been left in "
		  "order",
		QUIT_LIMIT_S);
	server->exit_code = EXIT_INTERNAL;
	server->is_stuck = true;
	ev_break(loop, EVBREAK_ALL);
}

static void on_arrived(struct ev_loop *loop, ev_async *watcher, int events)
{
	struct server *server = watcher->data;
	struct message *message;

	(void)events;
	while ((message = mailbox_take(server->up))) {
		if (message->kind != MESSAGE_ENDED) {
			net_deliver(server->net, message);
			continue;
		}
		message_destroy(message);
		server->ended++;
		quit(server);
	}
	if (server->ended == server->started && server->started)
		ev_break(loop, EVBREAK_ALL);
}

/* Any worker's thread. */
static void wake(void *context)
{
	struct server *server = context;
	ev_async_send(server->loop, &server->arrived);
}

/* Under nohup(1) a closed terminal is no reason to end. */
static bool is_ignored(int number)
{
	struct sigaction action;
	return sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

static void watch(struct server *server)
{
	static const int numbers[SIGNALS] = {SIGINT, SIGTERM, SIGHUP};

	signal(SIGPIPE, SIG_IGN);
	for (int i = 0; i < SIGNALS; i++) {
		if (numbers[i] == SIGHUP && is_ignored(SIGHUP))
			continue;
		ev_signal_init(&server->signals[i], on_signal, numbers[i]);
		server->signals[i].data = server;
		ev_signal_start(server->loop, &server->signals[i]);
	}
	ev_async_init(&server->arrived, on_arrived);
	server->arrived.data = server;
	ev_async_start(server->loop, &server->arrived);
	ev_timer_init(&server->quit_limit, on_quit_limit, QUIT_LIMIT_S, 0);
	server->quit_limit.data = server;
}

static enum exit_code open_loop(struct server *server)
{
	server->loop = ev_loop_new(EVFLAG_AUTO);
	if (!server->loop)
		return EXIT_INTERNAL;
	watch(server);
	server->up = mailbox_create(wake, server);
	server->net = net_create(server->loop);
	return server->up && server->net ? EXIT_OK : EXIT_INTERNAL;
}

static enum exit_code listen_console(struct server *server, struct line *line)
{
	const struct options *options = server->options;
	const char *address = options->listen_address[0] ? options->listen_address : NULL;
	unsigned i = (unsigned)(line - server->lines), port = options->console_port, bound;

	if (!options->has_console)
		return EXIT_OK;
	if (options->listen_address[0] && strncmp(options->listen_address, "unix:", 5) == 0)
		address = NULL;
	if (net_listen_console(
		    server->net, address, port ? port + i : 0, line->down, &line->console, &bound))
		return EXIT_PORT;
	log_info("the program's console is at port %u", bound);
	return EXIT_OK;
}

/* Sockets of systemd's: all for one board, or one for each. */
static enum err listen_at_given(struct server *server, struct line *line, size_t i)
{
	bool is_one = server->line_count == 1;
	int fds[NET_SOCKETS_MAX];
	size_t count = is_one ? server->given_count : 1;

	if (count > NET_SOCKETS_MAX || (!is_one && server->given_count != server->line_count)) {
		log_error("systemd gave %zu sockets, and there are %zu boards", server->given_count,
			server->line_count);
		return ERR_ARGUMENT;
	}
	for (size_t k = 0; k < count; k++)
		fds[k] = server->given_first + (int)(is_one ? k : i);
	return net_listen_at(server->net, fds, count, line->down);
}

static enum err listen_line(struct server *server, struct line *line, size_t i)
{
	const struct options *options = server->options;
	const char *address = options->listen_address[0] ? options->listen_address : NULL;
	unsigned port = options->port ? options->port + (unsigned)i : 0;

	if (options->pipe)
		return net_serve(server->net, STDIN_FILENO, STDOUT_FILENO, line->down);
	if (server->given_count)
		return listen_at_given(server, line, i);
	return net_listen(server->net, address, port, line->down, &line->port);
}

static enum exit_code listen_all(struct server *server)
{
	server->given_count = activation_take(&server->given_first);
	for (size_t i = 0; i < server->line_count; i++) {
		struct line *line = &server->lines[i];
		line->probes = &server->probes;
		line->down = mailbox_create(NULL, NULL);
		if (!line->down)
			return EXIT_INTERNAL;
		if (listen_line(server, line, i) || listen_console(server, line))
			return EXIT_PORT;
	}
	return EXIT_OK;
}

/* The worker's thread. */
static enum err reopen(void *context, const struct probe_info *lost, struct probe **probe)
{
	const struct line *line = context;
	return probes_reopen(line->probes, lost, probe);
}

/* The worker's thread; read when that has ended. */
static void program_exited(void *context, unsigned code)
{
	struct line *line = context;

	line->has_exited = true;
	line->code = code;
}

static enum err start_line(struct server *server, struct line *line)
{
	const struct options *options = server->options;
	const struct worker_options worker = {
		.probe = line->probe,
		.reopen = server->probes.is_virtual ? NULL : reopen,
		.reopen_context = line,
		.target = settings_target(options),
		.down = line->down,
		.up = server->up,
		.events = server->events,
		.once = options->once || options->pipe,
		.files = server->files,
		.console = line->console,
		.reset_runs = options->compat && options->compat->reset_runs,
		.reset_first = options->line.resets_first,
		.exited = options->exit_on_semihost ? program_exited : NULL,
		.exited_context = line,
		.version = server->version,
		.command_line = options->command_line,
	};

	return worker_start(&worker, &line->worker);
}

static void drop_line(struct server *server, struct line *line)
{
	net_unlisten(server->net, line->down);
	mailbox_destroy(line->down);
	line->down = NULL;
}

/* With --all, what cannot be opened is left out: its port is closed, the others keep theirs. */
static enum exit_code open_probes(struct server *server)
{
	size_t count = server->line_count, good = 0;

	for (size_t i = 0; i < count; i++) {
		struct line *line = &server->lines[i];
		if (probes_open(&server->probes, i, &line->probe, &line->board)) {
			if (server->options->all)
				log_warn("port %u is closed: its probe cannot be served",
					line->port);
			drop_line(server, line);
			continue;
		}
		const char *serial = probe_info(line->probe)->serial;
		(void)snprintf(line->serial, sizeof(line->serial), "%s", serial);
		if (good != i)
			server->lines[good] = *line;
		good++;
	}
	server->line_count = good;
	return good ? EXIT_OK : EXIT_PROBE;
}

/* All probes are open before the first target is touched. */
static enum exit_code start_all(struct server *server)
{
	enum exit_code code = open_probes(server);
	if (code)
		return code;
	for (; server->started < server->line_count; server->started++) {
		if (!start_line(server, &server->lines[server->started]))
			continue;
		for (size_t i = server->started + 1; i < server->line_count; i++)
			probe_close(server->lines[i].probe);
		return EXIT_INTERNAL;
	}
	return EXIT_OK;
}

/* What an IDE waits for that has started another server, as it believes. */
static void announce_compat(const struct compat *compat, unsigned port)
{
	const char *mark = compat && compat->ready ? strstr(compat->ready, "%u") : NULL;

	if (mark)
		printf("%.*s%u%s", (int)(mark - compat->ready), compat->ready, port, mark + 2);
	else if (compat && compat->ready)
		fputs(compat->ready, stdout);
}

/* What IDEs wait for. At a pipe stdout is the client's. */
static void print_ready(const struct server *server, const struct line *line)
{
	const struct options *options = server->options;

	if (options->pipe)
		return;
	if (line->port)
		printf("Listening on port %u\n", line->port);
	else
		printf("Listening on %s\n",
			server->given_count ? "systemd's socket" : options->listen_address);
	announce_compat(options->compat, line->port);
	(void)fflush(stdout);
	if (options->line.echo[0])
		fputs(options->line.echo, stderr);
}

static void announce_line(const struct server *server, const struct line *line)
{
	struct event event;

	event_begin(&event, "ready");
	event_number(&event, "port", line->port);
	event_string(&event, "serial", line->serial);
	if (server->options->listen_address[0])
		event_string(&event, "address", server->options->listen_address);
	event_end(&event, server->events);
	if (!server->events)
		print_ready(server, line);
	if (line->port)
		log_info("connect with: gdb-multiarch -ex 'target extended-remote :%u' PROGRAM",
			line->port);
}

static void announce(const struct server *server)
{
	for (size_t i = 0; i < server->line_count; i++)
		worker_wait_ready(server->lines[i].worker);
	for (size_t i = 0; i < server->line_count; i++)
		announce_line(server, &server->lines[i]);
}

static enum exit_code open_all(struct server *server)
{
	struct probes *probes = &server->probes;

	enum exit_code code = open_loop(server);
	if (code)
		return code;
	if (probes_choose(server->options, probes))
		return EXIT_PROBE;
	if (server->options->semihosting_dir &&
		files_create(server->options->semihosting_dir, &server->files))
		return EXIT_USAGE;
	server->line_count = probes->count;
	code = listen_all(server);
	return code ? code : start_all(server);
}

/* The first thing that went wrong with a board is what the program ends with. */
static void join_all(struct server *server)
{
	for (size_t i = 0; i < server->started; i++) {
		enum exit_code code = exit_code_of(worker_join(server->lines[i].worker));
		if (!server->exit_code)
			server->exit_code = code;
	}
	for (size_t i = 0; i < server->line_count; i++) {
		if (server->lines[i].board)
			virtual_wait(server->lines[i].board);
	}
}

/* What went wrong here counts for more than what the program says. */
static void take_program_code(struct server *server)
{
	for (size_t i = 0; i < server->line_count && !server->exit_code; i++) {
		if (server->lines[i].has_exited)
			server->exit_code = (enum exit_code)server->lines[i].code;
	}
}

static void close_all(struct server *server)
{
	net_destroy(server->net);
	for (size_t i = 0; i < server->line_count; i++)
		mailbox_destroy(server->lines[i].down);
	mailbox_destroy(server->up);
	files_destroy(server->files);
	if (server->loop)
		ev_loop_destroy(server->loop);
}

static void report_exit(const struct server *server)
{
	struct event event;

	event_begin(&event, "exit");
	event_number(&event, "code", server->exit_code);
	event_end(&event, server->events);
}

enum exit_code serve(const struct options *options, const char *version)
{
	struct server server = {.options = options, .version = version};

	server.stdout_events.fd = STDOUT_FILENO;
	server.events = options->json ? &server.stdout_events : NULL;
	server.exit_code = open_all(&server);
	if (server.exit_code) {
		tell_workers(&server);
	} else {
		announce(&server);
		ev_run(server.loop, 0);
	}
	/* A worker that hangs still uses what would be freed. */
	if (!server.is_stuck) {
		join_all(&server);
		take_program_code(&server);
		close_all(&server);
	}
	report_exit(&server);
	return server.exit_code;
}
