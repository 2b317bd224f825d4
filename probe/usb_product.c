/* The ST-LINK products, their serial numbers, the outcome of a pair of transfers. */
#include "usb_product.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "probe/bytes.h"

#define OLD_SERIAL_LENGTH 12

#define REFUSE_V1                                                                                \
	"an ST-LINK/V1 speaks another protocol (USB mass storage) and is not supported: use an " \
	"ST-LINK/V2 or newer"
#define REFUSE_LOADER                                                                              \
	"the probe is in firmware-update mode: finish the update with ST's updater, or unplug it " \
	"and plug it in again"

static const struct usb_product products[] = {
	{USB_FAMILY_V1, 0x3744, 0x02, 0x83, "ST-LINK/V1", REFUSE_V1},
	{USB_FAMILY_V2, 0x3748, 0x02, 0x83, "ST-LINK/V2", NULL},
	{USB_FAMILY_V21, 0x374A, 0x01, 0x82, "ST-LINK/V2-1", NULL}, /* with USB audio */
	{USB_FAMILY_V21, 0x374B, 0x01, 0x82, "ST-LINK/V2-1", NULL},
	{USB_FAMILY_V21, 0x3752, 0x01, 0x82, "ST-LINK/V2-1", NULL}, /* without mass storage */
	{USB_FAMILY_V3, 0x374D, 0x01, 0x82, "STLINK-V3 loader", REFUSE_LOADER},
	{USB_FAMILY_V3, 0x374E, 0x01, 0x82, "STLINK-V3", NULL},
	{USB_FAMILY_V3, 0x374F, 0x01, 0x82, "STLINK-V3", NULL}, /* with bridge */
	{USB_FAMILY_V3, 0x3753, 0x01, 0x82, "STLINK-V3", NULL}, /* with two serial ports */
	{USB_FAMILY_V3, 0x3754, 0x01, 0x82, "STLINK-V3", NULL}, /* without mass storage */
	{USB_FAMILY_V3, 0x3755, 0x01, 0x82, "STLINK-V3PWR loader", REFUSE_LOADER},
	{USB_FAMILY_V3, 0x3757, 0x01, 0x82, "STLINK-V3PWR", NULL},
};

const struct usb_product *usb_product_find(uint16_t vid, uint16_t pid)
{
	if (vid != USB_VID_ST)
		return NULL;
	for (size_t i = 0; i < sizeof(products) / sizeof(products[0]); i++)
		if (products[i].pid == pid)
			return &products[i];
	return NULL;
}

const struct usb_product *usb_product_at(size_t i)
{
	return i < sizeof(products) / sizeof(products[0]) ? &products[i] : NULL;
}

static bool is_printable(const uint16_t *units, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (units[i] > 0x7E || !isgraph(units[i]))
			return false;
	return true;
}

/* Every string of 12 characters is an old serial, printable or not: clones that carry the constant
 * "000000000001" are listed as hex digits by the other programs too. */
static void serial_from_units(const uint16_t *units, size_t count, char serial[USB_SERIAL_MAX])
{
	bool as_text = count != OLD_SERIAL_LENGTH && is_printable(units, count);
	size_t length = 0;

	for (size_t i = 0; i < count && length + 2 < USB_SERIAL_MAX; i++) {
		if (as_text)
			serial[length++] = (char)units[i];
		else
			length += (size_t)snprintf(
				serial + length, USB_SERIAL_MAX - length, "%02X", units[i] & 0xFF);
	}
	serial[length] = '\0';
}

void usb_serial_from_descriptor(const uint8_t *descriptor, size_t size, char serial[USB_SERIAL_MAX])
{
	uint16_t units[127];
	size_t count = 0;

	if (size >= 2 && descriptor[1] == 0x03 && descriptor[0] < size)
		size = descriptor[0];
	if (size >= 2 && descriptor[1] == 0x03)
		for (; 4 + 2 * count <= size && count < 127; count++)
			units[count] = get_le16(descriptor + 2 + 2 * count);
	serial_from_units(units, count, serial);
}

/* Two-byte sequences are enough: an old serial has units up to 0xFF, and nothing else is beyond
 * ASCII. */
void usb_serial_from_text(const char *text, char serial[USB_SERIAL_MAX])
{
	uint16_t units[USB_SERIAL_MAX];
	size_t count = 0;

	for (const uint8_t *p = (const uint8_t *)text; *p && count < USB_SERIAL_MAX; p++) {
		if ((p[0] & 0xE0) == 0xC0 && (p[1] & 0xC0) == 0x80) {
			units[count++] = (uint16_t)((p[0] & 0x1F) << 6 | (p[1] & 0x3F));
			p++;
		} else {
			units[count++] = *p;
		}
	}
	serial_from_units(units, count, serial);
}

enum err usb_worse_of(enum err a, enum err b)
{
	static const enum err order[] = {ERR_USB_GONE, ERR_USB_STALL, ERR_USB_IO, ERR_USB_TIMEOUT};

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (a == order[i] || b == order[i])
			return order[i];
	return a ? a : b;
}
