/* A target in memory, for tests of the sessions. */
#include "fake_target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probe/log.h"

static const struct target_region map[] = {
	{TARGET_FLASH, 0x08000000, 0x10000, 0x4000, "sectors 0-3"},
	{TARGET_FLASH, 0x08010000, 0x10000, 0x10000, "sector 4"},
	{TARGET_FLASH, 0x08020000, 0x20000, 0x20000, "sector 5"},
	{TARGET_ROM, 0x1fff0000, 0x7800, 0, "system memory"},
	{TARGET_RAM, 0x20000000, 0x10000, 0, "SRAM"},
	{TARGET_RAM, 0xe0000000, 0x100000, 0, "PPB"},
};

static unsigned from_environment(const char *name, unsigned otherwise)
{
	const char *text = getenv(name);
	return text ? (unsigned)strtoul(text, NULL, 10) : otherwise;
}

enum err target_create(
	struct probe *probe, const struct target_options *options, struct target **target)
{
	(void)probe;
	*target = calloc(1, sizeof(**target));
	if (!*target)
		return ERR_NO_MEMORY;
	(*target)->hooks = options->hooks;
	(*target)->identity = (struct target_identity){
		.chip = "STM32F401xB/C",
		.cpuid = 0x410fc241,
		.device_id = 0x10016423,
		.flash_bytes = FAKE_FLASH_SIZE,
		.vdd_mv = 3300,
		.speed_khz = 4000,
		.has_fpu = true,
		.breakpoints = FAKE_BREAKPOINTS,
	};
	/* for the fake server; tests of sessions set it themselves */
	(*target)->instructions_per_poll = from_environment("FAKE_INSTRUCTIONS", 0);
	(*target)->load_blocks = from_environment("FAKE_LOAD_BLOCKS", 4);
	(*target)->fail[FAKE_FLASH_DONE] = (enum err)from_environment("FAKE_LOAD_ERROR", ERR_OK);
	(*target)->millivolts = 3300;
	(*target)->running = true;
	(*target)->staged = calloc(FAKE_FLASH_SIZE, 1);
	(*target)->is_staged = calloc(FAKE_FLASH_SIZE, sizeof(bool));
	(*target)->is_erased = calloc(FAKE_FLASH_SIZE, sizeof(bool));
	memset((*target)->flash, 0xff, FAKE_FLASH_SIZE);
	for (unsigned i = 0; i < TARGET_REGISTER_COUNT; i++)
		(*target)->registers[i] = 0x01010101U * i;
	(*target)->registers[TARGET_PC] = 0x08000100;
	(*target)->registers[TARGET_SP] = 0x20001000;
	(*target)->registers[TARGET_MSP] = 0x20001000;
	(*target)->registers[TARGET_XPSR] = 0x01000000;
	return ERR_OK;
}

void target_destroy(struct target *target)
{
	if (!target)
		return;
	free(target->staged);
	free(target->is_staged);
	free(target->is_erased);
	free(target);
}

enum err fake_target_call(struct target *target, enum fake_call which)
{
	target->calls[which]++;
	enum err err = target->fail_once[which] ? target->fail_once[which] : target->fail[which];
	target->fail_once[which] = ERR_OK;
	if (err && target->fail_log)
		log_error("%s", target->fail_log);
	return err;
}

enum err target_attach(struct target *target)
{
	enum err err = fake_target_call(target, FAKE_ATTACH);
	if (err)
		return err;
	target->attached = true;
	target->breakpoint_count = 0;
	target->watch_count = 0;
	return ERR_OK;
}

enum err target_reattach(struct target *target)
{
	return target_attach(target);
}

void target_set_probe(struct target *target, struct probe *probe)
{
	(void)probe;
	target->attached = false;
}

enum err target_detach(struct target *target)
{
	enum err err = fake_target_call(target, FAKE_DETACH);
	target->breakpoint_count = 0;
	target->watch_count = 0;
	target->attached = false;
	target->running = !target->incomplete;
	return err;
}

const struct target_identity *target_identity(const struct target *target)
{
	return &target->identity;
}

const char *target_chip_name(size_t index)
{
	return index == 0 ? "STM32F401xB/C" : NULL;
}

enum err target_read_voltage(struct target *target, unsigned *millivolts)
{
	*millivolts = target->millivolts;
	return fake_target_call(target, FAKE_VOLTAGE);
}

enum target_connect target_set_connect(struct target *target, enum target_connect connect)
{
	enum target_connect before = target->connect;
	target->connect = connect;
	return before;
}

enum err target_read_options(
	struct target *target, struct target_option options[TARGET_OPTIONS_MAX], size_t *count)
{
	options[0] = (struct target_option){.name = "wrp", .help = "write-protected sectors"};
	(void)snprintf(options[0].value, sizeof(options[0].value), "%s", target->wrp);
	*count = 1;
	return ERR_OK;
}

enum err target_write_option(struct target *target, const char *name, const char *value)
{
	enum err err = fake_target_call(target, FAKE_OPTION);
	if (!err && strcmp(name, "wrp") == 0)
		(void)snprintf(target->wrp, sizeof(target->wrp), "%s", value);
	return err;
}

enum err target_unlock(struct target *target)
{
	enum err err = fake_target_call(target, FAKE_UNLOCK);
	if (!err)
		memset(target->flash, 0xFF, sizeof(target->flash));
	return err;
}

bool target_diagnose(struct target *target, struct target_report *report)
{
	*report = target->wrong ? *target->wrong : (struct target_report){.evidence = "VTref"};
	return target->wrong;
}

size_t target_cause(size_t index, struct target_cause *cause)
{
	if (index == 0)
		*cause = (struct target_cause){"FD00", "{what}", "{how}", "none"};
	return 1;
}

const struct target_report *target_explain_loss(struct target *target, enum err err)
{
	static const struct target_report unexplained = {.cause = "no known cause"};
	const struct target_report *report = target->why_lost ? target->why_lost : &unexplained;
	(void)err;
	target->explained++;
	log_error("%s: %s", report->code, report->cause);
	if (target->hooks.diagnosed)
		target->hooks.diagnosed(target->hooks.context, report);
	return report;
}

bool target_explain_reset(struct target *target, struct target_report *report)
{
	if (target->why_reset)
		*report = *target->why_reset;
	return target->why_reset;
}

const struct target_report *target_last_failure(const struct target *target)
{
	return target->failure;
}

enum err target_set_speed(struct target *target, unsigned khz)
{
	enum err err = fake_target_call(target, FAKE_SPEED);
	if (!err)
		target->identity.speed_khz = khz;
	return err;
}

static bool is_breakpoint(const struct target *target, uint32_t address)
{
	for (unsigned i = 0; i < target->breakpoint_count; i++) {
		if (target->breakpoints[i] == address)
			return true;
	}
	return false;
}

static void execute(struct target *target)
{
	uint32_t *pc = &target->registers[TARGET_PC];

	*pc += 2;
	if (*pc == target->pc_end)
		*pc = target->pc_start;
}

static void run(struct target *target)
{
	for (unsigned i = 0; i < target->instructions_per_poll && target->running; i++) {
		execute(target);
		if (is_breakpoint(target, target->registers[TARGET_PC])) {
			target->running = false;
			target->reason = TARGET_STOP_BREAKPOINT;
		}
	}
}

static void leave_range(struct target *target)
{
	if (target->ranges_are_endless)
		return;
	target->registers[TARGET_PC] = target->range_end;
	target->range_end = 0;
	target->running = false;
	target->reason = TARGET_STOP_STEP;
}

void target_get_stop(const struct target *target, struct target_status *status)
{
	*status = target->stop;
	status->reason = target->reason;
}

enum err target_poll(struct target *target, struct target_status *status)
{
	enum err err = fake_target_call(target, FAKE_POLL);
	if (err)
		return err;
	if (target->running && target->range_end)
		leave_range(target);
	else if (target->running)
		run(target);
	target_get_stop(target, status);
	status->state = target->running ? TARGET_RUNNING : TARGET_HALTED;
	status->was_reset = target->was_reset;
	if (target->locked_up)
		status->state = TARGET_LOCKED_UP;
	if (target->in_reset)
		status->state = TARGET_IN_RESET;
	target->was_reset = target->in_reset;
	return ERR_OK;
}

enum err target_halt(struct target *target)
{
	enum err err = fake_target_call(target, FAKE_HALT);
	if (err)
		return err;
	if (target->running && !target->range_end)
		run(target);
	if (target->running || target->locked_up)
		target->reason = TARGET_STOP_REQUEST;
	target->running = false;
	target->locked_up = false;
	return ERR_OK;
}

enum err target_resume(struct target *target)
{
	enum err err = fake_target_call(target, FAKE_RESUME);
	if (!err)
		target->running = true;
	return err;
}

enum err target_step(struct target *target)
{
	enum err err = fake_target_call(target, FAKE_STEP);
	if (!err)
		execute(target);
	target->reason = TARGET_STOP_STEP;
	return err;
}

enum err target_step_range(struct target *target, uint32_t start, uint32_t end, bool *running)
{
	uint32_t pc = target->registers[TARGET_PC];

	*running = false;
	if (!target->runs_ranges || pc < start || pc >= end)
		return target_step(target);
	target->range_end = end;
	*running = target->running = true;
	return ERR_OK;
}

void target_let_steps_in(struct target *target, bool let)
{
	(void)target;
	(void)let;
}

enum err target_reset(struct target *target, bool halt)
{
	enum err err = fake_target_call(target, FAKE_RESET);
	if (err)
		return err;
	target->running = !halt;
	target->registers[TARGET_PC] = 0x08000188;
	return ERR_OK;
}

enum err target_read_register(struct target *target, enum target_register which, uint32_t *value)
{
	enum err err = fake_target_call(target, FAKE_READ_REGISTER);
	if (!err && target->running)
		err = ERR_TARGET_STATE;
	if (!err)
		*value = target->registers[which];
	return err;
}

/* Nothing is faster here. */
enum err target_fetch(
	struct target *target, uint32_t registers, const struct target_range *ranges, size_t count)
{
	(void)registers;
	(void)ranges;
	(void)count;
	return target->running ? ERR_TARGET_STATE : ERR_OK;
}

enum err target_read_soon(struct target *target, struct target_text *text)
{
	enum err err = target_read_memory(target, text->address, text->bytes, text->size);
	text->read = !err;
	return err ? ERR_UNSUPPORTED : ERR_OK;
}

enum err target_settle(struct target *target)
{
	(void)target;
	return ERR_OK;
}

enum err target_write_register_soon(
	struct target *target, enum target_register which, uint32_t value)
{
	return target_write_register(target, which, value);
}

enum err target_write_register(struct target *target, enum target_register which, uint32_t value)
{
	enum err err = fake_target_call(target, FAKE_WRITE_REGISTER);
	if (!err && target->running)
		err = ERR_TARGET_STATE;
	if (!err)
		target->registers[which] = value;
	return err;
}

const struct target_region *target_memory_map(const struct target *target, size_t *count)
{
	(void)target;
	*count = sizeof(map) / sizeof(map[0]);
	return map;
}

enum err target_read_fault(struct target *target, struct target_fault *fault)
{
	*fault = target->fault;
	return ERR_OK;
}

enum err target_prefetch(struct target *target)
{
	(void)target;
	return ERR_OK;
}

void target_use_cache(struct target *target, bool use)
{
	(void)target;
	(void)use;
}

uint64_t target_transfers(const struct target *target)
{
	(void)target;
	return 0;
}

enum err target_add_watchpoint(
	struct target *target, enum target_watch kind, uint32_t address, uint32_t size)
{
	if (target->watch_count == FAKE_WATCHPOINTS) {
		log_error("no comparator is free: 4 of 4 are in use");
		return ERR_UNSUPPORTED;
	}
	target->watches[target->watch_count++] = (struct fake_watch){kind, address, size};
	return ERR_OK;
}

enum err target_remove_watchpoint(
	struct target *target, enum target_watch kind, uint32_t address, uint32_t size)
{
	for (unsigned i = 0; i < target->watch_count; i++) {
		const struct fake_watch *each = &target->watches[i];
		if (each->kind == kind && each->address == address && each->size == size)
			target->watches[i] = target->watches[--target->watch_count];
	}
	return ERR_OK;
}

enum err target_add_breakpoint(struct target *target, uint32_t address)
{
	enum err err = fake_target_call(target, FAKE_ADD_BREAKPOINT);
	if (err || is_breakpoint(target, address))
		return err;
	if (target->breakpoint_count == FAKE_BREAKPOINTS) {
		log_error("no comparator is free: 6 of 6 are in use");
		return ERR_UNSUPPORTED;
	}
	target->breakpoints[target->breakpoint_count++] = address;
	return ERR_OK;
}

enum err target_remove_breakpoint(struct target *target, uint32_t address)
{
	enum err err = fake_target_call(target, FAKE_REMOVE_BREAKPOINT);
	for (unsigned i = 0; i < target->breakpoint_count && !err; i++) {
		if (target->breakpoints[i] == address)
			target->breakpoints[i] = target->breakpoints[--target->breakpoint_count];
	}
	return err;
}
