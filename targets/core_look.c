/*
 * What is read of a core that may have just stopped. Called by core*.c, on the worker thread.
 *
 * After a step of a probe that knows batches it is all in one: whether the core has halted and why,
 * which interrupts wait, whether the flash is locked, and the top of the stack, which gdb reads
 * first and of which it is known where it will be. The same after a run that is a step, but for
 * the stack. DEMCR comes along: a detach wants it, and here it costs no transfer.
 */
#include "core_private.h"
#include "cortexm_registers.h"
#include "probe/bytes.h"

#define STACK_ALIGN 64u
#define STACK_BELOW 64u /* what a function puts there first may come below */
#define STACK_WORDS 48u

struct later {
	struct bus_later dhcsr, dfsr, demcr, icsr, lock;
	uint32_t stack;
	size_t stack_words; /* 0: not asked for */
	struct bus_later words[STACK_WORDS];
};

void core_note_flash(struct core *core, uint32_t lock)
{
	core->flash_checked = true;
	core->flash_locked = lock & core->device->family->lock_bit;
	if (!core->flash_locked)
		cache_drop(&core->cache);
}

/* Everything in one batch is worth it, and possible, only then. */
static bool has_batches(const struct core *core)
{
	return core->device && core->device->family && !core->cache.off &&
	       probe_info(core->probe)->has_batches;
}

/* As much as there is of it: a stack begins at the end of its memory. */
static size_t words_at(const struct core *core, uint32_t stack)
{
	size_t words = STACK_WORDS;
	while (words > 0 && !core_has_plain_memory(core, stack, 4 * words))
		words -= STACK_ALIGN / 4;
	return words;
}

static void queue_more(const struct core *core, struct bus *bus, struct later *later)
{
	later->demcr = bus_read_later(bus, DCB_DEMCR);
	later->lock = bus_read_later(bus, core->device->family->lock_register);
}

static void note_more(struct core *core, const struct bus *bus, const struct later *later)
{
	core->demcr = bus_value(bus, later->demcr);
	core->demcr_known = true;
	core_note_flash(core, bus_value(bus, later->lock));
}

static void queue_closer(const struct core *core, struct bus *bus, struct later *later)
{
	later->icsr = bus_read_later(bus, SCB_ICSR);
	queue_more(core, bus, later);
	later->stack = (core->stack_before & ~(STACK_ALIGN - 1)) - STACK_BELOW;
	later->stack_words = words_at(core, later->stack);
	for (size_t i = 0; i < later->stack_words; i++)
		later->words[i] = bus_read_later(bus, later->stack + 4 * (uint32_t)i);
}

static void keep_stack(struct core *core, const struct bus *bus, const struct later *later)
{
	struct cache_window *window = cache_claim(&core->cache);
	for (size_t i = 0; i < later->stack_words; i++)
		put_le32(window->bytes + 4 * i, bus_value(bus, later->words[i]));
	cache_keep(window, probe_now_us(core->probe), later->stack, 4 * later->stack_words, true);
}

/* Worth nothing while the core still runs. */
static void note_closer(struct core *core, const struct bus *bus, const struct later *later)
{
	core->pending = bus_value(bus, later->icsr);
	core->pending_known = true;
	note_more(core, bus, later);
	if (later->stack_words)
		keep_stack(core, bus, later);
}

static enum err read_look(struct core *core, bool closely, struct core_look *look)
{
	struct bus bus;
	struct later later;
	bus_begin(&bus, core->probe, NULL, NULL);
	later.dhcsr = bus_read_later(&bus, DCB_DHCSR);
	later.dfsr = bus_read_later(&bus, SCB_DFSR);
	if (closely)
		queue_closer(core, &bus, &later);
	enum err err = bus_end(&bus);
	if (err)
		return err;
	look->dhcsr = bus_value(&bus, later.dhcsr);
	look->dfsr = bus_value(&bus, later.dfsr);
	if (closely && look->dhcsr & DHCSR_S_HALT)
		note_closer(core, &bus, &later);
	return ERR_OK;
}

/* Where the chip has no memory for a stack, the core may have stopped all the same. */
enum err core_look(struct core *core, struct core_look *look)
{
	bool closely = core->stepped && has_batches(core);
	enum err err = read_look(core, closely, look);
	return err == ERR_TARGET_FAULT && closely ? read_look(core, false, look) : err;
}

enum err core_take_reason(struct core *core)
{
	struct bus bus;
	struct later later;
	bool more = core->range.running && has_batches(core);
	bus_begin(&bus, core->probe, NULL, NULL);
	later.dfsr = bus_read_later(&bus, SCB_DFSR);
	if (more)
		queue_more(core, &bus, &later);
	enum err err = bus_end(&bus);
	if (err)
		return err;
	if (more)
		note_more(core, &bus, &later);
	return core_note_stop(core, bus_value(&bus, later.dfsr));
}
