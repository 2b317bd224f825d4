/*
 * The chip's inside: what its parts share. Included by the files of this folder only.
 *
 * Time: everything but the running core has been brought to `now_ns`. While the core executes a
 * slice, chip_now() counts its instructions, so that a register that it reads is exact.
 */
#ifndef TARGETS_VIRTUAL_CHIP_STATE_H
#define TARGETS_VIRTUAL_CHIP_STATE_H

#include "clock.h"
#include "faults.h"
#include "model.h"
#include "peripheral.h"

enum master { MASTER_CORE, MASTER_AP, MASTER_DMA };

struct memory {
	uint32_t start, size;
	uint8_t *data; /* NULL: this chip has none */
};

/* A store of the core that has to wait for the flash. */
struct waiting_store {
	uint32_t address, value;
	unsigned width;
};

enum { WAITING_STORES = 32 }; /* one instruction makes at most 16, an IT block has 4 */

struct m4;
struct flash;
struct rcc;
struct pwr;
struct syscfg;
struct dbgmcu;

struct chip {
	const struct model *model;
	uint64_t now_ns;
	uint64_t seed; /* of everything that looks random */

	unsigned vdd_mv;
	bool powered;    /* above the power-on and brown-out thresholds */
	bool power_lost; /* since the supply was last good, it was below the power-on threshold */
	bool nrst_low;   /* held from outside */
	bool boot0;      /* the BOOT0 pin */
	bool attention;  /* the running slice must end: clocks, deadlines or resets have changed */
	bool reset_wanted;
	enum reset_kind wanted;

	enum master master;    /* who makes the bus access that is under way */
	unsigned access_width; /* of that access, in bytes */
	struct clock hclk;
	bool in_slice;
	uint64_t slice_ticks; /* of hclk, when the slice began */

	struct memory flash_memory; /* main flash */
	struct memory system;       /* ROM, OTP and the device's own constants */
	struct memory options[2];   /* option bytes as they lie in flash; the second: bank 2 */
	struct memory sram, ccm, backup;

	struct waiting_store waiting[WAITING_STORES];
	unsigned waiting_count;

	bool remap_wanted; /* what the core sees at 0 or of the flash has changed */
	bool shows_flash;
	const struct memory *shown_alias;

	struct peripheral *peripherals; /* by address */
	size_t peripheral_count;

	/* The parts that others must be able to find. All live in a peripheral's state but core. */
	struct m4 *core;
	struct flash *flash;
	struct rcc *rcc;
	struct pwr *pwr;
	struct syscfg *syscfg;
	struct dbgmcu *dbgmcu;
	struct peripheral *flash_block, *exti_block, *gpioa_block;

	struct faults faults;
	struct chip_books books;
};

/* ---- time (run.c) ---- */

uint64_t chip_now(const struct chip *chip);

/* The running slice must end, because something changed that its length was computed from. */
void chip_attend(struct chip *chip);

/* Clocks have changed, or freeze conditions: tells every peripheral. */
void chip_clocks_changed(struct chip *chip);

/* A pseudo-random number that depends on the seed and `key` only. */
uint32_t chip_random(const struct chip *chip, uint64_t key);

/* ---- resets (reset.c) ---- */

/* Asks for a reset, made as soon as the access or slice under way is over. */
void chip_want_reset(struct chip *chip, enum reset_kind kind);

/* Makes a reset that was asked for. Not during a slice. */
void chip_settle(struct chip *chip);

/* All RAM loses its contents. */
void chip_forget(struct chip *chip);

/* Supply or reset pin hold the chip in reset. */
bool chip_held_in_reset(const struct chip *chip);

/* ---- peripherals (chip.c) ---- */

/* Sets the level of a peripheral's interrupt request; `index` is into its row's irqs. */
void peripheral_set_irq(struct peripheral *peripheral, unsigned index, bool level);

/* Whether RCC lets the peripheral's clock run. */
bool peripheral_is_clocked(const struct peripheral *peripheral);

/* Whether DBGMCU stops the peripheral because the core is halted. */
bool peripheral_is_frozen(const struct peripheral *peripheral);

#endif
