/* Transfers over USB/IP that go wrong: time-outs, errors of the device, errors of the server. */
#include "probe/usbip_urb.h"

#include <string.h>

#include "probe/bytes.h"
#include "tests/prelude.h"
#include "usbip_server.h"
#include "usbip_wire.h"

/* ---- time-outs ---- */

static void expect_both_unlinked(struct server *server, uint32_t seqnum)
{
	uint8_t message[96] = {0};

	for (uint32_t i = 0; i < 2; i++) {
		uint8_t *header = message + (size_t)48 * i;
		put_be32(header, 2);
		put_be32(header + 4, seqnum + 2 + i);
		put_be32(header + 8, SERVER_DEVICE);
		put_be32(header + 0x14, seqnum + i);
	}
	server_expect(server, message, sizeof(message));
}

static void a_time_out_takes_both_back_and_the_wire_goes_on(void **state)
{
	(void)state;
	struct server *server = importing_server();
	size_t received;

	expect_in(server, SERVER_SEQNUM);
	expect_both_unlinked(server, SERVER_SEQNUM);
	server_send_unlinked(server, SERVER_SEQNUM + 2, SERVER_ECONNRESET);
	server_send_unlinked(server, SERVER_SEQNUM + 3, SERVER_ECONNRESET);
	expect_answered(server, SERVER_SEQNUM + 4);
	struct usb *usb = open_wire(server);
	assert_int_equal(run_in(usb, SHORT_MS, &received), ERR_USB_TIMEOUT);
	assert_int_equal(received, 0);
	assert_true(usb_plugged(usb));
	assert_answered(usb);
	usb_close(usb);
	server_finish(server);
}

static void a_reply_that_crosses_its_cancellation_counts(void **state)
{
	(void)state;
	struct server *server = importing_server();

	expect_in(server, SERVER_SEQNUM);
	server_send_submitted(server, SERVER_SEQNUM, 0, 16, NULL);
	server_expect_unlink(server, SERVER_SEQNUM + 2, SERVER_SEQNUM + 1);
	server_send_submitted(server, SERVER_SEQNUM + 1, 0, 8, usbip_wire_answer);
	server_send_unlinked(server, SERVER_SEQNUM + 2, 0);
	expect_answered(server, SERVER_SEQNUM + 3);
	struct usb *usb = open_wire(server);
	size_t received;
	assert_int_equal(run_in(usb, SHORT_MS, &received), ERR_OK);
	assert_int_equal(received, 8);
	assert_memory_equal(usbip_wire_data, usbip_wire_answer, 8);
	assert_answered(usb);
	usb_close(usb);
	server_finish(server);
}

/* The first half of a reply before the time is up, the second half after. */
static void a_time_out_in_the_middle_of_a_reply_loses_nothing(void **state)
{
	(void)state;
	struct server *server = importing_server();
	uint8_t reply[56] = {0, 0, 0, 3, 0, 0, 0, SERVER_SEQNUM + 1, [0x1B] = 8};
	size_t received;

	memcpy(reply + 48, usbip_wire_answer, 8);
	expect_in(server, SERVER_SEQNUM);
	server_send_submitted(server, SERVER_SEQNUM, 0, 16, NULL);
	server_send(server, reply, 50);
	server_expect_unlink(server, SERVER_SEQNUM + 2, SERVER_SEQNUM + 1);
	server_send(server, reply + 50, 6);
	server_send_unlinked(server, SERVER_SEQNUM + 2, 0);
	expect_answered(server, SERVER_SEQNUM + 3);
	struct usb *usb = open_wire(server);
	assert_int_equal(run_in(usb, SHORT_MS, &received), ERR_OK);
	assert_memory_equal(usbip_wire_data, usbip_wire_answer, 8);
	assert_answered(usb);
	usb_close(usb);
	server_finish(server);
}

static void a_server_that_confirms_no_cancellation_is_given_up(void **state)
{
	(void)state;
	struct server *server = importing_server();
	size_t received;

	expect_in(server, SERVER_SEQNUM);
	expect_both_unlinked(server, SERVER_SEQNUM);
	/* the thread then waits for the client to hang up */
	struct usb *usb = open_wire(server);
	assert_int_equal(run_in(usb, SHORT_MS, &received), ERR_USB_GONE);
	assert_false(usb_plugged(usb));
	assert_int_equal(run_in(usb, LONG_MS, &received), ERR_USB_GONE);
	usb_close(usb);
	server_finish(server);
}

/* ---- errors of the device ---- */

static void a_stall_is_cleared(void **state)
{
	(void)state;
	struct server *server = importing_server();
	size_t received;

	/* the command stalls: its reply is taken back */
	expect_in(server, SERVER_SEQNUM);
	server_send_submitted(server, SERVER_SEQNUM, SERVER_EPIPE, 0, NULL);
	server_expect_unlink(server, SERVER_SEQNUM + 2, SERVER_SEQNUM + 1);
	server_send_unlinked(server, SERVER_SEQNUM + 2, SERVER_ECONNRESET);
	server_expect_control(
		server, SERVER_SEQNUM + 3, (const uint8_t[8]){0x02, 1, 0, 0, 0x01, 0, 0, 0});
	server_send_submitted(server, SERVER_SEQNUM + 3, 0, 0, NULL);
	/* the reply stalls */
	expect_in(server, SERVER_SEQNUM + 4);
	server_send_submitted(server, SERVER_SEQNUM + 4, 0, 16, NULL);
	server_send_submitted(server, SERVER_SEQNUM + 5, SERVER_EPIPE, 0, NULL);
	server_expect_control(
		server, SERVER_SEQNUM + 6, (const uint8_t[8]){0x02, 1, 0, 0, 0x81, 0, 0, 0});
	server_send_submitted(server, SERVER_SEQNUM + 6, SERVER_EPIPE, 0, NULL);
	expect_answered(server, SERVER_SEQNUM + 7);
	struct usb *usb = open_wire(server);
	assert_int_equal(run_in(usb, LONG_MS, &received), ERR_USB_STALL);
	assert_int_equal(run_in(usb, LONG_MS, &received), ERR_USB_STALL);
	assert_answered(usb);
	usb_close(usb);
	server_finish(server);
}

static void an_unplugged_device_is_gone(void **state)
{
	(void)state;
	static const int32_t statuses[] = {SERVER_ENODEV, SERVER_ESHUTDOWN};

	for (size_t i = 0; i < COUNT_OF(statuses); i++) {
		struct server *server = importing_server();
		size_t received;

		expect_in(server, SERVER_SEQNUM);
		server_send_submitted(server, SERVER_SEQNUM, statuses[i], 0, NULL);
		server_expect_unlink(server, SERVER_SEQNUM + 2, SERVER_SEQNUM + 1);
		server_send_submitted(server, SERVER_SEQNUM + 1, statuses[i], 0, NULL);
		server_send_unlinked(server, SERVER_SEQNUM + 2, 0);
		struct usb *usb = open_wire(server);
		assert_int_equal(run_in(usb, LONG_MS, &received), ERR_USB_GONE);
		assert_false(usb_plugged(usb));
		assert_int_equal(run_in(usb, LONG_MS, &received), ERR_USB_GONE);
		usb_close(usb);
		server_finish(server);
	}
}

static void other_failures_are_io_errors_with_their_data_skipped(void **state)
{
	(void)state;
	struct server *server = importing_server();
	size_t received;

	expect_in(server, SERVER_SEQNUM);
	server_send_submitted(server, SERVER_SEQNUM, 0, 16, NULL);
	server_send_submitted(server, SERVER_SEQNUM + 1, SERVER_EPROTO, 3, usbip_wire_answer);
	expect_answered(server, SERVER_SEQNUM + 2);
	struct usb *usb = open_wire(server);
	assert_int_equal(run_in(usb, LONG_MS, &received), ERR_USB_IO);
	assert_int_equal(received, 0);
	assert_answered(usb);
	usb_close(usb);
	server_finish(server);
}

/* ---- errors of the server ---- */

static void a_reply_that_breaks_the_protocol_ends_the_connection(void **state)
{
	(void)state;
	static const struct {
		uint32_t command, seqnum, actual, packets;
	} rows[] = {
		{5, SERVER_SEQNUM, 0, 0},              /* no such reply */
		{1, SERVER_SEQNUM, 0, 0},              /* a request */
		{3, SERVER_SEQNUM + 7, 0, 0},          /* never asked for */
		{3, SERVER_SEQNUM - 1, 0, 0},          /* answered before */
		{3, SERVER_SEQNUM + 1, 9, 0},          /* longer than asked for */
		{3, SERVER_SEQNUM + 1, 0xFFFFFFFF, 0}, /* -1 bytes */
		{3, SERVER_SEQNUM, 17, 0},             /* more sent than given */
		{3, SERVER_SEQNUM + 1, 8, 5},          /* isochronous */
		{4, SERVER_SEQNUM, 0, 0},              /* not being taken back */
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct server *server = importing_server();
		uint8_t reply[48] = {0};
		size_t received;

		put_be32(reply, rows[i].command);
		put_be32(reply + 4, rows[i].seqnum);
		put_be32(reply + 0x18, rows[i].actual);
		put_be32(reply + 0x20, rows[i].packets);
		expect_in(server, SERVER_SEQNUM);
		server_send(server, reply, sizeof(reply));
		struct usb *usb = open_wire(server);
		assert_int_equal(run_in(usb, LONG_MS, &received), ERR_USB_IO);
		assert_false(usb_plugged(usb));
		assert_int_equal(run_in(usb, LONG_MS, &received), ERR_USB_GONE);
		usb_close(usb);
		server_finish(server);
	}
}

static void a_server_that_hangs_up_is_gone(void **state)
{
	(void)state;
	/* within the first header, within the second, within the payload */
	static const size_t cuts[] = {0, 1, 47, 48, 95, 96, 103};

	for (size_t i = 0; i < COUNT_OF(cuts); i++) {
		struct server *server = importing_server();
		uint8_t reply[104] = {0};
		size_t received;

		put_be32(reply, 3);
		put_be32(reply + 4, SERVER_SEQNUM);
		put_be32(reply + 0x18, 16);
		put_be32(reply + 48, 3);
		put_be32(reply + 52, SERVER_SEQNUM + 1);
		put_be32(reply + 48 + 0x18, 8);
		expect_in(server, SERVER_SEQNUM);
		if (cuts[i])
			server_send(server, reply, cuts[i]);
		server_hang_up(server);
		struct usb *usb = open_wire(server);
		assert_int_equal(run_in(usb, LONG_MS, &received), ERR_USB_GONE);
		assert_false(usb_plugged(usb));
		assert_int_equal(run_in(usb, LONG_MS, &received), ERR_USB_GONE);
		usb_close(usb);
		server_finish(server);
	}
}

static void hanging_up_shows_without_a_transfer(void **state)
{
	(void)state;
	struct server *server = importing_server();
	size_t received;

	expect_answered(server, SERVER_SEQNUM);
	server_hang_up(server);
	struct usb *usb = open_wire(server);
	assert_answered(usb);
	server_finish(server);
	assert_false(usb_plugged(usb));
	assert_int_equal(run_in(usb, LONG_MS, &received), ERR_USB_GONE);
	usb_close(usb);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_time_out_takes_both_back_and_the_wire_goes_on),
		cmocka_unit_test(a_reply_that_crosses_its_cancellation_counts),
		cmocka_unit_test(a_time_out_in_the_middle_of_a_reply_loses_nothing),
		cmocka_unit_test(a_server_that_confirms_no_cancellation_is_given_up),
		cmocka_unit_test(a_stall_is_cleared),
		cmocka_unit_test(an_unplugged_device_is_gone),
		cmocka_unit_test(other_failures_are_io_errors_with_their_data_skipped),
		cmocka_unit_test(a_reply_that_breaks_the_protocol_ends_the_connection),
		cmocka_unit_test(a_server_that_hangs_up_is_gone),
		cmocka_unit_test(hanging_up_shows_without_a_transfer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
