/* Building of descriptors. See the header. */
#include "usb_descriptors.h"

#include <string.h>

#include "probe/bytes.h"

#define ENDPOINT_0_PACKET  64
#define FULL_SPEED_PACKET  64
#define HIGH_SPEED_PACKET  512
#define BULK               2
#define BUS_POWERED        0x80
#define LANGUAGE_EN_US     0x0409
#define CONFIGURATION_SIZE 39

enum string_index {
	STRING_LANGUAGES,
	STRING_MANUFACTURER,
	STRING_PRODUCT,
	STRING_SERIAL,
	STRING_CONFIGURATION,
	STRING_INTERFACE
};

/* Device and qualifier begin alike: version, class, packet size of endpoint 0. */
static void put_device_head(const struct stlink_model *model, uint8_t *bytes)
{
	put_le16(bytes + 2, 0x0200);
	bytes[4] = model->composite ? USB_CLASS_MISC : 0;
	bytes[5] = model->composite ? 2 : 0;
	bytes[6] = model->composite ? 1 : 0;
	bytes[7] = ENDPOINT_0_PACKET;
}

static size_t build_device(const struct usb_device *device, uint8_t *bytes)
{
	bytes[0] = 18;
	bytes[1] = USB_DESCRIPTOR_DEVICE;
	put_device_head(device->model, bytes);
	put_le16(bytes + 8, STLINK_VID);
	put_le16(bytes + 10, device->model->pid);
	put_le16(bytes + 12, USB_DEVICE_BCD);
	bytes[14] = STRING_MANUFACTURER;
	bytes[15] = STRING_PRODUCT;
	bytes[16] = STRING_SERIAL;
	bytes[17] = 1;
	return bytes[0];
}

static size_t build_qualifier(const struct usb_device *device, uint8_t *bytes)
{
	if (!device->model->high_speed)
		return 0;
	bytes[0] = 10;
	bytes[1] = USB_DESCRIPTOR_QUALIFIER;
	put_device_head(device->model, bytes);
	bytes[8] = 1;
	return bytes[0];
}

static uint8_t *put_endpoint(uint8_t *bytes, uint8_t address, uint16_t packet)
{
	bytes[0] = 7;
	bytes[1] = USB_DESCRIPTOR_ENDPOINT;
	bytes[2] = address;
	bytes[3] = BULK;
	put_le16(bytes + 4, packet);
	return bytes + bytes[0];
}

static uint8_t *put_interface(const struct stlink_model *model, uint8_t *bytes)
{
	bytes[0] = 9;
	bytes[1] = USB_DESCRIPTOR_INTERFACE;
	bytes[4] = 3; /* endpoints */
	bytes[5] = bytes[6] = bytes[7] = USB_CLASS_VENDOR;
	bytes[8] = model->interface ? STRING_INTERFACE : 0;
	return bytes + bytes[0];
}

/* For the other speed, both bulk sizes are that speed's. */
static size_t build_configuration(const struct usb_device *device, uint8_t type, uint8_t *bytes)
{
	const struct stlink_model *model = device->model;
	bool other = type == USB_DESCRIPTOR_OTHER_SPEED;
	uint16_t packet = other ? FULL_SPEED_PACKET : model->packet;
	if (other && !model->high_speed)
		return 0;
	bytes[0] = 9;
	bytes[1] = type;
	put_le16(bytes + 2, CONFIGURATION_SIZE);
	bytes[4] = 1; /* interfaces */
	bytes[5] = 1; /* value */
	bytes[6] = model->configuration ? STRING_CONFIGURATION : 0;
	bytes[7] = BUS_POWERED;
	bytes[8] = model->max_power;
	uint8_t *next = put_interface(model, bytes + bytes[0]);
	next = put_endpoint(next, USB_DEVICE_REPLY_ENDPOINT, packet);
	next = put_endpoint(next, model->out, packet);
	put_endpoint(next, model->trace, other ? packet : model->trace_packet);
	return CONFIGURATION_SIZE;
}

/* ---- strings ---- */

static size_t put_string(uint8_t *bytes, const uint8_t *units, size_t count)
{
	if (count > (USB_DESCRIPTOR_MAX - 2) / 2)
		count = (USB_DESCRIPTOR_MAX - 2) / 2;
	bytes[0] = (uint8_t)(2 + 2 * count);
	bytes[1] = USB_DESCRIPTOR_STRING;
	for (size_t i = 0; i < count; i++)
		put_le16(bytes + 2 + 2 * i, units[i]);
	return bytes[0];
}

static size_t put_text(uint8_t *bytes, const char *text)
{
	return text ? put_string(bytes, (const uint8_t *)text, strlen(text)) : 0;
}

static size_t build_string(const struct usb_device *device, uint8_t index, uint8_t *bytes)
{
	switch (index) {
	case STRING_LANGUAGES:
		bytes[0] = 4;
		bytes[1] = USB_DESCRIPTOR_STRING;
		put_le16(bytes + 2, LANGUAGE_EN_US);
		return bytes[0];
	case STRING_MANUFACTURER:
		return put_text(bytes, "STMicroelectronics");
	case STRING_PRODUCT:
		return put_text(bytes, device->model->product);
	case STRING_SERIAL:
		return put_string(bytes, device->serial, device->serial_length);
	case STRING_CONFIGURATION:
		return put_text(bytes, device->model->configuration);
	case STRING_INTERFACE:
		return put_text(bytes, device->model->interface);
	default:
		return 0;
	}
}

size_t usb_descriptor_build(
	const struct usb_device *device, uint8_t type, uint8_t index, uint8_t *bytes)
{
	memset(bytes, 0, USB_DESCRIPTOR_MAX);
	if (type == USB_DESCRIPTOR_STRING)
		return build_string(device, index, bytes);
	if (index != 0)
		return 0;
	switch (type) {
	case USB_DESCRIPTOR_DEVICE:
		return build_device(device, bytes);
	case USB_DESCRIPTOR_QUALIFIER:
		return build_qualifier(device, bytes);
	case USB_DESCRIPTOR_CONFIGURATION:
	case USB_DESCRIPTOR_OTHER_SPEED:
		return build_configuration(device, type, bytes);
	default:
		return 0;
	}
}
