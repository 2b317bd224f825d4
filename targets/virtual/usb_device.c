/* The bulk endpoints of the device. See the header. */
#include "usb_device.h"

#include <ctype.h>
#include <string.h>

#define SERIAL_OLD 12

bool usb_device_init(struct usb_device *device, struct firmware *firmware, const char *serial)
{
	size_t length = strlen(serial);
	if (length != USB_DEVICE_SERIAL_MAX && length != SERIAL_OLD)
		return false;
	memset(device, 0, sizeof *device);
	device->model = firmware->model;
	device->firmware = firmware;
	device->time = firmware->time;
	device->serial_length = length;
	for (size_t i = 0; i < length; i++) {
		if (length == USB_DEVICE_SERIAL_MAX && !isxdigit((unsigned char)serial[i]))
			return false;
		device->serial[i] = (uint8_t)serial[i];
	}
	return true;
}

void usb_device_reset(struct usb_device *device)
{
	device->halted_out = device->halted_in = device->halted_trace = false;
	device->deaf = false;
	device->data_expected = device->data_received = 0;
	device->reply_count = 0;
}

void usb_device_unplug(struct usb_device *device)
{
	if (!device->plugged)
		return;
	device->plugged = false;
	firmware_power_down(device->firmware);
}

bool usb_device_plug(struct usb_device *device)
{
	if (device->cable_off)
		return false;
	usb_device_unplug(device);
	usb_device_reset(device);
	firmware_power_up(device->firmware);
	device->configuration = 1;
	device->plugged = true;
	device->plugs++;
	if (device->stale_size > 0)
		usb_device_leave_stale(device, device->stale_size);
	device->stale_size = 0;
	return true;
}

bool *usb_device_halt(struct usb_device *device, unsigned endpoint)
{
	if (endpoint == device->model->out)
		return &device->halted_out;
	if (endpoint == USB_DEVICE_REPLY_ENDPOINT)
		return &device->halted_in;
	if (endpoint == device->model->trace)
		return &device->halted_trace;
	return NULL;
}

static bool reachable(const struct usb_device *device)
{
	return device->plugged && device->configuration != 0;
}

static void spend(struct usb_device *device, size_t bytes)
{
	timebase_spend_transfer(device->time, &device->model->costs, bytes);
	device->transfer_end_ns = device->time->now_ns;
}

/* ---- to the device ---- */

static void queue_reply(struct usb_device *device, const uint8_t *bytes, size_t size)
{
	struct usb_reply *reply = &device->replies[device->reply_count++];
	if (bytes)
		memcpy(reply->bytes, bytes, size);
	else
		memset(reply->bytes, 0, size);
	reply->size = size;
	reply->sent = 0;
}

/* A reply takes the place of a stall that nobody cleared: on the STM32F103 of these probes, making
 * an endpoint valid does so (RM0008, USB_EPnR). Programs that never clear a halt live on that. */
static void answer(struct usb_device *device)
{
	device->halted_in = false;
	queue_reply(device, device->firmware->reply, device->firmware->reply_size);
}

static void follow(struct usb_device *device, enum outcome outcome)
{
	switch (outcome) {
	case OUTCOME_REPLY:
		answer(device);
		break;
	case OUTCOME_DATA:
		device->data_expected = device->firmware->data_size;
		device->data_received = 0;
		break;
	case OUTCOME_STALL_IN:
		device->halted_in = true;
		break;
	case OUTCOME_STALL_OUT:
		device->halted_out = true;
		break;
	case OUTCOME_DEAF:
		device->deaf = true;
		break;
	case OUTCOME_NOTHING:
		break;
	}
}

static enum usb_answer stall_out(struct usb_device *device)
{
	device->halted_out = true;
	return USB_ANSWER_STALL;
}

static enum usb_answer take_command(struct usb_device *device, const uint8_t *data, size_t size)
{
	if (size == 0)
		return USB_ANSWER_DONE;
	if (size != FIRMWARE_COMMAND_SIZE)
		return stall_out(device);
	if (device->reply_count == USB_DEVICE_REPLIES)
		return USB_ANSWER_NAK;
	spend(device, size);
	follow(device, firmware_command(device->firmware, data));
	return USB_ANSWER_DONE;
}

static enum usb_answer take_data(struct usb_device *device, const uint8_t *data, size_t size)
{
	size_t missing = device->data_expected - device->data_received;
	size_t taken = size < missing ? size : missing;
	memcpy(device->firmware->data + device->data_received, data, taken);
	device->data_received += taken;
	spend(device, taken);
	if (device->data_received == device->data_expected) {
		device->data_expected = 0;
		follow(device, firmware_data(device->firmware));
	}
	return taken < size ? stall_out(device) : USB_ANSWER_DONE;
}

enum usb_answer usb_device_out(
	struct usb_device *device, uint8_t endpoint, const uint8_t *data, size_t size)
{
	if (device->before_command)
		device->before_command(device->before_context);
	if (!reachable(device) || endpoint != device->model->out)
		return USB_ANSWER_NONE;
	if (device->halted_out)
		return USB_ANSWER_STALL;
	if (device->deaf)
		return USB_ANSWER_NAK;
	enum usb_answer answer = device->data_expected ? take_data(device, data, size)
						       : take_command(device, data, size);
	if (answer == USB_ANSWER_DONE) {
		device->counts.out++;
		device->counts.out_bytes += size;
	}
	return answer;
}

/* ---- from the device ---- */

static void drop_reply(struct usb_device *device)
{
	device->reply_count--;
	memmove(&device->replies[0], &device->replies[1],
		device->reply_count * sizeof device->replies[0]);
}

/* The next packet of the reply that waits, at most `room` bytes of it. Returns its size, which may
 * be more than what was copied. */
static size_t send_packet(struct usb_device *device, uint8_t *data, size_t room)
{
	struct usb_reply *reply = &device->replies[0];
	size_t left = reply->size - reply->sent;
	size_t size = left < device->model->packet ? left : device->model->packet;
	memcpy(data, reply->bytes + reply->sent, size < room ? size : room);
	reply->sent += size;
	if (reply->sent == reply->size)
		drop_reply(device);
	return size;
}

static enum usb_answer send_reply(struct usb_device *device, struct usb_in *in)
{
	while (device->reply_count > 0 && !device->deaf) {
		size_t room = in->size - in->done;
		size_t size = send_packet(device, in->data + in->done, room);
		if (size > room) {
			in->done += room;
			return USB_ANSWER_OVERFLOW;
		}
		in->done += size;
		if (size < device->model->packet || in->done == in->size)
			return USB_ANSWER_DONE;
	}
	return USB_ANSWER_NAK;
}

static enum usb_answer send_trace(struct usb_device *device, struct usb_in *in)
{
	while (!device->deaf) {
		size_t room = in->size - in->done;
		size_t wanted =
			room < device->model->trace_packet ? room : device->model->trace_packet;
		size_t size = firmware_take_trace(device->firmware, in->data + in->done, wanted);
		in->done += size;
		if (size == 0)
			break;
		if (size < device->model->trace_packet || in->done == in->size)
			return USB_ANSWER_DONE;
	}
	return USB_ANSWER_NAK;
}

enum usb_answer usb_device_in(struct usb_device *device, uint8_t endpoint, struct usb_in *in)
{
	bool *halt = usb_device_halt(device, endpoint);
	if (!reachable(device) || !halt || endpoint == device->model->out)
		return USB_ANSWER_NONE;
	if (*halt)
		return USB_ANSWER_STALL;
	bool trace = endpoint == device->model->trace;
	enum usb_answer answer = trace ? send_trace(device, in) : send_reply(device, in);
	if (answer == USB_ANSWER_NAK)
		return answer;
	spend(device, in->done);
	*(trace ? &device->counts.trace : &device->counts.in) += 1;
	*(trace ? &device->counts.trace_bytes : &device->counts.in_bytes) += in->done;
	return answer;
}

void usb_device_leave_stale(struct usb_device *device, size_t size)
{
	if (size > FIRMWARE_REPLY_MAX)
		size = FIRMWARE_REPLY_MAX;
	if (!device->plugged)
		device->stale_size = size;
	else if (device->reply_count < USB_DEVICE_REPLIES)
		queue_reply(device, NULL, size);
}
