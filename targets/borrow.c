/*
 * Borrowing a halted core: see borrow.h. Worker thread.
 *
 * Sources: ARMv7-M ARM B3.3 (SysTick), C1.8 (CYCCNT), B3.5 (MPU), C1.6 (debug); RM0090 chapter 4
 * (CRC unit).
 */
#include "borrow.h"

#include "cortexm_registers.h"
#include "crc32.h"
#include "flash_loader.h"
#include "flash_survey.h"
#include "loader/layout.h"
#include "probe/log.h"

#include <string.h>

#define ROW_BYTES  16384u
#define ROWS       64u
#define RAM_NEEDED (LOADER_RING + ROWS * SURVEY_ROW)

struct borrowed {
	struct core *core;
	const struct device *device;
	uint32_t file[PROBE_CORE_REGISTERS];
	enum target_stop_reason reason;
	uint32_t vtor, systick, cyccnt, dfsr;
	struct survey_unit unit;
	uint8_t ram[RAM_NEEDED];
};

/* ---- before ---- */

static bool may_borrow(
	struct core *core, const struct device *device, uint32_t address, size_t size)
{
	uint32_t ram_end = device->ram_start + RAM_NEEDED;
	bool reaches_ram = address < ram_end && device->ram_start < address + size;
	return device->family && core->halted && !reaches_ram && device->ram_size >= RAM_NEEDED;
}

/* SysTick would count while the core runs, and pend: it stands still meanwhile. */
static void save(struct borrowed *borrowed, struct bus *bus)
{
	struct bus_later mpu = bus_read_later(bus, MPU_CTRL);
	struct bus_later vtor = bus_read_later(bus, SCB_VTOR);
	struct bus_later systick = bus_read_later(bus, SYST_CSR);
	struct bus_later dfsr = bus_read_later(bus, SCB_DFSR);
	struct bus_later cyccnt = bus_read_later(bus, DWT_CYCCNT);
	bus_flush(bus);
	if (bus_value(bus, mpu) & MPU_CTRL_ENABLE)
		bus_fail(bus, ERR_UNSUPPORTED);
	borrowed->vtor = bus_value(bus, vtor);
	borrowed->systick = bus_value(bus, systick) & ~SYST_CSR_COUNTFLAG;
	borrowed->cyccnt = bus_value(bus, cyccnt);
	borrowed->dfsr = bus_value(bus, dfsr);
	memcpy(borrowed->file, borrowed->core->file, sizeof(borrowed->file));
	borrowed->reason = borrowed->core->reason;
	bus_read_block(bus, borrowed->device->ram_start, borrowed->ram, sizeof(borrowed->ram));
}

static void begin(struct borrowed *borrowed, struct bus *bus, struct flash_loader *loader)
{
	const struct family *family = borrowed->device->family;
	bus_write(bus, SYST_CSR, borrowed->systick & ~(SYST_CSR_ENABLE | SYST_CSR_TICKINT));
	family->survey_begin(bus, &borrowed->unit);
	flash_loader_start(loader, borrowed->core, borrowed->device, bus, FLASH_X8);
}

/* ---- after, whatever happened in between ---- */

/* Those that the loader uses; the registers that it leaves alone hold what they held. */
static const unsigned used_registers[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, SELECTOR_SPECIAL,
	SELECTOR_XPSR, SELECTOR_MSP, SELECTOR_PC};

static enum err restore_registers(struct borrowed *borrowed)
{
	struct core *core = borrowed->core;
	enum err err = core_halt(core);
	for (size_t i = 0; i < sizeof(used_registers) / sizeof(used_registers[0]) && !err; i++) {
		unsigned selector = used_registers[i];
		err = probe_write_register(core->probe, selector, borrowed->file[selector]);
	}
	core->reason = borrowed->reason;
	return err;
}

static void restore_memory(
	struct borrowed *borrowed, const struct flash_loader *loader, struct bus *bus)
{
	flash_loader_stop(loader, bus);
	borrowed->device->family->survey_end(bus, &borrowed->unit);
	bus_write_block(bus, borrowed->device->ram_start, borrowed->ram, sizeof(borrowed->ram));
	bus_write(bus, SCB_VTOR, borrowed->vtor);
	bus_write(bus, SYST_CSR, borrowed->systick);
	bus_write(bus, SCB_DFSR, DFSR_ALL & ~borrowed->dfsr); /* a written one clears */
	if (loader->demcr & DEMCR_TRCENA)
		bus_write(bus, DWT_CYCCNT, borrowed->cyccnt);
}

static enum err give_back(struct borrowed *borrowed, const struct flash_loader *loader)
{
	struct bus bus;
	enum err err = restore_registers(borrowed);
	bus_begin(&bus, borrowed->core->probe, NULL, NULL);
	restore_memory(borrowed, loader, &bus);
	enum err restored = bus_end(&bus);
	if (!err)
		err = restored;
	if (err)
		log_error("the core was borrowed for a check and could not be put back as it was "
			  "(%s): "
			  "reset the board before going on",
			err_text(err));
	return err;
}

/* ---- the check ---- */

static size_t fill_rows(struct survey_row *rows, size_t size)
{
	size_t count = 0;
	for (size_t at = 0; at < size && count < ROWS; at += ROW_BYTES) {
		size_t end = at + ROW_BYTES < size ? at + ROW_BYTES : size;
		rows[count++] = (struct survey_row){.first = (uint32_t)at, .end = (uint32_t)end};
	}
	return count;
}

struct sum {
	uint32_t address;
	size_t size;
	uint32_t crc;
};

static void sum_up(void *context, struct flash_loader *loader)
{
	struct sum *sum = context;
	struct survey_row rows[ROWS];
	uint32_t address = sum->address;
	size_t size = sum->size;
	sum->crc = CRC32_INITIAL;
	while (size > 0 && !loader->bus->err) {
		size_t count = fill_rows(rows, size);
		size_t done = rows[count - 1].end;
		flash_loader_sum(loader, address, rows, count);
		for (size_t i = 0; i < count; i++)
			sum->crc = crc32_join(sum->crc, rows[i].crc, rows[i].end - rows[i].first);
		address += (uint32_t)done;
		size -= done;
	}
}

/* RAM that holds or executes no code, a fault in the range: reading tells more. */
static bool is_no_loader(enum err err)
{
	return err == ERR_TARGET_STATE || err == ERR_TARGET_TIMEOUT || err == ERR_FLASH_PROGRAM;
}

enum err borrow_crc(struct core *core, const struct device *device, uint32_t address, size_t size,
	uint32_t *crc)
{
	struct sum sum = {.address = address, .size = size};
	enum err err = borrow_run(core, device, address, size, sum_up, &sum);
	*crc = sum.crc;
	return err;
}

enum err borrow_run(struct core *core, const struct device *device, uint32_t address, size_t size,
	borrow_job *job, void *context)
{
	struct borrowed borrowed = {.core = core, .device = device};
	struct flash_loader loader = {0};
	struct bus bus;
	uint32_t xpsr;
	if (!may_borrow(core, device, address, size))
		return ERR_UNSUPPORTED;
	enum err err = core_read_register(core, TARGET_XPSR, &xpsr); /* reads them all */
	if (err)
		return err;
	bus_begin(&bus, core->probe, NULL, NULL);
	save(&borrowed, &bus);
	err = bus_end(&bus);
	if (err)
		return err;

	begin(&borrowed, &bus, &loader);
	if (!bus.err)
		job(context, &loader);
	err = bus_end(&bus);
	enum err returned = give_back(&borrowed, &loader);
	return !returned && is_no_loader(err) ? ERR_UNSUPPORTED : err ? err : returned;
}
