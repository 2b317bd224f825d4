/*
 * Loads of an attached target, and looks at its flash: that part of target.h. Worker thread.
 */
#include "target_private.h"

#include "flash.h"
#include "flash_look.h"
#include "kept_ram.h"
#include "probe/log.h"
#include "recovery.h"

#include <string.h>

#define FLASH_SPAN 0x1000000u /* no STM32F4 has more address space for it */

enum err target_check_range(struct target *target, enum err err, uint32_t address, size_t size)
{
	uint32_t start = target->device.flash_start, end = address + (uint32_t)size;
	if (err != ERR_FLASH_RANGE || address < start || end < address ||
		end - start > FLASH_SPAN || target->device.flash_size == 0)
		return err;
	examiner_begin(&target->examiner, DOING_CHECK);
	target->examiner.evidence.trouble.image_kb = (end - start + 1023) / 1024;
	(void)examiner_fail(&target->examiner, err);
	return err;
}

enum err target_flash_erase(struct target *target, uint32_t address, uint32_t size)
{
	enum err err = target_check_chip(target);
	if (err)
		return err;
	err = flash_record_erase(&target->record, address, size);
	return target_check_range(target, err, address, size);
}

enum err target_flash_write(
	struct target *target, uint32_t address, const uint8_t *data, size_t size)
{
	enum err err = target_check_chip(target);
	if (err)
		return err;
	err = flash_record_write(&target->record, address, data, size);
	return target_check_range(target, err, address, size);
}

void target_flash_forget(struct target *target)
{
	flash_record_finish(&target->record);
}

/* Makes ready for a second try, when there is one that makes sense. */
static bool recover(
	struct target *target, struct flash_settings *settings, const struct cause *cause)
{
	if (!recovery_prepare(&target->examiner, cause, settings, &target->identity.speed_khz))
		return false;
	/* A loss of power has taken these away, too. */
	return target_begin_debug(target) == ERR_OK;
}

/* A second try begins with what the first has left on the chip. */
static void begin_try(struct target *target, bool second)
{
	struct trouble *trouble = &target->examiner.evidence.trouble;
	struct trouble first = *trouble;
	examiner_begin(&target->examiner, DOING_CHECK);
	if (!second)
		return;
	trouble->second_try = true;
	trouble->has_held = first.has_held;
	trouble->head_missing = first.head_missing;
	memcpy(trouble->held, first.held, sizeof(trouble->held));
}

static enum err load_once(struct target *target, const struct flash_settings *settings,
	struct target_load *load, const struct cause **cause)
{
	begin_try(target, settings->second_try);
	return flash_run(&target->core, &target->device, settings, &target->record,
		&target->flash_incomplete, load, cause);
}

static enum err load_or_retry(
	struct target *target, struct flash_settings *settings, struct target_load *done)
{
	const struct cause *cause;
	enum err err = load_once(target, settings, done, &cause);
	while (err && recover(target, settings, cause)) {
		settings->second_try = true;
		err = load_once(target, settings, done, &cause);
	}
	return err;
}

static enum err load(
	struct target *target, struct flash_settings *settings, struct target_load *done)
{
	struct kept_ram kept = {0};
	enum err err = settings->no_reset ? ERR_OK : kept_ram_save(&kept, &target->core);
	if (!err)
		err = load_or_retry(target, settings, done);
	bool was_quiet = log_quiet(err != ERR_OK);
	enum err restored = kept_ram_restore(&kept, &target->core);
	(void)log_quiet(was_quiet);
	return err ? err : restored;
}

/* Remembered, to tell later whether it is still there. */
static void keep_record(struct target *target)
{
	flash_record_finish(&target->loaded);
	target->loaded = target->record;
	memset(target->loaded.erase, 0, sizeof(target->loaded.erase));
	flash_record_init(&target->record, &target->device);
}

size_t target_flash_sectors(
	const struct target *target, struct target_sector sectors[TARGET_SECTORS_MAX])
{
	return flash_look_sectors(&target->device, sectors);
}

enum err target_flash_look(
	struct target *target, struct target_sector sectors[TARGET_SECTORS_MAX], size_t *count)
{
	*count = flash_look_sectors(&target->device, sectors);
	if (!target->device.family)
		return ERR_UNSUPPORTED;
	return flash_look(&target->core, &target->device, &target->loaded, sectors);
}

enum err target_flash_difference(struct target *target, const struct target_sector *sector,
	struct target_difference *difference)
{
	return flash_look_for_difference(&target->core, &target->loaded, sector, difference);
}

enum err target_flash_done(struct target *target, struct target_load *done)
{
	struct target_load unwanted;
	struct flash_settings settings = {
		.vdd_mv = target->options.vdd_mv,
		.speed_khz = target->identity.speed_khz,
		.keep_unwritten = target->options.keep_unwritten,
		.no_loader = target->options.no_loader,
		.no_reset = target->options.no_reset,
		.interlock = target->options.interlock,
		.keep = target->options.keep,
		.keep_count = target->options.keep_count,
		.widest = FLASH_X32,
		.hooks = target->options.hooks,
		.examiner = &target->examiner,
	};
	enum err err = ERR_OK;
	if (!done)
		done = &unwanted;
	*done = (struct target_load){0};
	bool was_off = target->core.cache.off;
	target_use_cache(target, false); /* others may read what the load is about to change */
	if (!target->record.empty && target->options.on_halt_count)
		err = target_halt(target);
	if (!err && !target->record.empty)
		err = load(target, &settings, done);
	target_use_cache(target, !was_off);
	if (target->examiner.evidence.trouble.flags_known)
		target->reset_flags = target->examiner.evidence.trouble.flags_before;
	if (done->sectors > 0 && !target->options.no_reset)
		err = target_has_reset(target, err);
	if (target->options.no_reset && done->bytes_written + done->sectors_erased > 0)
		target->stands_in_old_code = true;
	if (!err)
		examiner_succeed(&target->examiner);
	if (!err && target->record.data)
		keep_record(target);
	flash_record_finish(&target->record);
	return err;
}

bool target_flash_incomplete(const struct target *target)
{
	return target->flash_incomplete;
}
