/*
 * What is read of a core that may have just stopped. Called by core*.c, on the worker thread.
 *
 * After a step of a probe that knows batches it is all in one: whether the core has halted and why,
 * which interrupts wait, whether the flash is locked, and the top of the stack, which gdb reads
 * first and of which it is known where it will be. The same after a run that is a step, but for
 * the stack. Code that comes next and is not known yet comes along, too. The step itself goes with
 * it, and what has to be written before. DEMCR comes along: a detach wants it, and here it costs no
 * transfer. Behind any other stop the lock, DEMCR and the stack are a batch of their own.
 */
#include "core_private.h"
#include "cortexm_registers.h"
#include "probe/bytes.h"
#include "thumb.h"

#define STACK_ALIGN 64u
#define STACK_BELOW 64u /* what a function puts there first may come below */
#define STACK_WORDS 48u
#define STACK_LESS  32u /* with code, behind a stop, or where more than ... */
#define WRITES_MOST 4u  /* ... come before it: one command of V2 takes 64 items */
#define CODE_WORDS  17u
#define CODE_BYTES  ((size_t)4 * CODE_WORDS)
#define CODE_LEAST  32u /* bytes; core_prefetch() reads more where less is known */

struct later {
	struct bus_later dhcsr, dfsr, demcr, icsr, lock;
	uint32_t stack;
	size_t stack_words; /* 0: not asked for */
	struct bus_later words[STACK_WORDS];
	uint32_t code; /* 0: not asked for */
	struct bus_later code_words[CODE_WORDS];
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
static size_t words_at(const struct core *core, uint32_t stack, size_t words)
{
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

/* Whether the code there is in flash and not known yet. */
static bool is_news(struct core *core, uint32_t address)
{
	const struct target_region *region = device_region_at(core->device, address);
	return region && region->kind == TARGET_FLASH &&
	       core_has_plain_memory(core, address & ~3u, CODE_BYTES) &&
	       !cache_find(&core->cache, probe_now_us(core->probe), address, CODE_LEAST);
}

/* Where the instruction at the pc leads, if the code there is news; else 0. */
static uint32_t next_code(struct core *core)
{
	uint32_t pc = core->file[SELECTOR_PC];
	const struct cache_window *window =
		cache_find(&core->cache, probe_now_us(core->probe), pc, 4);
	if (!window)
		return 0;
	const uint8_t *code = window->bytes + (pc - window->start);
	struct thumb thumb = thumb_decode(pc, get_le16(code), get_le16(code + 2));
	bool branches = thumb.flow == THUMB_BRANCH || thumb.flow == THUMB_BRANCH_IF;
	if (branches && is_news(core, thumb.target))
		return thumb.target & ~3u;
	bool goes_on = thumb.flow == THUMB_NEXT || thumb.flow == THUMB_BRANCH_IF;
	return goes_on && is_news(core, pc + thumb.size) ? pc & ~3u : 0;
}

static void queue_code(struct bus *bus, struct later *later)
{
	for (uint32_t i = 0; later->code && i < CODE_WORDS; i++)
		later->code_words[i] = bus_read_later(bus, later->code + 4 * i);
}

static void keep_code(struct core *core, const struct bus *bus, const struct later *later)
{
	struct cache_window *window = cache_claim(&core->cache);
	for (size_t i = 0; i < CODE_WORDS; i++)
		put_le32(window->bytes + 4 * i, bus_value(bus, later->code_words[i]));
	cache_keep(window, probe_now_us(core->probe), later->code, CODE_BYTES, false);
}

static void queue_stack(
	const struct core *core, struct bus *bus, struct later *later, uint32_t first, size_t words)
{
	later->stack = first & ~(STACK_ALIGN - 1);
	later->stack_words = words_at(core, later->stack, words);
	for (size_t i = 0; i < later->stack_words; i++)
		later->words[i] = bus_read_later(bus, later->stack + 4 * (uint32_t)i);
}

static void queue_closer(
	const struct core *core, struct bus *bus, struct later *later, uint32_t sp, size_t words)
{
	later->icsr = bus_read_later(bus, SCB_ICSR);
	queue_more(core, bus, later);
	queue_stack(core, bus, later, sp - STACK_BELOW, words);
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
	if (later->code)
		keep_code(core, bus, later);
}

static void queue_look(struct bus *bus, struct later *later)
{
	later->dhcsr = bus_read_later(bus, DCB_DHCSR);
	later->dfsr = bus_read_later(bus, SCB_DFSR);
}

static void note_look(struct core *core, const struct bus *bus, const struct later *later,
	bool closely, struct core_look *look)
{
	look->dhcsr = bus_value(bus, later->dhcsr);
	look->dfsr = bus_value(bus, later->dfsr);
	if (closely && look->dhcsr & DHCSR_S_HALT)
		note_closer(core, bus, later);
}

static enum err read_look(struct core *core, bool closely, struct core_look *look)
{
	struct bus bus;
	struct later later;
	bus_begin(&bus, core->probe, NULL, NULL);
	later.code = 0;
	queue_look(&bus, &later);
	if (closely)
		queue_closer(core, &bus, &later, core->stack_before, STACK_WORDS);
	enum err err = bus_end(&bus);
	if (!err)
		note_look(core, &bus, &later, closely, look);
	return err;
}

enum err core_step_and_look(
	struct core *core, uint32_t except, bool mask, struct core_look *look, bool *gone)
{
	struct bus bus;
	struct later later;
	bool closely = has_batches(core);
	bus_begin(&bus, core->probe, NULL, NULL);
	bool clears = core_queue_prepare(core, &bus, except, mask);
	bus_write(&bus, DCB_DHCSR, core_go_word(DHCSR_C_STEP, mask));
	size_t writes = bus.count;
	queue_look(&bus, &later);
	later.code = closely && writes <= WRITES_MOST ? next_code(core) : 0;
	if (closely)
		queue_closer(core, &bus, &later, core->file[SELECTOR_SP],
			later.code || writes > WRITES_MOST ? STACK_LESS : STACK_WORDS);
	queue_code(&bus, &later);
	enum err err = core_note_prepared(core, bus_end(&bus), clears, mask);
	*gone = !err || bus.done >= writes;
	if (err)
		return err;
	core_note_gone(core, DHCSR_C_STEP);
	note_look(core, &bus, &later, closely, look);
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

/* Where the chip has no memory for a stack, the others are read when they are wanted. */
enum err core_look_behind(struct core *core, uint32_t sp)
{
	struct bus bus;
	struct later later;
	if (!has_batches(core) || core->flash_checked || core->demcr_known)
		return ERR_OK;
	bus_begin(&bus, core->probe, NULL, NULL);
	queue_more(core, &bus, &later);
	queue_stack(core, &bus, &later, sp, STACK_LESS);
	enum err err = bus_end(&bus);
	if (err)
		return err == ERR_TARGET_FAULT ? ERR_OK : err;
	note_more(core, &bus, &later);
	if (later.stack_words)
		keep_stack(core, &bus, &later);
	return ERR_OK;
}
