/* CRC-32/MPEG-2, four bits at a time. Pure; any thread. */
#include "crc32.h"

#define POLYNOMIAL 0x04C11DB7u

/* What four bits at the top become after four shifts. */
static uint32_t nibble(uint32_t bits)
{
	uint32_t crc = bits << 28;
	for (int i = 0; i < 4; i++)
		crc = crc & 0x80000000u ? crc << 1 ^ POLYNOMIAL : crc << 1;
	return crc;
}

uint32_t crc32_add(uint32_t crc, const uint8_t *data, size_t size)
{
	uint32_t table[16];
	for (uint32_t i = 0; i < 16; i++)
		table[i] = nibble(i);
	for (size_t i = 0; i < size; i++) {
		crc ^= (uint32_t)data[i] << 24;
		crc = crc << 4 ^ table[crc >> 28];
		crc = crc << 4 ^ table[crc >> 28];
	}
	return crc;
}

/* Multiplication of polynomials over GF(2), modulo ours. */
static uint32_t multiply(uint32_t a, uint32_t b)
{
	uint32_t product = 0;
	for (int bit = 31; bit >= 0; bit--) {
		product = product & 0x80000000u ? product << 1 ^ POLYNOMIAL : product << 1;
		if (a >> bit & 1)
			product ^= b;
	}
	return product;
}

/* x to the power of 8 * size: what `size` more bytes do to a CRC. */
static uint32_t shift_of(size_t size)
{
	uint32_t result = 1, square = 1u << 8;
	for (; size > 0; size >>= 1) {
		if (size & 1)
			result = multiply(result, square);
		square = multiply(square, square);
	}
	return result;
}

uint32_t crc32_join(uint32_t first, uint32_t second, size_t second_size)
{
	return second ^ multiply(first ^ CRC32_INITIAL, shift_of(second_size));
}

uint32_t crc32_word_for(uint32_t crc)
{
	for (int bit = 0; bit < 32; bit++)
		crc = crc & 1 ? (crc ^ POLYNOMIAL) >> 1 | 0x80000000u : crc >> 1;
	return crc ^ CRC32_INITIAL;
}
