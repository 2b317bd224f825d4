/*
 * The register file of a halted core: read in one command, kept until the core runs.
 * Source: ARMv7-M ARM C1.6.3 (DCRSR), B1.4.
 */
#include "core_private.h"
#include "cortexm_registers.h"
#include "probe/log.h"

/* Where a register lives in the special word (selector 20). */
struct special {
	enum target_register which;
	unsigned shift;
	uint32_t mask;
};

static const struct special specials[] = {
	{TARGET_PRIMASK, 0, 0x01},
	{TARGET_BASEPRI, 8, 0xFF},
	{TARGET_FAULTMASK, 16, 0x01},
	{TARGET_CONTROL, 24, 0x07},
};

static const struct special *special_of(enum target_register which)
{
	for (size_t i = 0; i < sizeof(specials) / sizeof(specials[0]); i++)
		if (specials[i].which == which)
			return &specials[i];
	return NULL;
}

/* DCRSR selectors follow the order of enum target_register up to PSP. */
static unsigned selector_of(enum target_register which)
{
	if (which <= TARGET_PSP)
		return (unsigned)which;
	if (which == TARGET_FPSCR)
		return SELECTOR_FPSCR;
	if (which >= TARGET_S0)
		return SELECTOR_S0 + (unsigned)(which - TARGET_S0);
	return SELECTOR_SPECIAL;
}

static enum err need_file(struct core *core)
{
	if (!core->halted)
		return ERR_TARGET_STATE;
	if (core->file_valid)
		return ERR_OK;
	enum err err = core_settle(core);
	if (!err)
		err = probe_read_registers(core->probe, core->file);
	core->file_valid = !err;
	return err;
}

/* ---- the FPU's registers: through DCRSR and DCRDR, a few at a time ---- */

#define FPU_WORDS 33u /* FPSCR, S0-S31 */
#define FPU_GROUP 8u  /* that are read together; fits one command of any firmware with batches */

static unsigned fpu_selector(unsigned index)
{
	return index == 0 ? SELECTOR_FPSCR : SELECTOR_S0 + index - 1;
}

/* S_REGRDY is asked between selector and data: at a core clock of some kHz the data comes late. */
static void read_fpu_part(struct core *core, struct bus *bus, unsigned first, unsigned count)
{
	struct bus_later ready[FPU_GROUP], data[FPU_GROUP];
	for (unsigned i = 0; i < count; i++) {
		bus_write(bus, DCB_DCRSR, fpu_selector(first + i));
		ready[i] = bus_read_later(bus, DCB_DHCSR);
		data[i] = bus_read_later(bus, DCB_DCRDR);
	}
	bus_flush(bus);
	for (unsigned i = 0; i < count && !bus->err; i++) {
		uint32_t dhcsr = bus_value(bus, ready[i]);
		if (dhcsr & DHCSR_S_RESET_ST)
			core->reset_seen = true;
		if (!(dhcsr & DHCSR_S_REGRDY))
			bus_fail(bus, ERR_TARGET_TIMEOUT);
		core->fpu[first + i] = bus_value(bus, data[i]);
	}
}

static enum err read_fpu_group(struct core *core, unsigned first, unsigned count)
{
	struct bus bus;
	bus_begin(&bus, core->probe, NULL, NULL);
	read_fpu_part(core, &bus, first, count);
	enum err err = bus_end(&bus);
	if (err == ERR_TARGET_TIMEOUT)
		log_error("the FPU registers did not come (S_REGRDY stays 0): is the core clock "
			  "very slow?");
	return err;
}

/* A group of them, or without batches the one that is asked for. */
static enum err need_fpu(struct core *core, unsigned index)
{
	if (!core->has_fpu)
		return ERR_UNSUPPORTED;
	if (!core->halted)
		return ERR_TARGET_STATE;
	if (core->fpu_valid >> index & 1)
		return ERR_OK;
	unsigned most = probe_info(core->probe)->has_batches ? FPU_GROUP : 1;
	unsigned first = index - index % most;
	unsigned count = FPU_WORDS - first < most ? FPU_WORDS - first : most;
	enum err err = count > 1 ? read_fpu_group(core, first, count)
				 : probe_read_register(
					   core->probe, fpu_selector(index), &core->fpu[index]);
	if (!err)
		core->fpu_valid |= ((UINT64_C(1) << count) - 1) << first;
	return err;
}

enum err core_read_register(struct core *core, enum target_register which, uint32_t *value)
{
	if (which >= TARGET_FPSCR && which < TARGET_REGISTER_COUNT) {
		enum err err = need_fpu(core, which - TARGET_FPSCR);
		if (!err)
			*value = core->fpu[which - TARGET_FPSCR];
		return err;
	}
	if ((unsigned)which >= TARGET_REGISTER_COUNT)
		return ERR_ARGUMENT;

	bool is_there = which <= TARGET_PC && core->few_valid >> which & 1;
	enum err err = is_there ? ERR_OK : need_file(core);
	if (err)
		return err;
	const struct special *special = special_of(which);
	if (special)
		*value = core->file[SELECTOR_SPECIAL] >> special->shift & special->mask;
	else
		*value = core->file[which];
	return ERR_OK;
}

/* SP is one of MSP and PSP, chosen by CONTROL: after a change of any of them all are read anew. */
static bool changes_others(enum target_register which)
{
	return which == TARGET_SP || which == TARGET_MSP || which == TARGET_PSP ||
	       which == TARGET_CONTROL || which == TARGET_XPSR;
}

static enum err write_special(struct core *core, const struct special *special, uint32_t value)
{
	enum err err = need_file(core);
	if (err)
		return err;
	uint32_t word = core->file[SELECTOR_SPECIAL] & ~(special->mask << special->shift);
	word |= (value & special->mask) << special->shift;
	err = probe_write_register(core->probe, SELECTOR_SPECIAL, word);
	if (!err)
		core->file[SELECTOR_SPECIAL] = word;
	return err;
}

enum err core_write_register(struct core *core, enum target_register which, uint32_t value)
{
	if ((unsigned)which >= TARGET_REGISTER_COUNT)
		return ERR_ARGUMENT;
	if (!core->halted)
		return ERR_TARGET_STATE;
	if (which >= TARGET_FPSCR && !core->has_fpu)
		return ERR_UNSUPPORTED;
	if (which == TARGET_PC)
		value &= ~1u; /* bit 0 is the Thumb state, which lives in xPSR */

	enum err err = core_settle(core);
	if (err)
		return err;
	const struct special *special = special_of(which);
	err = special ? write_special(core, special, value)
		      : probe_write_register(core->probe, selector_of(which), value);
	if (which >= TARGET_FPSCR && !err)
		core->fpu[which - TARGET_FPSCR] = value;
	else if (which <= TARGET_PSP && !err)
		core->file[which] = value;
	if (err || changes_others(which)) {
		core->file_valid = false;
		core->few_valid = 0;
	}
	/* Elsewhere it did not stop for a BKPT, and one there is to be met. */
	if (which == TARGET_PC)
		core->reason = TARGET_STOP_REQUEST;
	return err;
}
