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
