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

void inferior_poll_stop(struct gdb *gdb)
{
	struct target_status status;

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
	if (status.state == TARGET_HALTED) {
		if (stop_filter(gdb, status.reason) == STOP_PASS)
			inferior_go_on(gdb);
		else
			inferior_stopped(gdb, STOP_SIGNAL_TRAP, status.reason);
		return;
	}
	if (status.state == TARGET_LOCKED_UP) {
		locked_up(gdb);
		return;
	}
	uint64_t now_us = gdb_now_us(gdb);
	uint64_t interval_us = now_us < gdb->fast_until_us ? FAST_INTERVAL_US : SLOW_INTERVAL_US;
	gdb_schedule(gdb, SERVICE_STOP_POLL, now_us + interval_us);
}

static bool is_range_left(struct gdb *gdb, uint32_t pc)
{
	bool inside = pc >= gdb->range_start && pc < gdb->range_end;
	return stop_filter_step(gdb, pc) == STOP_TELL || !inside;
}

void inferior_poll_range(struct gdb *gdb)
{
	uint32_t pc;

	enum err err = target_step(gdb->target);
	if (!err)
		err = target_read_register(gdb->target, TARGET_PC, &pc);
	if (!err && !is_range_left(gdb, pc)) {
		gdb_schedule(gdb, SERVICE_RANGE_STEP, gdb_now_us(gdb));
		return;
	}
	if (reach_is_lost_by(err)) {
		reach_lost(gdb, err);
		return;
	}
	if (err) {
		gdb_keep_failure(gdb, "cannot step", err);
		inferior_tell(gdb, "cannot step: %s", gdb_reason(gdb, err));
	}
	inferior_stopped(gdb, STOP_SIGNAL_TRAP, TARGET_STOP_STEP);
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
