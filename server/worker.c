/* A board's worker. The functions at the end are the main thread's, all others the worker's own. */
#include "worker.h"

#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bug_report.h"
#include "probe/bytes.h"
#include "probe/log.h"
#include "probe/probe.h"
#include "progress.h"
#include "server/event.h"
#include "server/gdb/gdb.h"
#include "server/journal.h"
#include "server/replug.h"

/* Room for the deepest call with a log line and a USB library below it. */
#define STACK_SIZE 262144

/* What gdb takes to look around when its program has ended. Each look is due sooner than that. */
#define FAREWELL_US 500000

/* What is kept of each protocol for a bug report; a long block of memory is cut. */
#define JOURNAL_SIZE      ((size_t)4 << 20)
#define EXCHANGE_COMMAND  16
#define EXCHANGE_HEAD     (EXCHANGE_COMMAND + 6)
#define EXCHANGE_DATA_MAX 1024

struct worker {
	struct worker_options options;
	pthread_t thread;
	sem_t ready;
	struct message *ended; /* made at the start: the end must not need memory */
	struct target *target;
	struct gdb *gdb;
	struct replug replug;
	struct progress progress;
	uint64_t look_due_us;
	uint64_t farewell_us; /* when to end, after its program has */
	char probe_text[160];
	struct journal *packets, *exchanges;
	unsigned clients;
	bool quitting;
	enum err err; /* why it could not serve; for the main thread once it has joined */
};

static uint64_t now_us(void *context)
{
	struct timespec now;

	(void)context;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void note_packet(struct worker *worker, char kind, const struct message *message)
{
	if (message->kind == MESSAGE_PACKET || message->kind == MESSAGE_REPLY ||
		message->kind == MESSAGE_NO_ACK)
		journal_add(worker->packets, now_us(NULL), kind, message->data, message->size);
	else if (message->kind == MESSAGE_INTERRUPT)
		journal_add(worker->packets, now_us(NULL), kind, "\x03", 1);
}

static void send_up(void *context, struct message *message)
{
	struct worker *worker = context;
	note_packet(worker, BUG_REPORT_TO_CLIENT, message);
	mailbox_put(worker->options.up, message);
}

static void quit(void *context)
{
	struct worker *worker = context;
	worker->quitting = true;
}

static void report_client(const struct worker *worker, unsigned client, const char *state)
{
	struct event event;

	event_begin(&event, "client");
	event_number(&event, "id", client);
	event_string(&event, "state", state);
	event_end(&event, worker->options.events);
}

/* The outcome is asked before the last client's leaving, which settles everything. */
static void count_client(struct worker *worker, const struct message *message)
{
	if (message->kind == MESSAGE_OPENED) {
		worker->clients++;
		report_client(worker, message->client, "connected");
	} else if (message->kind == MESSAGE_CLOSED) {
		worker->clients--;
		report_client(worker, message->client, "gone");
		if (!worker->options.once || worker->clients)
			return;
		worker->err = gdb_outcome(worker->gdb);
		worker->quitting = true;
	}
}

static void print(void *context, const void *text, size_t size)
{
	const struct worker *worker = context;
	mailbox_put(worker->options.up,
		message_create(MESSAGE_CONSOLE, worker->options.console, text, size));
}

static void program_exited(void *context, unsigned code)
{
	struct worker *worker = context;

	if (!worker->options.exited)
		return;
	worker->options.exited(worker->options.exited_context, code);
	worker->farewell_us = now_us(worker) + FAREWELL_US;
}

/* Command, direction, error, duration, data: see the head of the report. */
static void note_exchange(void *context, const struct probe_exchange *exchange)
{
	struct worker *worker = context;
	uint8_t record[EXCHANGE_HEAD + EXCHANGE_DATA_MAX];
	size_t size = exchange->size < EXCHANGE_DATA_MAX ? exchange->size : EXCHANGE_DATA_MAX;

	memcpy(record, exchange->command, EXCHANGE_COMMAND);
	record[EXCHANGE_COMMAND] = exchange->is_in ? 1 : exchange->is_out ? 2 : 0;
	record[EXCHANGE_COMMAND + 1] = (uint8_t)exchange->err;
	put_le32(record + EXCHANGE_COMMAND + 2, (uint32_t)exchange->duration_us);
	if (size)
		memcpy(record + EXCHANGE_HEAD, exchange->data, size);
	journal_add(
		worker->exchanges, now_us(NULL), BUG_REPORT_PROBE, record, EXCHANGE_HEAD + size);
}

static enum err write_bug_report(void *context, char *path, size_t size)
{
	struct worker *worker = context;
	const struct bug_report report = {
		.version = worker->options.version,
		.probe = worker->probe_text,
		.command_line = worker->options.command_line,
		.target = worker->target,
		.packets = worker->packets,
		.exchanges = worker->exchanges,
		.now_us = now_us(NULL),
	};

	return bug_report_write(&report, path, size);
}

static void take(struct worker *worker, struct message *message)
{
	note_packet(worker, BUG_REPORT_FROM_CLIENT, message);
	count_client(worker, message);
	if (message->kind == MESSAGE_QUIT) {
		worker->quitting = true;
		message_destroy(message);
	} else if (message->kind == MESSAGE_TYPED) {
		gdb_typed(worker->gdb, message->data, message->size);
		message_destroy(message);
	} else {
		worker->quitting |=
			worker->farewell_us != UINT64_MAX && message->kind == MESSAGE_CLOSED;
		gdb_message(worker->gdb, message);
	}
}

/* In the midst of a long job of the target: lets in what can be served now. */
static bool yield(void *context)
{
	struct worker *worker = context;
	struct message *message;

	while (!worker->quitting && (message = mailbox_take(worker->options.down)))
		take(worker, message);
	return worker->quitting || gdb_is_cancelled(worker->gdb);
}

static void show_progress(void *context, const struct target_progress *now)
{
	struct worker *worker = context;
	progress_show(&worker->progress, now, worker->options.events);
}

static void diagnosed(void *context, const struct target_report *report)
{
	struct worker *worker = context;
	if (worker->gdb)
		gdb_diagnosed(worker->gdb, report);
}

static void describe_probe(struct worker *worker)
{
	const struct probe_info *info = probe_info(worker->replug.probe);
	(void)snprintf(worker->probe_text, sizeof(worker->probe_text), "%s %s, serial %s",
		info->model, info->firmware, info->serial[0] ? info->serial : "unknown");
}

static void begin_with_probe(struct worker *worker)
{
	probe_trace(worker->replug.probe, note_exchange, worker);
	describe_probe(worker);
}

static void begin_again(void *context)
{
	struct worker *worker = context;

	begin_with_probe(worker);
	log_info("%s is back", worker->probe_text);
}

static void log_target(const struct target_identity *identity)
{
	if (identity->vdd_mv)
		log_info("%s, %u KiB flash, %u.%02u V, SWD at %u kHz", identity->chip,
			identity->flash_bytes / 1024, identity->vdd_mv / 1000,
			identity->vdd_mv % 1000 / 10, identity->speed_khz);
	else
		log_info("%s, %u KiB flash, voltage unknown, SWD at %u kHz", identity->chip,
			identity->flash_bytes / 1024, identity->speed_khz);
}

/* Starting the server must not reset a board: that has to wait for a client who asks for it. */
static void attach_early(struct worker *worker)
{
	log_info("%s", worker->probe_text);
	if (worker->options.target.connect == TARGET_CONNECT_UNDER_RESET) {
		log_info("the target is attached under reset when gdb connects");
		return;
	}
	enum err err = gdb_attach(worker->gdb);
	if (err)
		log_warn("no target yet (%s): it is tried again when gdb connects", err_text(err));
	else
		log_target(target_identity(worker->target));
}

static enum err set_up(struct worker *worker)
{
	struct target_options target = worker->options.target;
	struct gdb_options gdb = {
		.send = send_up,
		.now_us = now_us,
		.quit = quit,
		.bug_report = write_bug_report,
		.exited = program_exited,
		.console = worker->options.console ? print : NULL,
		.files = worker->options.files,
		.reset_runs = worker->options.reset_runs,
		.reset_first = worker->options.reset_first,
		.context = worker,
		.events = worker->options.events,
		.probe = worker->probe_text,
		.version = worker->options.version,
	};

	target.hooks = (struct target_hooks){.context = worker,
		.progress = show_progress,
		.yield = yield,
		.diagnosed = diagnosed};
	worker->packets = journal_create(JOURNAL_SIZE);
	worker->exchanges = journal_create(JOURNAL_SIZE);
	if (!worker->packets || !worker->exchanges)
		return ERR_NO_MEMORY;
	begin_with_probe(worker);
	progress_init(&worker->progress);
	enum err err = target_create(worker->options.probe, &target, &worker->target);
	if (err)
		return err;
	worker->gdb = gdb_create(worker->target, &gdb);
	worker->replug.target = worker->target;
	worker->replug.gdb = worker->gdb;
	return worker->gdb ? ERR_OK : ERR_NO_MEMORY;
}

static void give_up_probe(struct worker *worker)
{
	log_error("this probe cannot come back: the server ends");
	worker->err = ERR_USB_GONE;
	worker->quitting = true;
}

/* What nobody asks for, and has to be noticed all the same. */
static void look(struct worker *worker)
{
	uint64_t wait_us;

	if (replug_look(&worker->replug, &wait_us))
		give_up_probe(worker);
	worker->look_due_us = now_us(worker) + wait_us;
}

static void serve(struct worker *worker)
{
	while (!worker->quitting) {
		uint64_t due_us = gdb_poll(worker->gdb);
		uint64_t now = now_us(worker);
		if (now >= worker->look_due_us)
			look(worker);
		if (due_us > worker->look_due_us)
			due_us = worker->look_due_us;
		if (now >= worker->farewell_us)
			return;
		uint64_t wait_us = due_us > now ? due_us - now : 0;
		struct message *message = mailbox_wait(worker->options.down, wait_us);
		if (message)
			take(worker, message);
	}
}

static void *run(void *context)
{
	struct worker *worker = context;
	struct mailbox *up = worker->options.up;
	struct message *ended = worker->ended;

	worker->err = set_up(worker);
	if (worker->err)
		log_error("the board cannot be served: %s", err_text(worker->err));
	else
		attach_early(worker);
	sem_post(&worker->ready);
	if (!worker->err)
		serve(worker);
	/* What comes from here on is not served: the target must not wait for it either. */
	worker->quitting = true;
	gdb_destroy(worker->gdb);
	target_destroy(worker->target);
	probe_close(worker->replug.probe);
	journal_destroy(worker->packets);
	journal_destroy(worker->exchanges);
	mailbox_put(up, ended);
	return NULL;
}

/* Signals are the loop's: this thread, and what it starts, gets none. */
static int start_thread(struct worker *worker)
{
	pthread_attr_t attributes;
	sigset_t all, before;

	int error = pthread_attr_init(&attributes);
	if (error)
		return error;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_attr_setstacksize(&attributes, STACK_SIZE);
	if (!error)
		error = pthread_create(&worker->thread, &attributes, run, worker);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	return error;
}

static void discard(struct worker *worker)
{
	sem_destroy(&worker->ready);
	message_destroy(worker->ended);
	free(worker);
}

enum err worker_start(const struct worker_options *options, struct worker **started)
{
	struct worker *worker = calloc(1, sizeof(*worker));
	struct message *ended = message_create(MESSAGE_ENDED, 0, NULL, 0);

	if (!worker || !ended) {
		free(worker);
		message_destroy(ended);
		probe_close(options->probe);
		return ERR_NO_MEMORY;
	}
	worker->options = *options;
	worker->replug = (struct replug){
		.probe = options->probe,
		.reopen = options->reopen,
		.reopen_context = options->reopen_context,
		.returned = begin_again,
		.context = worker,
	};
	worker->ended = ended;
	worker->farewell_us = UINT64_MAX;
	sem_init(&worker->ready, 0, 0);
	int error = start_thread(worker);
	if (error) {
		log_error("cannot start a thread for the board: %s", strerror(error));
		probe_close(options->probe);
		discard(worker);
		return ERR_IO;
	}
	*started = worker;
	return ERR_OK;
}

void worker_wait_ready(struct worker *worker)
{
	while (sem_wait(&worker->ready))
		; /* interrupted by a signal that the loop will see */
}

enum err worker_join(struct worker *worker)
{
	pthread_join(worker->thread, NULL);
	enum err err = worker->err;
	worker->ended = NULL; /* given away */
	discard(worker);
	return err;
}
