/* The core as a state machine: what changes its state. Worker thread. */
#include "inferior.h"

#include <assert.h>
#include <stdio.h>

#include "probe/log.h"
#include "report.h"
#include "stop_filter.h"

#define FAST_FOR_US         50000
#define FIRST_POLL_US       1000
#define HALT_AGAIN_US       20000
#define VOLTAGE_INTERVAL_US 1000000

static void services_rest(struct gdb *gdb)
{
	gdb_schedule(gdb, SERVICE_CALL, NEVER);
	gdb_schedule(gdb, SERVICE_STOP_POLL, NEVER);
	gdb_schedule(gdb, SERVICE_RANGE_STEP, NEVER);
	gdb_schedule(gdb, SERVICE_VOLTAGE, NEVER);
}

static bool is_attended(const struct gdb *gdb)
{
	for (const struct session *session = gdb->sessions; session; session = session->next) {
		if (session->role == ROLE_JOINED)
			return true;
	}
	return false;
}

/* Where only observers are left the core is still in debug state, and its semihosting calls are
 * served; with no client the board is left in peace. */
void inferior_runs(struct gdb *gdb)
{
	uint64_t now_us = gdb_now_us(gdb);

	gdb->state = INFERIOR_RUNNING;
	services_rest(gdb);
	if (!is_attended(gdb))
		return;
	gdb->fast_until_us = now_us + FAST_FOR_US;
	gdb->failing_since_us = NEVER;
	gdb_schedule(gdb, SERVICE_STOP_POLL, now_us + FIRST_POLL_US);
	gdb_schedule(gdb, SERVICE_VOLTAGE, now_us + VOLTAGE_INTERVAL_US);
}

/* A call that was just served is not looked for again: its BKPT would stop the core once more. */
static bool is_behind_call(const struct gdb *gdb, uint32_t pc)
{
	return semihosting_is_busy(gdb) && gdb->semihosting.call.pc + 2 == pc;
}

/* From a semihosting call the core goes on when that is served: soon, but not before the client is
 * known to wait. */
static enum err set_going(struct gdb *gdb, bool *at_call)
{
	uint32_t pc;

	enum err err = target_read_register(gdb->target, TARGET_PC, &pc);
	if (err == ERR_TARGET_STATE) /* an attempt that failed may have let it go */
		err = target_halt(gdb->target);
	if (!err)
		err = target_read_register(gdb->target, TARGET_PC, &pc);
	if (err)
		return err;
	*at_call = gdb->controller && !is_behind_call(gdb, pc) && semihosting_is_call(gdb, pc);
	return *at_call ? ERR_OK : target_resume(gdb->target);
}

static void announce(struct gdb *gdb)
{
	for (struct session *session = gdb->sessions; session; session = session->next) {
		if (!session->awaits_stop)
			continue;
		session->awaits_stop = false;
		session->stop_due = true;
		session_send_stop(session);
	}
}

static void note_watchpoint(struct gdb *gdb)
{
	struct target_status status;

	if (gdb->stop.reason != TARGET_STOP_WATCHPOINT)
		return;
	target_get_stop(gdb->target, &status);
	gdb->stop.watched = status.watched;
	gdb->stop.watch = status.watch;
	gdb->stop.watch_address = status.watch_address;
}

/* A fault has the signal that a program on a desk would get, and is told in three lines. */
static void note_fault(struct gdb *gdb)
{
	static const enum stop_signal signals[] = {
		[TARGET_FAULT_MEMORY] = STOP_SIGNAL_SEGV,
		[TARGET_FAULT_BUS] = STOP_SIGNAL_BUS,
		[TARGET_FAULT_INSTRUCTION] = STOP_SIGNAL_ILL,
		[TARGET_FAULT_ARITHMETIC] = STOP_SIGNAL_FPE,
	};
	struct target_fault fault;

	if (gdb->stop.reason != TARGET_STOP_VECTOR_CATCH && !gdb->stop.locked_up)
		return;
	enum err err = target_read_fault(gdb->target, &fault);
	if (err || fault.kind == TARGET_FAULT_NONE)
		return;
	if (!gdb->stop.locked_up)
		gdb->stop.signal = signals[fault.kind];
	for (size_t i = 0; i < sizeof(fault.lines) / sizeof(fault.lines[0]); i++)
		inferior_tell(gdb, "%s", fault.lines[i]);
}

static void has_stopped(struct gdb *gdb)
{
	semihosting_forget(gdb);
	gdb->state = INFERIOR_HALTED;
	gdb->runs_unseen = false;
	gdb->wants_halt = false;
	services_rest(gdb);
	note_watchpoint(gdb);
	stop_read_registers(&gdb->stop, gdb->target);
	note_fault(gdb);
	report_stop(gdb);
	announce(gdb);
	/* What could not be read ahead is read when it is asked for. */
	enum err err = gdb->controller ? target_prefetch(gdb->target) : ERR_OK;
	(void)err;
}

void inferior_locked_up(struct gdb *gdb)
{
	inferior_tell(gdb, "the core is locked up: a fault in its NMI or HardFault handler");
	gdb->stop = (struct stop){
		.signal = STOP_SIGNAL_SEGV, .reason = TARGET_STOP_EXTERNAL, .locked_up = true};
	has_stopped(gdb);
}

void inferior_stopped(struct gdb *gdb, enum stop_signal signal, enum target_stop_reason reason)
{
	gdb->stop = (struct stop){.signal = signal, .reason = reason};
	has_stopped(gdb);
}

static void tell_exit(struct gdb *gdb, unsigned code)
{
	char reply[8];
	int length = snprintf(reply, sizeof(reply), "W%02x", code & 0xff);

	for (struct session *session = gdb->sessions; session; session = session->next) {
		if (session->awaits_stop)
			session_send(session, MESSAGE_REPLY, reply, (size_t)length);
		session->awaits_stop = false;
	}
}

void inferior_exited(struct gdb *gdb, unsigned code)
{
	tell_exit(gdb, code);
	inferior_stopped(gdb, STOP_SIGNAL_TRAP, TARGET_STOP_REQUEST);
	log_info("the program has ended with code %u", code);
	if (gdb->options.exited)
		gdb->options.exited(gdb->options.context, code);
}

void inferior_detached(struct gdb *gdb)
{
	gdb->state = INFERIOR_DETACHED;
	gdb->runs_unseen = false;
	gdb->must_detach = false;
	gdb->lost = false;
	gdb->attach_error = ERR_OK;
	services_rest(gdb);
}

void inferior_gone(struct gdb *gdb)
{
	semihosting_forget(gdb);
	gdb->wants_halt = false;
	gdb->state = INFERIOR_DETACHED;
	services_rest(gdb);
	gdb->stop = (struct stop){.signal = STOP_SIGNAL_LOST, .reason = TARGET_STOP_EXTERNAL};
	announce(gdb);
}

static enum err attach_by(struct gdb *gdb, enum err (*way)(struct target *target))
{
	struct target_status status;

	enum err err = way(gdb->target);
	if (err)
		return err;
	gdb->must_detach = true;
	err = target_poll(gdb->target, &status);
	if (err)
		return err;
	points_restore(&gdb->points, gdb->target);
	watches_restore(&gdb->watches, gdb->target);
	if (status.state == TARGET_HALTED)
		inferior_stopped(gdb, STOP_SIGNAL_TRAP, status.reason);
	else
		inferior_runs(gdb);
	return ERR_OK;
}

enum err inferior_reattach(struct gdb *gdb)
{
	return attach_by(gdb, gdb->lost ? target_reattach : target_attach);
}

static enum err attached(struct gdb *gdb, enum err err)
{
	gdb->attach_error = err;
	if (err)
		gdb_keep_failure(gdb, "cannot attach", err);
	else
		gdb->lost = false;
	return err;
}

enum err inferior_attach(struct gdb *gdb)
{
	if (gdb->state != INFERIOR_DETACHED)
		return ERR_OK;
	return attached(gdb, inferior_reattach(gdb));
}

enum err inferior_attach_quietly(struct gdb *gdb)
{
	if (gdb->state != INFERIOR_DETACHED)
		return ERR_OK;
	return attached(gdb, attach_by(gdb, target_reattach));
}

enum err inferior_attach_under_reset(struct gdb *gdb)
{
	if (gdb->state != INFERIOR_DETACHED) {
		enum err err = target_detach(gdb->target);
		inferior_detached(gdb);
		if (err)
			return err;
	}
	enum target_connect before = target_set_connect(gdb->target, TARGET_CONNECT_UNDER_RESET);
	enum err err = attached(gdb, attach_by(gdb, target_attach));
	(void)target_set_connect(gdb->target, before);
	return err;
}

enum err inferior_halt(struct gdb *gdb)
{
	assert(gdb->state != INFERIOR_DETACHED);
	if (gdb->state == INFERIOR_HALTED)
		return ERR_OK;

	enum err err = target_halt(gdb->target);
	if (err) {
		gdb_keep_failure(gdb, "cannot halt", err);
		return err;
	}
	inferior_stopped(gdb, STOP_SIGNAL_TRAP, TARGET_STOP_REQUEST);
	return ERR_OK;
}

enum err inferior_resume(struct gdb *gdb)
{
	assert(gdb->state != INFERIOR_DETACHED);
	gdb->transfers_at_go = target_transfers(gdb->target);
	bool at_call = false;
	enum err err = gdb->state == INFERIOR_RUNNING ? ERR_OK : set_going(gdb, &at_call);
	if (err) {
		gdb_keep_failure(gdb, "cannot resume", err);
		return err;
	}
	inferior_runs(gdb);
	if (at_call)
		gdb_schedule(gdb, SERVICE_CALL, gdb_now_us(gdb));
	return ERR_OK;
}

void inferior_step(struct gdb *gdb, uint32_t start, uint32_t end)
{
	assert(gdb->state == INFERIOR_HALTED);
	gdb->transfers_at_go = target_transfers(gdb->target);
	gdb->state = INFERIOR_STEPPING;
	gdb->range_start = start;
	gdb->range_end = end;
	gdb->range_runs = false;
	gdb_schedule(gdb, SERVICE_RANGE_STEP, gdb_now_us(gdb));
}

enum err inferior_reset(struct gdb *gdb, bool halt)
{
	assert(gdb->state != INFERIOR_DETACHED);
	enum err err = target_reset(gdb->target, halt);
	if (err) {
		gdb_keep_failure(gdb, "cannot reset", err);
		return err;
	}
	semihosting_restart(gdb);
	if (halt)
		inferior_stopped(gdb, STOP_SIGNAL_TRAP, TARGET_STOP_REQUEST);
	else
		inferior_runs(gdb);
	return ERR_OK;
}

/* It may have been let go, and its stop is not told before it is known to be one. */
static void give_up(struct gdb *gdb)
{
	enum err err = target_halt(gdb->target);
	if (!err) {
		inferior_stopped(gdb, STOP_SIGNAL_TRAP, TARGET_STOP_EXTERNAL);
		return;
	}
	gdb->wants_halt = true;
	gdb_schedule(gdb, SERVICE_STOP_POLL, gdb_now_us(gdb) + HALT_AGAIN_US);
}

void inferior_go_on(struct gdb *gdb)
{
	uint64_t now_us = gdb_now_us(gdb);

	if (gdb->state == INFERIOR_STEPPING && !gdb->range_runs) {
		gdb_schedule(gdb, SERVICE_RANGE_STEP, now_us);
		return;
	}
	bool at_call = false;
	enum err err = set_going(gdb, &at_call);
	if (err) {
		gdb_keep_failure(gdb, "cannot resume", err);
		inferior_tell(gdb, "cannot resume: %s", gdb_reason(gdb, err));
		give_up(gdb);
		return;
	}
	semihosting_settle(gdb);
	gdb->fast_until_us = now_us + FAST_FOR_US;
	gdb_schedule(
		gdb, SERVICE_STOP_POLL, semihosting_is_busy(gdb) ? now_us : now_us + FIRST_POLL_US);
	if (at_call)
		gdb_schedule(gdb, SERVICE_CALL, now_us);
}

/* A call that waits for gdb or a key. Whether that was all there is to do for now. */
static bool interrupt_call(struct gdb *gdb)
{
	bool stop_now = false;

	if (!semihosting_interrupt(gdb, &stop_now))
		return false;
	if (stop_now)
		inferior_stopped(gdb, STOP_SIGNAL_INT, TARGET_STOP_REQUEST);
	return true;
}

/* A breakpoint that was hit just before is the truer reason, if its condition is met. */
static void tell_interrupted(struct gdb *gdb)
{
	bool at_call = gdb->due_us[SERVICE_CALL] != NEVER;
	enum stop_verdict verdict = STOP_PASS;
	struct target_status status;

	target_get_stop(gdb->target, &status);
	if (status.reason != TARGET_STOP_REQUEST && !at_call)
		verdict = stop_filter(gdb, status.reason);
	switch (verdict) {
	case STOP_TELL:
		inferior_stopped(gdb, STOP_SIGNAL_TRAP, status.reason);
		break;
	case STOP_PASS:
		inferior_stopped(gdb, STOP_SIGNAL_INT, TARGET_STOP_REQUEST);
		break;
	case STOP_WAIT:
		(void)interrupt_call(gdb);
		break;
	}
}

void inferior_interrupt(struct gdb *gdb)
{
	if (interrupt_call(gdb))
		return;
	if (gdb->state == INFERIOR_STEPPING && !gdb->range_runs)
		inferior_stopped(gdb, STOP_SIGNAL_INT, TARGET_STOP_REQUEST);
	if (gdb->state == INFERIOR_HALTED || gdb->state == INFERIOR_DETACHED)
		return;

	enum err err = target_halt(gdb->target);
	if (!err) {
		tell_interrupted(gdb);
		return;
	}
	gdb_keep_failure(gdb, "cannot halt", err);
	if (!gdb->wants_halt)
		inferior_tell(gdb, "cannot halt: %s; trying again", gdb_reason(gdb, err));
	gdb->wants_halt = true;
	gdb_schedule(gdb, SERVICE_STOP_POLL, gdb_now_us(gdb) + HALT_AGAIN_US);
}
