/*
 * Data Watchpoint and Trace unit: 4 comparators, CYCCNT, PCSR.
 *
 * From: ARMv7-M ARM C1.8 and the Cortex-M4 TRM. A watchpoint halts after the access. Comparator 1
 * can compare data values. Not modelled: CYCMATCH, the event counters and packets to the ITM, whose
 * registers only hold what is written.
 */
#include "dwt.h"

#include <string.h>

#include "ahb.h"

enum {
	DWT_CTRL = 0x000,
	DWT_CYCCNT = 0x004,
	DWT_PCSR = 0x01c,
	DWT_COMP0 = 0x020,
	DWT_END = 0x060,
};

enum { COMPARATORS = 4, VALUE_COMPARATOR = 1 };

enum { CTRL_CYCCNTENA = 1 << 0 };
#define CTRL_GEOMETRY UINT32_C(0x40000000)
#define CTRL_BITS     UINT32_C(0x007f1fff)

enum { FUNCTION_PC = 4, FUNCTION_READ = 5, FUNCTION_WRITE = 6, FUNCTION_ANY = 7 };
enum { DATAVMATCH = 1 << 8, MATCHED = 1 << 24 };
#define FUNCTION_BITS       UINT32_C(0x00000faf)
#define FUNCTION_VALUE_BITS UINT32_C(0x000ffdaf) /* of the comparator that knows data values */

struct comparator {
	uint32_t address, mask, function;
};

struct dwt {
	uint32_t control;
	uint32_t cycles;      /* CYCCNT at cycles_base */
	uint64_t cycles_base; /* m4_active_ticks() */
	uint32_t counters[6]; /* CPICNT to FOLDCNT: storage only */
	bool hit;             /* a watchpoint has matched, the halt is due */
	struct comparator comparators[COMPARATORS];
};

static bool is_enabled(const struct m4 *core)
{
	return (core->debug.demcr & TRCENA) != 0;
}

/* ---- matching ---- */

static unsigned function_of(const struct comparator *comparator)
{
	return comparator->function & 0xf;
}

static bool address_matches(const struct comparator *comparator, uint32_t address, unsigned width)
{
	uint32_t mask = (UINT32_C(1) << comparator->mask) - 1;
	uint32_t first = comparator->address & ~mask, last = first | mask;
	return address <= last && address + width - 1 >= first;
}

static bool direction_matches(const struct comparator *comparator, bool write)
{
	unsigned function = function_of(comparator);
	return function == FUNCTION_ANY || function == (write ? FUNCTION_WRITE : FUNCTION_READ);
}

static bool value_matches(const struct comparator *comparator, unsigned width, uint32_t value)
{
	static const uint32_t masks[] = {0xff, 0xffff, 0xffffffff, 0};
	unsigned size = comparator->function >> 10 & 3; /* DATAVSIZE */
	return width == 1u << size && ((value ^ comparator->address) & masks[size]) == 0;
}

static bool matches(
	const struct dwt *dwt, unsigned index, uint32_t address, unsigned width, uint32_t value)
{
	const struct comparator *comparator = &dwt->comparators[index];
	if ((comparator->function & DATAVMATCH) == 0)
		return address_matches(comparator, address, width);
	if (!value_matches(comparator, width, value))
		return false;
	unsigned link0 = comparator->function >> 12 & 0xf, link1 = comparator->function >> 16 & 0xf;
	bool anywhere = link0 == index && link1 == index;
	return anywhere ||
	       (link0 != index && link0 < COMPARATORS &&
		       address_matches(&dwt->comparators[link0], address, width)) ||
	       (link1 != index && link1 < COMPARATORS &&
		       address_matches(&dwt->comparators[link1], address, width));
}

/* What a load is going to get; registers of peripherals are not looked at, reading may change
 * them. */
static uint32_t peek(const struct m4 *core, uint32_t address, unsigned width)
{
	uint32_t value = 0;
	const uint8_t *data = ahb_memory(core->chip, address, width);
	if (data != NULL)
		memcpy(&value, data, width);
	return value;
}

void dwt_engine_access(void *owner, uint32_t address, unsigned width, bool write, uint32_t value)
{
	struct m4 *core = owner;
	struct dwt *dwt = core->dwt->state;
	for (unsigned i = 0; i < COMPARATORS; i++) {
		struct comparator *comparator = &dwt->comparators[i];
		if (!direction_matches(comparator, write))
			continue;
		bool by_value = (comparator->function & DATAVMATCH) != 0;
		uint32_t data = by_value && !write ? peek(core, address, width) : value;
		if (matches(dwt, i, address, width, data)) {
			comparator->function |= MATCHED;
			dwt->hit = true;
			engine_interrupt(core->engine);
		}
	}
}

void dwt_settle(struct m4 *core)
{
	struct dwt *dwt = core->dwt->state;
	if (!dwt->hit)
		return;
	dwt->hit = false;
	if (!core->halted)
		m4_debug_event(core, DFSR_DWTTRAP, engine_get(core->engine, ENGINE_PC));
}

unsigned dwt_pc_addresses(const struct peripheral *peripheral, uint32_t *addresses)
{
	const struct dwt *dwt = peripheral->state;
	unsigned count = 0;
	for (unsigned i = 0; i < COMPARATORS && is_enabled(peripheral->chip->core); i++)
		if (function_of(&dwt->comparators[i]) == FUNCTION_PC)
			addresses[count++] = dwt->comparators[i].address & ~UINT32_C(1);
	return count;
}

bool dwt_match_pc(struct m4 *core, uint32_t pc)
{
	struct dwt *dwt = core->dwt->state;
	bool matched = false;
	for (unsigned i = 0; i < COMPARATORS && is_enabled(core); i++) {
		struct comparator *comparator = &dwt->comparators[i];
		if (function_of(comparator) != FUNCTION_PC || !address_matches(comparator, pc, 2))
			continue;
		comparator->function |= MATCHED;
		matched = true;
	}
	return matched;
}

bool dwt_wants_accesses(const struct m4 *core)
{
	const struct dwt *dwt = core->dwt->state;
	for (unsigned i = 0; i < COMPARATORS && is_enabled(core); i++)
		if (function_of(&dwt->comparators[i]) >= FUNCTION_READ &&
			function_of(&dwt->comparators[i]) <= FUNCTION_ANY)
			return true;
	return false;
}

/* ---- registers ---- */

static uint32_t cycle_count(const struct m4 *core, const struct dwt *dwt)
{
	if ((dwt->control & CTRL_CYCCNTENA) == 0)
		return dwt->cycles;
	return dwt->cycles + (uint32_t)(m4_active_ticks(core) - dwt->cycles_base);
}

static void set_cycle_count(const struct m4 *core, struct dwt *dwt, uint32_t cycles)
{
	dwt->cycles = cycles;
	dwt->cycles_base = m4_active_ticks(core);
}

static void reset(struct peripheral *peripheral, enum reset_kind kind)
{
	struct dwt *dwt = peripheral->state;
	if (!reset_is_power(kind))
		return;
	*dwt = (struct dwt){.control = 0};
	breakpoints_update(peripheral->chip->core);
}

/* The program counter of a running core; all ones while it is halted. */
static uint32_t sample_pc(struct m4 *core)
{
	return core->halted ? 0xffffffff : engine_get(core->engine, ENGINE_PC);
}

static uint32_t read_comparator(struct m4 *core, struct dwt *dwt, uint32_t offset)
{
	struct comparator *comparator = &dwt->comparators[(offset - DWT_COMP0) / 16];
	uint32_t function = comparator->function;
	switch (offset % 16) {
	case 0:
		return comparator->address;
	case 4:
		return comparator->mask;
	case 8:
		if (core->chip->master == MASTER_AP)
			comparator->function &= ~(uint32_t)MATCHED;
		return function;
	default:
		return 0;
	}
}

static void write_comparator(struct dwt *dwt, uint32_t offset, uint32_t value)
{
	unsigned index = (offset - DWT_COMP0) / 16;
	struct comparator *comparator = &dwt->comparators[index];
	switch (offset % 16) {
	case 0:
		comparator->address = value;
		break;
	case 4:
		comparator->mask = value & 0xf;
		break;
	case 8:
		comparator->function =
			value & (index == VALUE_COMPARATOR ? FUNCTION_VALUE_BITS : FUNCTION_BITS);
		break;
	default:
		break;
	}
}

static enum chip_ack read(struct peripheral *peripheral, uint32_t offset, uint32_t *value)
{
	struct m4 *core = peripheral->chip->core;
	struct dwt *dwt = peripheral->state;
	*value = 0;
	if (!is_enabled(core))
		return CHIP_OK;
	if (offset == DWT_CTRL)
		*value = CTRL_GEOMETRY | dwt->control;
	else if (offset == DWT_CYCCNT)
		*value = cycle_count(core, dwt);
	else if (offset < DWT_PCSR)
		*value = dwt->counters[(offset - DWT_CYCCNT) / 4];
	else if (offset == DWT_PCSR)
		*value = sample_pc(core);
	else if (offset < DWT_END)
		*value = read_comparator(core, dwt, offset);
	return CHIP_OK;
}

static void write_control(struct m4 *core, struct dwt *dwt, uint32_t value)
{
	set_cycle_count(core, dwt, cycle_count(core, dwt));
	dwt->control = value & CTRL_BITS;
}

static enum chip_ack write(
	struct peripheral *peripheral, uint32_t offset, uint32_t value, uint32_t lanes)
{
	struct m4 *core = peripheral->chip->core;
	struct dwt *dwt = peripheral->state;
	(void)lanes;
	if (!is_enabled(core))
		return CHIP_OK;
	if (offset == DWT_CTRL)
		write_control(core, dwt, value);
	else if (offset == DWT_CYCCNT)
		set_cycle_count(core, dwt, value);
	else if (offset < DWT_PCSR)
		dwt->counters[(offset - DWT_CYCCNT) / 4] = value & 0xff;
	else if (offset >= DWT_COMP0 && offset < DWT_END)
		write_comparator(dwt, offset, value);
	breakpoints_update(core);
	return CHIP_OK;
}

const struct peripheral_ops dwt_ops = {
	.name = "DWT",
	.state_size = sizeof(struct dwt),
	.reset = reset,
	.read = read,
	.write = write,
};
