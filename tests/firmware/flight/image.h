/* The program checks its own image in flash, a little each millisecond, for ever. */
#ifndef FLIGHT_IMAGE_H
#define FLIGHT_IMAGE_H

#include <stdint.h>

struct image {
	uint32_t size;    /* bytes from 0x08000000: as many as flight.hex holds */
	uint32_t passes;  /* times the whole of it was read */
	uint32_t crc;     /* CRC-32 of the last whole pass, the same as `crc32 flight.bin` gives */
	uint32_t changes; /* passes that disagreed with the one before */
};

extern struct image image;

/* Takes the next few bytes. */
void image_check_step(void);

/* CRC-32 (IEEE 802.3), continued: start with 0. */
uint32_t crc32_update(uint32_t crc, const uint8_t *bytes, uint32_t size);

#endif
