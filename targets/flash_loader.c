/*
 * The host's side of the RAM loader, and the way without it: see flash_loader.h. Worker thread.
 * Source of the programming rules: RM0090 rev 21, 3.6.
 */
#include "flash_loader.h"

#include "cortexm_registers.h"
#include "evidence.h"
#include "flash_survey.h"
#include "loader/layout.h"
#include "loader/stm32f4_bytes.h"
#include "probe/bytes.h"
#include "probe/log.h"

#include <assert.h>
#include <string.h>

/* A word takes at most 0.4 ms (four units of 100 us at x8, DS8626 table 41). */

#define ROWS_AT_ONCE   128u
#define SUMS_US_PER_KB 1000u /* some ten cycles a word at 16 MHz take a sixth of it */

#define DIRECT_CHUNK 256u /* bytes between two looks at the controller */
#define DIRECT_TRIES 8u

_Static_assert(sizeof(loader_bytes) <= LOADER_CODE_MAX, "the loader has outgrown its place");

static uint32_t ram(const struct flash_loader *loader, uint32_t offset)
{
	return loader->device->ram_start + offset;
}

static uint32_t mail(const struct flash_loader *loader, uint32_t field)
{
	return ram(loader, LOADER_MAILBOX + field);
}

/* ---- start ---- */

static void fill_vectors(const struct flash_loader *loader, uint8_t *vectors)
{
	uint32_t code = ram(loader, LOADER_CODE);
	put_le32(vectors, ram(loader, LOADER_STACK_TOP));
	put_le32(vectors + 4, (code + LOADER_START_OFFSET) | 1);
	for (unsigned i = 2; i < 16; i++)
		put_le32(vectors + (size_t)4 * i, (code + LOADER_FAULT_OFFSET) | 1);
}

static void fill_mailbox(
	const struct flash_loader *loader, enum flash_width width, uint8_t *mailbox)
{
	put_le32(mailbox + MAIL_WRITE, loader->ring_start);
	put_le32(mailbox + MAIL_READ, loader->ring_start);
	put_le32(mailbox + MAIL_RING_START, loader->ring_start);
	put_le32(mailbox + MAIL_RING_END, loader->ring_end);
	put_le32(mailbox + MAIL_WIDTH, 1u << width);
}

/* Read back: a loader that arrived damaged would write anything anywhere. */
static void put_checked(
	struct flash_loader *loader, uint32_t offset, const uint8_t *data, size_t size)
{
	uint8_t back[LOADER_CODE + LOADER_CODE_MAX];
	uint64_t start = probe_now_us(loader->bus->probe);
	bus_write_block(loader->bus, ram(loader, offset), data, size);
	bus_read_block(loader->bus, ram(loader, offset), back, size);
	uint64_t took_us = probe_now_us(loader->bus->probe) - start;
	loader->us_per_kb = (uint32_t)(took_us * 1024 / (2 * size));
	if (loader->bus->err || memcmp(data, back, size) == 0)
		return;
	log_warn("the RAM at 0x%08X does not hold what is written to it: writing the flash without "
		 "a "
		 "RAM loader, which is slower",
		ram(loader, offset));
	bus_fail(loader->bus, ERR_TARGET_STATE);
}

static void download(struct flash_loader *loader, enum flash_width width)
{
	uint8_t mailbox[MAIL_SIZE] = {0}, code[LOADER_CODE + sizeof(loader_bytes)] = {0};
	fill_mailbox(loader, width, mailbox);
	put_checked(loader, LOADER_MAILBOX, mailbox, sizeof(mailbox));
	fill_vectors(loader, code + LOADER_VECTORS);
	memcpy(code + LOADER_CODE, loader_bytes, sizeof(loader_bytes));
	put_checked(loader, LOADER_VECTORS, code, sizeof(code));
}

void flash_loader_start(struct flash_loader *loader, struct core *core, const struct device *device,
	struct bus *bus, enum flash_width width)
{
	*loader = (struct flash_loader){.core = core, .device = device, .bus = bus};
	loader->ring_start = ram(loader, LOADER_RING);
	loader->ring_end = device->ram_start + device->ram_size - CANARY_SIZE;
	loader->write = loader->read = loader->ring_start;

	download(loader, width);
	loader->demcr = bus_read(bus, DCB_DEMCR);
	bus_write(bus, SCB_VTOR, ram(loader, LOADER_VECTORS));
	/* The user's watchpoints are not for the loader's RAM, nor is CYCCNT for its cycles; and it
	 * has handlers for its own faults. */
	bus_write(bus, DCB_DEMCR, loader->demcr & ~(DEMCR_TRCENA | DEMCR_VC_ALL));
	bus_flush(bus);
	if (bus->err)
		return;
	enum err err = core_run_code(core, ram(loader, LOADER_CODE) + LOADER_START_OFFSET,
		ram(loader, LOADER_STACK_TOP));
	if (err)
		bus_fail(bus, err);
}

void flash_loader_stop(const struct flash_loader *loader, struct bus *bus)
{
	if (!(loader->demcr & (DEMCR_TRCENA | DEMCR_VC_ALL)))
		return;
	bus_write_now(bus, DCB_DEMCR, loader->demcr);
	loader->core->demcr_known = false;
}

/* ---- failures ---- */

/* Whatever the loader says, it may not be the loader any more that says it. */
void flash_loader_check_code(struct flash_loader *loader)
{
	uint8_t held[sizeof(loader_bytes)];
	bus_read_block(loader->bus, ram(loader, LOADER_CODE), held, sizeof(held));
	loader->damaged = !loader->bus->err && memcmp(held, loader_bytes, sizeof(held)) != 0;
}

static void report_not_blank(struct flash_loader *loader, uint32_t address)
{
	loader->not_blank = true;
	loader->address = address;
	loader->held = bus_read(loader->bus, address);
	flash_loader_check_code(loader);
	log_debug("0x%08X holds %08X and cannot take the new value without an erase", address,
		loader->held);
	bus_fail(loader->bus, ERR_FLASH_PROGRAM);
}

static void report_flash_error(struct flash_loader *loader, uint32_t address)
{
	struct flash_status status = loader->device->family->status(loader->bus);
	log_debug("writing 0x%08X failed: %s (FLASH_SR %08X)", address,
		status.reason ? status.reason : "the controller reported an error", status.raw);
	flash_loader_check_code(loader);
	bus_fail(loader->bus, status.err ? status.err : ERR_FLASH_PROGRAM);
}

static void lose(struct flash_loader *loader, enum err err)
{
	flash_loader_check_code(loader);
	loader->lost = true;
	bus_fail(loader->bus, err);
}

static void report_fault(struct flash_loader *loader, uint32_t address)
{
	uint32_t cfsr = bus_read(loader->bus, SCB_CFSR);
	uint32_t hfsr = bus_read(loader->bus, SCB_HFSR);
	log_debug("the RAM loader was thrown out by an exception at flash address 0x%08X "
		  "(CFSR %08X, HFSR %08X)",
		address, cfsr, hfsr);
	lose(loader, ERR_FLASH_PROGRAM);
}

static void report(struct flash_loader *loader, uint32_t result, uint32_t address)
{
	switch (result) {
	case RESULT_NOT_BLANK:
		report_not_blank(loader, address);
		break;
	case RESULT_FLASH_ERROR:
		report_flash_error(loader, address);
		break;
	default:
		report_fault(loader, address);
		break;
	}
}

static void report_silence(struct flash_loader *loader, uint32_t address)
{
	uint32_t dhcsr = bus_read(loader->bus, DCB_DHCSR);
	uint32_t sr = loader->device->family->status(loader->bus).raw;
	log_debug("the RAM loader stands still at 0x%08X (DHCSR %08X, FLASH_SR %08X)", address,
		dhcsr, sr);
	lose(loader, ERR_TARGET_TIMEOUT);
}

/* ---- the mailbox ---- */

static void post(struct flash_loader *loader, uint32_t command, uint32_t from, uint32_t end)
{
	uint8_t words[12];
	put_le32(words, from);
	put_le32(words + 4, end);
	put_le32(words + 8, command);
	bus_write_block(loader->bus, mail(loader, MAIL_DESTINATION), words, sizeof(words));
	loader->destination = from;
	loader->moved_us = probe_now_us(loader->bus->probe);
}

static void note_progress(struct flash_loader *loader, uint32_t destination)
{
	uint64_t now = probe_now_us(loader->bus->probe);
	bool hungry = loader->read == loader->write;
	if (destination != loader->destination || hungry)
		loader->moved_us = now;
	else if (now - loader->moved_us > UINT64_C(1000) * FLASH_STANDSTILL_MS)
		report_silence(loader, destination);
	loader->destination = destination;
}

bool flash_loader_is_done(struct flash_loader *loader)
{
	uint8_t mailbox[MAIL_SIZE] = {0};
	bus_read_block(loader->bus, mail(loader, 0), mailbox, sizeof(mailbox));
	if (loader->bus->err)
		return false;
	uint32_t destination = get_le32(mailbox + MAIL_DESTINATION);
	uint32_t result = get_le32(mailbox + MAIL_RESULT);
	loader->read = get_le32(mailbox + MAIL_READ);
	if (result) {
		report(loader, result, destination);
		return false;
	}
	if (get_le32(mailbox + MAIL_COMMAND) == 0)
		return true;
	note_progress(loader, destination);
	return false;
}

/* ---- sums ---- */

/* The table lies where the ring is: the loader does one thing at a time. */
static void send_rows(struct flash_loader *loader, uint32_t base, const struct survey_row *rows,
	size_t count, uint8_t *table)
{
	for (size_t i = 0; i < count; i++) {
		uint8_t *row = table + i * SURVEY_ROW;
		put_le32(row + SURVEY_FIRST, base + rows[i].first);
		put_le32(row + SURVEY_END, base + rows[i].end);
		put_le32(row + SURVEY_AND, 0);
		put_le32(row + SURVEY_AND + 4, 0);
	}
	bus_write_block(loader->bus, loader->ring_start, table, count * SURVEY_ROW);
}

static void fetch_rows(
	struct flash_loader *loader, struct survey_row *rows, size_t count, uint8_t *table)
{
	bus_read_block(loader->bus, loader->ring_start, table, count * SURVEY_ROW);
	for (size_t i = 0; i < count; i++) {
		const uint8_t *row = table + i * SURVEY_ROW;
		rows[i].crc = get_le32(row + SURVEY_FIRST);
		rows[i].sum = get_le32(row + SURVEY_END);
		rows[i].all = get_le32(row + SURVEY_AND);
	}
}

static uint64_t limit_of_sums_us(const struct survey_row *rows, size_t count)
{
	uint64_t bytes = 0;
	for (size_t i = 0; i < count; i++)
		bytes += rows[i].end - rows[i].first;
	return UINT64_C(1000) * FLASH_STANDSTILL_MS + bytes * SUMS_US_PER_KB / 1024;
}

static void wait_for_sums(struct flash_loader *loader, uint64_t limit_us)
{
	uint64_t deadline = probe_now_us(loader->bus->probe) + limit_us;
	while (!flash_loader_is_done(loader) && !loader->bus->err)
		if (probe_now_us(loader->bus->probe) > deadline)
			report_silence(loader, loader->destination);
}

void flash_loader_sum(
	struct flash_loader *loader, uint32_t base, struct survey_row *rows, size_t count)
{
	uint8_t table[ROWS_AT_ONCE * SURVEY_ROW];
	while (count > 0 && !loader->bus->err) {
		size_t now = count < ROWS_AT_ONCE ? count : ROWS_AT_ONCE;
		send_rows(loader, base, rows, now, table);
		post(loader, COMMAND_SURVEY, loader->ring_start,
			loader->ring_start + (uint32_t)(now * SURVEY_ROW));
		wait_for_sums(loader, limit_of_sums_us(rows, now));
		fetch_rows(loader, rows, now, table);
		rows += now;
		count -= now;
	}
}

/* ---- the stream ---- */

/* One contiguous stretch; the ring is never filled to the last word, which would look empty. */
size_t flash_loader_room(const struct flash_loader *loader)
{
	if (loader->read > loader->write)
		return loader->read - loader->write - 4;
	size_t to_end = loader->ring_end - loader->write;
	return loader->read == loader->ring_start ? to_end - 4 : to_end;
}

bool flash_loader_wraps(const struct flash_loader *loader, size_t size)
{
	return size == loader->ring_end - loader->write;
}

void flash_loader_put(struct flash_loader *loader, const uint8_t *data, size_t size)
{
	assert(size % 4 == 0 && size <= flash_loader_room(loader));
	bus_write_block(loader->bus, loader->write, data, size);
	loader->write += (uint32_t)size;
	if (loader->write == loader->ring_end)
		loader->write = loader->ring_start;
	bus_write_now(loader->bus, mail(loader, MAIL_WRITE), loader->write);
	loader->moved_us = probe_now_us(loader->bus->probe);
}

void flash_loader_program(struct flash_loader *loader, uint32_t address, size_t size)
{
	post(loader, COMMAND_PROGRAM, address, address + (uint32_t)size);
}

/* ---- without RAM ---- */

/* Each unit is one access, and an access while the controller is busy stalls the access port, which
 * the probe reports as WAIT. Repeating is harmless: the same value again changes nothing. */
static void store(
	struct bus *bus, enum flash_width width, uint32_t address, const uint8_t *data, size_t size)
{
	enum err err;
	unsigned tries = DIRECT_TRIES;
	do
		err = probe_write(bus->probe, 1u << width, address, data, size);
	while (err == ERR_TARGET_WAIT && --tries > 0);
	if (err)
		bus_fail(bus, err);
}

void flash_direct_program(struct bus *bus, const struct device *device, enum flash_width width,
	uint32_t address, const uint8_t *data, size_t size)
{
	for (size_t done = 0; done < size && !bus->err; done += DIRECT_CHUNK) {
		size_t now = size - done < DIRECT_CHUNK ? size - done : DIRECT_CHUNK;
		uint32_t at = address + (uint32_t)done;
		store(bus, width, at, data + done, now);
		struct flash_status status = device->family->status(bus);
		if (!bus->err && status.err) {
			log_error("writing 0x%08X failed: %s (FLASH_SR %08X)", at, status.reason,
				status.raw);
			bus_fail(bus, status.err);
		}
		bus_yield(bus);
	}
}
