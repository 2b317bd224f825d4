/* Version words of the ST-LINK's firmware, and what each version can do. */
#include "stlink_version.h"

#include <stdio.h>

#include "probe/bytes.h"
#include "usb_product.h"

static bool is_stlink(const uint8_t ids[4])
{
	return usb_product_find(get_le16(ids), get_le16(ids + 2)) != NULL;
}

/* A V2-1 on an STM8 board has the same product id as the others and no J: its two numbers are M
 * and S. They are told apart by the ranges that ST has given out, as OpenOCD does. */
static bool is_stm8(unsigned first, unsigned second)
{
	return (first <= 22 && second == 7) || (first >= 25 && second >= 7 && second <= 12);
}

bool stlink_version_decode(
	const uint8_t reply[STLINK_VERSION_SIZE], uint16_t pid, struct stlink_version *version)
{
	const struct usb_product *product = usb_product_find(USB_VID_ST, pid);
	uint16_t word = get_be16(reply);
	unsigned first = word >> 6 & 0x3F, second = word & 0x3F;

	*version = (struct stlink_version){.hardware = word >> 12, .jtag = first};
	if (!product || product->family != USB_FAMILY_V21) {
		version->swim = second;
	} else if (is_stm8(first, second)) {
		version->jtag = 0;
		version->storage = first;
		version->swim = second;
	} else {
		version->storage = second;
	}
	return is_stlink(reply + 2);
}

bool stlink_version_decode_ex(
	const uint8_t reply[STLINK_VERSION_EX_SIZE], struct stlink_version *version)
{
	*version = (struct stlink_version){
		.hardware = reply[0],
		.swim = reply[1],
		.jtag = reply[2],
		.storage = reply[3],
		.bridge = reply[4],
		.power = reply[5],
	};
	return is_stlink(reply + 8);
}

void stlink_version_format(const struct stlink_version *version, char *text, size_t size)
{
	const struct {
		char letter;
		unsigned number;
	} parts[] = {{'J', version->jtag}, {'M', version->storage}, {'B', version->bridge},
		{'S', version->swim}, {'P', version->power}};
	size_t length = (size_t)snprintf(text, size, "V%u", version->hardware);

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (parts[i].number && length < size)
			length += (size_t)snprintf(text + length, size - length, "%c%u",
				parts[i].letter, parts[i].number);
}

#define NEVER 9999

/* The first J with the feature. The V3PWR has had all that the V3 ever got. */
static const struct {
	enum stlink_feature feature;
	unsigned v2, v3;
} since[] = {
	{STLINK_HAS_VOLTAGE, 13, 1},
	{STLINK_HAS_STATUS2, 15, 1},
	{STLINK_HAS_FPU_REGISTERS, 15, 1},
	/* pyOCD and probe-rs say J20, OpenOCD says J22: the later one is safe for both. */
	{STLINK_HAS_DIVISOR, 22, NEVER},
	{STLINK_HAS_COM_FREQ, NEVER, 1},
	{STLINK_HAS_DAP_REGISTERS, 24, 1},
	{STLINK_HAS_HALFWORDS, 26, 1},
	{STLINK_HAS_INIT_AP, 28, 1},
	{STLINK_HAS_BATCHES, 32, 2},
	{STLINK_HAS_LONG_BLOCKS, 32, 2},
	{STLINK_HAS_LONG_BYTES, NEVER, 6},
	/* A V3 learned it between J3 and J5. On a V2 of any age OpenOCD does it to find a lost
	 * target again, and st-util when gdb attaches. */
	{STLINK_HAS_REENTER, 1, 5},
	{STLINK_HAS_WAIT_FAULT, NEVER, 1},
};

unsigned stlink_version_features(const struct stlink_version *version)
{
	unsigned features = 0;

	for (size_t i = 0; i < sizeof(since) / sizeof(since[0]); i++) {
		unsigned first = version->hardware >= 3 ? since[i].v3 : since[i].v2;
		if (first != NEVER && (version->hardware > 3 || version->jtag >= first))
			features |= since[i].feature;
	}
	return features;
}
