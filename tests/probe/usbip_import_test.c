/* Importing over USB/IP: list, import, descriptors, over a socket pair and over TCP. */
#include "probe/usbip_import.h"

#include <stdio.h>

#include "probe/bytes.h"
#include "probe/usb_usbip.h"
#include "scripted_wire.h"
#include "tests/prelude.h"
#include "usbip_server.h"
#include "usbip_wire.h"

static void importing_identifies_the_device(void **state)
{
	(void)state;
	struct server *server = importing_server();
	struct usb *usb = open_wire(server);

	assert_int_equal(usb->identity.vid, 0x0483);
	assert_int_equal(usb->identity.pid, 0x374B);
	assert_string_equal(usb->identity.serial, "066EFF373535503457062922");
	assert_string_equal(usb->identity.path, "usbip:test/1-1");
	usb_close(usb);
	server_finish(server);
}

static void without_a_bus_id_the_first_st_link_is_taken(void **state)
{
	(void)state;
	static const char *const busids[] = {NULL, ""};

	for (size_t i = 0; i < COUNT_OF(busids); i++) {
		struct server *server = server_create();
		struct usb *usb;

		server_expect_list(server);
		server_expect_import(server);
		assert_int_equal(
			usb_usbip_adopt(server_start(server), busids[i], "test", &usb), ERR_OK);
		usb_close(usb);
		server_finish(server);
	}
}

/* 0x0C + 3 devices with 2, 4 and 1 interfaces; then the import; then the descriptors. */
#define LIST_SIZE   (12 + 3 * 312 + 7 * 4)
#define IMPORT_SIZE (8 + 312)
#define USED_SIZE   (48 + 18 + 48 + 62 + 48 + 48 + 50)

static void replies_may_be_split_at_every_byte(void **state)
{
	(void)state;
	const size_t total = LIST_SIZE + IMPORT_SIZE + USED_SIZE + 48 + 48 + 8;

	for (size_t at = 1; at < total; at++) {
		struct server *server = server_create();
		struct usb *usb;

		server_expect_list(server);
		server_expect_import(server);
		expect_answered(server, SERVER_SEQNUM);
		server_split_at(server, at);
		assert_int_equal(usb_usbip_adopt(server_start(server), NULL, "test", &usb), ERR_OK);
		assert_answered(usb);
		usb_close(usb);
		server_finish(server);
	}
}

static void adopt_fails(struct server *server, const char *busid, enum err expected)
{
	struct usb *usb = NULL;

	assert_int_equal(usb_usbip_adopt(server_start(server), busid, "test", &usb), expected);
	assert_null(usb);
	server_finish(server);
}

static const uint8_t import_request[40] = {0x01, 0x11, 0x80, 0x03, 0, 0, 0, 0, '1', '-', '1'};
static const uint8_t list_request[8] = {0x01, 0x11, 0x80, 0x05};

static void a_refused_import_tells_why(void **state)
{
	(void)state;
	static const struct {
		uint8_t status;
		enum err err;
	} rows[] = {{1, ERR_USB_NOT_FOUND}, {2, ERR_USB_BUSY}, {3, ERR_USB_IO},
		{4, ERR_USB_NOT_FOUND}, {5, ERR_USB_IO}, {200, ERR_USB_IO}};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct server *server = server_create();
		const uint8_t reply[8] = {0x01, 0x11, 0, 3, 0, 0, 0, rows[i].status};

		server_expect(server, import_request, sizeof(import_request));
		server_send(server, reply, sizeof(reply));
		adopt_fails(server, "1-1", rows[i].err);
	}
}

static void what_is_no_usbip_server_is_an_error(void **state)
{
	(void)state;
	static const char *const replies[] = {
		"01 06 00 03 00 00 00 00", /* another version */
		"01 11 00 05 00 00 00 00", /* another reply */
		"48 54 54 50 2F 31 2E 31", /* HTTP/1.1 */
	};

	for (size_t i = 0; i < COUNT_OF(replies); i++) {
		struct server *server = server_create();
		uint8_t reply[8];

		script_bytes(replies[i], reply, sizeof(reply));
		server_expect(server, import_request, sizeof(import_request));
		server_send(server, reply, sizeof(reply));
		adopt_fails(server, "1-1", ERR_USB_IO);
	}
}

static void a_list_may_hold_nothing_for_us(void **state)
{
	(void)state;
	static const struct {
		size_t size;
		uint8_t reply[12];
		enum err err;
	} rows[] = {
		{12, {0x01, 0x11, 0, 5}, ERR_USB_NOT_FOUND},                  /* empty */
		{8, {0x01, 0x11, 0, 5, 0, 0, 0, 1}, ERR_USB_NOT_FOUND},       /* refused */
		{12, {0x01, 0x11, 0, 5, 0, 0, 0, 0, 0xFF, 0xFF}, ERR_USB_IO}, /* absurd */
		{12, {0x01, 0x11, 0, 5, 0, 0, 0, 0, 0, 0, 0, 1}, ERR_USB_IO}, /* cut off */
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct server *server = server_create();

		server_expect(server, list_request, sizeof(list_request));
		server_send(server, rows[i].reply, rows[i].size);
		server_hang_up(server);
		adopt_fails(server, NULL, rows[i].err);
	}
}

static void a_list_with_only_a_v1_holds_nothing_for_us(void **state)
{
	(void)state;
	struct server *server = server_create();
	uint8_t reply[12 + 312] = {0x01, 0x11, 0, 5, [11] = 1};

	put_be16(reply + 12 + 0x12C, 0x0483);
	put_be16(reply + 12 + 0x12E, 0x3744);
	server_expect(server, list_request, sizeof(list_request));
	server_send(server, reply, sizeof(reply));
	adopt_fails(server, NULL, ERR_USB_NOT_FOUND);
}

static void a_bus_id_that_is_too_long_is_not_sent(void **state)
{
	(void)state;
	adopt_fails(server_create(), "1-1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1", ERR_ARGUMENT);
}

static void a_server_that_hangs_up_while_importing_is_an_error(void **state)
{
	(void)state;
	/* after 1 .. all 12 steps of the import: each is a request or a reply */
	for (size_t steps = 1; steps < 10; steps++) {
		struct server *whole = importing_server();
		struct usb *usb = NULL;

		server_cut_after(whole, steps);
		assert_int_equal(
			usb_usbip_adopt(server_start(whole), "1-1", "test", &usb), ERR_USB_IO);
		server_finish(whole);
	}
}

static void import_then_device(struct server *server, const uint8_t *device, uint32_t size)
{
	uint8_t reply[8 + 312] = {0x01, 0x11, 0, 3};

	put_be32(reply + 8 + 0x120, 1);
	put_be32(reply + 8 + 0x124, 2);
	server_expect(server, import_request, sizeof(import_request));
	server_send(server, reply, sizeof(reply));
	server_expect_control(server, 1, (const uint8_t[8]){0x80, 6, 0, 1, 0, 0, 18, 0});
	server_send_submitted(server, 1, 0, size, device);
}

static void a_device_that_is_no_st_link_is_refused(void **state)
{
	(void)state;
	static const uint8_t keyboard[18] = {
		18, 1, 0, 2, 0, 0, 0, 8, 0x6D, 0x04, 0x1C, 0xC3, 0, 1, 1, 2, 0, 1};
	static const uint8_t v1[18] = {
		18, 1, 0, 2, 0, 0, 0, 64, 0x83, 0x04, 0x44, 0x37, 0, 1, 1, 2, 3, 1};
	static const uint8_t wrong_type[18] = {18, 2};
	struct server *server = server_create();

	import_then_device(server, keyboard, 18);
	adopt_fails(server, "1-1", ERR_USB_NOT_FOUND);
	server = server_create();
	import_then_device(server, v1, 18);
	adopt_fails(server, "1-1", ERR_UNSUPPORTED);
	server = server_create();
	import_then_device(server, v1, 17);
	adopt_fails(server, "1-1", ERR_USB_IO);
	server = server_create();
	import_then_device(server, wrong_type, 18);
	adopt_fails(server, "1-1", ERR_USB_IO);
}

/* ---- over TCP ---- */

static void connecting_asks_for_the_list_on_a_connection_of_its_own(void **state)
{
	(void)state;
	struct server *server = server_create();
	struct usb *usb;
	char port[8], path[40];

	server_expect_list(server);
	server_hang_up(server);
	server_expect_import(server);
	expect_answered(server, SERVER_SEQNUM);
	snprintf(port, sizeof(port), "%u", server_start_tcp(server));
	assert_int_equal(usb_usbip_connect("127.0.0.1", port, NULL, &usb), ERR_OK);
	snprintf(path, sizeof(path), "usbip:127.0.0.1:%s/1-1", port);
	assert_string_equal(usb->identity.path, path);
	assert_answered(usb);
	usb_close(usb);
	server_finish(server);
}

static void connecting_with_a_bus_id_needs_one_connection(void **state)
{
	(void)state;
	struct server *server = importing_server();
	struct usb *usb;
	char port[8];

	snprintf(port, sizeof(port), "%u", server_start_tcp(server));
	assert_int_equal(usb_usbip_connect("127.0.0.1", port, "1-1", &usb), ERR_OK);
	usb_close(usb);
	server_finish(server);
}

static void nobody_listening_is_not_found(void **state)
{
	(void)state;
	struct server *server = server_create();
	struct usb *usb = NULL;
	char port[8];

	/* a port that was free a moment ago, and is again */
	snprintf(port, sizeof(port), "%u", server_start_tcp(server));
	server_finish(server);
	assert_int_equal(usb_usbip_connect("127.0.0.1", port, "1-1", &usb), ERR_USB_NOT_FOUND);
	assert_int_equal(usb_usbip_connect("127.0.0.1", port, NULL, &usb), ERR_USB_NOT_FOUND);
	assert_int_equal(usb_usbip_connect("127.0.0.1", "no port", "1-1", &usb), ERR_USB_NOT_FOUND);
	assert_null(usb);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(importing_identifies_the_device),
		cmocka_unit_test(without_a_bus_id_the_first_st_link_is_taken),
		cmocka_unit_test(replies_may_be_split_at_every_byte),
		cmocka_unit_test(a_refused_import_tells_why),
		cmocka_unit_test(what_is_no_usbip_server_is_an_error),
		cmocka_unit_test(a_list_may_hold_nothing_for_us),
		cmocka_unit_test(a_list_with_only_a_v1_holds_nothing_for_us),
		cmocka_unit_test(a_bus_id_that_is_too_long_is_not_sent),
		cmocka_unit_test(a_server_that_hangs_up_while_importing_is_an_error),
		cmocka_unit_test(a_device_that_is_no_st_link_is_refused),
		cmocka_unit_test(connecting_asks_for_the_list_on_a_connection_of_its_own),
		cmocka_unit_test(connecting_with_a_bus_id_needs_one_connection),
		cmocka_unit_test(nobody_listening_is_not_found),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
