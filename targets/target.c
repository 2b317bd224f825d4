/*
 * An attached target: the table of contents of target.h, put together from the core, the chip's
 * family, memory and flash. Worker thread.
 */
#include "target_private.h"

#include "connect.h"
#include "fault.h"
#include "probe/log.h"
#include "probe/probe.h"
#include "symptoms.h"

#include <stdlib.h>
#include <string.h>

#define SELF_ERASE_US 6200000u /* 1.5 x a sector of 128 KiB at x8, and some for the wire */

enum err target_create(
	struct probe *probe, const struct target_options *options, struct target **target)
{
	*target = calloc(1, sizeof(**target));
	if (!*target)
		return ERR_NO_MEMORY;
	(*target)->probe = probe;
	(*target)->options = *options;
	flash_record_init(&(*target)->record, &(*target)->device);
	(*target)->core.probe = probe;
	examiner_init(&(*target)->examiner, &(*target)->core, &(*target)->device,
		&(*target)->options.hooks);
	flash_record_init(&(*target)->loaded, &(*target)->device);
	return ERR_OK;
}

void target_destroy(struct target *target)
{
	if (!target)
		return;
	flash_record_finish(&target->record);
	flash_record_finish(&target->loaded);
	free(target);
}

/* ---- attach and leave ---- */

static unsigned wanted_khz(const struct target *target)
{
	unsigned khz = target->options.speed_khz;
	return khz ? khz : probe_info(target->probe)->default_speed_khz;
}

static enum err identify(struct target *target)
{
	uint32_t flash_size = target->device.flash_size;
	enum err err = core_attach(&target->core, target->probe);
	if (!err)
		err = family_identify(
			target->probe, target->core.cpuid, target->options.chip, &target->device);
	if (err)
		return err;
	if (target->device.flash_size != flash_size) /* another board */
		flash_record_finish(&target->loaded);
	const struct device *device = target->core.device = &target->device;
	memcpy(target->identity.chip, device->name, sizeof(target->identity.chip));
	target->identity.cpuid = target->core.cpuid;
	target->identity.device_id = device->id;
	target->identity.flash_bytes = device->flash_size;
	target->identity.has_fpu = target->core.has_fpu;
	target->identity.breakpoints = target->core.breakpoints.available;
	return ERR_OK;
}

enum err target_begin_debug(struct target *target)
{
	if (!target->device.family)
		return ERR_OK;
	struct bus bus;
	bus_begin(&bus, target->probe, NULL, NULL);
	const struct family *family = target->device.family;
	family->debug_begin(&bus, &target->debug_settings, target->options.freeze_timers);
	uint32_t flags = bus_read(&bus, family->reset_register) & family->reset_flags;
	enum err err = bus_end(&bus);
	if (!err)
		target->reset_flags = flags;
	return err;
}

/* After whatever may have halted the core. */
static enum err may_have_halted(struct target *target, enum err err)
{
	if (!err)
		on_halt_write(&target->on_halt, &target->core, &target->options);
	return err;
}

enum err target_has_reset(struct target *target, enum err err)
{
	on_halt_forget(&target->on_halt);
	target->stands_in_old_code &= err != ERR_OK;
	if (!err && target->device.family)
		target->reset_flags |= target->device.family->own_resets;
	return may_have_halted(target, err);
}

/* Under reset the flash does not answer, so the chip can be identified only afterwards. The core is
 * released into its reset vector; where NRST is not wired it was never held. */
static enum err leave_reset(struct target *target)
{
	struct link_story *link = &target->examiner.evidence.link;
	enum err err = core_attach(&target->core, target->probe);
	if (err)
		return err;
	err = core_release_reset(&target->core);
	link->nrst = err ? ATTEMPT_FAILED : ATTEMPT_WORKED;
	if (err == ERR_TARGET_TIMEOUT)
		err = core_reset(&target->core, true);
	return target_has_reset(target, err);
}

static enum err read_voltage(struct target *target)
{
	if (target->identity.vdd_mv)
		return ERR_OK;
	return probe_read_voltage(target->probe, &target->identity.vdd_mv);
}

static enum err attach(struct target *target, bool quiet)
{
	struct connect connect = {
		.probe = target->probe,
		.options = &target->options,
		.quiet = quiet,
		.link = &target->examiner.evidence.link,
	};
	enum err err = read_voltage(target);
	connect.vdd_mv = target->identity.vdd_mv;
	if (!err)
		err = connect_run(&connect);
	if (err)
		return err;
	target->identity.speed_khz = connect.link->khz;
	if (connect.in_reset)
		err = leave_reset(target);
	if (!err)
		err = identify(target);
	if (!err)
		err = target_begin_debug(target);
	if (!err && !quiet && target->options.connect == TARGET_CONNECT_HALT)
		err = may_have_halted(target, core_halt(&target->core));
	return err;
}

/* What is to be said of an attach that needed more than asking. The power unit answers only with
 * its clock on, and tells whether it was Standby. */
static void remark_attach(struct target *target)
{
	const struct link_story *link = &target->examiner.evidence.link;
	struct bus bus;
	uint32_t saved = 0;
	if (link->under_reset == ATTEMPT_NONE && !link->slowed_from_khz &&
		link->nrst != ATTEMPT_FAILED)
		return;
	bus_begin(&bus, target->probe, NULL, NULL);
	if (target->device.family)
		target->device.family->power_clock(&bus, true, &saved);
	examiner_remark_attach(&target->examiner);
	if (target->device.family)
		target->device.family->power_clock(&bus, false, &saved);
	enum err err = bus_end(&bus);
	if (err)
		log_debug("the power unit's clock: %s", err_text(err));
}

/* No link has many causes; no power is one of them. What has failed before is more than that it
 * still does not answer. */
static enum err explain_no_link(struct target *target, enum err err, bool quiet)
{
	struct examiner *examiner = &target->examiner;
	bool had_failure = examiner->has_failure;
	struct target_report before = examiner->failure;
	const struct cause *cause = examiner_fail(examiner, err);
	if (quiet && had_failure)
		examiner->failure = before;
	bool no_power = cause && cause->applies == symptom_no_power;
	return no_power ? ERR_TARGET_POWER : err;
}

static enum err attach_somehow(struct target *target, bool quiet)
{
	struct link_story *link = &target->examiner.evidence.link;
	target->identity = (struct target_identity){.vdd_mv = target->options.vdd_mv};
	examiner_begin(&target->examiner, DOING_ATTACH);
	*link = (struct link_story){
		.khz = wanted_khz(target),
		.only_asked = quiet && target->options.connect == TARGET_CONNECT_AUTO,
	};
	enum err err = attach(target, quiet);
	if (err)
		err = explain_no_link(target, err, quiet);
	target->attached = !err;
	if (err)
		return err;
	target->identity.nrst_open = link->nrst == ATTEMPT_FAILED;
	remark_attach(target);
	link->was_attached = true;
	if (!quiet)
		examiner_succeed(&target->examiner);
	flash_record_finish(&target->record);
	return ERR_OK;
}

void target_set_probe(struct target *target, struct probe *probe)
{
	target->probe = probe;
	target->core.probe = probe;
	target->attached = false;
}

enum err target_attach(struct target *target)
{
	return attach_somehow(target, false);
}

enum err target_reattach(struct target *target)
{
	return attach_somehow(target, true);
}

enum target_connect target_set_connect(struct target *target, enum target_connect connect)
{
	enum target_connect before = target->options.connect;
	target->options.connect = connect;
	return before;
}

static void restore_debug_settings(struct target *target, struct bus *bus)
{
	if (target->device.family)
		target->device.family->debug_end(bus, &target->debug_settings);
}

static enum err restore_debug_settings_alone(struct target *target)
{
	struct bus bus;
	bus_begin(&bus, target->probe, NULL, NULL);
	restore_debug_settings(target, &bus);
	return bus_end(&bus);
}

/* How the core is left: true in *runs unless it stays halted. */
static enum err take_leave(struct target *target, bool *runs)
{
	*runs = false;
	if (target->flash_incomplete) {
		log_warn("the flash holds an incomplete load: the core stays halted; load again");
		return core_halt(&target->core);
	}
	if (target->options.on_exit == TARGET_EXIT_HALT)
		return may_have_halted(target, core_halt(&target->core));
	if (target->stands_in_old_code && target->options.on_exit == TARGET_EXIT_RUN) {
		log_warn("the core stands where the old program was and the flash holds another: "
			 "it stays halted; reset it to start that");
		return core_halt(&target->core);
	}
	*runs = true;
	if (target->options.on_exit == TARGET_EXIT_RESET) {
		on_halt_forget(&target->on_halt);
		return core_reset(&target->core, false);
	}
	return on_halt_undo(&target->on_halt, &target->core, &target->options);
}

/* All in one batch; what fails keeps nothing else from being put back. */
enum err target_detach(struct target *target)
{
	struct bus bus;
	bool runs;
	if (!target->attached)
		return ERR_OK;
	target->attached = false;
	enum err err = take_leave(target, &runs);
	bus_begin(&bus, target->probe, NULL, NULL);
	restore_debug_settings(target, &bus);
	enum err released = core_detach(&target->core, &bus, runs);
	enum err restored = bus.err ? restore_debug_settings_alone(target) : ERR_OK;
	target->debug_settings.saved = restored != ERR_OK;
	enum err left = probe_leave(target->probe);
	if (!err)
		err = restored;
	if (!err)
		err = released;
	return err ? err : left;
}

const struct target_identity *target_identity(const struct target *target)
{
	return &target->identity;
}

enum err target_read_voltage(struct target *target, unsigned *millivolts)
{
	return probe_read_voltage(target->probe, millivolts);
}

enum err target_set_speed(struct target *target, unsigned khz)
{
	enum err err = probe_enter(target->probe, khz, &target->identity.speed_khz);
	if (!err)
		target->options.speed_khz = khz;
	return err;
}

/* ---- run control ---- */

enum err target_poll(struct target *target, struct target_status *status)
{
	enum err err = core_poll(&target->core, status);
	if (!err && status->state != TARGET_HALTED)
		on_halt_forget(&target->on_halt); /* undone, or the chip was reset */
	return may_have_halted(target, err);
}

void target_get_stop(const struct target *target, struct target_status *status)
{
	core_get_stop(&target->core, status);
}

/* A core that waits for its own flash halts when that is done. */
static enum err halt_after_erase(struct target *target)
{
	struct bus bus;
	log_warn("waiting for the firmware's own flash operation, %u s at most",
		SELF_ERASE_US / 1000000);
	bus_begin(&bus, target->probe, target->options.hooks.yield, target->options.hooks.context);
	target->device.family->await_idle(&bus, SELF_ERASE_US);
	enum err err = bus_end(&bus);
	return err ? err : may_have_halted(target, core_halt(&target->core));
}

static enum err halt_anyway(struct target *target, enum err err)
{
	const struct cause *cause;
	examiner_begin(&target->examiner, DOING_HALT);
	cause = examiner_fail(&target->examiner, err);
	if (!cause || err != ERR_TARGET_TIMEOUT)
		return err;
	if (cause->recovery == RECOVERY_WAIT)
		return halt_after_erase(target);
	if (cause->recovery != RECOVERY_RESET || target->options.no_reset)
		return err;
	log_warn("resetting the chip, so that the core can be halted");
	return target_has_reset(target, core_reset(&target->core, true));
}

enum err target_halt(struct target *target)
{
	enum err err = may_have_halted(target, core_halt(&target->core));
	if (!err)
		return ERR_OK;
	err = halt_anyway(target, err);
	if (!err)
		examiner_succeed(&target->examiner);
	return err;
}

enum err target_resume(struct target *target)
{
	enum err err = on_halt_undo(&target->on_halt, &target->core, &target->options);
	target->stands_in_old_code = false;
	if (!err)
		err = core_resume(&target->core);
	return may_have_halted(target, err);
}

/* What keeps a step from its end keeps a halt from coming. */
static enum err stepped(struct target *target, enum err err)
{
	target->stands_in_old_code = false;
	if (err != ERR_TARGET_TIMEOUT)
		return err;
	examiner_begin(&target->examiner, DOING_HALT);
	(void)examiner_fail(&target->examiner, err);
	return err;
}

enum err target_step(struct target *target)
{
	return stepped(target, core_step(&target->core));
}

/* With something to undo while the core runs, it is not let run. */
enum err target_step_range(struct target *target, uint32_t start, uint32_t end, bool *running)
{
	enum err err = target->options.on_halt_count ? core_step(&target->core)
						     : core_step_range(&target->core, start, end);
	*running = target->core.range.running;
	return stepped(target, err);
}

void target_let_steps_in(struct target *target, bool let)
{
	target->core.lets_steps_in = let;
}

enum err target_reset(struct target *target, bool halt)
{
	enum err err = target_has_reset(target, core_reset(&target->core, halt));
	if (!err)
		return ERR_OK;
	examiner_begin(&target->examiner, DOING_RESET);
	(void)examiner_fail(&target->examiner, err);
	return err;
}

/* ---- registers ---- */

enum err target_read_register(struct target *target, enum target_register which, uint32_t *value)
{
	return core_read_register(&target->core, which, value);
}

enum err target_fetch(
	struct target *target, uint32_t registers, const struct target_range *ranges, size_t count)
{
	return core_fetch(&target->core, registers, ranges, count);
}

enum err target_read_soon(struct target *target, struct target_text *text)
{
	return core_read_soon(&target->core, text);
}

enum err target_settle(struct target *target)
{
	return core_settle(&target->core);
}

enum err target_write_register_soon(
	struct target *target, enum target_register which, uint32_t value)
{
	target->stands_in_old_code &= which != TARGET_PC;
	return core_write_register_soon(&target->core, which, value);
}

enum err target_write_register(struct target *target, enum target_register which, uint32_t value)
{
	target->stands_in_old_code &= which != TARGET_PC;
	return core_write_register(&target->core, which, value);
}

/* ---- breakpoints and watchpoints ---- */

enum err target_add_breakpoint(struct target *target, uint32_t address)
{
	return core_add_breakpoint(&target->core, address);
}

enum err target_remove_breakpoint(struct target *target, uint32_t address)
{
	return core_remove_breakpoint(&target->core, address);
}

enum err target_add_watchpoint(
	struct target *target, enum target_watch kind, uint32_t address, uint32_t size)
{
	return core_add_watchpoint(&target->core, kind, address, size);
}

enum err target_remove_watchpoint(
	struct target *target, enum target_watch kind, uint32_t address, uint32_t size)
{
	return core_remove_watchpoint(&target->core, kind, address, size);
}

enum err target_read_fault(struct target *target, struct target_fault *fault)
{
	return fault_read(&target->core, fault);
}
