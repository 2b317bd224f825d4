/* Running a load: see flash.h. Worker thread. Sources: RM0090 rev 21, 3.6; DS8626 table 41. */
#include "flash.h"

#include "flash_loader.h"
#include "flash_plan.h"
#include "probe/log.h"

#include <stdlib.h>
#include <string.h>

#define DIRECT_SPEED_KHZ                                                                          \
	1000u                  /* a word every 46 us, well above the typical 16 us of programming \
				*/
#define VOLTAGE_KNOWN_MV 1000u /* less than this is an open or dead VTref pin */

struct job {
	struct core *core;
	const struct device *device;
	const struct family *family;
	const struct flash_settings *settings;
	struct flash_record *record;
	struct flash_plan plan;
	enum flash_width width;
	struct bus bus; /* can be cancelled */
	struct flash_loader loader;
	bool direct;                      /* without a RAM loader */
	size_t erased, written, verified; /* bytes, for progress */
};

/* ---- small helpers ---- */

static void progress(struct job *job, enum target_phase phase, size_t done, size_t total)
{
	const struct target_hooks *hooks = &job->settings->hooks;
	struct target_progress now = {.phase = phase, .done = done, .total = total};
	if (hooks->progress && !job->bus.err)
		hooks->progress(hooks->context, &now);
}

static uint8_t *data_at(struct job *job, uint32_t offset)
{
	return job->record->data + offset;
}

static uint32_t address_of(const struct job *job, uint32_t offset)
{
	return job->device->flash_start + offset;
}

/* Calls `visit` for every run of words to be written, in ascending order. */
static void for_each_run(
	struct job *job, void (*visit)(struct job *job, size_t index, const struct flash_run *run))
{
	for (size_t i = 0; i < job->plan.sector_count; i++) {
		struct flash_run run = {0};
		uint32_t from = 0;
		while (!job->bus.err &&
			flash_plan_next_run(job->record, job->plan.sectors[i], from, &run)) {
			visit(job, i, &run);
			from = run.offset + run.size;
		}
	}
}

/* ---- pre-flight: nothing is destroyed before all of this has passed ---- */

static const char *width_name(enum flash_width width)
{
	static const char *const names[] = {"x8", "x16", "x32"};
	return names[width];
}

static void choose_width(struct job *job)
{
	unsigned vdd_mv = job->settings->vdd_mv;
	if (!vdd_mv) {
		enum err err = probe_read_voltage(job->core->probe, &vdd_mv);
		if (err)
			bus_fail(&job->bus, err);
		if (vdd_mv < VOLTAGE_KNOWN_MV)
			vdd_mv = 0;
	}
	job->width = job->family->width(vdd_mv);
	if (!vdd_mv)
		log_warn(
			"the probe does not tell the target's voltage: flash is erased and written "
			"at the slow width x8; --vdd 3.3 says it");
	else if (job->width != FLASH_X32)
		log_warn("the target runs at %u.%02u V: flash is erased and written at %s",
			vdd_mv / 1000, vdd_mv % 1000 / 10, width_name(job->width));
}

/* What the chip holds around the bytes to be written, so that whole words can be written. */
static void fill_run(struct job *job, const struct flash_run *run)
{
	uint8_t *held = malloc(run->size);
	if (!held) {
		bus_fail(&job->bus, ERR_NO_MEMORY);
		return;
	}
	bus_read_block(&job->bus, address_of(job, run->offset), held, run->size);
	for (uint32_t i = 0; i < run->size && !job->bus.err; i++) {
		if (!flash_record_has_byte(job->record, run->offset + i))
			continue;
		uint8_t wanted = *data_at(job, run->offset + i);
		if ((held[i] & wanted) == wanted)
			continue;
		log_error(
			"0x%08X holds %02X and cannot become %02X without an erase of its sector; "
			"nothing was changed",
			address_of(job, run->offset + i), held[i], wanted);
		bus_fail(&job->bus, ERR_FLASH_PROGRAM);
	}
	if (!job->bus.err)
		flash_record_fill(job->record, run->offset, held, run->size, false);
	free(held);
}

static void survey_run(struct job *job, size_t index, const struct flash_run *run)
{
	if (!job->plan.erase[index])
		fill_run(job, run);
}

/* --keep-unwritten: what an erase would take away and nobody sends again. */
static void keep_sector(struct job *job, const struct flash_sector *sector)
{
	uint8_t *held = malloc(sector->size);
	if (!held) {
		bus_fail(&job->bus, ERR_NO_MEMORY);
		return;
	}
	bus_read_block(&job->bus, sector->start, held, sector->size);
	if (!job->bus.err)
		flash_record_fill(job->record, sector->start - job->device->flash_start, held,
			sector->size, true);
	free(held);
}

static void survey(struct job *job)
{
	for (size_t i = 0; i < job->plan.sector_count && job->record->data; i++)
		if (job->plan.erase[i] && job->settings->keep_unwritten)
			keep_sector(job, job->plan.sectors[i]);
	for_each_run(job, survey_run);
}

static void preflight(struct job *job)
{
	choose_width(job);
	job->family->check_protection(
		&job->bus, job->device, job->plan.sectors, job->plan.sector_count);
	survey(job);
	flash_plan_make(&job->plan, job->record);
	job->family->unlock(&job->bus);
}

/* ---- erase: driven from here, the core halted, so that no firmware can interfere ---- */

/* 1.5 times the data sheet's maximum, and some for the wire. */
static uint64_t erase_limit_us(const struct job *job, const struct flash_sector *sector)
{
	return 1500ull * job->family->erase_max_ms(sector, job->width) + 200000;
}

static void erase_sector(struct job *job, const struct flash_sector *sector)
{
	struct probe *probe = job->core->probe;
	uint64_t start = probe_now_us(probe), limit = erase_limit_us(job, sector);
	job->family->erase_start(&job->bus, sector, job->width);
	struct flash_status status = job->family->status(&job->bus);
	while (!job->bus.err && status.busy && probe_now_us(probe) - start < limit) {
		bus_yield(&job->bus);
		status = job->family->status(&job->bus);
	}
	if (job->bus.err)
		return;
	unsigned took_ms = (unsigned)((probe_now_us(probe) - start) / 1000);
	if (status.busy) {
		log_error("sector %u is still being erased after %u ms (limit %u ms, %s, FLASH_SR "
			  "%08X): reset the board, check its supply, and load again",
			sector->number, took_ms, (unsigned)(limit / 1000), width_name(job->width),
			status.raw);
		bus_fail(&job->bus, ERR_FLASH_ERASE);
	} else if (status.err) {
		log_error("erasing sector %u failed: %s (FLASH_SR %08X)", sector->number,
			status.reason, status.raw);
		bus_fail(&job->bus, status.err == ERR_FLASH_PROGRAM ? ERR_FLASH_ERASE : status.err);
	} else {
		log_debug("sector %u erased in %u ms (%s)", sector->number, took_ms,
			width_name(job->width));
	}
}

static void erase(struct job *job)
{
	progress(job, TARGET_ERASING, 0, job->plan.erase_bytes);
	for (size_t i = 0; i < job->plan.sector_count && !job->bus.err; i++) {
		if (!job->plan.erase[i])
			continue;
		erase_sector(job, job->plan.sectors[i]);
		if (!job->bus.err)
			job->erased += job->plan.sectors[i]->size;
		progress(job, TARGET_ERASING, job->erased, job->plan.erase_bytes);
	}
}

/* ---- write ---- */

static void start_writing(struct job *job)
{
	job->family->program_start(&job->bus, job->width);
	if (!job->settings->no_loader)
		flash_loader_start(&job->loader, job->core, job->device, &job->bus, job->width);
	job->direct = job->settings->no_loader || job->bus.err == ERR_TARGET_STATE;
	if (!job->direct)
		return;
	if (job->bus.err == ERR_TARGET_STATE)
		bus_begin(&job->bus, job->core->probe, job->bus.yield, job->bus.yield_context);
	if (job->bus.err)
		return;
	enum err err = probe_enter(job->core->probe, DIRECT_SPEED_KHZ, NULL);
	if (err)
		bus_fail(&job->bus, err);
}

/* Also after a failure: the loader must not run on, the clock must be the user's. */
static void stop_writing(struct job *job)
{
	enum err err = job->direct ? probe_enter(job->core->probe, job->settings->speed_khz, NULL)
				   : core_halt(job->core);
	if (err)
		bus_fail(&job->bus, err);
}

static void write_run(struct job *job, size_t index, const struct flash_run *run)
{
	(void)index;
	uint32_t address = address_of(job, run->offset);
	const uint8_t *data = data_at(job, run->offset);
	if (job->direct)
		flash_direct_program(&job->bus, job->device, job->width, address, data, run->size);
	else
		flash_loader_program(&job->loader, address, data, run->size);
	job->written += run->size;
	progress(job, TARGET_WRITING, job->written, job->plan.write_bytes);
}

static void write_all(struct job *job)
{
	if (job->bus.err || !job->plan.write_bytes)
		return;
	progress(job, TARGET_WRITING, 0, job->plan.write_bytes);
	start_writing(job);
	for_each_run(job, write_run);
	stop_writing(job);
}

/* ---- verify ---- */

static void report_mismatch(
	struct job *job, const struct flash_run *run, const uint8_t *held, uint32_t at)
{
	uint8_t wanted = *data_at(job, run->offset + at);
	log_error("verification failed at 0x%08X: wrote %02X, reads %02X%s",
		address_of(job, run->offset + at), wanted, held[at],
		held[at] & (uint8_t)~wanted ? ": a bit was not programmed; is the supply stable?"
					    : ": the cell was not blank");
	bus_fail(&job->bus, ERR_FLASH_VERIFY);
}

static void verify_run(struct job *job, size_t index, const struct flash_run *run)
{
	(void)index;
	uint8_t *held = malloc(run->size);
	if (!held) {
		bus_fail(&job->bus, ERR_NO_MEMORY);
		return;
	}
	bus_read_block(&job->bus, address_of(job, run->offset), held, run->size);
	for (uint32_t i = 0; i < run->size && !job->bus.err; i++)
		if (held[i] != *data_at(job, run->offset + i))
			report_mismatch(job, run, held, i);
	free(held);
	job->verified += run->size;
	progress(job, TARGET_VERIFYING, job->verified, job->plan.write_bytes);
}

static void verify(struct job *job)
{
	progress(job, TARGET_VERIFYING, 0, job->plan.write_bytes);
	for_each_run(job, verify_run);
}

/* ---- the load ---- */

/* On a bus that cannot be cancelled: whatever happened, the controller is left locked if it can be.
 */
static enum err clean_up(struct job *job)
{
	struct bus bus;
	bus_begin(&bus, job->core->probe, NULL, NULL);
	job->family->lock(&bus);
	return bus_end(&bus);
}

static void report_state(const struct job *job, enum err err)
{
	log_error(
		"the load ended early (%s): %zu of %zu bytes erased, %zu of %zu written; the core "
		"is left halted, the program in flash is incomplete",
		err_text(err), job->erased, job->plan.erase_bytes, job->written,
		job->plan.write_bytes);
}

static enum err run_job(struct job *job, bool *incomplete)
{
	preflight(job);
	if (job->bus.err)
		return job->bus.err;
	*incomplete = true;
	erase(job);
	write_all(job);
	verify(job);
	enum err err = bus_end(&job->bus);
	if (err)
		report_state(job, err);
	else
		*incomplete = false;
	return err;
}

enum err flash_run(struct core *core, const struct device *device,
	const struct flash_settings *settings, struct flash_record *record, bool *incomplete,
	struct target_load *load)
{
	struct job job = {
		.core = core,
		.device = device,
		.family = device->family,
		.settings = settings,
		.record = record,
	};
	uint64_t start = probe_now_us(core->probe);
	flash_plan_make(&job.plan, record);
	bus_begin(&job.bus, core->probe, settings->hooks.yield, settings->hooks.context);

	/* The reset ends whatever the firmware was doing: interrupts, DMA, watchdogs, clocks. */
	enum err err = core_reset(core, true);
	if (err)
		return err;
	err = run_job(&job, incomplete);
	enum err cleaned = clean_up(&job);
	if (!err)
		err = cleaned;
	enum err stopped = core_reset(core, true);
	if (!err)
		err = stopped;
	*load = (struct target_load){
		.sectors_erased = (unsigned)job.plan.erase_count,
		.bytes_written = job.plan.write_bytes,
		.duration_us = probe_now_us(core->probe) - start,
	};
	return err;
}
