/*
 * The core's services: what is looked at while it runs. Worker thread.
 *
 * A stop is looked for every 1 ms for 50 ms after a resume, then every 4 ms: a short run answers
 * fast, a long one costs little.
 */
#include "inferior.h"
#include "probe/log.h"
#include "reach.h"
#include "stop_filter.h"

#define FAST_FOR_US         50000
#define FAST_INTERVAL_US    1000
#define SLOW_INTERVAL_US    4000
#define FAILING_INTERVAL_US 20000
#define FAILING_LIMIT_US    500000
#define VOLTAGE_INTERVAL_US 1000000
#define HELD_LONG_US        500000

/* Below the first an STM32 cannot run; at the second it is taken for powered again. */
#define VOLTAGE_LOW_MV  1500
#define VOLTAGE_GOOD_MV 1650

void inferior_tell(struct gdb *gdb, const char *format, ...)
{
	struct text line = {0};
	va_list arguments;

	va_start(arguments, format);
	text_format_list(&line, format, arguments);
	va_end(arguments);
	text_add(&line, "\n");
	inferior_show(gdb, text_string(&line), line.size);
	text_finish(&line);
}

/* While gdb makes a system call it takes no console text: that waits for the next stop. */
static void keep(struct gdb *gdb, const char *text, size_t size)
{
	struct text line = {0};

	text_add_bytes(&line, text, size);
	if (size && text[size - 1] == '\n')
		text_cut(&line, size - 1);
	session_note(gdb->controller, text_string(&line));
	text_finish(&line);
}

void inferior_show(struct gdb *gdb, const char *text, size_t size)
{
	if (gdb->semihosting.wait == WAIT_GDB && gdb->controller) {
		keep(gdb, text, size);
		return;
	}
	for (struct session *session = gdb->sessions; session; session = session->next) {
		if (session->awaits_stop)
			session_console_bytes(session, text, size);
	}
}

/* One failed look may be noise on the wire; half a second of them is not. */
static void poll_failed(struct gdb *gdb, enum err err)
{
	uint64_t now_us = gdb_now_us(gdb);

	if (gdb->failing_since_us == NEVER)
		gdb->failing_since_us = now_us;
	if (err == ERR_USB_GONE || now_us - gdb->failing_since_us >= FAILING_LIMIT_US)
		reach_lost(gdb, err);
	else
		gdb_schedule(gdb, SERVICE_STOP_POLL, now_us + FAILING_INTERVAL_US);
}

static void locked_up(struct gdb *gdb)
{
	enum err err = target_halt(gdb->target);
	if (err) {
		poll_failed(gdb, err);
		return;
	}
	inferior_locked_up(gdb);
}

/* It runs on from its reset vector: what gdb knows of it is no longer true. */
static void was_reset(struct gdb *gdb)
{
	enum err err = target_halt(gdb->target);
	if (err) {
		poll_failed(gdb, err);
		return;
	}
	inferior_tell_reset(gdb);
	inferior_stopped(gdb, STOP_SIGNAL_TRAP, TARGET_STOP_EXTERNAL);
}

/* Counted from the last look, so that what the look costs makes no stop wait longer. */
static void poll_again(struct gdb *gdb, uint64_t looked_us)
{
	uint64_t interval_us = looked_us < gdb->fast_until_us ? FAST_INTERVAL_US : SLOW_INTERVAL_US;

	gdb_schedule(gdb, SERVICE_STOP_POLL, looked_us + interval_us);
}

static enum stop_verdict judge(struct gdb *gdb, enum target_stop_reason reason)
{
	uint32_t pc;

	/* nobody is there to look at a fault: its handler is the firmware's */
	if (reason == TARGET_STOP_VECTOR_CATCH && !gdb->controller)
		return STOP_PASS;
	if (reason != TARGET_STOP_STEP)
		return stop_filter(gdb, reason);
	enum err err = target_read_register(gdb->target, TARGET_PC, &pc);
	return err ? STOP_TELL : stop_filter_step(gdb, pc);
}

/* The pc is read after the verdict, which may have moved it. */
static bool is_in_range(struct gdb *gdb)
{
	uint32_t pc;

	enum err err = target_read_register(gdb->target, TARGET_PC, &pc);
	return !err && pc >= gdb->range_start && pc < gdb->range_end;
}

static void apply(struct gdb *gdb, enum stop_verdict verdict, enum target_stop_reason reason)
{
	bool steps = gdb->state == INFERIOR_STEPPING;

	gdb->range_runs = false;
	gdb_schedule(gdb, SERVICE_STOP_POLL, NEVER);
	gdb_schedule(gdb, SERVICE_RANGE_STEP, NEVER);
	if (verdict == STOP_WAIT)
		return;
	if (verdict == STOP_PASS && steps && is_in_range(gdb))
		gdb_schedule(gdb, SERVICE_RANGE_STEP, gdb_now_us(gdb));
	else if (verdict == STOP_PASS && !steps)
		inferior_go_on(gdb);
	else
		inferior_stopped(gdb, STOP_SIGNAL_TRAP, reason);
	if (gdb->state == INFERIOR_HALTED && !gdb->controller)
		log_warn("the core has stopped at 0x%08x and nobody controls it: `monitor resume`, "
			 "or `continue`",
			gdb->stop.registers[TARGET_PC]);
}

void inferior_poll_call(struct gdb *gdb)
{
	uint32_t pc;

	gdb_schedule(gdb, SERVICE_CALL, NEVER);
	enum err err = target_read_register(gdb->target, TARGET_PC, &pc);
	apply(gdb, err ? STOP_TELL : stop_filter_call(gdb, pc), TARGET_STOP_BREAKPOINT);
}

void inferior_call_done(struct gdb *gdb, bool interrupted)
{
	enum target_stop_reason reason =
		gdb->state == INFERIOR_STEPPING ? TARGET_STOP_STEP : TARGET_STOP_BREAKPOINT;
	uint32_t pc;

	enum err err = target_read_register(gdb->target, TARGET_PC, &pc);
	if (err || interrupted)
		inferior_stopped(gdb, STOP_SIGNAL_INT, TARGET_STOP_REQUEST);
	else
		apply(gdb, stop_filter_step(gdb, pc), reason);
}

static void tell_report(struct gdb *gdb, const struct target_report *report)
{
	inferior_tell(gdb, "%s: %s", report->code, report->cause);
	inferior_tell(gdb, "  evidence: %s", report->evidence);
	inferior_tell(gdb, "  remedy: %s", report->remedy);
}

void inferior_tell_reset(struct gdb *gdb)
{
	struct target_report report;

	if (target_explain_reset(gdb->target, &report))
		tell_report(gdb, &report);
}

/* A button is let go of soon; what holds the core longer is told, and waited for. */
static void note_held(struct gdb *gdb, const struct target_status *status)
{
	struct target_report report;
	uint64_t now_us = gdb_now_us(gdb);

	if (status->state != TARGET_IN_RESET) {
		gdb->held_since_us = NEVER;
		gdb->held_told = false;
		return;
	}
	if (gdb->held_since_us == NEVER)
		gdb->held_since_us = now_us;
	if (gdb->held_told || now_us - gdb->held_since_us < HELD_LONG_US)
		return;
	gdb->held_told = true;
	if (!target_diagnose(gdb->target, &report) || !report.code[0])
		return;
	log_error("%s: %s", report.code, report.cause);
	log_error("  evidence: %s", report.evidence);
	log_error("  remedy: %s", report.remedy);
	gdb_diagnosed(gdb, &report);
	tell_report(gdb, &report);
}

/* A button that is held down, or a core that resets itself faster than it can be looked at, is one
 * reset. */
static void note_reset(struct gdb *gdb, const struct target_status *status)
{
	if (status->was_reset && !gdb->held_in_reset)
		inferior_tell(gdb, "the core was reset, and not by the debugger");
	if (status->was_reset)
		semihosting_restart(gdb);
	if (status->was_reset && status->state == TARGET_HALTED)
		inferior_tell_reset(gdb);
	gdb->held_in_reset = status->state == TARGET_IN_RESET;
	note_held(gdb, status);
}

void inferior_poll_stop(struct gdb *gdb)
{
	struct target_status status;
	uint64_t now_us = gdb_now_us(gdb);

	log_quiet(true);
	enum err err = target_poll(gdb->target, &status);
	log_quiet(false);
	if (err) {
		poll_failed(gdb, err);
		return;
	}
	gdb->failing_since_us = NEVER;
	bool was_held = gdb->held_in_reset; /* then S_RESET_ST was read while it was */
	note_reset(gdb, &status);
	if (status.state == TARGET_HALTED)
		apply(gdb, judge(gdb, status.reason), status.reason);
	else if (status.state == TARGET_LOCKED_UP && gdb->controller)
		locked_up(gdb);
	else if (status.state == TARGET_RUNNING && (status.was_reset || was_held) &&
		 gdb->controller)
		was_reset(gdb);
	else if (gdb->wants_halt)
		inferior_interrupt(gdb);
	else
		poll_again(gdb, now_us);
}

/* Of a short range the end has come before it can be looked for. */
static void range_runs(struct gdb *gdb)
{
	uint64_t now_us = gdb_now_us(gdb);

	gdb->range_runs = true;
	gdb->fast_until_us = now_us + FAST_FOR_US;
	gdb_schedule(gdb, SERVICE_RANGE_STEP, NEVER);
	gdb_schedule(gdb, SERVICE_STOP_POLL, now_us);
}

/* A condition or a command is for the server to look at: no instruction may be run past it. */
static enum err make_step(struct gdb *gdb, bool *running)
{
	if (gdb->points.codes)
		return target_step(gdb->target);
	return target_step_range(gdb->target, gdb->range_start, gdb->range_end, running);
}

/* A semihosting call is an instruction like any other: a step makes it. */
static bool step_through_call(struct gdb *gdb)
{
	uint32_t pc;

	enum err err = target_read_register(gdb->target, TARGET_PC, &pc);
	if (err || !semihosting_is_call(gdb, pc))
		return false;
	apply(gdb, stop_filter_call(gdb, pc), TARGET_STOP_STEP);
	return true;
}

void inferior_poll_range(struct gdb *gdb)
{
	struct target_status status;
	bool running = false;

	if (step_through_call(gdb))
		return;
	enum err err = make_step(gdb, &running);
	if (reach_is_lost_by(err)) {
		reach_lost(gdb, err);
		return;
	}
	if (err) {
		gdb_keep_failure(gdb, "cannot step", err);
		inferior_tell(gdb, "cannot step: %s", gdb_reason(gdb, err));
		inferior_stopped(gdb, STOP_SIGNAL_TRAP, TARGET_STOP_STEP);
	} else if (running) {
		range_runs(gdb);
	} else {
		target_get_stop(gdb->target, &status);
		apply(gdb, judge(gdb, status.reason), status.reason);
	}
}

void inferior_poll_voltage(struct gdb *gdb)
{
	unsigned millivolts;

	gdb_schedule(gdb, SERVICE_VOLTAGE, gdb_now_us(gdb) + VOLTAGE_INTERVAL_US);
	/* A failure is the stop poll's to judge; 0 is a probe that cannot tell. */
	log_quiet(true);
	enum err err = target_read_voltage(gdb->target, &millivolts);
	log_quiet(false);
	if (err || !millivolts)
		return;
	if (millivolts < VOLTAGE_LOW_MV && !gdb->warned_of_voltage) {
		log_warn("the target's voltage is down to %u.%02u V: check its supply",
			millivolts / 1000, millivolts % 1000 / 10);
		inferior_tell(gdb, "the target's voltage is down to %u.%02u V", millivolts / 1000,
			millivolts % 1000 / 10);
		gdb->warned_of_voltage = true;
	}
	if (millivolts >= VOLTAGE_GOOD_MV)
		gdb->warned_of_voltage = false;
}
