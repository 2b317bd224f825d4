/*
 * What a chip family is: rows of chips as data, and a few verbs in the words of its manual.
 *
 * Adding a chip of a known family is one row in the family's table; adding a family is one file
 * with these verbs and one row in families.c. The family-independent flash work (what to erase, in
 * which order, verify, progress) is flash*.c, which calls the verbs.
 *
 * Private to targets/. Worker thread. Verbs that take a bus report by it: a failure latches.
 */
#ifndef TARGETS_FAMILY_H
#define TARGETS_FAMILY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bus.h"
#include "probe/err.h"
#include "targets/target.h"

#define DEVICE_REGIONS_MAX 32
#define DEVICE_SECTORS_MAX 32

/* Bytes programmed, and erased in parallel, by one operation; what the supply voltage allows. */
enum flash_width { FLASH_X8, FLASH_X16, FLASH_X32 };

/* "x8" */
const char *flash_width_name(enum flash_width width);

struct flash_sector {
	uint32_t start, size;
	unsigned number; /* as the manual counts */
	uint8_t code;    /* as the controller's sector field wants it */
};

/* One chip, as found: filled by its family at attach. */
struct device {
	const struct family *family; /* NULL: an unknown chip */
	const void *row;             /* of the family's own table */
	bool is_foreign;             /* somebody else makes it */
	bool is_named;               /* strange, and the user says what it is like */
	char name[32];
	uint32_t id; /* DBGMCU_IDCODE */

	struct target_region map[DEVICE_REGIONS_MAX];
	size_t map_count;

	uint32_t flash_start, flash_size;
	struct flash_sector sectors[DEVICE_SECTORS_MAX];
	size_t sector_count;

	uint32_t ram_start, ram_size; /* where a RAM loader may live */
};

/* What a family saves when debugging begins, to put it back. */
struct debug_settings {
	bool saved;
	uint32_t words[4];
};

/* What a family saves of the unit that sums up, to put it back. */
struct survey_unit {
	uint32_t words[2];
};

/* What the data sheet says of an erase. */
struct flash_erase_time {
	unsigned typical_ms, max_ms;
	bool confirmed; /* false: worked out from a neighbour's row */
};

/* The controller's state after an operation. */
struct flash_status {
	bool busy;
	uint32_t raw;       /* the status register, for messages */
	enum err err;       /* of the last operation; ERR_OK while busy */
	const char *reason; /* what the error flag means, NULL without error */
};

/* What a load changes of a watchdog that option bytes have started, to put it back. */
struct watchdog_kept {
	bool is_slowed; /* and is to be fed */
	uint32_t words[2];
};

struct family {
	/* Why the chip was reset, in bits that stay set until software clears them; and those that
	 * a reset by the debugger sets. */
	uint32_t reset_register, reset_flags, own_resets;

	/* This bit of this word is set while the flash cannot change. */
	uint32_t lock_register, lock_bit;

	/* Fills `device` and returns true when this chip is of the family. Reads only. `named` is
	 * what a strange chip is to be taken for, or NULL. */
	bool (*identify)(struct bus *bus, uint32_t cpuid, const char *named, struct device *device);

	/* Its chips, for people; NULL behind the last. */
	const char *(*chip_name)(size_t index);

	/* Keeps debugging alive in low-power modes, freezes the watchdogs while the core is halted;
	 * the timers, too, if so wanted. The second queues what undoes that. */
	void (*debug_begin)(struct bus *bus, struct debug_settings *settings, bool freeze_timers);
	void (*debug_end)(struct bus *bus, const struct debug_settings *settings);

	/* The widest parallelism at this supply; 0 mV is unknown. */
	enum flash_width (*width)(unsigned vdd_mv);

	/* What the supply has at least, by the chip's own detector; 0 when that tells nothing. The
	 * chip was just reset, and its next reset puts the detector back. */
	unsigned (*supply_floor_mv)(struct bus *bus);

	/* Of one sector, or of the whole flash (NULL). */
	struct flash_erase_time (*erase_time)(const struct device *device,
		const struct flash_sector *sector, enum flash_width width);

	/* Whether a sector may be erased and written; logs and latches ERR_FLASH_PROTECTED if not.
	 */
	void (*check_protection)(struct bus *bus, const struct device *device,
		const struct flash_sector *const *sectors, size_t count);

	/* Forgets earlier reset causes, so that later ones are this load's, unless they are to be
	 * kept; slows a watchdog down that option bytes have started. */
	void (*load_begin)(struct bus *bus, bool keeps_flags, struct watchdog_kept *kept);
	void (*feed)(struct bus *bus);
	/* Where no reset does it: the watchdog is as fast as it was. */
	void (*load_end)(struct bus *bus, const struct watchdog_kept *kept);
	/* Which sectors may not be erased and written, by index; logs nothing. */
	void (*protection)(struct bus *bus, const struct device *device, bool *is_protected);

	/* Gives the power unit its clock, so that it answers; takes it away again if it had none.
	 */
	void (*power_clock)(struct bus *bus, bool on, uint32_t *saved);
	/* Waits until the controller is idle; ERR_TARGET_TIMEOUT. */
	void (*await_idle)(struct bus *bus, uint64_t timeout_us);

	/* Option bytes: stm32f4_options.h says what they do. */
	size_t (*options_show)(
		struct bus *bus, const struct device *device, struct target_option *options);
	void (*options_set)(
		struct bus *bus, const struct device *device, const char *name, const char *value);
	bool (*options_prepare_unlock)(struct bus *bus, const struct device *device);
	void (*options_unlock)(struct bus *bus, const struct device *device);

	/* Unlocks the controller, clears flags that earlier software left. */
	void (*unlock)(struct bus *bus);
	void (*erase_start)(
		struct bus *bus, const struct flash_sector *sector, enum flash_width width);
	void (*erase_all_start)(
		struct bus *bus, const struct device *device, enum flash_width width);
	/* After this, stores of `width` to the flash program it. */
	void (*program_start)(struct bus *bus, enum flash_width width);
	struct flash_status (*status)(struct bus *bus);
	/* Whether the controller is locked, in the midst of a load: a reset did that. */
	bool (*is_locked)(struct bus *bus);
	/* Switches on what the loader's survey needs, and puts it back to the last bit. */
	void (*survey_begin)(struct bus *bus, struct survey_unit *unit);
	void (*survey_end)(struct bus *bus, const struct survey_unit *unit);
	/* Ends erasing or programming, flushes caches, locks the controller. */
	void (*lock)(struct bus *bus);
};

/* Asks each family; on an unknown chip *device has no family and a map of the architecture's.
 * `named` as above. What is strange about the chip is logged. */
enum err family_identify(
	struct probe *probe, uint32_t cpuid, const char *named, struct device *device) MUST_USE;

/* Whether nobody knows how to write its flash. */
bool device_is_stranger(const struct device *device);

/* Adds a region to the map; they are kept in ascending order. */
void device_add_region(struct device *device, const struct target_region *region);

/* The sector that holds `address`, or NULL. */
const struct flash_sector *device_sector_at(const struct device *device, uint32_t address);

/* The region that holds `address`, or NULL. */
const struct target_region *device_region_at(const struct device *device, uint32_t address);

#endif
