/*
 * Reset of the whole chip: by SYSRESETREQ, and by the reset pin where that does not work. With
 * reset vector catch the core stops before its first instruction; C_HALT alone would not do, since
 * a reset clears it. Sources: ARMv7-M ARM B1.5.16, C1.4.1 (vector catch), C1.6.2.
 */
#include "core_private.h"
#include "cortexm_registers.h"
#include "probe/log.h"

#define RESET_SEEN_TIMEOUT_US 100000u
#define RESET_DONE_TIMEOUT_US 1000000u
#define NRST_LOW_US           20000u

static bool is_target_error(enum err err)
{
	return err >= ERR_TARGET_POWER && err <= ERR_TARGET_TIMEOUT;
}

/* Around the reset the access port may refuse; only the probe's own failures count. */
static enum err look(struct core *core, uint32_t *dhcsr)
{
	enum err err = core_read_dhcsr(core, dhcsr);
	if (is_target_error(err)) {
		*dhcsr = DHCSR_S_RESET_ST;
		err = ERR_OK;
	}
	return err;
}

/* Waits until a reset was seen to begin (S_RESET_ST) and then to be over. */
static enum err wait_reset(struct core *core, bool halt)
{
	uint64_t start = probe_now_us(core->probe);
	for (;;) {
		uint64_t passed = probe_now_us(core->probe) - start;
		uint32_t dhcsr;
		enum err err = look(core, &dhcsr);
		if (err)
			return err;
		bool over = core->reset_seen && !(dhcsr & DHCSR_S_RESET_ST);
		if (over && (!halt || dhcsr & DHCSR_S_HALT))
			return ERR_OK;
		if (passed > RESET_DONE_TIMEOUT_US ||
			(passed > RESET_SEEN_TIMEOUT_US && !core->reset_seen))
			return ERR_TARGET_TIMEOUT;
	}
}

static enum err request_reset(struct core *core)
{
	enum err err = probe_write_word(core->probe, SCB_AIRCR, AIRCR_VECTKEY | AIRCR_SYSRESETREQ);
	return is_target_error(err) ? ERR_OK : err;
}

static enum err pulse_nrst(struct core *core)
{
	enum err err = probe_drive_nrst(core->probe, true);
	if (err)
		return err;
	probe_sleep_us(core->probe, NRST_LOW_US);
	return probe_drive_nrst(core->probe, false);
}

/* Debug enabled, the wanted vector catch, no interrupt mask, old reasons and reset flags cleared.
 */
static enum err prepare(struct core *core, bool halt)
{
	uint32_t dhcsr;
	enum err err = core_write_dhcsr(core, DHCSR_C_HALT);
	core->masked = core->mask_unsure = err != ERR_OK;
	core_forget_range(core);
	if (!err)
		err = core_change_demcr(core, DEMCR_VC_CORERESET, halt ? DEMCR_VC_CORERESET : 0);
	if (!err)
		err = probe_write_word(core->probe, SCB_DFSR, DFSR_ALL);
	if (!err)
		err = core_read_dhcsr(core, &dhcsr);
	core->reset_seen = false;
	return err;
}

/* The reset is over: the vector catch goes, the stop is ours and its reason is no news. */
static enum err finish(struct core *core, bool halt)
{
	core->reset_seen = false;
	core->reason_is_clear = false;
	core_now_runs(core);
	if (!halt)
		return ERR_OK;
	enum err err = core_change_demcr(core, DEMCR_VC_CORERESET, 0);
	if (!err)
		err = core_take_reason(core);
	core->reason = TARGET_STOP_REQUEST;
	return err;
}

enum err core_reset(struct core *core, bool halt)
{
	enum err err = prepare(core, halt);
	if (!err && !halt)
		err = core_prepare(core, CORE_NOWHERE, false);
	core_now_runs(core); /* whatever fails from here on, what was read of it is old */
	if (!err)
		err = request_reset(core);
	if (!err)
		err = wait_reset(core, halt);
	if (err == ERR_TARGET_TIMEOUT) {
		log_warn("SYSRESETREQ had no effect; using the reset pin");
		err = pulse_nrst(core);
		if (!err)
			err = wait_reset(core, halt);
		if (err == ERR_TARGET_TIMEOUT)
			log_error("the chip did not come out of reset: is NRST wired, is a button "
				  "held?");
	}
	if (err)
		return err;
	return finish(core, halt);
}

enum err core_release_reset(struct core *core)
{
	core->reset_seen = false;
	enum err err = core_write_dhcsr(core, DHCSR_C_HALT);
	if (!err)
		err = core_change_demcr(core, 0, DEMCR_VC_CORERESET);
	if (!err)
		err = probe_drive_nrst(core->probe, false);
	if (!err)
		err = wait_reset(core, true);
	if (err == ERR_TARGET_TIMEOUT)
		log_error("the core did not stop at the reset vector: is NRST wired to the probe?");
	if (err)
		return err;
	return finish(core, true);
}
