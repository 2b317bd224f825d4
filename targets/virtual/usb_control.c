/*
 * Endpoint 0: the standard requests of USB 2.0 (9.4), by table. Whatever is not in it stalls.
 *
 * Called by the wires through usb_device_control.
 */
#include "probe/bytes.h"
#include "usb_descriptors.h"
#include "usb_device.h"

#define FEATURE_ENDPOINT_HALT 0
#define FEATURE_PORT_RESET    4
#define REQUEST_SET_FEATURE   3

struct request {
	uint8_t type, code;
	uint16_t value, index, length;
	uint8_t *reply;
};

/* Writes the answer and returns its size; negative: stall. */
typedef int handler(struct usb_device *device, const struct request *request);

#define STALL (-1)

static int get_device_status(struct usb_device *device, const struct request *request)
{
	(void)device;
	put_le16(request->reply, 0); /* bus-powered, no remote wake-up */
	return 2;
}

static int get_interface_status(struct usb_device *device, const struct request *request)
{
	(void)device;
	put_le16(request->reply, 0);
	return request->index == 0 ? 2 : STALL;
}

static int get_endpoint_status(struct usb_device *device, const struct request *request)
{
	const bool *halt = usb_device_halt(device, request->index);
	bool endpoint_0 = (request->index & 0x7f) == 0;
	put_le16(request->reply, halt && *halt);
	return halt || endpoint_0 ? 2 : STALL;
}

static int change_halt(struct usb_device *device, const struct request *request)
{
	bool *halt = usb_device_halt(device, request->index);
	if (request->value != FEATURE_ENDPOINT_HALT || !halt)
		return STALL;
	*halt = request->code == REQUEST_SET_FEATURE;
	return 0;
}

/* The address is the host controller's business. */
static int set_address(struct usb_device *device, const struct request *request)
{
	(void)device;
	return request->value <= 127 ? 0 : STALL;
}

static int get_descriptor(struct usb_device *device, const struct request *request)
{
	size_t size = usb_descriptor_build(
		device, (uint8_t)(request->value >> 8), (uint8_t)request->value, request->reply);
	return size > 0 ? (int)size : STALL;
}

static int get_configuration(struct usb_device *device, const struct request *request)
{
	request->reply[0] = device->configuration;
	return 1;
}

static int set_configuration(struct usb_device *device, const struct request *request)
{
	if (request->value > 1)
		return STALL;
	usb_device_reset(device);
	device->configuration = (uint8_t)request->value;
	return 0;
}

static int get_interface(struct usb_device *device, const struct request *request)
{
	request->reply[0] = 0;
	return request->index == 0 && device->configuration ? 1 : STALL;
}

static int set_interface(struct usb_device *device, const struct request *request)
{
	if (request->index != 0 || request->value != 0 || !device->configuration)
		return STALL;
	usb_device_reset(device);
	return 0;
}

/* A USB/IP client that is no kernel asks in this form for a reset of the port. */
static int reset_port(struct usb_device *device, const struct request *request)
{
	if (request->value != FEATURE_PORT_RESET)
		return STALL;
	usb_device_reset(device);
	return 0;
}

static const struct {
	uint8_t type, code;
	handler *handle;
} requests[] = {
	{0x80, 0, get_device_status},
	{0x81, 0, get_interface_status},
	{0x82, 0, get_endpoint_status},
	{0x02, 1, change_halt},
	{0x02, REQUEST_SET_FEATURE, change_halt},
	{0x23, REQUEST_SET_FEATURE, reset_port},
	{0x00, 5, set_address},
	{0x80, 6, get_descriptor},
	{0x80, 8, get_configuration},
	{0x00, 9, set_configuration},
	{0x81, 10, get_interface},
	{0x01, 11, set_interface},
};

static int handle(struct usb_device *device, const struct request *request)
{
	for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++)
		if (requests[i].type == request->type && requests[i].code == request->code)
			return requests[i].handle(device, request);
	return STALL;
}

enum usb_answer usb_device_control(struct usb_device *device,
	const uint8_t setup[USB_DEVICE_SETUP_SIZE], uint8_t reply[USB_DEVICE_CONTROL_MAX],
	size_t *reply_size)
{
	*reply_size = 0;
	if (!device->plugged)
		return USB_ANSWER_NONE;
	struct request request = {
		.type = setup[0],
		.code = setup[1],
		.value = get_le16(setup + 2),
		.index = get_le16(setup + 4),
		.length = get_le16(setup + 6),
	};
	request.reply = reply;
	int size = handle(device, &request);
	if (size == STALL)
		return USB_ANSWER_STALL;
	*reply_size = (size_t)size < request.length ? (size_t)size : request.length;
	device->counts.control++;
	timebase_spend_transfer(device->time, &device->model->costs, *reply_size);
	device->transfer_end_ns = device->time->now_ns;
	return USB_ANSWER_DONE;
}
