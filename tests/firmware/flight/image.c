/* CRC-32: IEEE 802.3, 3.2.9; byte-wise by table, reflected. */
#include "image.h"

#include "log.h"
#include "tables.h"

enum { STEP_BYTES = 64 };

extern const uint8_t image_start[], image_end[];

struct image image;

static uint32_t position;
static uint32_t running_crc;

uint32_t crc32_update(uint32_t crc, const uint8_t *bytes, uint32_t size)
{
	crc = ~crc;
	while (size-- > 0) {
		crc = crc32_table[(crc ^ *bytes++) & 0xFF] ^ crc >> 8;
	}
	return ~crc;
}

static void finish_pass(void)
{
	if (image.passes > 0 && image.crc != running_crc) {
		image.changes++;
		log_write("image: flash has changed, crc", running_crc);
	}
	image.crc = running_crc;
	image.passes++;
	position = 0;
	running_crc = 0;
}

void image_check_step(void)
{
	image.size = (uint32_t)(image_end - image_start);
	uint32_t left = image.size - position;
	uint32_t bytes = left < STEP_BYTES ? left : STEP_BYTES;

	running_crc = crc32_update(running_crc, image_start + position, bytes);
	position += bytes;
	if (position == image.size) {
		finish_pass();
	}
}
