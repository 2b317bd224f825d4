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

#include "probe/log.h"
#include "probe/probe.h"
#include "probes.h"
#include "server/mailbox.h"
#include "server/net/net.h"
#include "virtual.h"
#include "worker.h"

/* A worker ends after the USB transfer it is in, and what it takes to leave the target well. */
#define QUIT_LIMIT_S 5.0

/* One board: its port, its mailbox, its worker. */
struct line {
	unsigned port;
	struct mailbox *down;
	struct worker *worker;
	pid_t board; /* the process of a virtual one, or 0 */
	const struct probes *probes;
};

enum { SIGNALS = 3 };

struct server {
	const struct options *options;
	const char *version;
	struct ev_loop *loop;
	struct net *net;
	struct mailbox *up;
	ev_async arrived;
	ev_signal signals[SIGNALS];
	ev_timer quit_limit;
	struct probes probes;
	struct line lines[DISCOVER_MAX];
	size_t line_count, started, ended;
	bool quitting;
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
	if (server->quitting) {
		log_warn("signal %d again: the target may not have been left in order",
			watcher->signum);
		server->exit_code = EXIT_INTERNAL;
		ev_break(loop, EVBREAK_ALL);
		return;
	}
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

static enum exit_code listen_all(struct server *server)
{
	const struct options *options = server->options;
	const char *address = options->listen_address[0] ? options->listen_address : NULL;

	for (size_t i = 0; i < server->line_count; i++) {
		struct line *line = &server->lines[i];
		unsigned port = options->port ? options->port + (unsigned)i : 0;
		line->probes = &server->probes;
		line->down = mailbox_create(NULL, NULL);
		if (!line->down)
			return EXIT_INTERNAL;
		if (net_listen(server->net, address, port, line->down, &line->port))
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

static void add_kept(struct target_options *target, const struct options *options)
{
	_Static_assert(OPTIONS_KEEP_MAX <= TARGET_KEEP_MAX, "no room for all of --keep");
	for (unsigned i = 0; i < options->keep_count; i++)
		target->keep[target->keep_count++] =
			(struct target_range){options->keep[i].start, options->keep[i].size};
}

static enum err start_line(struct server *server, struct line *line, struct probe *probe)
{
	const struct options *options = server->options;
	struct worker_options worker = {
		.probe = probe,
		.reopen = reopen,
		.reopen_context = line,
		.target =
			{
				.connect = options->under_reset ? TARGET_CONNECT_UNDER_RESET
								: TARGET_CONNECT_NORMAL,
				.speed_khz = options->speed_khz,
				.vdd_mv = options->vdd_mv,
				.keep_unwritten = options->keep_unwritten,
				.no_loader = options->no_loader,
				.no_reset = options->no_reset,
				.interlock = options->interlock,
			},
		.down = line->down,
		.up = server->up,
		.version = server->version,
	};

	add_kept(&worker.target, options);
	return worker_start(&worker, &line->worker);
}

/* All probes are open before the first target is touched: one that is missing ends it all. */
static enum exit_code start_all(struct server *server, const struct probes *probes)
{
	struct probe *open[DISCOVER_MAX];

	for (size_t i = 0; i < server->line_count; i++) {
		enum err err = probes_open(probes, i, &open[i], &server->lines[i].board);
		if (err) {
			while (i-- > 0)
				probe_close(open[i]);
			return EXIT_PROBE;
		}
	}
	for (; server->started < server->line_count; server->started++) {
		size_t i = server->started;
		if (start_line(server, &server->lines[i], open[i])) {
			while (++i < server->line_count)
				probe_close(open[i]);
			return EXIT_INTERNAL;
		}
	}
	return EXIT_OK;
}

static void announce(const struct server *server)
{
	for (size_t i = 0; i < server->line_count; i++)
		worker_wait_ready(server->lines[i].worker);
	for (size_t i = 0; i < server->line_count; i++) {
		unsigned port = server->lines[i].port;
		printf("Listening on port %u\n", port);
		(void)fflush(stdout);
		log_info("connect with: gdb-multiarch -ex 'target extended-remote :%u' PROGRAM",
			port);
	}
}

static enum exit_code open_all(struct server *server)
{
	struct probes *probes = &server->probes;

	enum exit_code code = open_loop(server);
	if (code)
		return code;
	if (probes_choose(server->options, probes))
		return EXIT_PROBE;
	server->line_count = probes->count;
	code = listen_all(server);
	return code ? code : start_all(server, probes);
}

/* False when a worker could not serve its board at all. */
static bool join_all(struct server *server)
{
	bool good = true;

	for (size_t i = 0; i < server->started; i++)
		good &= worker_join(server->lines[i].worker) == ERR_OK;
	for (size_t i = 0; i < server->line_count; i++) {
		if (server->lines[i].board)
			virtual_wait(server->lines[i].board);
	}
	return good;
}

static void close_all(struct server *server)
{
	net_destroy(server->net);
	for (size_t i = 0; i < server->line_count; i++)
		mailbox_destroy(server->lines[i].down);
	mailbox_destroy(server->up);
	if (server->loop)
		ev_loop_destroy(server->loop);
}

enum exit_code serve(const struct options *options, const char *version)
{
	struct server server = {.options = options, .version = version};

	server.exit_code = open_all(&server);
	if (server.exit_code) {
		tell_workers(&server);
	} else {
		announce(&server);
		ev_run(server.loop, 0);
		/* A worker that hangs still uses what would be freed. */
		if (server.exit_code)
			return server.exit_code;
	}
	if (!join_all(&server))
		server.exit_code = EXIT_INTERNAL;
	close_all(&server);
	return server.exit_code;
}
