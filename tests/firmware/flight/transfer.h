/* A memory-to-memory transfer by DMA2, which ends with an interrupt. */
#ifndef FLIGHT_TRANSFER_H
#define FLIGHT_TRANSFER_H

#include <stdint.h>

enum { TRANSFER_WORDS = 128 };

/* Where the words land, and how many transfers ended well. */
extern uint32_t transfer_buffer[TRANSFER_WORDS];
extern volatile uint32_t transfers_done;

/* Copies the first TRANSFER_WORDS words of the gyro record. Returns at once; 1 when started, 0 when
 * one is still under way. */
uint32_t transfer_start(void);

/* Interrupt 56. */
void transfer_handler(void);

#endif
