/* Connecting: see connect.h. Worker thread. */
#include "connect.h"

#include "cortexm_registers.h"
#include "link_margin.h"
#include "probe/log.h"
#include "recovery.h"

#define BUTTON_US    10000000u
#define POWER_MIN_MV 1650u /* DS10086 table 15: VDD */
#define LOOKS        16u
#define PAUSE_US     1000u /* a person is slower, and the port answers all the while it is pressed */

static bool is_probe_error(enum err err)
{
	return err && (err < ERR_TARGET_POWER || err > ERR_TARGET_UNKNOWN);
}

/* The same word again and again: what answers is a Cortex-M, or noise. Only reads, so that a
 * running target does not notice. */
static enum err look(struct connect *connect)
{
	struct probe_item items[LOOKS];
	for (size_t i = 0; i < LOOKS; i++)
		items[i] = (struct probe_item){.address = SCB_CPUID};
	enum err err = probe_batch(connect->probe, items, LOOKS, NULL);
	for (size_t i = 0; i < LOOKS && !err; i++) {
		if ((items[i].value & CPUID_IMPLEMENTER_MASK) == CPUID_IMPLEMENTER_ARM &&
			items[i].value == items[0].value)
			continue;
		log_error("CPUID reads %08X, then %08X: check the SWD wires or lower --speed",
			items[0].value, items[i].value);
		err = ERR_TARGET_UNKNOWN;
	}
	return err ? err : link_margin_read(connect->probe);
}

static enum err try_at(struct connect *connect, unsigned khz)
{
	enum err err = probe_enter(connect->probe, khz, &connect->link->khz);
	return err ? err : look(connect);
}

static bool may_be_noise(enum err err)
{
	return err == ERR_TARGET_NO_LINK || err == ERR_TARGET_FAULT || err == ERR_TARGET_UNKNOWN;
}

/* Long wires and weak drivers: what errs fast may work slowly. */
static enum err try_slower(struct connect *connect, enum err err)
{
	bool was_quiet = log_quiet(true);
	unsigned first = connect->link->khz;
	for (unsigned khz = recovery_slower_khz(first); khz && may_be_noise(err);
		khz = recovery_slower_khz(khz)) {
		err = try_at(connect, khz);
		if (!err)
			connect->link->slowed_from_khz = first;
	}
	if (err)
		connect->link->khz = first;
	(void)log_quiet(was_quiet);
	return err;
}

/* A core whose bus is stuck may answer once it is asked to halt. */
static enum err try_halt(struct connect *connect)
{
	enum err err = probe_write_word(
		connect->probe, DCB_DHCSR, DHCSR_KEY | DHCSR_C_DEBUGEN | DHCSR_C_HALT);
	return err ? err : look(connect);
}

static enum err release(struct connect *connect, enum err err)
{
	enum err released = probe_drive_nrst(connect->probe, false);
	return is_probe_error(released) ? released : err;
}

/* NRST low before the port is entered: neither clocks nor pins are the firmware's then. Entering
 * may let go of the line, so it is pulled again. */
static enum err try_under_reset(struct connect *connect)
{
	enum err err = probe_drive_nrst(connect->probe, true);
	if (!err)
		err = try_at(connect, connect->link->khz);
	if (!err)
		err = probe_drive_nrst(connect->probe, true);
	connect->link->under_reset = err ? ATTEMPT_FAILED : ATTEMPT_WORKED;
	connect->in_reset = !err;
	return err ? release(connect, err) : ERR_OK;
}

/* While a button holds the chip in reset the port answers; vector catch then stops the core when it
 * is let go. Without a button held this catches a core that starts and takes its time. */
static bool is_caught(struct connect *connect)
{
	uint32_t dhcsr = 0;
	enum err err = probe_enter(connect->probe, connect->link->khz, NULL);
	if (!err)
		err = probe_write_word(connect->probe, DCB_DEMCR, DEMCR_VC_CORERESET);
	if (!err)
		err = probe_write_word(
			connect->probe, DCB_DHCSR, DHCSR_KEY | DHCSR_C_DEBUGEN | DHCSR_C_HALT);
	if (!err)
		err = probe_read_word(connect->probe, DCB_DHCSR, &dhcsr);
	return !err && dhcsr & DHCSR_S_HALT && !(dhcsr & DHCSR_S_RESET_ST);
}

static bool is_cancelled(struct connect *connect)
{
	const struct target_hooks *hooks = &connect->options->hooks;
	return hooks->yield && hooks->yield(hooks->context);
}

static enum err try_button(struct connect *connect, enum err err)
{
	uint64_t deadline = probe_now_us(connect->probe) + BUTTON_US;
	log_warn("press and release RESET now: the target is caught when it starts (10 s)");
	while (probe_plugged(connect->probe) && probe_now_us(connect->probe) < deadline) {
		bool was_quiet = log_quiet(true);
		bool caught = is_caught(connect);
		(void)log_quiet(was_quiet);
		if (caught) {
			connect->halted = true;
			return probe_write_word(connect->probe, DCB_DEMCR, 0);
		}
		if (is_cancelled(connect))
			return ERR_CANCELLED;
		probe_sleep_us(connect->probe, PAUSE_US);
	}
	return probe_plugged(connect->probe) ? err : ERR_USB_GONE;
}

static bool has_no_power(const struct connect *connect)
{
	return connect->vdd_mv > 0 && connect->vdd_mv < POWER_MIN_MV;
}

static enum err try_rudely(struct connect *connect, enum err first)
{
	if (has_no_power(connect))
		return first;
	if (connect->options->no_reset) {
		log_info("the target does not answer (%s); --no-reset forbids to reset it",
			err_text(first));
		return first;
	}
	log_info("the target does not answer (%s): now with its reset line held low",
		err_text(first));
	enum err err = try_under_reset(connect);
	if (err && !is_probe_error(err))
		err = try_button(connect, first);
	return err;
}

static enum err connect_quietly(struct connect *connect)
{
	struct link_story *link = connect->link;
	enum err err = try_at(connect, link->khz);
	link->first = err;
	if (may_be_noise(err))
		err = try_slower(connect, err);
	return err;
}

static void tell(const struct connect *connect, enum err err)
{
	const struct link_story *link = connect->link;
	if (err)
		return;
	if (connect->in_reset)
		log_info("attached under reset");
	else if (connect->halted)
		log_info("caught at its reset: the core is halted");
	else if (link->slowed_from_khz)
		log_info("attached at %u kHz: the link errs at %u kHz", link->khz,
			link->slowed_from_khz);
}

static enum err run(struct connect *connect)
{
	enum target_connect mode = connect->options->connect;
	if (mode == TARGET_CONNECT_UNDER_RESET && !connect->quiet)
		return try_under_reset(connect);
	enum err err = connect_quietly(connect);
	if (!err || is_probe_error(err) || connect->quiet || mode == TARGET_CONNECT_NORMAL)
		return err;
	if (err == ERR_TARGET_WAIT && !try_halt(connect))
		return ERR_OK;
	return mode == TARGET_CONNECT_AUTO ? try_rudely(connect, err) : err;
}

enum err connect_run(struct connect *connect)
{
	connect->in_reset = connect->halted = false;
	enum err err = run(connect);
	tell(connect, err);
	return err;
}
