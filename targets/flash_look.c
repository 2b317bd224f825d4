/* Looking at the flash outside a load: see flash_look.h. Worker thread. */
#include "flash_look.h"

#include "borrow.h"
#include "flash_loader.h"
#include "flash_survey.h"
#include "probe/bytes.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK 4096u

size_t flash_look_sectors(const struct device *device, struct target_sector *sectors)
{
	_Static_assert(DEVICE_SECTORS_MAX <= TARGET_SECTORS_MAX, "room for all sectors");
	for (size_t i = 0; i < device->sector_count; i++)
		sectors[i] = (struct target_sector){
			.start = device->sectors[i].start,
			.size = device->sectors[i].size,
			.number = device->sectors[i].number,
		};
	return device->sector_count;
}

/* ---- blank, as loaded ---- */

struct look {
	const struct device *device;
	const struct flash_record *loaded;
	struct target_sector *sectors;
};

static void fill_rows(const struct look *look, struct survey_row *rows)
{
	for (size_t i = 0; i < look->device->sector_count; i++) {
		uint32_t first = look->sectors[i].start - look->device->flash_start;
		rows[i] = (struct survey_row){.first = first, .end = first + look->sectors[i].size};
	}
}

static void read_blank(struct bus *bus, struct target_sector *sector)
{
	uint8_t block[BLOCK];
	sector->is_blank = true;
	for (uint32_t at = 0; at < sector->size && sector->is_blank && !bus->err; at += BLOCK) {
		bus_read_block(bus, sector->start + at, block, sizeof(block));
		for (size_t i = 0; i < sizeof(block); i++)
			sector->is_blank &= block[i] == 0xFF;
	}
}

static void look_for_blanks(const struct look *look, struct flash_loader *loader, struct bus *bus)
{
	struct survey_row rows[DEVICE_SECTORS_MAX];
	fill_rows(look, rows);
	if (loader)
		flash_loader_sum(
			loader, look->device->flash_start, rows, look->device->sector_count);
	for (size_t i = 0; i < look->device->sector_count && !bus->err; i++) {
		if (loader)
			look->sectors[i].is_blank = rows[i].all == 0xFFFFFFFF;
		else
			read_blank(bus, &look->sectors[i]);
	}
}

static void compare(const struct look *look, struct flash_loader *loader, struct bus *bus)
{
	struct flash_survey survey;
	flash_survey_before(&survey, look->loaded, loader, bus);
	for (size_t i = 0; i < look->device->sector_count; i++) {
		look->sectors[i].was_loaded =
			flash_record_writes(look->loaded, &look->device->sectors[i]);
		look->sectors[i].is_as_loaded = look->sectors[i].was_loaded;
	}
	for (size_t i = 0; i < survey.count && !bus->err; i++)
		if (survey.rows[i].verdict != SURVEY_EQUAL)
			look->sectors[survey.rows[i].sector].is_as_loaded = false;
	flash_survey_finish(&survey);
}

static void look_by_loader(void *context, struct flash_loader *loader)
{
	look_for_blanks(context, loader, loader->bus);
	if (!loader->bus->err)
		compare(context, loader, loader->bus);
}

static enum err look_by_reading(const struct look *look, struct bus *bus)
{
	look_for_blanks(look, NULL, bus);
	compare(look, NULL, bus);
	return bus_end(bus);
}

static enum err look_for_protection(const struct look *look, struct bus *bus)
{
	bool is_protected[DEVICE_SECTORS_MAX] = {false};
	look->device->family->protection(bus, look->device, is_protected);
	for (size_t i = 0; i < look->device->sector_count; i++)
		look->sectors[i].is_protected = is_protected[i];
	return bus_end(bus);
}

enum err flash_look(struct core *core, const struct device *device,
	const struct flash_record *loaded, struct target_sector *sectors)
{
	struct look look = {device, loaded, sectors};
	struct bus bus;
	bus_begin(&bus, core->probe, NULL, NULL);
	enum err err = look_for_protection(&look, &bus);
	if (err)
		return err;
	err = borrow_run(
		core, device, device->flash_start, device->flash_size, look_by_loader, &look);
	if (err != ERR_UNSUPPORTED)
		return err;
	bus_begin(&bus, core->probe, NULL, NULL);
	return look_by_reading(&look, &bus);
}

/* ---- where it differs ---- */

static bool differs(const struct flash_record *loaded, uint32_t offset, const uint8_t *held)
{
	for (uint32_t i = 0; i < 4; i++)
		if (flash_record_has_byte(loaded, offset + i) &&
			held[i] != loaded->data[offset + i])
			return true;
	return false;
}

enum err flash_look_for_difference(struct core *core, const struct flash_record *loaded,
	const struct target_sector *sector, struct target_difference *difference)
{
	uint8_t block[BLOCK];
	struct bus bus;
	uint32_t first = sector->start - loaded->device->flash_start;
	*difference = (struct target_difference){0};
	bus_begin(&bus, core->probe, NULL, NULL);
	for (uint32_t at = 0; at < sector->size && !bus.err; at += BLOCK) {
		bus_read_block(&bus, sector->start + at, block, sizeof(block));
		for (uint32_t i = 0; i < BLOCK && !bus.err; i += 4) {
			if (!differs(loaded, first + at + i, block + i))
				continue;
			difference->address = sector->start + at + i;
			difference->wanted = get_le32(loaded->data + first + at + i);
			difference->found = get_le32(block + i);
			return bus_end(&bus);
		}
	}
	return bus_end(&bus);
}
