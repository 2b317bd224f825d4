/*
 * The microcontroller of the virtual board, as seen from its pins: SWD's access port, NRST, supply.
 *
 * On the far side of this header: a Cortex-M4 (Unicorn executes; exceptions, NVIC, SysTick and the
 * debug blocks are ours) and an STM32F4 with a strict flash controller. On the near side: the debug
 * port and the ST-LINK firmware (dap.c, stlink_firmware.c), which know nothing of the chip's
 * inside. Time is absolute, in nanoseconds of modelled time, and is handed in: the chip has no
 * clock of its own.
 */
#ifndef TARGETS_VIRTUAL_CHIP_H
#define TARGETS_VIRTUAL_CHIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probe/err.h"

struct chip;

/* Answer of the AHB access port to one access. */
enum chip_ack {
	CHIP_OK,
	CHIP_WAIT,  /* the bus is stalled: the flash is busy, or the core's clock stands still */
	CHIP_FAULT, /* the bus answered with an error */
};

/* `model`: "stm32f401cc" or another row of the chip table here. NULL on unknown model (logged) or
 * no memory. A new chip has erased flash, delivery option bytes, random-looking RAM, no power. */
struct chip *chip_create(const char *model);
void chip_destroy(struct chip *chip);

/* Supply in millivolts; 0 is off. Rising from off is a power-on reset; below the brown-out level in
 * force the chip is held in reset. RAM and everything but flash, OTP and option bytes is lost. */
void chip_set_vdd(struct chip *chip, unsigned millivolts);
unsigned chip_vdd(const struct chip *chip);

/* The reset pin, driven from outside; true holds it low. */
void chip_set_nrst(struct chip *chip, bool low);

/* Lets the chip run up to `now_ns`: instructions, timers, flash operations, watchdogs. */
void chip_run_until(struct chip *chip, uint64_t now_ns);

/* Whether something in the chip changes by time alone (core running, flash busy, watchdog on). */
bool chip_is_active(const struct chip *chip);

/* Whether the debug port answers on SWD at all (powered, pins not remapped, not in STANDBY), and
 * whether the access port can (RDP level 2 closes it). */
bool chip_dp_alive(const struct chip *chip);
bool chip_ap_alive(const struct chip *chip);

/* One access through AHB-AP: `width` 1, 2 or 4 bytes, aligned; data in the low bits of *value.
 * Debug power-up and sticky errors are the debug port's business, not ours. */
enum chip_ack chip_read(struct chip *chip, uint32_t address, unsigned width, uint32_t *value);
enum chip_ack chip_write(struct chip *chip, uint32_t address, unsigned width, uint32_t value);

/* What the debug port and the ROM table say of this chip. */
uint32_t chip_dpidr(const struct chip *chip);
uint32_t chip_ap_idr(const struct chip *chip);
uint32_t chip_ap_base(const struct chip *chip);

/* Non-volatile contents (flash, OTP, option bytes) to and from a file. Errors: ERR_IO, ERR_ARGUMENT
 * (not a state file of this model). */
enum err chip_save(const struct chip *chip, const char *path) MUST_USE;
enum err chip_load(struct chip *chip, const char *path) MUST_USE;

/* ---- for the board's books and its control socket ---- */

struct chip_books {
	uint64_t instructions; /* executed by the core */
	uint64_t erases[3];    /* sectors erased at x8, x16, x32 */
	uint64_t mass_erases;
	uint64_t programmed[3]; /* units programmed: bytes, half-words, words */
	uint64_t erase_ns;      /* modelled time the controller was busy erasing */
	uint64_t program_ns;    /* ... and programming */
	uint64_t flash_errors;  /* operations that ended with an error flag */
	uint64_t resets;        /* of the core, by whatever cause */
	uint64_t power_resets;  /* power-on and brown-out: the debug port starts over */
};

const struct chip_books *chip_books(const struct chip *chip);

/* Whether a sector is being erased just now, and which; of a mass erase, the first. */
bool chip_is_erasing(const struct chip *chip, unsigned *sector);

/* Reads memory as an onlooker: no side effects, no protection, no time. False when unmapped. */
bool chip_peek(const struct chip *chip, uint32_t address, uint8_t *data, size_t size);

/* Sets one fault switch, as in `vdd-droop erase:2 +120ms 2500`; false when not understood. */
bool chip_fault(struct chip *chip, const char *switch_line);

#endif
