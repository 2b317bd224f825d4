/* The wire over USB/IP with the scripted server at its far end. */
#include "usbip_wire.h"

#include <string.h>

#include "probe/usb_usbip.h"
#include "tests/prelude.h"

const uint8_t usbip_wire_command[USB_COMMAND_SIZE] = {0xF2, 0x36, 0x00, 0x00, 0x00, 0x20};
const uint8_t usbip_wire_answer[8] = {0x80, 0, 0, 0, 0x78, 0x56, 0x34, 0x12};
uint8_t usbip_wire_data[8];

struct server *importing_server(void)
{
	struct server *server = server_create();

	server_expect_import(server);
	return server;
}

struct usb *open_wire(struct server *server)
{
	struct usb *usb = NULL;

	assert_int_equal(
		usb_usbip_adopt(server_start(server), "1-1", "usbip:test/1-1", &usb), ERR_OK);
	return usb;
}

void expect_in(struct server *server, uint32_t seqnum)
{
	uint8_t message[200];
	size_t size =
		server_put_submit(message, 0, seqnum, 0x01, usbip_wire_command, USB_COMMAND_SIZE);

	size = server_put_submit(message, size, seqnum + 1, 0x81, NULL, 8);
	server_expect(server, message, size);
}

void expect_answered(struct server *server, uint32_t seqnum)
{
	expect_in(server, seqnum);
	server_send_submitted(server, seqnum, 0, 16, NULL);
	server_send_submitted(server, seqnum + 1, 0, 8, usbip_wire_answer);
}

enum err run_in(struct usb *usb, unsigned timeout_ms, size_t *received)
{
	struct usb_data phase = {USB_IN, usbip_wire_data, sizeof(usbip_wire_data), 99};

	memset(usbip_wire_data, 0, sizeof(usbip_wire_data));
	enum err err = usb_command(usb, usbip_wire_command, &phase, timeout_ms);
	*received = phase.received;
	return err;
}

void assert_answered(struct usb *usb)
{
	size_t received;

	assert_int_equal(run_in(usb, LONG_MS, &received), ERR_OK);
	assert_int_equal(received, 8);
	assert_memory_equal(usbip_wire_data, usbip_wire_answer, 8);
}
