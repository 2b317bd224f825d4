/*
 * NVIC: enable, pend, active and priority of every exception, system exceptions included.
 *
 * From: ARMv7-M ARM B1.5 (priorities, grouping), B3.4 (registers). STM32F4 implements the upper 4
 * bits of each priority.
 */
#include "m4.h"

enum {
	ISER = 0x000,
	ICER = 0x080,
	ISPR = 0x100,
	ICPR = 0x180,
	IABR = 0x200,
	IPR = 0x300,
	BANK = 0x080, /* distance between them */
};

#define PRIORITY_BITS 0xf0

static bool is_fixed(unsigned number)
{
	return number <= EXCEPTION_HARD_FAULT;
}

int nvic_group_priority(const struct m4 *core, unsigned number)
{
	static const int fixed[] = {256, -3, -2, -1};
	if (is_fixed(number))
		return fixed[number];
	unsigned group = 0xffu & ~((2u << core->nvic.prigroup) - 1);
	return (int)(core->nvic.priority[number] & group);
}

int nvic_active_priority(struct m4 *core)
{
	int best = 256;
	for (unsigned word = 0; word < EXCEPTION_COUNT / 32; word++) {
		for (uint32_t bits = core->nvic.active[word]; bits != 0; bits &= bits - 1) {
			unsigned number = word * 32 + (unsigned)__builtin_ctz(bits);
			int priority = nvic_group_priority(core, number);
			best = priority < best ? priority : best;
		}
	}
	uint32_t basepri = engine_get(core->engine, ENGINE_BASEPRI) & PRIORITY_BITS;
	unsigned group = 0xffu & ~((2u << core->nvic.prigroup) - 1);
	if (basepri != 0 && (int)(basepri & group) < best)
		best = (int)(basepri & group);
	return best;
}

int nvic_execution_priority(struct m4 *core)
{
	int priority = nvic_active_priority(core);
	if (engine_get(core->engine, ENGINE_PRIMASK) != 0 && priority > 0)
		priority = 0;
	if (engine_get(core->engine, ENGINE_FAULTMASK) != 0 && priority > -1)
		priority = -1;
	return priority;
}

/* The whole priority decides which of two goes first, then the number. */
static int full_priority(const struct m4 *core, unsigned number)
{
	return is_fixed(number) ? nvic_group_priority(core, number)
				: (int)core->nvic.priority[number];
}

static uint32_t maskable(const struct m4 *core, unsigned word)
{
	/* C_MASKINTS holds back PendSV, SysTick and every interrupt. */
	if ((core->debug.control & (C_DEBUGEN | C_MASKINTS)) != (C_DEBUGEN | C_MASKINTS))
		return ~UINT32_C(0);
	return word == 0 ? (1u << EXCEPTION_PENDSV) - 1 : 0;
}

unsigned nvic_highest_pending(const struct m4 *core)
{
	unsigned found = 0;
	for (unsigned word = 0; word < EXCEPTION_COUNT / 32; word++) {
		uint32_t bits =
			core->nvic.pending[word] & core->nvic.enabled[word] & maskable(core, word);
		for (; bits != 0; bits &= bits - 1) {
			unsigned number = word * 32 + (unsigned)__builtin_ctz(bits);
			if (found == 0 || full_priority(core, number) < full_priority(core, found))
				found = number;
		}
	}
	return found;
}

void nvic_pend(struct m4 *core, unsigned number)
{
	if ((core->scb.scr & SCR_SEVONPEND) != 0 && !nvic_bit(core->nvic.pending, number))
		core->event = true;
	nvic_set_bit(core->nvic.pending, number, true);
	m4_recheck(core);
}

void nvic_unpend(struct m4 *core, unsigned number)
{
	nvic_set_bit(core->nvic.pending, number, false);
	m4_recheck(core);
}

void nvic_set_line(struct m4 *core, unsigned irq, bool up)
{
	unsigned number = EXCEPTION_IRQ0 + irq;
	if (up) {
		if (core->nvic.lines[number]++ == 0)
			nvic_pend(core, number);
	} else if (core->nvic.lines[number] > 0) {
		core->nvic.lines[number]--;
	}
}

void nvic_deactivate(struct m4 *core, unsigned number)
{
	nvic_set_bit(core->nvic.active, number, false);
	if (core->nvic.lines[number] > 0)
		nvic_pend(core, number);
	m4_recheck(core);
}

/* ---- registers ---- */

/* The 32 interrupts of register `index` as they lie, 16 bits shifted, in words of exceptions. */
static uint32_t get_irqs(const uint32_t *words, unsigned index)
{
	uint32_t low = words[index] >> 16;
	uint32_t high = index + 1 < EXCEPTION_COUNT / 32 ? words[index + 1] << 16 : 0;
	return low | high;
}

static uint32_t existing(const struct m4 *core, unsigned index)
{
	unsigned count = core->chip->model->irq_count;
	if (index * 32 >= count)
		return 0;
	unsigned left = count - index * 32;
	return left >= 32 ? ~UINT32_C(0) : (UINT32_C(1) << left) - 1;
}

static void change_irqs(struct m4 *core, uint32_t *words, unsigned index, uint32_t bits, bool on)
{
	bits &= existing(core, index);
	for (; bits != 0; bits &= bits - 1) {
		unsigned number = EXCEPTION_IRQ0 + index * 32 + (unsigned)__builtin_ctz(bits);
		if (words == core->nvic.pending && on)
			nvic_pend(core, number);
		else
			nvic_set_bit(words, number, on);
		/* A request that is still up cannot be cleared away. */
		if (words == core->nvic.pending && !on && core->nvic.lines[number] > 0 &&
			!nvic_bit(core->nvic.active, number))
			nvic_set_bit(words, number, true);
	}
	m4_recheck(core);
}

static uint32_t read_priorities(const struct m4 *core, uint32_t offset)
{
	const uint8_t *bytes = &core->nvic.priority[EXCEPTION_IRQ0 + offset];
	return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
	       (uint32_t)bytes[3] << 24;
}

static void write_priorities(struct m4 *core, uint32_t offset, uint32_t value, uint32_t lanes)
{
	for (unsigned i = 0; i < 4; i++)
		if ((lanes >> (8 * i) & 0xff) != 0 && offset + i < core->chip->model->irq_count)
			core->nvic.priority[EXCEPTION_IRQ0 + offset + i] =
				(uint8_t)(value >> (8 * i) & PRIORITY_BITS);
	m4_recheck(core);
}

static enum chip_ack read(struct peripheral *peripheral, uint32_t offset, uint32_t *value)
{
	struct m4 *core = peripheral->chip->core;
	unsigned index = offset % BANK / 4;
	*value = 0;
	if (offset >= IPR) {
		if (offset - IPR + 4 <= EXCEPTION_COUNT - EXCEPTION_IRQ0)
			*value = read_priorities(core, offset - IPR);
	} else if (index < EXCEPTION_COUNT / 32) {
		const uint32_t *words = offset < ISPR   ? core->nvic.enabled
					: offset < IABR ? core->nvic.pending
							: core->nvic.active;
		*value = get_irqs(words, index);
	}
	return CHIP_OK;
}

static enum chip_ack write(
	struct peripheral *peripheral, uint32_t offset, uint32_t value, uint32_t lanes)
{
	struct m4 *core = peripheral->chip->core;
	unsigned index = offset % BANK / 4;
	if (offset >= IPR) {
		if (offset - IPR + 4 <= EXCEPTION_COUNT - EXCEPTION_IRQ0)
			write_priorities(core, offset - IPR, value, lanes);
	} else if (index < EXCEPTION_COUNT / 32 && offset < IABR) {
		uint32_t *words = offset < ISPR ? core->nvic.enabled : core->nvic.pending;
		bool on = offset / BANK % 2 == 0;
		change_irqs(core, words, index, value & lanes, on);
	}
	return CHIP_OK;
}

const struct peripheral_ops nvic_ops = {.name = "NVIC", .read = read, .write = write};
