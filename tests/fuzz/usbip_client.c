/*
 * Any bytes at all from a USB/IP server: as its list, its import and its answers to transfers. The
 * wire that imports from it comes to an end with each of its calls, and never says that more came
 * than there was room for.
 *
 * The input: a byte whose bit 0 says that the list is asked for first, then what the server sends
 * before it hangs up.
 */
#include <sys/socket.h>
#include <unistd.h>

#include "fuzz.h"
#include "probe/log.h"
#include "probe/usb_usbip.h"

#define ROUNDS  3
#define SIZE    512
#define MOST    60000 /* fits into the buffers of a socket pair, so that nobody waits */
#define WAIT_MS 1

static enum err run(struct usb *usb, enum usb_direction direction)
{
	static const uint8_t command[USB_COMMAND_SIZE] = {0xF2, 0x36};
	uint8_t block[SIZE] = {0};
	struct usb_data data = {direction, block, sizeof(block), 0};
	enum err err = usb_command(usb, command, direction ? &data : NULL, WAIT_MS);

	require(data.received <= sizeof(block));
	return err;
}

static enum err use(struct usb *usb)
{
	uint8_t trace[SIZE];
	size_t received = 0;
	enum err err = run(usb, USB_NONE);

	if (err != ERR_USB_GONE)
		err = run(usb, USB_IN);
	if (err != ERR_USB_GONE)
		err = run(usb, USB_OUT);
	if (err != ERR_USB_GONE)
		err = usb_read_trace(usb, trace, sizeof(trace), &received, WAIT_MS);
	require(received <= sizeof(trace));
	if (err != ERR_USB_GONE)
		err = usb_drain(usb);
	return err == ERR_USB_GONE ? err : usb_reset(usb);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct input input = {bytes, size};
	const char *busid = input_byte(&input) & 1 ? NULL : "1-1";
	struct usb *usb = NULL;
	int pair[2];

	if (input.size > MOST)
		return 0;
	log_set_level(LOG_ERROR);
	require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
	require(write(pair[0], input.bytes, input.size) == (ssize_t)input.size);
	require(shutdown(pair[0], SHUT_WR) == 0);
	enum err err = usb_usbip_adopt(pair[1], busid, "usbip:fuzz", &usb);
	for (int i = 0; i < ROUNDS && !err; i++) {
		err = use(usb);
		require(err < ERR_COUNT);
	}
	usb_close(usb);
	close(pair[0]);
	return 0;
}
