/* The wire over USB/IP: every verb, against a scripted server. */
#include "probe/usb_usbip.h"

#include "probe/bytes.h"
#include "tests/prelude.h"
#include "usbip_server.h"
#include "usbip_wire.h"

static void expect_out(struct server *server, uint32_t seqnum, const uint8_t *sent)
{
	uint8_t message[200];
	size_t size = server_put_submit(
		message, 0, seqnum, 0x01, usbip_wire_command, sizeof(usbip_wire_command));

	size = server_put_submit(message, size, seqnum + 1, 0x01, sent, 8);
	server_expect(server, message, size);
}

/* ---- commands ---- */

static void a_command_and_its_reply_are_asked_for_in_one_write(void **state)
{
	(void)state;
	struct server *server = importing_server();

	expect_answered(server, SERVER_SEQNUM);
	expect_answered(server, SERVER_SEQNUM + 2);
	struct usb *usb = open_wire(server);
	assert_answered(usb);
	assert_answered(usb);
	assert_true(usb_plugged(usb));
	usb_close(usb);
	server_finish(server);
}

static void replies_may_come_in_any_order(void **state)
{
	(void)state;
	struct server *server = importing_server();

	expect_in(server, SERVER_SEQNUM);
	server_send_submitted(server, SERVER_SEQNUM + 1, 0, 8, usbip_wire_answer);
	server_send_submitted(server, SERVER_SEQNUM, 0, 16, NULL);
	struct usb *usb = open_wire(server);
	assert_answered(usb);
	usb_close(usb);
	server_finish(server);
}

static void a_short_reply_is_no_error(void **state)
{
	(void)state;
	struct server *server = importing_server();
	size_t received;

	expect_in(server, SERVER_SEQNUM);
	server_send_submitted(server, SERVER_SEQNUM, 0, 16, NULL);
	server_send_submitted(server, SERVER_SEQNUM + 1, 0, 2, usbip_wire_answer);
	struct usb *usb = open_wire(server);
	assert_int_equal(run_in(usb, LONG_MS, &received), ERR_OK);
	assert_int_equal(received, 2);
	usb_close(usb);
	server_finish(server);
}

static void data_goes_out_behind_its_command(void **state)
{
	(void)state;
	static uint8_t out[8] = {1, 2, 3, 4, 5, 6, 7, 8};
	struct server *server = importing_server();
	struct usb_data phase = {USB_OUT, out, sizeof(out), 99};

	expect_out(server, SERVER_SEQNUM, out);
	server_send_submitted(server, SERVER_SEQNUM, 0, 16, NULL);
	server_send_submitted(server, SERVER_SEQNUM + 1, 0, 8, NULL);
	/* what was taken only in part has failed */
	expect_out(server, SERVER_SEQNUM + 2, out);
	server_send_submitted(server, SERVER_SEQNUM + 2, 0, 16, NULL);
	server_send_submitted(server, SERVER_SEQNUM + 3, 0, 7, NULL);
	struct usb *usb = open_wire(server);
	assert_int_equal(usb_command(usb, usbip_wire_command, &phase, LONG_MS), ERR_OK);
	assert_int_equal(phase.received, 0);
	assert_int_equal(usb_command(usb, usbip_wire_command, &phase, LONG_MS), ERR_USB_IO);
	usb_close(usb);
	server_finish(server);
}

static void a_command_may_be_alone(void **state)
{
	(void)state;
	struct server *server = importing_server();
	struct usb_data none = {USB_NONE, NULL, 0, 0};
	uint8_t message[64];

	for (uint32_t i = 0; i < 2; i++) {
		size_t size = server_put_submit(message, 0, SERVER_SEQNUM + i, 0x01,
			usbip_wire_command, sizeof(usbip_wire_command));
		server_expect(server, message, size);
		server_send_submitted(server, SERVER_SEQNUM + i, 0, 16, NULL);
	}
	struct usb *usb = open_wire(server);
	assert_int_equal(usb_command(usb, usbip_wire_command, NULL, LONG_MS), ERR_OK);
	assert_int_equal(usb_command(usb, usbip_wire_command, &none, LONG_MS), ERR_OK);
	usb_close(usb);
	server_finish(server);
}

static void a_transfer_beyond_all_reason_is_refused(void **state)
{
	(void)state;
	struct server *server = importing_server();
	struct usb_data phase = {USB_IN, usbip_wire_data, 65537, 0};
	struct usb *usb = open_wire(server);

	assert_int_equal(usb_command(usb, usbip_wire_command, &phase, LONG_MS), ERR_ARGUMENT);
	usb_close(usb);
	server_finish(server);
}

/* ---- the other verbs ---- */

static void expect_read(struct server *server, uint32_t seqnum, unsigned endpoint, size_t size)
{
	uint8_t message[48];
	server_expect(server, message, server_put_submit(message, 0, seqnum, endpoint, NULL, size));
}

static void draining_reads_until_silence(void **state)
{
	(void)state;
	struct server *server = importing_server();
	uint8_t stale[300] = {0};

	expect_read(server, SERVER_SEQNUM, 0x81, 4096);
	server_send_submitted(server, SERVER_SEQNUM, 0, sizeof(stale), stale);
	/* data that crosses the cancellation is still data */
	expect_read(server, SERVER_SEQNUM + 1, 0x81, 4096);
	server_expect_unlink(server, SERVER_SEQNUM + 2, SERVER_SEQNUM + 1);
	server_send_submitted(server, SERVER_SEQNUM + 1, 0, 12, stale);
	server_send_unlinked(server, SERVER_SEQNUM + 2, 0);
	expect_read(server, SERVER_SEQNUM + 3, 0x81, 4096);
	server_expect_unlink(server, SERVER_SEQNUM + 4, SERVER_SEQNUM + 3);
	server_send_unlinked(server, SERVER_SEQNUM + 4, SERVER_ECONNRESET);
	struct usb *usb = open_wire(server);
	assert_int_equal(usb_drain(usb), ERR_OK);
	usb_close(usb);
	server_finish(server);
}

static void trace_comes_from_its_own_endpoint(void **state)
{
	(void)state;
	struct server *server = importing_server();
	uint8_t trace[64];
	size_t received = 99;

	expect_read(server, SERVER_SEQNUM, 0x82, 64);
	server_send_submitted(server, SERVER_SEQNUM, 0, 8, usbip_wire_answer);
	expect_read(server, SERVER_SEQNUM + 1, 0x82, 64);
	server_expect_unlink(server, SERVER_SEQNUM + 2, SERVER_SEQNUM + 1);
	server_send_unlinked(server, SERVER_SEQNUM + 2, SERVER_ECONNRESET);
	struct usb *usb = open_wire(server);
	assert_int_equal(usb_read_trace(usb, trace, sizeof(trace), &received, LONG_MS), ERR_OK);
	assert_int_equal(received, 8);
	assert_memory_equal(trace, usbip_wire_answer, 8);
	assert_int_equal(usb_read_trace(usb, trace, sizeof(trace), &received, SHORT_MS), ERR_OK);
	assert_int_equal(received, 0);
	usb_close(usb);
	server_finish(server);
}

static void a_reset_is_a_port_reset_and_a_configuration(void **state)
{
	(void)state;
	static const int32_t statuses[] = {0, SERVER_EPIPE};

	for (size_t i = 0; i < COUNT_OF(statuses); i++) {
		struct server *server = importing_server();

		server_expect_control(
			server, SERVER_SEQNUM, (const uint8_t[8]){0x23, 3, 4, 0, 0, 0, 0, 0});
		server_send_submitted(server, SERVER_SEQNUM, statuses[i], 0, NULL);
		server_expect_control(
			server, SERVER_SEQNUM + 1, (const uint8_t[8]){0x00, 9, 1, 0, 0, 0, 0, 0});
		server_send_submitted(server, SERVER_SEQNUM + 1, 0, 0, NULL);
		expect_answered(server, SERVER_SEQNUM + 2);
		struct usb *usb = open_wire(server);
		assert_int_equal(usb_reset(usb), ERR_OK);
		assert_answered(usb);
		usb_close(usb);
		server_finish(server);
	}
}

static void time_goes_on_while_sleeping(void **state)
{
	(void)state;
	struct server *server = importing_server();
	struct usb *usb = open_wire(server);
	uint64_t start = usb_now_us(usb);

	usb_sleep_us(usb, 2000);
	assert_true(usb_now_us(usb) - start >= 2000);
	usb_close(usb);
	server_finish(server);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_command_and_its_reply_are_asked_for_in_one_write),
		cmocka_unit_test(replies_may_come_in_any_order),
		cmocka_unit_test(a_short_reply_is_no_error),
		cmocka_unit_test(data_goes_out_behind_its_command),
		cmocka_unit_test(a_command_may_be_alone),
		cmocka_unit_test(a_transfer_beyond_all_reason_is_refused),
		cmocka_unit_test(draining_reads_until_silence),
		cmocka_unit_test(trace_comes_from_its_own_endpoint),
		cmocka_unit_test(a_reset_is_a_port_reset_and_a_configuration),
		cmocka_unit_test(time_goes_on_while_sleeping),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
