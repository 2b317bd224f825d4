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

void inferior_show(struct gdb *gdb, const char *text, size_t size)
{
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
	inferior_tell(gdb, "the core is locked up: a fault in its NMI or HardFault handler");
	inferior_stopped(gdb, STOP_SIGNAL_SEGV, TARGET_STOP_EXTERNAL);
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

/* A run ends within the range, too, at an instruction that may leave it. */
static void range_stepped(struct gdb *gdb, enum target_stop_reason reason)
{
	gdb->range_runs = false;
	gdb_schedule(gdb, SERVICE_STOP_POLL, NEVER);
	if (judge(gdb, reason) == STOP_PASS && is_in_range(gdb))
		gdb_schedule(gdb, SERVICE_RANGE_STEP, gdb_now_us(gdb));
	else
		inferior_stopped(gdb, STOP_SIGNAL_TRAP, reason);
}

static void has_halted(struct gdb *gdb, enum target_stop_reason reason)
{
	if (gdb->state == INFERIOR_STEPPING)
		range_stepped(gdb, reason);
	else if (stop_filter(gdb, reason) == STOP_PASS)
		inferior_go_on(gdb);
	else
		inferior_stopped(gdb, STOP_SIGNAL_TRAP, reason);
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
	if (status.was_reset)
		inferior_tell(gdb, "the core was reset, and not by the debugger");
	if (status.state == TARGET_HALTED)
		has_halted(gdb, status.reason);
	else if (status.state == TARGET_LOCKED_UP)
		locked_up(gdb);
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

void inferior_poll_range(struct gdb *gdb)
{
	struct target_status status;
	bool running = false;

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
		range_stepped(gdb, status.reason);
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
	gdb->measures_voltage = true;
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
