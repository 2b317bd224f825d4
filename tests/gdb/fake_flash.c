/* The flash of the target in memory: records a load and carries it out at once. */
#include <string.h>

#include "fake_target.h"
#include "probe/log.h"

static bool is_flash(uint32_t address, size_t size)
{
	return address >= FAKE_FLASH_START && address - FAKE_FLASH_START <= FAKE_FLASH_SIZE &&
	       size <= FAKE_FLASH_SIZE - (address - FAKE_FLASH_START);
}

enum err target_flash_erase(struct target *target, uint32_t address, uint32_t size)
{
	enum err err = fake_target_call(target, FAKE_FLASH_ERASE);
	if (!err && !is_flash(address, size)) {
		log_error("0x%08x is not in flash", address);
		err = ERR_FLASH_RANGE;
	}
	for (uint32_t i = 0; i < size && !err; i++)
		target->is_erased[address - FAKE_FLASH_START + i] = true;
	return err;
}

enum err target_flash_write(
	struct target *target, uint32_t address, const uint8_t *data, size_t size)
{
	enum err err = fake_target_call(target, FAKE_FLASH_WRITE);
	if (!err && !is_flash(address, size))
		err = ERR_FLASH_RANGE;
	for (size_t i = 0; i < size && !err; i++) {
		target->staged[address - FAKE_FLASH_START + i] = data[i];
		target->is_staged[address - FAKE_FLASH_START + i] = true;
	}
	return err;
}

void target_flash_forget(struct target *target)
{
	target->calls[FAKE_FLASH_FORGET]++;
	memset(target->is_staged, 0, FAKE_FLASH_SIZE * sizeof(bool));
	memset(target->is_erased, 0, FAKE_FLASH_SIZE * sizeof(bool));
}

size_t target_flash_sectors(
	const struct target *target, struct target_sector sectors[TARGET_SECTORS_MAX])
{
	static const uint32_t sizes[] = {0x4000, 0x4000, 0x4000, 0x4000, 0x10000, 0x20000};
	uint32_t start = FAKE_FLASH_START;

	(void)target;
	for (unsigned i = 0; i < 6; i++) {
		sectors[i] = (struct target_sector){.start = start, .size = sizes[i], .number = i};
		start += sizes[i];
	}
	return 6;
}

/* Sector 0 is as loaded, 1 was changed, 2 holds something, 3 is protected, the others are blank. */
enum err target_flash_look(
	struct target *target, struct target_sector sectors[TARGET_SECTORS_MAX], size_t *count)
{
	enum err err = fake_target_call(target, FAKE_FLASH_LOOK);
	*count = target_flash_sectors(target, sectors);
	sectors[0].was_loaded = sectors[0].is_as_loaded = true;
	sectors[1].was_loaded = true;
	sectors[1].is_as_loaded = !target->flash_changed;
	sectors[3].is_protected = true;
	for (unsigned i = 4; i < 6; i++)
		sectors[i].is_blank = true;
	if (target->never_loaded)
		sectors[0].was_loaded = sectors[1].was_loaded = false;
	return err;
}

enum err target_flash_difference(struct target *target, const struct target_sector *sector,
	struct target_difference *difference)
{
	(void)target;
	*difference = (struct target_difference){sector->start + 0x10, 0x12345678, 0x12345670};
	return ERR_OK;
}

static size_t burn(struct target *target)
{
	size_t written = 0;

	for (size_t i = 0; i < FAKE_FLASH_SIZE; i++) {
		if (target->is_erased[i])
			target->flash[i] = 0xff;
		if (target->is_staged[i]) {
			target->flash[i] = target->staged[i];
			written++;
		}
	}
	return written;
}

static enum err show_progress(struct target *target, enum target_phase phase)
{
	for (unsigned i = 0; i <= target->load_blocks; i++) {
		struct target_progress progress = {
			.phase = phase, .done = 1000 * i, .total = 1000 * target->load_blocks};
		if (target->hooks.progress)
			target->hooks.progress(target->hooks.context, &progress);
		if (target->hooks.yield && target->hooks.yield(target->hooks.context))
			return ERR_CANCELLED;
	}
	return ERR_OK;
}

enum err target_flash_done(struct target *target, struct target_load *done)
{
	enum err err = fake_target_call(target, FAKE_FLASH_DONE);
	target->running = false;
	if (!err)
		err = show_progress(target, TARGET_CHECKING);
	if (!err)
		err = show_progress(target, TARGET_WRITING);
	target->incomplete = err != ERR_OK;
	if (err && target->load_report && target->hooks.diagnosed)
		target->hooks.diagnosed(target->hooks.context, target->load_report);
	if (!err)
		*done = (struct target_load){
			.sectors = 1,
			.sectors_erased = 1,
			.bytes_written = burn(target),
			.duration_us = 1500000,
		};
	target_flash_forget(target);
	target->registers[TARGET_PC] = 0x08000188;
	return err;
}

bool target_flash_incomplete(const struct target *target)
{
	return target->incomplete;
}
