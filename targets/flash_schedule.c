/*
 * Carrying out a plan: erases and writes in their order, with the wire never idle while there is
 * something to send. Worker thread.
 *
 * The wire is the slow part on a V2, the flash on a V3; both work at once: while a sector is being
 * erased, what will be written next goes into a ring in RAM, and while the loader writes from
 * there, more goes in. Blocks are cut so that one ends about when the flash is expected to: the
 * next erase shall not wait for a block to finish.
 *
 * Chips with two banks can read one while the other erases. It is not used: a load of all of it
 * erases both banks at once, which leaves none to be read, and in a smaller one the sums of what is
 * verified, 10 cycles a word, take 0.16 s a MiB, against seconds of erasing. Sources: RM0090 rev
 * 21, 3.6; DS8626 table 41.
 */
#include "flash_account.h"
#include "flash_job.h"

#include "probe/log.h"

#include <stdio.h>

#define WORD_US      16u    /* DS8626: to program one unit, typical */
#define STREAM_LEAST 256u   /* bytes worth a command */
#define NAP_US       10000u /* between two questions to a flash that erases */

static uint64_t now_us(const struct flash_job *job)
{
	return probe_now_us(job->core->probe);
}

static void latch(struct flash_job *job, enum err err)
{
	if (err)
		bus_fail(&job->bus, err);
}

/* ---- the stream ---- */

static const struct flash_operation *stream_operation(struct flash_job *job)
{
	while (job->stream_operation < job->stream_limit) {
		const struct flash_operation *operation =
			&job->plan.operations[job->stream_operation];
		if (operation->kind == FLASH_PROGRAM && job->stream_done < operation->size)
			return operation;
		job->stream_operation++;
		job->stream_done = 0;
	}
	return NULL;
}

/* How much goes over the wire in `time_us`, as it went so far. */
static size_t bytes_in(const struct flash_job *job, uint64_t time_us)
{
	uint64_t bytes = time_us * 1024 / (job->stream_us_per_kb + 1u);
	return bytes > UINT32_MAX ? UINT32_MAX : (size_t)bytes & ~(size_t)3;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static void measure(struct flash_job *job, size_t size, uint64_t took_us)
{
	if (size >= STREAM_LEAST)
		job->stream_us_per_kb = (uint32_t)(took_us * 1024 / size);
}

/* Small blocks cost more than they carry: better wait for room or for the flash, unless it is the
 * last of an operation or of the ring before it wraps. */
static bool is_worth_sending(const struct flash_job *job, size_t size, size_t left)
{
	return size >= STREAM_LEAST ||
	       (size > 0 && (size == left || flash_loader_wraps(&job->loader, size)));
}

/* Sends one block that takes about `time_us` or less, if there is one: whether it did. */
static bool stream(struct flash_job *job, uint64_t time_us)
{
	const struct flash_operation *operation = stream_operation(job);
	if (job->direct || job->bus.err || !operation)
		return false;
	size_t left = operation->size - job->stream_done;
	size_t size = least(left, flash_loader_room(&job->loader));
	size = least(size, probe_block_size(job->core->probe));
	size = least(size, bytes_in(job, time_us));
	if (!is_worth_sending(job, size, left))
		return false;

	uint64_t start = now_us(job);
	flash_loader_put(&job->loader,
		flash_job_data(job, operation->offset + (uint32_t)job->stream_done), size);
	job->stream_done += size;
	measure(job, size, now_us(job) - start);
	return true;
}

/* ---- erase ---- */

/* What is being erased: a sector or all. */
struct erasure {
	const struct flash_sector *sector; /* NULL: all */
	size_t bytes;
	uint64_t typical_us, limit_us;
};

static struct erasure erasure_of(const struct flash_job *job, const struct flash_sector *sector)
{
	struct flash_erase_time time = job->family->erase_time(job->device, sector, job->width);
	return (struct erasure){
		.sector = sector,
		.bytes = sector ? sector->size : job->plan.erase_bytes,
		.typical_us = 1000ull * time.typical_ms,
		/* half as long again as the data sheet allows, and some for the wire */
		.limit_us = 1500ull * time.max_ms + 200000,
	};
}

/* `us`: how long it was seen busy; when the answer came late, that is not the flash's fault. The
 * examiner tells it in words; the log is for who follows it. */
static void judge_erase(struct flash_job *job, const struct erasure *erasure,
	struct flash_status status, uint64_t us)
{
	job->trouble->took_ms = (unsigned)(us / 1000);
	if (status.busy || (!status.err && job->family->is_locked(&job->bus)))
		bus_fail(&job->bus, ERR_FLASH_ERASE);
	else if (status.err)
		bus_fail(&job->bus, status.err == ERR_FLASH_PROGRAM ? ERR_FLASH_ERASE : status.err);
	log_debug("sector %u: %s after %u ms (%s, limit %u ms, FLASH_SR %08X)",
		erasure->sector ? erasure->sector->number : 0,
		job->bus.err ? "not erased" : "erased", job->trouble->took_ms,
		flash_width_name(job->width), job->trouble->limit_ms, status.raw);
}

/* Within an operation; its whole time counts when it is done. */
static void progress(struct flash_job *job, uint64_t within_us)
{
	flash_job_progress(job, TARGET_WRITING, job->passed_us + within_us, job->expected_us);
}

/* Sends while there is something to send. Else the answer is known until about the typical time,
 * and a question every now and then is for chips that are faster. */
static void use_wait(struct flash_job *job, uint64_t left_us)
{
	if (!stream(job, left_us) && !job->bus.err && left_us > 0)
		probe_sleep_us(job->core->probe, left_us < NAP_US ? left_us : NAP_US);
}

static void wait_erased(struct flash_job *job, const struct erasure *erasure)
{
	uint64_t start = now_us(job), passed = 0, busy = 0;
	struct flash_status status = job->family->status(&job->bus);
	while (!job->bus.err && status.busy && passed < erasure->limit_us) {
		busy = passed;
		use_wait(job, passed < erasure->typical_us ? erasure->typical_us - passed : 0);
		flash_account_voltage(job);
		bus_yield(&job->bus);
		status = job->family->status(&job->bus);
		passed = now_us(job) - start;
		progress(job, passed < erasure->typical_us ? passed : erasure->typical_us);
	}
	if (!job->bus.err)
		judge_erase(job, erasure, status, status.busy ? passed : busy);
	else
		job->trouble->took_ms = (unsigned)(passed / 1000);
}

/* The core stands still meanwhile: no firmware, interrupt or fault can interfere. */
static void erase(struct flash_job *job, const struct flash_sector *sector)
{
	struct erasure erasure = erasure_of(job, sector);
	job->trouble->typical_ms = (unsigned)(erasure.typical_us / 1000);
	job->trouble->limit_ms = (unsigned)(erasure.limit_us / 1000);
	if (!job->direct)
		latch(job, core_pause_code(job->core));
	if (sector)
		job->family->erase_start(&job->bus, sector, job->width);
	else
		job->family->erase_all_start(&job->bus, job->device, job->width);
	wait_erased(job, &erasure);
	if (!job->direct && !job->bus.err)
		latch(job, core_continue_code(job->core));
	if (!job->bus.err)
		job->erased += erasure.bytes;
}

/* ---- program ---- */

/* The last store may still be under way when the loader has moved on. */
static void wait_idle(struct flash_job *job)
{
	uint64_t deadline = now_us(job) + UINT64_C(1000) * FLASH_STANDSTILL_MS;
	struct flash_status status = job->family->status(&job->bus);
	while (!job->bus.err && status.busy && now_us(job) < deadline)
		status = job->family->status(&job->bus);
	if (job->bus.err || (!status.busy && !status.err))
		return;
	if (status.busy)
		job->trouble->took_ms = job->trouble->limit_ms = FLASH_STANDSTILL_MS;
	log_debug("writing the flash failed: %s (FLASH_SR %08X)",
		status.busy ? "the controller stays busy" : status.reason, status.raw);
	bus_fail(&job->bus, status.busy ? ERR_FLASH_PROGRAM : status.err);
}

/* How long the loader still works on what it has. */
static uint64_t program_us(const struct flash_job *job, const struct flash_operation *operation)
{
	uint32_t address = flash_job_address(job, operation->offset);
	size_t done = job->loader.destination - address;
	return (uint64_t)(operation->size - done) / 4 * WORD_US;
}

/* While data of this very operation is missing, the stream is what everything waits for. */
static bool is_starving(struct flash_job *job, const struct flash_operation *operation)
{
	return stream_operation(job) == operation;
}

/* Then nothing is asked as long as the ring has room for another block. */
static bool can_go_on_blindly(struct flash_job *job, const struct flash_operation *operation)
{
	return is_starving(job, operation) &&
	       flash_loader_room(&job->loader) >= probe_block_size(job->core->probe);
}

static void program_by_loader(struct flash_job *job, const struct flash_operation *operation)
{
	flash_loader_program(
		&job->loader, flash_job_address(job, operation->offset), operation->size);
	while (!job->bus.err) {
		stream(job, is_starving(job, operation) ? UINT32_MAX : program_us(job, operation));
		if (can_go_on_blindly(job, operation))
			continue;
		if (flash_loader_is_done(&job->loader) || job->bus.err)
			break;
		progress(job,
			flash_schedule_expected_us(job, operation) - program_us(job, operation));
	}
}

static void program(struct flash_job *job, const struct flash_operation *operation)
{
	if (job->direct)
		flash_direct_program(&job->bus, job->device, job->width,
			flash_job_address(job, operation->offset),
			flash_job_data(job, operation->offset), operation->size);
	else
		program_by_loader(job, operation);
	if (!job->bus.err)
		job->programmed += operation->size;
}

/* ---- all of it ---- */

uint64_t flash_schedule_expected_us(
	const struct flash_job *job, const struct flash_operation *operation)
{
	if (operation->kind == FLASH_PROGRAM)
		return (uint64_t)operation->size / 4 * WORD_US;
	return erasure_of(job, operation->sector).typical_us;
}

uint64_t flash_schedule_predict_us(
	const struct flash_job *job, uint64_t erase_us, size_t hidden_bytes)
{
	size_t bytes = 4 * flash_record_words(job->record);
	uint64_t program_us = (uint64_t)bytes / 4 * WORD_US;
	size_t hidden = least(hidden_bytes, bytes_in(job, erase_us));
	uint64_t stream_us =
		bytes > hidden ? (uint64_t)(bytes - hidden) * job->stream_us_per_kb / 1024 : 0;
	return erase_us + (stream_us > program_us ? stream_us : program_us);
}

static void finish(struct flash_job *job, const struct flash_operation *operation)
{
	if (operation->kind != FLASH_PROGRAM && !job->remarked_slow)
		job->remarked_slow = examiner_remark(job->settings->examiner);
	if (job->watchdog.is_slowed)
		job->family->feed(&job->bus);
	flash_account_done(job, operation);
}

void flash_schedule_run(struct flash_job *job, size_t from, size_t to)
{
	bool programming = false;
	/* The loader's next survey needs the ring: nothing of later operations may wait in it. */
	job->stream_limit = to;
	for (size_t i = from; i < to && !job->bus.err; i++) {
		const struct flash_operation *operation = &job->plan.operations[i];
		bool programs = operation->kind == FLASH_PROGRAM;
		if (programming && !programs)
			wait_idle(job);
		if (programs && !programming)
			job->family->program_start(&job->bus, job->width);
		programming = programs;
		flash_account_start(job, operation);
		if (programs)
			program(job, operation);
		else
			erase(job, operation->sector);
		if (job->bus.err)
			return;
		finish(job, operation);
		job->passed_us += flash_schedule_expected_us(job, operation);
		progress(job, 0);
	}
	if (programming && !job->bus.err)
		wait_idle(job);
}
