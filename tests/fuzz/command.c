/*
 * Any 16-byte commands and data phases at all for the board: it answers, stalls or waits, and the
 * books keep adding up.
 *
 * The input: a byte that chooses the probe, then records of a kind and bytes: 0 to 127, a command
 * of 16 bytes; 128 to 191, that many bytes less 127 of data; 192 to 254, a read of the reply; 255,
 * the halts are cleared.
 */
#include "board_inside.h"
#include "fuzz.h"

#define COMMAND_KINDS 128
#define DATA_KINDS    192
#define CLEAR_KIND    255
#define REPLY_ROOM    512

static void clear_halts(struct usb_device *device)
{
	*usb_device_halt(device, device->model->out) = false;
	*usb_device_halt(device, USB_DEVICE_REPLY_ENDPOINT) = false;
}

static void read_reply(struct usb_device *device)
{
	uint8_t room[REPLY_ROOM];
	struct usb_in in = {.data = room, .size = sizeof room};
	enum usb_answer answer = usb_device_in(device, USB_DEVICE_REPLY_ENDPOINT, &in);
	require(in.done <= sizeof room);
	require(answer == USB_ANSWER_DONE || in.done == 0 || answer == USB_ANSWER_NAK ||
		answer == USB_ANSWER_OVERFLOW);
}

/* Plays one record; returns how many bytes it had. */
static size_t play(struct usb_device *device, const uint8_t *bytes, size_t size)
{
	uint8_t kind = bytes[0];
	size_t wanted = kind < COMMAND_KINDS ? FIRMWARE_COMMAND_SIZE : kind - COMMAND_KINDS + 1U;

	if (kind == CLEAR_KIND) {
		clear_halts(device);
		return 1;
	}
	if (kind >= DATA_KINDS) {
		read_reply(device);
		return 1;
	}
	if (wanted > size - 1)
		wanted = size - 1;
	(void)usb_device_out(device, (uint8_t)device->model->out, bytes + 1, wanted);
	return 1 + wanted;
}

static void check_books(const struct board *board)
{
	uint64_t spent = 0;

	for (size_t i = 0; i < sizeof board->time.spent_ns / sizeof board->time.spent_ns[0]; i++)
		spent += board->time.spent_ns[i];
	require(spent == board->time.now_ns);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static const char *const probes[] = {"v2", "v21", "v3", "v3pwr"};
	if (size == 0)
		return 0;
	struct board_options options = {.probe = probes[bytes[0] % 4]};
	struct board *board;
	require(board_create(&options, &board) == ERR_OK);
	require(usb_device_plug(&board->device));
	for (size_t at = 1; at < size;)
		at += play(&board->device, bytes + at, size - at);
	check_books(board);
	board_destroy(board);
	return 0;
}
