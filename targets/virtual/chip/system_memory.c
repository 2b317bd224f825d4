/*
 * System memory: the ROM, OTP, and what the factory wrote there.
 *
 * From: RM0368 chapter 24 (unique id, flash size), DS9716 (calibration values). ST's boot loader is
 * not here: a few instructions stand in for it that wait for ever, as it waits for a host.
 */
#include "system_memory.h"

#include <string.h>

#include "model.h"
#include "probe/bytes.h"

enum {
	OTP = 0x7800,
	UNIQUE_ID = 0x7a10,
	FLASH_SIZE = 0x7a22,
	VREFINT_CAL = 0x7a2a,
	TS_CAL1 = 0x7a2c,
	TS_CAL2 = 0x7a2e,
	PACKAGE = 0x7bf0,
};

/* Vectors: stack, reset, and the same handler for NMI and HardFault. Code at 0x1FFF0040: `b .` */
static const uint32_t rom_vectors[] = {0x20001000, 0x1fff0041, 0x1fff0041, 0x1fff0041};
enum { ROM_CODE = 0x40, BRANCH_TO_SELF = 0xe7fe };

uint8_t *system_memory_otp(const struct chip *chip)
{
	return chip->system.data + OTP;
}

void system_memory_fill(struct chip *chip)
{
	uint8_t *data = chip->system.data;
	memset(data, 0, OTP);
	for (unsigned i = 0; i < sizeof rom_vectors / sizeof rom_vectors[0]; i++)
		put_le32(data + 4 * (size_t)i, rom_vectors[i]);
	put_le16(data + ROM_CODE, BRANCH_TO_SELF);
	put_le32(data + UNIQUE_ID, 0x003a0029); /* wafer position, lot, as real parts have them */
	put_le32(data + UNIQUE_ID + 4, 0x33365118);
	put_le32(data + UNIQUE_ID + 8, 0x35313539);
	put_le16(data + FLASH_SIZE, chip->model->flash_kb);
	put_le16(data + VREFINT_CAL, 1500);
	put_le16(data + TS_CAL1, 943);
	put_le16(data + TS_CAL2, 1216);
	put_le16(data + PACKAGE, 0xf100);
}
