/*
 * The CRC of gdb's qCRC and of the STM32 CRC unit fed with byte-reversed words: polynomial
 * 04C11DB7, initial FFFFFFFF, most significant bit first, no final inversion (CRC-32/MPEG-2).
 * Pure; any thread.
 */
#ifndef TARGETS_CRC32_H
#define TARGETS_CRC32_H

#include <stddef.h>
#include <stdint.h>

#define CRC32_INITIAL 0xFFFFFFFFu

uint32_t crc32_add(uint32_t crc, const uint8_t *data, size_t size);

/* The CRC of two ranges, one behind the other, from their CRCs and the second's size in bytes. */
uint32_t crc32_join(uint32_t first, uint32_t second, size_t second_size);

/* The word that makes a CRC unit which was just reset hold `crc`. */
uint32_t crc32_word_for(uint32_t crc);

#endif
