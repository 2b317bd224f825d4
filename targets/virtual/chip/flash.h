/*
 * The flash: what its files share, and what the rest of the chip asks it.
 *
 * flash.c has the registers, flash_operation.c erases and programs, flash_options.c has option
 * bytes and protection, flash_map.c the sectors, flash_time.c the datasheet's times, flash_cache.c
 * the data cache in front of it. From: RM0368 chapter 3, RM0090 chapter 3, DS9716.
 */
#ifndef TARGETS_VIRTUAL_CHIP_FLASH_H
#define TARGETS_VIRTUAL_CHIP_FLASH_H

#include "state.h"

/* ---- what others ask ---- */

/* A read by a debugger, DMA, or the core's own exception machinery. CHIP_WAIT: it is busy. */
enum chip_ack flash_read(
	struct chip *chip, enum master master, uint32_t address, unsigned width, uint32_t *value);

/* A store into flash, OTP, option area or system memory: programs, or sets an error flag. */
enum chip_ack flash_store(struct chip *chip, uint32_t address, unsigned width, uint32_t value);

bool flash_is_busy(const struct chip *chip);
/* Whether a fetch or read at this address would have to wait now. */
bool flash_stalls(const struct chip *chip, uint32_t address);
/* Whether the running core may fetch and read it (RDP). */
bool flash_core_may_read(const struct chip *chip);

/* A debugger made an access, or the core booted from elsewhere: with RDP level 1 that closes the
 * flash until the next power-on. */
void flash_note_intruder(struct chip *chip);

/* Option bytes as they were loaded. */
unsigned flash_rdp_level(const struct chip *chip);
unsigned flash_brown_out_mv(const struct chip *chip); /* supply below which it resets; falling */
bool flash_watchdog_is_hardware(const struct chip *chip);
bool flash_allows_stop(const struct chip *chip);    /* nRST_STOP */
bool flash_allows_standby(const struct chip *chip); /* nRST_STDBY */

/* Fresh option bytes, as a chip is delivered. */
void flash_format(struct chip *chip);
/* Loads the option bytes, as every reset but VECTRESET does. */
void flash_load_options(struct chip *chip);
void flash_reset(struct chip *chip, enum reset_kind kind);

/* For fault switches. */
void flash_inject_errors(struct chip *chip, uint32_t sr);
void flash_inject_key_lock(struct chip *chip);
void flash_inject_erase(struct chip *chip, unsigned sector);
bool flash_inject_options(struct chip *chip, uint32_t clear, uint32_t set);

/* ---- between the flash's files ---- */

/* FLASH_CR */
#define CR_PG   UINT32_C(0x00000001)
#define CR_SER  UINT32_C(0x00000002)
#define CR_MER  UINT32_C(0x00000004)
#define CR_MER1 UINT32_C(0x00008000)
#define CR_STRT UINT32_C(0x00010000)

/* FLASH_SR */
#define SR_EOP    UINT32_C(0x00000001)
#define SR_OPERR  UINT32_C(0x00000002)
#define SR_WRPERR UINT32_C(0x00000010)
#define SR_PGAERR UINT32_C(0x00000020)
#define SR_PGPERR UINT32_C(0x00000040)
#define SR_PGSERR UINT32_C(0x00000080)
#define SR_RDERR  UINT32_C(0x00000100)
#define SR_BSY    UINT32_C(0x00010000)

/* FLASH_OPTCR */
#define OPTCR_OPTLOCK    UINT32_C(0x00000001)
#define OPTCR_OPTSTRT    UINT32_C(0x00000002)
#define OPTCR_BFB2       UINT32_C(0x00000010)
#define OPTCR_WDG_SW     UINT32_C(0x00000020)
#define OPTCR_NRST_STOP  UINT32_C(0x00000040)
#define OPTCR_NRST_STDBY UINT32_C(0x00000080)
#define OPTCR_DB1M       UINT32_C(0x40000000)
#define OPTCR_SPRMOD     UINT32_C(0x80000000)

/* OTP: 16 blocks of 32 bytes, and a lock byte for each. */
#define OTP_START UINT32_C(0x1fff7800)
#define OTP_LOCKS UINT32_C(0x1fff7a00)
#define OTP_END   UINT32_C(0x1fff7a10)

enum flash_lock { FLASH_LOCKED, FLASH_HALF_OPEN, FLASH_OPEN, FLASH_DEAD };

enum flash_kind {
	FLASH_IDLE,
	FLASH_ERASE_SECTOR,
	FLASH_ERASE_BANKS,
	FLASH_PROGRAM,
	FLASH_WRITE_OPTIONS,
};

struct flash_sector {
	unsigned number;
	uint32_t address, size;
	unsigned bank; /* 0 or 1 */
};

struct flash_operation {
	enum flash_kind kind;
	uint64_t start_ns, end_ns;
	bool without_effect;        /* HCLK too slow */
	unsigned psize;             /* 0 to 3: bytes to double words */
	unsigned banks;             /* bit 0, bit 1: those that are busy, or being erased */
	struct flash_sector sector; /* of FLASH_ERASE_SECTOR */
	uint32_t address, value;    /* of FLASH_PROGRAM */
	unsigned width;
	bool also_mass_erase; /* of FLASH_WRITE_OPTIONS: RDP 1 to 0 */
};

enum { CACHE_LINES = 8, CACHE_LINE = 16 };

struct flash_cache_line {
	bool valid;
	uint32_t address;
	uint8_t data[CACHE_LINE];
};

struct flash {
	uint32_t acr, sr, cr;
	uint32_t optcr, optcr1;   /* registers */
	uint32_t loaded, loaded1; /* what is in force of them */
	enum flash_lock lock, option_lock;
	struct flash_operation operation;
	bool intruder_seen, closed; /* closed: read-protected until power-on */
	struct flash_cache_line cache[CACHE_LINES];
	unsigned cache_next;
};

/* Sets error flags, and with ERRIE the summary and the interrupt. */
void flash_set_error(struct chip *chip, uint32_t flags);
void flash_update_irq(struct chip *chip);

/* flash_operation.c: STRT was written; OPTSTRT was written; time is up; a reset broke it off. */
void flash_start_erase(struct chip *chip);
void flash_start(struct chip *chip, const struct flash_operation *operation, uint64_t duration_ns);
void flash_finish(struct chip *chip);
void flash_abort(struct chip *chip);

/* flash_map.c */
bool flash_sector_of_snb(const struct chip *chip, unsigned snb, struct flash_sector *sector);
bool flash_sector_at(const struct chip *chip, uint32_t address, struct flash_sector *sector);
/* The n-th sector in address order; false past the last. */
bool flash_sector_nth(const struct chip *chip, unsigned n, struct flash_sector *sector);

/* flash_options.c */
void flash_write_optcr(struct chip *chip, uint32_t value, uint32_t lanes);
void flash_write_optcr1(struct chip *chip, uint32_t value, uint32_t lanes);
void flash_finish_options(struct chip *chip);
bool flash_is_write_protected(const struct chip *chip, const struct flash_sector *sector);
bool flash_is_read_protected(const struct chip *chip, const struct flash_sector *sector);

/* flash_time.c: how long it takes, in nanoseconds, by width and fault switches. */
uint64_t flash_program_ns(const struct chip *chip);
uint64_t flash_erase_ns(const struct chip *chip, uint32_t size, unsigned psize);
uint64_t flash_mass_erase_ns(const struct chip *chip, unsigned psize);
/* The widest PSIZE that the supply allows. */
unsigned flash_widest(const struct chip *chip);

/* flash_cache.c */
void flash_cache_read(struct chip *chip, uint32_t address, unsigned width, uint32_t *value);
void flash_cache_program(struct chip *chip, uint32_t address);
void flash_cache_reset(struct chip *chip);

#endif
