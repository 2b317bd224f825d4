/* The examiner: see examiner.h. Worker thread. */
#include "examiner.h"

#include "cortexm_registers.h"
#include "symptoms.h"

#include <string.h>

#define WATCH_US      1000000u
#define WATCH_RUN_US  300000u
#define WATCH_STEP_US 20000u
#define POWER_BACK_US 500000u
#define POWER_GOOD_MV 1800u
#define RELEASE_US    1000000u

void examiner_init(struct examiner *examiner, struct core *core, const struct device *device,
	const struct target_hooks *hooks)
{
	*examiner = (struct examiner){.core = core, .hooks = hooks, .evidence.device = device};
}

void examiner_begin(struct examiner *examiner, enum doing doing)
{
	examiner->evidence.trouble = (struct trouble){.doing = doing};
	examiner->evidence.before = (struct snapshot){0};
	examiner->evidence.now = (struct snapshot){0};
	examiner->evidence.link.resets = 0;
}

/* ---- looking ---- */

static bool is_link_lost(const struct snapshot *now)
{
	return now->plugged && (now->link || !snapshot_has(now, SNAPSHOT_DHCSR_AGAIN));
}

static void note_voltage(struct evidence *e, unsigned mv)
{
	if (mv && e->trouble.vdd_min_mv && mv < e->trouble.vdd_min_mv)
		e->trouble.vdd_min_mv = mv;
}

/* What comes back at once was a dip, and its traces on the chip tell more than a dead link. */
static void await_power(struct examiner *examiner)
{
	struct evidence *e = &examiner->evidence;
	uint64_t deadline = probe_now_us(examiner->core->probe) + POWER_BACK_US;
	unsigned mv = e->now.vdd_mv;
	if (!e->link.was_attached || e->trouble.doing == DOING_RUN)
		return;
	while (mv > 0 && mv < POWER_GOOD_MV && probe_now_us(examiner->core->probe) < deadline) {
		note_voltage(e, mv);
		probe_sleep_us(examiner->core->probe, WATCH_STEP_US);
		if (probe_read_voltage(examiner->core->probe, &mv))
			return;
	}
}

/* A button that was pressed is let go of in a moment; a short is there to stay. */
static void await_release(struct examiner *examiner, uint64_t limit_us)
{
	struct evidence *e = &examiner->evidence;
	struct probe *probe = examiner->core->probe;
	uint64_t deadline = probe_now_us(probe) + limit_us;
	uint32_t dhcsr = DHCSR_S_RESET_ST;
	if (!symptom_held_in_reset(e))
		return;
	while (dhcsr & DHCSR_S_RESET_ST && probe_now_us(probe) < deadline) {
		probe_sleep_us(probe, WATCH_STEP_US);
		if (probe_read_word(probe, DCB_DHCSR, &dhcsr))
			return;
	}
	snapshot_take(&e->now, probe, e->device);
}

/* After a loss of power the debug port has to be entered anew; on a live link this is harmless. */
static void look(struct examiner *examiner)
{
	struct evidence *e = &examiner->evidence;
	snapshot_take(&e->now, examiner->core->probe, e->device);
	if (is_link_lost(&e->now) && e->link.khz) {
		await_power(examiner);
		enum err err = probe_enter(examiner->core->probe, e->link.khz, NULL);
		if (!err)
			snapshot_take(&e->now, examiner->core->probe, e->device);
	}
	if (e->trouble.canary)
		snapshot_add_canary(&e->now, examiner->core->probe, e->trouble.canary);
	if (snapshot_word(&e->now, SNAPSHOT_DHCSR) & DHCSR_S_RESET_ST)
		examiner->core->reset_seen = true;
	note_voltage(e, e->now.vdd_mv);
}

/* One look at DHCSR; true when there was a reset since the last. A link that comes back after it
 * was gone is one, too: that was the power. */
static bool sees_reset(struct examiner *examiner, bool *gone)
{
	uint32_t dhcsr = 0;
	enum err err = probe_read_word(examiner->core->probe, DCB_DHCSR, &dhcsr);
	bool was_gone = *gone;
	*gone = err;
	if (err && !probe_enter(examiner->core->probe, examiner->evidence.link.khz, NULL))
		*gone = probe_read_word(examiner->core->probe, DCB_DHCSR, &dhcsr);
	return !*gone && (was_gone || dhcsr & DHCSR_S_RESET_ST);
}

/* Whether it was one reset or a chip that cannot start at all. */
static void watch_resets(struct examiner *examiner, uint64_t watch_us)
{
	struct link_story *link = &examiner->evidence.link;
	uint64_t start = probe_now_us(examiner->core->probe), passed = 0;
	bool gone = false;
	link->resets = 0;
	while (passed < watch_us && probe_plugged(examiner->core->probe)) {
		link->resets += sees_reset(examiner, &gone);
		probe_sleep_us(examiner->core->probe, WATCH_STEP_US);
		passed = probe_now_us(examiner->core->probe) - start;
	}
	link->watched_ms = (unsigned)(passed / 1000);
	snapshot_take(&examiner->evidence.now, examiner->core->probe, examiner->evidence.device);
}

/* Who let the firmware run is told within a second that it is gone. */
static bool is_waited_for(const struct evidence *e)
{
	return e->trouble.doing == DOING_RUN;
}

static bool may_be_resetting(const struct evidence *e)
{
	bool first_try = symptom_in_load(e) && !e->trouble.second_try;
	bool was_reset = snapshot_word(&e->now, SNAPSHOT_DHCSR) & DHCSR_S_RESET_ST ||
			 symptom_power_cycled(e);
	return !first_try && e->trouble.doing != DOING_NOTHING && e->link.khz && was_reset &&
	       !symptom_held_in_reset(e);
}

/* ---- telling ---- */

static void tell(
	const struct examiner *examiner, struct target_report *report, enum log_level level)
{
	static const enum target_severity severities[] = {[LOG_ERROR] = TARGET_ERROR,
		[LOG_WARN] = TARGET_WARNING,
		[LOG_INFO] = TARGET_REMARK};
	diagnosis_log(report, level);
	if (level > LOG_INFO)
		return;
	report->severity = severities[level];
	if (examiner->hooks->diagnosed)
		examiner->hooks->diagnosed(examiner->hooks->context, report);
}

/* ---- failures ---- */

const struct cause *examiner_fail(struct examiner *examiner, enum err err)
{
	struct evidence *e = &examiner->evidence;
	size_t from = 0;
	e->trouble.err = err;
	look(examiner);
	await_release(examiner, is_waited_for(e) ? WATCH_RUN_US : RELEASE_US);
	if (may_be_resetting(e))
		watch_resets(examiner, is_waited_for(e) ? WATCH_RUN_US : WATCH_US);
	const struct cause *cause = diagnosis_find(e, &from);
	diagnosis_report(e, cause, &examiner->failure);
	examiner->has_failure = true;
	tell(examiner, &examiner->failure, LOG_ERROR);
	return cause;
}

void examiner_succeed(struct examiner *examiner)
{
	examiner->has_failure = false;
}

/* ---- remarks ---- */

static enum err remark(struct examiner *examiner)
{
	const struct evidence *e = &examiner->evidence;
	const struct cause *cause;
	struct target_report report;
	size_t from = 0;
	while ((cause = diagnosis_find(e, &from))) {
		diagnosis_report(e, cause, &report);
		tell(examiner, &report, cause->forbids ? LOG_ERROR : cause->remark);
		if (cause->forbids) {
			examiner->failure = report;
			return cause->forbids;
		}
	}
	return ERR_OK;
}

enum err examiner_check(struct examiner *examiner)
{
	struct evidence *e = &examiner->evidence;
	look(examiner);
	e->before = e->now;
	enum err err = remark(examiner);
	examiner->has_failure = err;
	return err;
}

/* The job is under way or done: nothing forbids it any more. */
static bool remark_noted(const struct examiner *examiner, const struct evidence *noted)
{
	struct target_report report;
	size_t from = 0;
	const struct cause *cause = diagnosis_find(noted, &from);
	if (!cause)
		return false;
	diagnosis_report(noted, cause, &report);
	tell(examiner, &report, cause->remark);
	return true;
}

bool examiner_remark(struct examiner *examiner)
{
	struct evidence noted = {.device = examiner->evidence.device};
	noted.trouble = examiner->evidence.trouble;
	noted.trouble.has_held = false;
	noted.now.vdd_mv = noted.trouble.vdd_min_mv;
	return remark_noted(examiner, &noted);
}

void examiner_remark_attach(struct examiner *examiner)
{
	look(examiner);
	(void)remark_noted(examiner, &examiner->evidence);
}

void examiner_remark_start(struct examiner *examiner)
{
	struct evidence noted = {
		.device = examiner->evidence.device,
		.trouble.doing = DOING_START,
	};
	snapshot_take_start(&noted.now, examiner->core->probe);
	(void)remark_noted(examiner, &noted);
}

bool examiner_explain_reset(
	struct examiner *examiner, uint32_t flags_before, struct target_report *report)
{
	struct evidence *e = &examiner->evidence;
	size_t from = 0;
	examiner_begin(examiner, DOING_RUN);
	e->trouble.was_reset = e->trouble.flags_known = true;
	e->trouble.flags_before = flags_before;
	look(examiner);
	const struct cause *cause = diagnosis_find(e, &from);
	if (!cause)
		return false;
	diagnosis_report(e, cause, report);
	tell(examiner, report, cause->remark);
	return true;
}

/* ---- at any time ---- */

bool examiner_look(struct examiner *examiner, struct target_report *report)
{
	struct evidence *e = &examiner->evidence;
	struct trouble kept = e->trouble;
	size_t from = 0;
	e->trouble = (struct trouble){.doing = DOING_NOTHING};
	look(examiner);
	if (!e->now.plugged)
		e->trouble.err = ERR_USB_GONE;
	else if (!symptom_ap_answers(e))
		e->trouble.err = e->now.link ? e->now.link : e->now.memory;
	const struct cause *cause = diagnosis_find(e, &from);
	bool wrong = cause || e->trouble.err;
	diagnosis_report(e, cause, report);
	e->trouble = kept;
	return wrong;
}
