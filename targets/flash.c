/*
 * Running a load: checks, survey, plan, then erase and write (flash_schedule.c), verify
 * (flash_verify.c), and the report. See flash.h. Worker thread. Source: RM0090 rev 21, 3.6.
 */
#include "flash.h"

#include "flash_account.h"
#include "flash_guard.h"
#include "flash_job.h"
#include "flash_verify.h"
#include "link_margin.h"
#include "loader/layout.h"
#include "probe/log.h"

#include <stdlib.h>

/* A unit every 46 us, well above the typical 16 us of programming. */
#define DIRECT_SPEED_KHZ 1000u
#define LOAD_MIN_KHZ     50u
#define VOLTAGE_KNOWN_MV 1000u /* less than this is an open or dead VTref pin */

void flash_job_progress(
	struct flash_job *job, enum target_phase phase, uint64_t done_us, uint64_t total_us)
{
	const struct target_hooks *hooks = &job->settings->hooks;
	if (phase == TARGET_WRITING && job->verified)
		return;
	struct target_progress progress = {
		.phase = phase,
		.done = (uint32_t)(done_us / 1000),
		.total = (uint32_t)(total_us / 1000),
		.sectors_to_erase = (unsigned)flash_plan_count(&job->plan, FLASH_ERASED),
		.bytes_to_write = job->plan.program_bytes,
	};
	if (hooks->progress && !job->bus.err)
		hooks->progress(hooks->context, &progress);
}

/* ---- before anything is destroyed ---- */

static enum flash_width narrower(enum flash_width a, enum flash_width b)
{
	return a < b ? a : b;
}

static void choose_width(struct flash_job *job)
{
	unsigned vdd_mv = job->settings->vdd_mv;
	if (!vdd_mv) {
		enum err err = probe_read_voltage(job->core->probe, &vdd_mv);
		if (err) {
			bus_fail(&job->bus, err);
			return;
		}
		if (vdd_mv < VOLTAGE_KNOWN_MV)
			vdd_mv = 0;
	}
	bool by_chip = !vdd_mv && !job->settings->no_reset;
	if (by_chip)
		vdd_mv = job->family->supply_floor_mv(&job->bus);
	job->width = narrower(job->family->width(vdd_mv), job->settings->widest);
	job->trouble->width = job->width;
	if (!vdd_mv)
		log_warn(
			"the probe does not tell the target's voltage: flash is erased and written "
			"at the slow width x8; --vdd 3.3 says it");
	else if (by_chip)
		log_warn(
			"the probe does not tell the target's voltage, the chip's detector says "
			"more than %u.%02u V: flash is erased and written at %s; --vdd 3.3 says it",
			vdd_mv / 1000, vdd_mv % 1000 / 10, flash_width_name(job->width));
	else if (job->width != FLASH_X32)
		log_warn("the target runs at %u.%02u V: flash is erased and written at %s",
			vdd_mv / 1000, vdd_mv % 1000 / 10, flash_width_name(job->width));
}

static void check_protection(struct flash_job *job)
{
	const struct flash_sector *touched[DEVICE_SECTORS_MAX];
	size_t count = 0;
	for (size_t i = 0; i < job->device->sector_count; i++) {
		const struct flash_sector *sector = &job->device->sectors[i];
		if (job->record->erase[i] || flash_record_writes(job->record, sector))
			touched[count++] = sector;
	}
	job->family->check_protection(&job->bus, job->device, touched, count);
}

/* What the loader is to be trusted with has to arrive. A link that errs is tried again at a slower
 * clock, and nothing is destroyed yet. */
static void test_link(struct flash_job *job)
{
	struct link_flaw flaw;
	uint32_t address = job->device->ram_start + LOADER_RING;
	link_margin_write(&job->bus, address, &flaw);
	if (flaw.verdict == LINK_FINE)
		return;
	if (flaw.verdict == LINK_BAD_RAM) {
		log_warn("the RAM at 0x%08X holds %08X instead of %08X: writing the flash without "
			 "a RAM loader, which is slower",
			flaw.address, flaw.found, flaw.wanted);
		job->direct = true;
		return;
	}
	job->trouble->is_noisy = true;
	job->trouble->address = flaw.address;
	job->trouble->wanted = flaw.wanted;
	job->trouble->found = flaw.found;
	bus_fail(&job->bus, ERR_TARGET_NO_LINK);
}

static void start_loader(struct flash_job *job)
{
	if (job->bus.err)
		return;
	job->direct = job->settings->no_loader || job->settings->no_reset;
	if (!job->direct)
		test_link(job);
	if (job->direct || job->bus.err)
		return;
	flash_loader_start(&job->loader, job->core, job->device, &job->bus, job->width);
	job->stream_us_per_kb = job->loader.us_per_kb;
	if (job->bus.err != ERR_TARGET_STATE)
		return;
	job->direct = true;
	bus_begin(&job->bus, job->core->probe, job->bus.yield, job->bus.yield_context);
}

/* ---- the plan ---- */

/* --keep-unwritten: what an erase would take away and nobody sends again. */
static void keep_sector(struct flash_job *job, const struct flash_sector *sector)
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

static void keep_unwritten(struct flash_job *job)
{
	for (size_t i = 0; i < job->device->sector_count; i++)
		if (job->plan.fates[i] == FLASH_ERASED &&
			flash_record_writes(job->record, &job->device->sectors[i]))
			keep_sector(job, &job->device->sectors[i]);
}

static uint64_t sectors_erase_ms(const struct flash_job *job)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < job->device->sector_count; i++)
		sum += job->family->erase_time(job->device, &job->device->sectors[i], job->width)
			       .typical_ms;
	return sum;
}

/* While all is erased at once, no more than one ring of data can be sent ahead. */
static bool erasing_all_is_better(const struct flash_job *job)
{
	if (flash_plan_count(&job->plan, FLASH_ERASED) < job->device->sector_count)
		return false;
	struct flash_erase_time all = job->family->erase_time(job->device, NULL, job->width);
	uint64_t one_by_one_ms = sectors_erase_ms(job);
	size_t ring = job->loader.ring_end - job->loader.ring_start;
	if (flash_schedule_predict_us(job, 1000ull * all.typical_ms, ring) >=
		flash_schedule_predict_us(job, 1000 * one_by_one_ms, SIZE_MAX))
		return false;
	log_info("erasing the whole flash at once: %u ms expected%s instead of %u ms sector by "
		 "sector",
		all.typical_ms, all.confirmed ? "" : " (unconfirmed: not in the data sheet)",
		(unsigned)one_by_one_ms);
	return true;
}

/* What the user wants of any load. */
static enum err heed_wishes(struct flash_job *job, const struct flash_survey *survey)
{
	const struct flash_settings *settings = job->settings;
	if (settings->interlock)
		flash_guard_interlock(&job->plan, job->record);
	return flash_guard_check(
		&job->plan, job->record, survey, settings->keep, settings->keep_count);
}

static void make_plan(struct flash_job *job)
{
	struct flash_survey survey;
	flash_survey_before(&survey, job->record, flash_job_loader(job), &job->bus);
	enum err err = job->bus.err;
	if (!err)
		err = flash_plan_decide(&job->plan, job->record, &survey);
	if (!err)
		err = heed_wishes(job, &survey);
	if (!err && job->settings->keep_unwritten)
		keep_unwritten(job);
	if (!err)
		err = flash_plan_arrange(
			&job->plan, job->record, &survey, erasing_all_is_better(job));
	if (err)
		bus_fail(&job->bus, err);
	flash_survey_finish(&survey);
}

/* ---- the load ---- */

/* The first words, last: from here on the chip can start what it holds. */
static void write_head(struct flash_job *job)
{
	if (job->plan.head == FLASH_NOWHERE || job->bus.err)
		return;
	flash_schedule_run(job, job->plan.count - 1, job->plan.count);
	flash_verify_head(job);
}

static void carry_out(struct flash_job *job)
{
	size_t last = job->plan.count - (job->plan.head != FLASH_NOWHERE);
	for (size_t i = 0; i < job->plan.count; i++)
		job->expected_us += flash_schedule_expected_us(job, &job->plan.operations[i]);
	flash_job_progress(job, TARGET_WRITING, 0, job->expected_us);
	flash_account_plan(job);
	job->family->unlock(&job->bus);
	flash_schedule_run(job, 0, last);
	if (!job->bus.err) {
		job->trouble->doing = DOING_VERIFY;
		job->trouble->has_sector = false;
		flash_verify(job);
	}
	write_head(job);
}

static void account_for_loader(struct trouble *trouble, const struct flash_loader *loader)
{
	trouble->loader_lost = loader->lost;
	trouble->loader_damaged = loader->damaged;
	if (loader->lost)
		trouble->took_ms = trouble->limit_ms = FLASH_STANDSTILL_MS;
	if (!loader->not_blank)
		return;
	trouble->has_mismatch = trouble->wanted_blank = true;
	trouble->address = loader->address;
	trouble->wanted = 0xFFFFFFFF;
	trouble->found = loader->held;
}

/* Before the clean-up, which takes the evidence away. */
static void examine(struct flash_job *job, const struct cause **cause)
{
	account_for_loader(job->trouble, &job->loader);
	if (job->bus.err != ERR_CANCELLED)
		*cause = examiner_fail(job->settings->examiner, job->bus.err);
	log_debug("the load ended early (%s): %zu of %zu bytes erased, %zu of %zu written",
		err_text(job->bus.err), job->erased, job->plan.erase_bytes, job->programmed,
		job->plan.program_bytes);
}

/* The vectors of a load come last, unless they stay as they are. */
static void warn_of_mixture(const struct flash_job *job)
{
	if (flash_guard_is_mixable(&job->plan, job->record))
		log_warn("the first sector is whole: a reset would start a mixture of the old "
			 "image and the new one; the core is kept halted, load again before a "
			 "reset");
}

/* Direct writing wants a slow clock; the user's comes back whatever happens. */
static enum err set_speed(struct flash_job *job, unsigned khz)
{
	return job->direct ? probe_enter(job->core->probe, khz, NULL) : ERR_OK;
}

/* From here on a reset can be told from earlier ones, and a loss of power from a reset. */
static void set_marks(struct flash_job *job)
{
	const struct evidence *evidence = &job->settings->examiner->evidence;
	bool leaves_no_trace = job->settings->no_reset;
	uint32_t flags = snapshot_word(&evidence->before, SNAPSHOT_RCC_CSR);
	job->family->load_begin(&job->bus, leaves_no_trace, &job->watchdog);
	job->trouble->flags_before = leaves_no_trace ? flags & job->family->reset_flags : 0;
	job->trouble->flags_known = !job->bus.err;
	if (leaves_no_trace)
		return;
	uint32_t canary = job->device->ram_start + job->device->ram_size - CANARY_SIZE;
	bus_write_now(&job->bus, canary, CANARY_WORD);
	job->trouble->canary = job->bus.err ? 0 : canary;
}

/* Where a probe's old firmware has one clock only, that has to do. */
static enum err slow_down(struct flash_job *job)
{
	bool was_quiet = log_quiet(true);
	enum err err = set_speed(job, DIRECT_SPEED_KHZ);
	(void)log_quiet(was_quiet);
	return err == ERR_UNSUPPORTED ? set_speed(job, job->settings->speed_khz) : err;
}

static void run(struct flash_job *job, bool *incomplete)
{
	struct survey_unit unit; /* the reset at the end puts it back */
	choose_width(job);
	check_protection(job);
	set_marks(job);
	if (!job->settings->no_reset)
		job->family->survey_begin(&job->bus, &unit);
	start_loader(job);
	flash_job_progress(job, TARGET_CHECKING, 0, 1);
	if (!job->bus.err)
		make_plan(job);
	flash_job_progress(job, TARGET_CHECKING, 1, 1);
	if (!job->bus.err && job->plan.count > 0) {
		*incomplete = true;
		enum err err = slow_down(job);
		if (err)
			bus_fail(&job->bus, err);
		carry_out(job);
		if (job->bus.err)
			warn_of_mixture(job);
	}
	if (!job->bus.err)
		*incomplete = false;
}

/* On a bus that cannot be cancelled, whatever happened: the loader is stopped, the controller
 * locked if it can be, the chip reset so that the user finds it at its reset vector. */
static enum err clean_up(struct flash_job *job)
{
	struct bus bus;
	enum err err = core_halt(job->core);
	enum err slowed = set_speed(job, job->settings->speed_khz);
	bus_begin(&bus, job->core->probe, NULL, NULL);
	flash_loader_stop(&job->loader, &bus);
	job->family->lock(&bus);
	if (job->settings->no_reset)
		job->family->load_end(&bus, &job->watchdog);
	enum err locked = bus_end(&bus);
	enum err reset = job->settings->no_reset ? ERR_OK : core_reset(job->core, true);
	cache_drop(&job->core->cache);
	if (!err)
		err = slowed;
	if (!err)
		err = locked;
	return err ? err : reset;
}

static void tell(const struct flash_job *job, uint64_t start, struct target_load *load)
{
	size_t erased = flash_plan_count(&job->plan, FLASH_ERASED);
	size_t unchanged = flash_plan_count(&job->plan, FLASH_UNCHANGED);
	size_t filled = flash_plan_count(&job->plan, FLASH_FILLED);
	*load = (struct target_load){
		.sectors = (unsigned)(erased + unchanged + filled),
		.sectors_unchanged = (unsigned)unchanged,
		.sectors_erased = (unsigned)erased,
		.bytes_written = job->plan.program_bytes,
		.duration_us = probe_now_us(job->core->probe) - start,
	};
}

/* Everything that can be known before the chip is touched. */
static enum err check(struct flash_job *job)
{
	job->trouble->doing = DOING_CHECK;
	if (job->settings->speed_khz < LOAD_MIN_KHZ) {
		log_error("an SWD clock of %u kHz is too slow for a load: nothing was erased; "
			  "`monitor speed %u` or more",
			job->settings->speed_khz, LOAD_MIN_KHZ);
		return ERR_UNSUPPORTED;
	}
	flash_account_begin(job);
	return examiner_check(job->settings->examiner);
}

enum err flash_run(struct core *core, const struct device *device,
	const struct flash_settings *settings, struct flash_record *record, bool *incomplete,
	struct target_load *load, const struct cause **cause)
{
	struct flash_job job = {
		.core = core,
		.device = device,
		.family = device->family,
		.settings = settings,
		.trouble = &settings->examiner->evidence.trouble,
		.record = record,
	};
	uint64_t start = probe_now_us(core->probe);
	*cause = NULL;
	bus_begin(&job.bus, core->probe, settings->hooks.yield, settings->hooks.context);

	enum err err = check(&job);
	if (err)
		return err;
	/* The reset ends whatever the firmware was doing: interrupts, DMA, watchdogs, clocks. */
	err = settings->no_reset ? core_halt(core) : core_reset(core, true);
	if (err)
		bus_fail(&job.bus, err);
	else
		run(&job, incomplete);
	if (job.bus.err)
		examine(&job, cause);
	err = job.bus.err;
	enum err cleaned = clean_up(&job);
	if (!err)
		err = cleaned;
	if (!err)
		examiner_remark_start(settings->examiner);
	tell(&job, start, load);
	flash_plan_finish(&job.plan);
	return err;
}
