/* RM0368 3.6.1 (unlock), 3.6.3 (sector erase), 3.5.1 (stall while busy), 3.4.2 (D-cache reset). */
#include "storage.h"

#include "registers.h"

enum { LAST_SECTOR = 5 };

static void forget_cached_data(void)
{
	flash.acr &= ~(uint32_t)FLASH_ACR_DCEN;
	flash.acr |= FLASH_ACR_DCRST;
	flash.acr &= ~(uint32_t)FLASH_ACR_DCRST;
	flash.acr |= FLASH_ACR_DCEN;
}

uint32_t storage_erase_last_sector(void)
{
	if ((flash.cr & FLASH_CR_LOCK) != 0) {
		flash.keyr = FLASH_KEY1;
		flash.keyr = FLASH_KEY2;
	}
	flash.sr = FLASH_SR_ERRORS;
	flash.cr = FLASH_CR_PSIZE_X32 | FLASH_CR_SER | LAST_SECTOR << FLASH_CR_SNB_SHIFT;
	flash.cr |= FLASH_CR_STRT;
	/* No time-out: whatever the flash does, this loop cannot run before it has done it. */
	while ((flash.sr & FLASH_SR_BSY) != 0) {
	}
	uint32_t errors = flash.sr & FLASH_SR_ERRORS;
	flash.cr = FLASH_CR_LOCK;
	forget_cached_data();
	return errors;
}
