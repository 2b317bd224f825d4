/*
 * Flashing without gdb. Main thread; a signal cancels at the next block.
 *
 * The load is recorded as gdb records one, erase by erase and write by write, so that the plan and
 * all its checks are the same.
 */
#include "flash_command.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "flash_file.h"
#include "probe/log.h"
#include "probe/probe.h"
#include "probes.h"
#include "progress.h"
#include "server/diagnosis_event.h"
#include "server/event.h"
#include "server/load_report.h"
#include "settings.h"
#include "targets/target.h"
#include "virtual.h"

struct job {
	const struct options *options;
	const struct events *events;
	struct events stdout_events;
	struct flash_file file;
	struct progress progress;
	struct target *target;
};

/* A handler can reach nothing else. */
static volatile sig_atomic_t cancelled;

static void on_signal(int number)
{
	cancelled = number;
}

static void watch_signals(void)
{
	const struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};

	signal(SIGPIPE, SIG_IGN);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
}

static bool yield(void *context)
{
	(void)context;
	return cancelled;
}

static void show_progress(void *context, const struct target_progress *now)
{
	struct job *job = context;
	progress_show(&job->progress, now, job->events);
}

static void diagnosed(void *context, const struct target_report *report)
{
	const struct job *job = context;
	diagnosis_event(report, job->events);
}

/* ---- what it comes to ---- */

static const struct target_region *find_flash(const struct target *target, uint32_t address)
{
	size_t count;
	const struct target_region *map = target_memory_map(target, &count);

	for (size_t i = 0; i < count; i++) {
		if (map[i].kind == TARGET_FLASH && address >= map[i].start &&
			address - map[i].start < map[i].size)
			return &map[i];
	}
	return NULL;
}

/* The sector in which an address lies. */
static bool find_sector(
	const struct target *target, uint32_t address, uint32_t *start, uint32_t *size)
{
	const struct target_region *region = find_flash(target, address);

	if (!region || !region->sector_size)
		return false;
	*size = region->sector_size;
	*start = address - (address - region->start) % *size;
	return true;
}

static enum err refuse_address(const struct job *job, uint32_t address)
{
	log_error("%s: 0x%08X is not in the flash of the %s: is the file for another chip?",
		job->file.path, address, target_identity(job->target)->chip);
	return ERR_FLASH_RANGE;
}

/* Records the erase of each sector that a run touches; counts those not counted yet. */
static enum err record_erase(
	struct job *job, const struct image_run *run, uint64_t *done, unsigned *sectors)
{
	uint64_t end = run->address + (uint64_t)run->size;
	uint32_t start, size;

	for (uint64_t at = run->address; at < end; at = (uint64_t)start + size) {
		if (!find_sector(job->target, (uint32_t)at, &start, &size))
			return refuse_address(job, (uint32_t)at);
		if ((uint64_t)start + size <= *done)
			continue;
		enum err err = target_flash_erase(job->target, start, size);
		if (err)
			return err;
		*done = (uint64_t)start + size;
		++*sectors;
	}
	return ERR_OK;
}

static enum err record(struct job *job, unsigned *sectors)
{
	const struct image *image = &job->file.image;
	uint64_t done = 0;
	enum err err = ERR_OK;

	*sectors = 0;
	for (size_t i = 0; i < image->count && !err; i++)
		err = record_erase(job, &image->runs[i], &done, sectors);
	for (size_t i = 0; i < image->count && !err; i++) {
		const struct image_run *run = &image->runs[i];
		err = target_flash_write(
			job->target, run->address, image->bytes + run->offset, run->size);
	}
	return err;
}

static void announce(const struct job *job, unsigned sectors)
{
	const struct image *image = &job->file.image;
	const struct image_run *last = &image->runs[image->count - 1];

	log_info("%s: %s, %zu bytes from 0x%08X to 0x%08X, in %u sectors", job->file.path,
		image_kind_text(job->file.kind), image->size, image->runs[0].address,
		(unsigned)(last->address + (last->size - 1)), sectors);
}

/* ---- doing it ---- */

static enum err load(struct job *job)
{
	struct target_load load = {0};
	unsigned sectors;

	enum err err = record(job, &sectors);
	if (err) {
		target_flash_forget(job->target);
	} else {
		announce(job, sectors);
		err = target_flash_done(job->target, &load);
	}
	load_report(&load, err, job->events);
	if (err == ERR_CANCELLED)
		log_warn("cancelled: the flash holds an incomplete load, the core stays halted");
	return err;
}

static enum err attach(struct job *job, struct probe *probe)
{
	struct target_options target = settings_target(job->options);

	target.hooks = (struct target_hooks){
		.context = job, .progress = show_progress, .yield = yield, .diagnosed = diagnosed};
	enum err err = target_create(probe, &target, &job->target);
	if (!err)
		err = target_attach(job->target);
	if (!err)
		err = target_halt(job->target);
	return err;
}

static enum err leave(struct job *job, enum err err)
{
	if (!err && job->options->reset)
		err = target_reset(job->target, false);
	enum err left = target_detach(job->target);
	return err ? err : left;
}

static enum err flash(struct job *job, struct probe *probe)
{
	enum err err = attach(job, probe);
	if (err)
		log_error("the target cannot be reached: %s", err_text(err));
	else
		err = load(job);
	if (job->target)
		err = leave(job, err);
	target_destroy(job->target);
	return err;
}

static enum exit_code run(struct job *job)
{
	struct probes probes;
	struct probe *probe;
	pid_t board;

	if (flash_file_read(&job->file, job->options->flash_file))
		return EXIT_USAGE;
	if (probes_choose(job->options, &probes) || probes_open(&probes, 0, &probe, &board))
		return EXIT_PROBE;
	enum err err = flash(job, probe);
	probe_close(probe);
	if (board)
		virtual_wait(board);
	return exit_code_of(err);
}

enum exit_code flash_command(const struct options *options)
{
	struct job job = {.options = options, .stdout_events = {STDOUT_FILENO}};
	struct event event;

	job.events = options->json ? &job.stdout_events : NULL;
	progress_init(&job.progress);
	watch_signals();
	enum exit_code code = run(&job);
	flash_file_finish(&job.file);
	event_begin(&event, "exit");
	event_number(&event, "code", code);
	event_end(&event, job.events);
	return code;
}
