/*
 * The bus as the running core sees it: the memory map in Unicorn, and what happens to loads and
 * stores that Unicorn cannot make by itself. See ahb.h.
 */
#include "ahb.h"
#include "flash.h"
#include "m4.h"

enum { PAGE = 1024 }; /* Unicorn's, for this core */

static uint32_t page_down(uint32_t address)
{
	return address & ~(uint32_t)(PAGE - 1);
}

/* ---- the map ---- */

static bool map_memory(struct chip *chip, const struct memory *memory, bool writable)
{
	return memory->data == NULL ||
	       engine_map(chip->core->engine, memory->start, memory->size, memory->data, writable);
}

/* Neighbouring blocks become one region; blocks smaller than a page share it. */
static bool map_peripherals(struct chip *chip)
{
	uint32_t start = 0, end = 0;
	for (size_t i = 0; i <= chip->peripheral_count; i++) {
		uint32_t first = UINT32_MAX, last = UINT32_MAX;
		if (i < chip->peripheral_count) {
			const struct peripheral_row *row = chip->peripherals[i].row;
			bool private = row->base >= 0xe0000000; /* reads 0 where it is empty */
			first = private ? row->base & ~UINT32_C(0xfff) : page_down(row->base);
			last = private ? first + 0x1000
				       : page_down(row->base + row->size + PAGE - 1);
		}
		if (first <= end) {
			end = last > end ? last : end;
			continue;
		}
		if (end != 0 && !engine_map_io(chip->core->engine, start, end - start))
			return false;
		start = first;
		end = last;
	}
	return true;
}

static const struct memory unmapped;

static void show_alias(struct chip *chip, const struct memory *alias)
{
	if (alias == chip->shown_alias)
		return;
	struct engine *engine = chip->core->engine;
	if (chip->shown_alias != NULL && chip->shown_alias->data != NULL)
		engine_unmap(engine, 0, chip->shown_alias->size);
	chip->shown_alias = alias;
	if (alias->data != NULL)
		engine_map(engine, 0, alias->size, alias->data, alias == &chip->sram);
}

static void show_flash(struct chip *chip, bool readable)
{
	if (readable == chip->shows_flash)
		return;
	chip->shows_flash = readable;
	if (readable)
		map_memory(chip, &chip->flash_memory, false);
	else
		engine_unmap(chip->core->engine, chip->flash_memory.start, chip->flash_memory.size);
}

void ahb_remap(struct chip *chip)
{
	bool readable = flash_core_may_read(chip);
	const struct memory *alias = ahb_alias(chip);
	show_flash(chip, readable);
	show_alias(chip, alias == &chip->flash_memory && !readable ? &unmapped : alias);
}

bool ahb_map(struct chip *chip)
{
	struct engine *engine = chip->core->engine;
	bool ok = map_memory(chip, &chip->sram, true) && map_memory(chip, &chip->ccm, true) &&
		  map_memory(chip, &chip->system, false) &&
		  map_memory(chip, &chip->options[0], false) &&
		  map_memory(chip, &chip->options[1], false) && map_peripherals(chip) &&
		  engine_map_io(engine, 0x22000000, 0x02000000) &&
		  engine_map_io(engine, 0x42000000, 0x02000000);
	if (ok && chip->backup.data != NULL) /* needs its clock: not plain for the core */
		ok = engine_map_io(engine, chip->backup.start, chip->backup.size);
	ahb_remap(chip);
	return ok;
}

/* ---- stores that wait for the flash ---- */

bool ahb_has_waiting_stores(const struct chip *chip)
{
	return chip->waiting_count > 0;
}

static void wait_store(struct chip *chip, uint32_t address, unsigned width, uint32_t value)
{
	if (chip->waiting_count == WAITING_STORES)
		return; /* cannot be: the core stops after each instruction that stores here */
	chip->waiting[chip->waiting_count++] =
		(struct waiting_store){.address = address, .width = width, .value = value};
	engine_interrupt(chip->core->engine);
}

void ahb_make_waiting_stores(struct chip *chip)
{
	unsigned done = 0;
	while (done < chip->waiting_count && !flash_is_busy(chip)) {
		const struct waiting_store *store = &chip->waiting[done++];
		(void)ahb_write(chip, MASTER_CORE, store->address, store->width, store->value);
	}
	chip->waiting_count -= done;
	for (unsigned i = 0; i < chip->waiting_count; i++)
		chip->waiting[i] = chip->waiting[i + done];
}

/* ---- callbacks of the engine ---- */

enum chip_ack ahb_engine_read(void *owner, uint32_t address, unsigned width, uint32_t *value)
{
	const struct m4 *core = owner;
	return ahb_read(core->chip, MASTER_CORE, address, width, value);
}

enum chip_ack ahb_engine_write(void *owner, uint32_t address, unsigned width, uint32_t value)
{
	const struct m4 *core = owner;
	enum chip_ack ack = ahb_write(core->chip, MASTER_CORE, address, width, value);
	if (ack == CHIP_WAIT)
		wait_store(core->chip, address, width, value);
	return ack == CHIP_FAULT ? CHIP_FAULT : CHIP_OK;
}

enum chip_ack ahb_engine_store(void *owner, uint32_t address, unsigned width, uint32_t value)
{
	const struct m4 *core = owner;
	struct chip *chip = core->chip;
	if (ahb_has_waiting_stores(chip)) {
		wait_store(chip, address, width, value);
		return CHIP_OK;
	}
	return ahb_engine_write(owner, address, width, value);
}
