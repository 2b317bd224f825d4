/*
 * Looking at the flash outside a load: which sectors are blank, protected, still as the last load
 * left them. Called by target.c, on the worker thread; blocks for some 50 to 500 ms.
 */
#ifndef TARGETS_FLASH_LOOK_H
#define TARGETS_FLASH_LOOK_H

#include "core.h"
#include "family.h"
#include "flash_record.h"
#include "targets/target.h"

/* Fills in what the device is known to have; nothing is looked at. Returns how many there are. */
size_t flash_look_sectors(const struct device *device, struct target_sector *sectors);

/* Looks at each of them: on the chip where the core can be borrowed, else by reading all of it.
 * `loaded`: what the last load wrote, without erases. Errors: of the link; ERR_TARGET_FAULT when
 * the flash cannot be read. */
enum err flash_look(struct core *core, const struct device *device,
	const struct flash_record *loaded, struct target_sector *sectors) MUST_USE;

/* The first word of a sector that is not as `loaded`. Errors: as flash_look; ERR_OK and an address
 * of 0 when there is none. */
enum err flash_look_for_difference(struct core *core, const struct flash_record *loaded,
	const struct target_sector *sector, struct target_difference *difference) MUST_USE;

#endif
