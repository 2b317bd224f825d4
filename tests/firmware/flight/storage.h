/* Erasing flash from the program itself. */
#ifndef FLIGHT_STORAGE_H
#define FLIGHT_STORAGE_H

#include <stdint.h>

/* Erases sector 5, 128 KB at 0x08020000, which holds nothing of this program. The core stands still
 * for about a second: it executes from the flash that is busy. Returns the error flags of FLASH_SR,
 * 0 when all went well. */
uint32_t storage_erase_last_sector(void);

#endif
