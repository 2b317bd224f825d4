/*
 * Borrowing a halted core for a moment: the loader sums up memory on the chip, and afterwards
 * nothing that the firmware can see is different: RAM, registers, masks, pending interrupts,
 * SysTick, the CRC unit, VTOR. For checks outside a load (qCRC); a load resets the chip and needs
 * none of this.
 *
 * Called by target_memory.c and flash_look.c on the worker thread; blocks for some 20 to 100 ms.
 */
#ifndef TARGETS_BORROW_H
#define TARGETS_BORROW_H

#include <stddef.h>
#include <stdint.h>

#include "core.h"
#include "family.h"

#define BORROW_WORTHWHILE 8192u /* bytes: less is read faster than all this takes */

/* What is done with the loader that runs meanwhile; a failure latches in its bus. */
struct flash_loader;
typedef void borrow_job(void *context, struct flash_loader *loader);

/* Borrows the core for `job`, which looks at [address, address + size). Errors: those of the job's
 * bus; ERR_UNSUPPORTED as below. */
enum err borrow_run(struct core *core, const struct device *device, uint32_t address, size_t size,
	borrow_job *job, void *context) MUST_USE;

/* CRC as target_crc() wants it, of whole words in memory that the core can read. Errors:
 * ERR_UNSUPPORTED when the core cannot be borrowed as it is (running, MPU or window watchdog on,
 * RAM that carries no code, the range reaches into the RAM that is needed); nothing is different
 * then, and reading is the way. */
enum err borrow_crc(struct core *core, const struct device *device, uint32_t address, size_t size,
	uint32_t *crc) MUST_USE;

#endif
