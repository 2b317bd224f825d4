/*
 * What a load wants of the flash, recorded before anything is done: which sectors to erase, which
 * bytes to write.
 *
 * gdb sends all its erases, then all its writes, then "done"; other clients mix them. Recording
 * makes the order meaningless, lets later bytes win over earlier ones, and gives the plan the whole
 * picture. Pure; worker thread.
 */
#ifndef TARGETS_FLASH_RECORD_H
#define TARGETS_FLASH_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "family.h"
#include "probe/err.h"

struct flash_record {
	const struct device *device;
	uint8_t *data;    /* device->flash_size bytes; FF where nothing is written */
	uint8_t *written; /* one bit a byte */
	bool erase[DEVICE_SECTORS_MAX];
	bool empty;
};

/* Allocates nothing until the first byte is written. */
void flash_record_init(struct flash_record *record, const struct device *device);
void flash_record_finish(struct flash_record *record);

/* Errors: ERR_FLASH_RANGE (logged). */
enum err flash_record_erase(struct flash_record *record, uint32_t address, uint32_t size) MUST_USE;
enum err flash_record_write(
	struct flash_record *record, uint32_t address, const uint8_t *data, size_t size) MUST_USE;

/* Whether the byte / any byte of the aligned word at this offset into the flash is to be written.
 */
bool flash_record_has_byte(const struct flash_record *record, uint32_t offset);
bool flash_record_has_word(const struct flash_record *record, uint32_t offset);
bool flash_record_has_whole_word(const struct flash_record *record, uint32_t offset);

/* Whether any byte of this sector is to be written. */
bool flash_record_writes(const struct flash_record *record, const struct flash_sector *sector);

/* How many words are written, in part or whole. */
size_t flash_record_words(const struct flash_record *record);

/* Puts in what the chip holds, where nothing is written. `mark`: to be written back. */
void flash_record_fill(
	struct flash_record *record, uint32_t offset, const uint8_t *held, size_t size, bool mark);

#endif
