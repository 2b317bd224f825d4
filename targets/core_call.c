/*
 * A core that calls its debugger again and again (semihosting): what such a call needs, in two
 * commands of a probe that knows batches. One reads a few registers, and the memory that the call
 * is likely to speak of; the other writes the result and the pc, lets the core go and looks whether
 * it has halted again. Called by target.c and core*.c, on the worker thread.
 *
 * Source: ARMv7-M ARM C1.6.3 and C1.6.4 (DCRSR, DCRDR).
 */
#include "core_private.h"
#include "cortexm_registers.h"
#include "probe/bytes.h"
#include "probe/log.h"

#define MOST_WORDS   40u /* of memory in one command: that of V2 takes 64 items */
#define DCRSR_REGWNR (1u << 16)

/* ---- before the call is served ---- */

struct fetched {
	uint32_t which;
	struct bus_later ready, registers[TARGET_PC + 1];
	size_t words;
	struct bus_later word[MOST_WORDS];
};

/* S_REGRDY is asked for the last only: between selector and data the others have as long. */
static void queue_registers(struct bus *bus, struct fetched *fetched)
{
	for (unsigned i = 0; i <= TARGET_PC; i++) {
		if (!(fetched->which >> i & 1))
			continue;
		bus_write(bus, DCB_DCRSR, i);
		if (!(fetched->which >> i >> 1))
			fetched->ready = bus_read_later(bus, DCB_DHCSR);
		fetched->registers[i] = bus_read_later(bus, DCB_DCRDR);
	}
}

static bool take_registers(struct core *core, const struct bus *bus, const struct fetched *fetched)
{
	uint32_t dhcsr = bus_value(bus, fetched->ready);
	core_note_reset(core, dhcsr);
	if (!(dhcsr & DHCSR_S_REGRDY))
		return false;
	for (unsigned i = 0; i <= TARGET_PC; i++)
		if (fetched->which >> i & 1)
			core->file[i] = bus_value(bus, fetched->registers[i]);
	core->few_valid |= fetched->which;
	return true;
}

/* The words that hold it; none where it is not to be read ahead. */
static size_t words_of(const struct core *core, const struct target_range *range)
{
	size_t words = (range->start % 4 + range->size + 3) / 4;
	bool wanted = !core->cache.off && words <= MOST_WORDS &&
		      core_has_plain_memory(core, range->start & ~3u, 4 * words);
	return wanted ? words : 0;
}

static void queue_range(const struct core *core, struct bus *bus, struct fetched *fetched,
	const struct target_range *range)
{
	for (size_t i = 0; i < words_of(core, range) && fetched->words < MOST_WORDS; i++)
		fetched->word[fetched->words++] =
			bus_read_later(bus, (range->start & ~3u) + 4 * (uint32_t)i);
}

/* *taken of the words belong to other ranges. */
static void take_range(struct core *core, const struct bus *bus, const struct fetched *fetched,
	const struct target_range *range, size_t *taken)
{
	size_t words = words_of(core, range), left = fetched->words - *taken;
	struct cache_window *window = cache_claim(&core->cache);
	if (words > left)
		words = left;
	for (size_t i = 0; i < words; i++)
		put_le32(window->bytes + 4 * i, bus_value(bus, fetched->word[*taken + i]));
	cache_keep(window, probe_now_us(core->probe), range->start & ~3u, 4 * words, true);
	*taken += words;
}

/* False: it is to be done another way. */
static bool fetch_at_once(
	struct core *core, uint32_t which, const struct target_range *ranges, size_t count)
{
	struct bus bus;
	struct fetched fetched = {.which = which};
	size_t taken = 0;
	bus_begin(&bus, core->probe, NULL, NULL);
	queue_registers(&bus, &fetched);
	for (size_t i = 0; i < count; i++)
		queue_range(core, &bus, &fetched, &ranges[i]);
	if (bus_end(&bus) || !take_registers(core, &bus, &fetched))
		return false;
	for (size_t i = 0; i < count; i++)
		take_range(core, &bus, &fetched, &ranges[i], &taken);
	return true;
}

static enum err fetch_singly(struct core *core, uint32_t which)
{
	enum err err = ERR_OK;
	for (unsigned i = 0; i <= TARGET_PC && !err; i++) {
		if (!(which >> i & 1))
			continue;
		err = probe_read_register(core->probe, i, &core->file[i]);
		if (!err)
			core->few_valid |= 1u << i;
	}
	return err;
}

enum err core_fetch(
	struct core *core, uint32_t which, const struct target_range *ranges, size_t count)
{
	if (!core->halted)
		return ERR_TARGET_STATE;
	which &= core->file_valid ? 0 : ~core->few_valid;
	if (which && probe_info(core->probe)->has_batches &&
		fetch_at_once(core, which, ranges, count))
		return ERR_OK;
	return fetch_singly(core, which);
}

/* ---- after it ---- */

enum err core_write_register_soon(struct core *core, enum target_register which, uint32_t value)
{
	if (which > TARGET_PC || which == TARGET_SP)
		return ERR_ARGUMENT;
	uint32_t pc;
	enum err err = core_read_register(core, TARGET_PC, &pc);
	if (err)
		return err;
	if (which == TARGET_PC) {
		core->pc_before = core->due >> TARGET_PC & 1 ? core->pc_before : pc;
		core->reason = TARGET_STOP_REQUEST;
		value &= ~1u;
	}
	core->file[which] = value;
	core->few_valid |= 1u << which;
	core->due |= 1u << which;
	return ERR_OK;
}

enum err core_read_soon(struct core *core, struct target_text *text)
{
	uint32_t address = text->address;
	text->read = false;
	if (core->text_due || !text->size || text->size > TARGET_TEXT_BYTES || !core->halted ||
		!core_has_plain_memory(core, address & ~3u, text->size + (address & 3)))
		return ERR_UNSUPPORTED;
	core->text_due = text;
	return ERR_OK;
}

static enum err read_text(struct core *core)
{
	struct target_text *text = core->text_due;
	if (!text)
		return ERR_OK;
	enum err err = core_read_once(core, text->address, text->bytes, text->size);
	text->read = !err;
	core->text_due = NULL;
	return err;
}

enum err core_settle(struct core *core)
{
	enum err err = read_text(core);
	for (unsigned i = 0; i <= TARGET_PC && core->due && !err; i++) {
		if (!(core->due >> i & 1))
			continue;
		err = probe_write_register(core->probe, i, core->file[i]);
		if (!err)
			core->due &= ~(1u << i);
	}
	return err;
}

#define TEXT_WORDS (TARGET_TEXT_BYTES / 4 + 1u)

static void queue_text(
	const struct target_text *text, struct bus *bus, struct bus_later words[TEXT_WORDS])
{
	for (size_t i = 0; text && 4 * i < text->address % 4 + text->size; i++)
		words[i] = bus_read_later(bus, (text->address & ~3u) + 4 * (uint32_t)i);
}

static void take_text(
	struct target_text *text, const struct bus *bus, const struct bus_later words[TEXT_WORDS])
{
	for (uint32_t i = 0; text && i < text->size; i++) {
		uint32_t at = text->address % 4 + i;
		text->bytes[i] = (uint8_t)(bus_value(bus, words[at / 4]) >> 8 * (at % 4));
	}
	if (text)
		text->read = true;
}

static void queue_due(const struct core *core, struct bus *bus)
{
	for (unsigned i = 0; i <= TARGET_PC; i++) {
		if (!(core->due >> i & 1))
			continue;
		bus_write(bus, DCB_DCRDR, core->file[i]);
		bus_write(bus, DCB_DCRSR, DCRSR_REGWNR | i);
	}
}

static enum err go(struct core *core)
{
	enum err err = core_prepare(core, CORE_NOWHERE, false);
	return err ? err : core_go(core, 0);
}

/* Nothing stands behind the write that lets the core go but a look: DFSR was cleared, so that what
 * is set in it is a stop. *gone: whether all was done but the look, at least. */
static enum err go_and_look(struct core *core, bool *gone)
{
	struct target_text *text = core->text_due;
	struct bus_later words[TEXT_WORDS];
	struct bus bus;
	bus_begin(&bus, core->probe, NULL, NULL);
	queue_text(text, &bus, words);
	queue_due(core, &bus);
	bool clears = core_queue_prepare(core, &bus, CORE_NOWHERE, false);
	bus_write(&bus, DCB_DHCSR, core_go_word(0, false));
	struct bus_later dfsr = bus_read_later(&bus, SCB_DFSR);
	enum err err = core_note_prepared(core, bus_end(&bus), clears, false);
	*gone = !err || bus.done == dfsr.slot;
	if (err)
		return err;
	take_text(text, &bus, words);
	core_note_gone(core, 0);
	if (!(bus_value(&bus, dfsr) & DFSR_ALL))
		return ERR_OK;
	err = core_note_stop(core, bus_value(&bus, dfsr));
	core->stop_seen = !err;
	return err;
}

uint32_t core_stands_at(struct core *core)
{
	uint32_t dhcsr, pc;
	enum err err = core_read_dhcsr(core, &dhcsr);
	if (err || !(dhcsr & DHCSR_S_HALT))
		return CORE_NOWHERE;
	err = probe_read_register(core->probe, SELECTOR_PC, &pc);
	return err ? CORE_NOWHERE : pc;
}

/* A core that still stands where it stood, or is to go on, was not let go: all is done again, one
 * by one. Elsewhere it may have gone on without what was due. */
static enum err go_after_failure(struct core *core, enum err err)
{
	uint32_t pc = core_stands_at(core);
	if (core->due >> TARGET_PC & 1 && (pc == core->pc_before || pc == core->file[TARGET_PC]))
		return go(core);
	core_now_runs(core);
	return err;
}

enum err core_return(struct core *core)
{
	bool gone;
	enum err err = probe_info(core->probe)->has_batches ? ERR_OK : core_settle(core);
	if (!err)
		err = core_catch_faults(core);
	if (err || core->patches.count)
		return err ? err : go(core);
	err = go_and_look(core, &gone);
	if (err && !gone)
		return go_after_failure(core, err);
	if (err)
		core_note_gone(core, 0); /* whether it has stopped again is seen by the next poll */
	return ERR_OK;
}
