/* URBs of the USB/IP server, their errors and their time (usbip_urbs.c, usbip_replies.c) against
 * the kernel's usbip_protocol.rst. */
#include <string.h>

#include "usbip_peer.h"

/* ---- URBs ---- */

static void control_transfers_are_answered(void **state)
{
	(void)state;
	struct peer *peer = usbip_peer_imported();
	const uint8_t get_device[8] = {0x80, 6, 0, 1, 0, 0, 18, 0};
	usbip_peer_submit(peer, &(struct submit){7, 0, true, 18, get_device, 0});
	assert_int_equal(peer->size, HEADER + 18);
	assert_usbip_returned(peer->output, 7, 0, 18);
	assert_int_equal(peer->output[HEADER], 18);
	assert_int_equal(get_le16(peer->output + HEADER + 10), 0x374b);
	/* a smaller buffer than wLength says */
	usbip_peer_submit(peer, &(struct submit){8, 0, true, 8, get_device, 0});
	assert_int_equal(peer->size, HEADER + 8);
	assert_usbip_returned(peer->output, 8, 0, 8);
	const uint8_t set_configuration[8] = {0, 9, 1};
	usbip_peer_submit(peer, &(struct submit){9, 0, false, 0, set_configuration, 0});
	assert_int_equal(peer->size, HEADER);
	assert_usbip_returned(peer->output, 9, 0, 0);
	const uint8_t qualifier[8] = {0x80, 6, 0, 6, 0, 0, 10, 0};
	usbip_peer_submit(peer, &(struct submit){10, 0, true, 10, qualifier, 0});
	assert_int_equal(peer->size, HEADER);
	assert_usbip_returned(peer->output, 10, -32, 0);
	usbip_peer_close(peer);
}

static void a_command_and_its_reply(void **state)
{
	(void)state;
	struct peer *peer = usbip_peer_imported();
	usbip_peer_send_out(peer, 1, usbip_get_version, 16);
	assert_int_equal(peer->size, HEADER);
	assert_usbip_returned(peer->output, 1, 0, 16);
	usbip_peer_send_in(peer, 2, 64);
	assert_int_equal(peer->size, HEADER + 6);
	assert_usbip_returned(peer->output, 2, 0, 6);
	assert_int_equal(peer->output[HEADER], 0x29);
	usbip_peer_close(peer);
}

static void a_reply_may_be_asked_for_first(void **state)
{
	(void)state;
	struct peer *peer = usbip_peer_imported();
	usbip_peer_send_in(peer, 1, 64);
	assert_int_equal(peer->size, 0);
	usbip_peer_send_out(peer, 2, usbip_get_version, 16);
	assert_int_equal(peer->size, HEADER + HEADER + 6);
	assert_usbip_returned(peer->output, 2, 0, 16);
	assert_usbip_returned(peer->output + HEADER, 1, 0, 6);
	usbip_peer_close(peer);
}

static void several_commands_may_be_queued(void **state)
{
	(void)state;
	struct peer *peer = usbip_peer_imported();
	uint8_t bytes[8 * (HEADER + 16)];
	size_t size = 0;
	for (uint32_t i = 0; i < 4; i++) {
		size += usbip_put_submit(
			bytes + size, &(struct submit){10 + i, 1, false, 16, usbip_get_version, 0});
		size += usbip_put_submit(
			bytes + size, &(struct submit){20 + i, 1, true, 6, NULL, 0});
	}
	usbip_peer_ask(peer, bytes, size);
	assert_int_equal(peer->size, 4 * (HEADER + HEADER + 6));
	usbip_peer_close(peer);
}

static void a_pending_urb_is_unlinked(void **state)
{
	(void)state;
	struct peer *peer = usbip_peer_imported();
	usbip_peer_send_in(peer, 1, 64);
	usbip_peer_unlink(peer, 2, 1);
	assert_int_equal(peer->size, HEADER);
	assert_usbip_unlinked(peer->output, 2, -104);
	/* it is really gone: the reply goes to the next one */
	usbip_peer_send_out(peer, 3, usbip_get_version, 16);
	assert_int_equal(peer->size, HEADER);
	usbip_peer_send_in(peer, 4, 64);
	assert_usbip_returned(peer->output, 4, 0, 6);
	usbip_peer_close(peer);
}

static void a_finished_urb_cannot_be_unlinked(void **state)
{
	(void)state;
	struct peer *peer = usbip_peer_imported();
	usbip_peer_send_out(peer, 1, usbip_get_version, 16);
	usbip_peer_unlink(peer, 2, 1);
	assert_int_equal(peer->size, HEADER);
	assert_usbip_unlinked(peer->output, 2, 0);
	usbip_peer_unlink(peer, 3, 77);
	assert_usbip_unlinked(peer->output, 3, 0);
	usbip_peer_close(peer);
}

static void an_unlink_does_not_overtake_the_answer(void **state)
{
	(void)state;
	struct peer *peer = usbip_peer_imported();
	uint8_t message[HEADER + 16];
	const uint8_t *bytes;
	peer->size = 0;
	size_t size =
		usbip_put_submit(message, &(struct submit){1, 1, false, 16, usbip_get_version, 0});
	assert_int_equal(usbip_session_feed(peer->session, message, size), ERR_OK);
	assert_int_equal(usbip_session_pump(peer->session, FOREVER), ERR_OK);
	uint8_t unlink[HEADER] = {0, 0, 0, 2, 0, 0, 0, 2};
	put_be32(unlink + 8, DEVID);
	put_be32(unlink + 20, 1);
	assert_int_equal(usbip_session_feed(peer->session, unlink, sizeof unlink), ERR_OK);
	/* nothing is due before the transfer would have been over */
	assert_int_equal(usbip_session_output(peer->session, 0, &bytes), 0);
	usbip_peer_collect(peer);
	assert_int_equal(peer->size, 2 * HEADER);
	assert_usbip_returned(peer->output, 1, 0, 16);
	assert_usbip_unlinked(peer->output + HEADER, 2, 0);
	usbip_peer_close(peer);
}

static void errors_have_their_codes(void **state)
{
	(void)state;
	struct peer *peer = usbip_peer_imported();
	usbip_peer_send_out(peer, 1, usbip_get_version, 15);
	assert_usbip_returned(peer->output, 1, -32, 0);
	usbip_peer_send_out(peer, 2, usbip_get_version, 16);
	assert_usbip_returned(peer->output, 2, -32, 0);
	const uint8_t clear_halt[8] = {0x02, 1, 0, 0, 1, 0, 0, 0};
	usbip_peer_submit(peer, &(struct submit){3, 0, false, 0, clear_halt, 0});
	usbip_peer_send_out(peer, 4, usbip_get_version, 16);
	assert_usbip_returned(peer->output, 4, 0, 16);
	usbip_peer_send_in(peer, 5, 4);
	assert_int_equal(peer->size, HEADER + 4);
	assert_usbip_returned(peer->output, 5, -75, 4);
	usbip_peer_send_out(peer, 6, usbip_get_version, 16);
	usbip_peer_submit(peer, &(struct submit){7, 1, true, 64, NULL, 1});
	assert_int_equal(peer->size, HEADER + 6);
	assert_usbip_returned(peer->output, 7, -121, 6);
	usbip_peer_send_out(peer, 10, usbip_get_version, 16);
	usbip_peer_submit(peer, &(struct submit){11, 1, true, 6, NULL, 1});
	assert_usbip_returned(peer->output, 11, 0, 6);
	usbip_peer_submit(peer, &(struct submit){8, 5, true, 64, NULL, 0});
	assert_usbip_returned(peer->output, 8, -71, 0);
	usbip_peer_submit(peer, &(struct submit){9, 2, false, 16, usbip_get_version, 0});
	assert_usbip_returned(peer->output, 9, -71, 0);
	usbip_peer_close(peer);
}

static void trace_waits_without_holding_up_the_rest(void **state)
{
	(void)state;
	struct peer *peer = usbip_peer_imported();
	usbip_peer_submit(peer, &(struct submit){1, 2, true, 64, NULL, 0});
	assert_int_equal(peer->size, 0);
	usbip_peer_send_out(peer, 2, usbip_get_version, 16);
	assert_usbip_returned(peer->output, 2, 0, 16);
	usbip_peer_unlink(peer, 3, 1);
	assert_usbip_unlinked(peer->output, 3, -104);
	usbip_peer_close(peer);
}

/* ---- time ---- */

static void replies_are_due_when_their_transfer_is_over(void **state)
{
	(void)state;
	struct peer *peer = usbip_peer_imported();
	uint8_t message[2 * HEADER + 16];
	const uint8_t *bytes;
	uint64_t start = board_now_ns(server.bench->board);
	size_t size =
		usbip_put_submit(message, &(struct submit){1, 1, false, 16, usbip_get_version, 0});
	size += usbip_put_submit(message + size, &(struct submit){2, 1, true, 6, NULL, 0});
	assert_int_equal(usbip_session_feed(peer->session, message, size), ERR_OK);

	/* the command goes at once; the firmware's time is then ahead of the horizon */
	assert_int_equal(usbip_session_pump(peer->session, start), ERR_OK);
	assert_int_equal(usbip_session_due_ns(peer->session), start + 141000);
	assert_int_equal(usbip_session_output(peer->session, start + 140999, &bytes), 0);
	assert_int_equal(usbip_session_output(peer->session, start + 141000, &bytes), HEADER);
	usbip_session_sent(peer->session, HEADER);
	assert_int_equal(usbip_session_due_ns(peer->session), start + 201000);

	/* so a reply that is unlinked meanwhile stays in the probe */
	assert_int_equal(usbip_session_pump(peer->session, start + 200999), ERR_OK);
	assert_int_equal(server.bench->board->device.reply_count, 1);
	assert_int_equal(usbip_session_pump(peer->session, start + 201000), ERR_OK);
	assert_int_equal(server.bench->board->device.reply_count, 0);
	assert_int_equal(usbip_session_due_ns(peer->session), start + 201000 + 131000);
	assert_int_equal(usbip_session_output(peer->session, FOREVER, &bytes), HEADER + 6);
	usbip_session_sent(peer->session, HEADER + 6);
	assert_int_equal(usbip_session_due_ns(peer->session), USBIP_NEVER);
	usbip_peer_close(peer);
}

static void a_pending_urb_is_never_due(void **state)
{
	(void)state;
	struct peer *peer = usbip_peer_imported();
	usbip_peer_send_in(peer, 1, 64);
	assert_int_equal(usbip_session_due_ns(peer->session), USBIP_NEVER);
	usbip_peer_close(peer);
}

#define URB_TEST(name) \
	cmocka_unit_test_setup_teardown(name, usbip_server_setup, usbip_server_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		URB_TEST(control_transfers_are_answered),
		URB_TEST(a_command_and_its_reply),
		URB_TEST(a_reply_may_be_asked_for_first),
		URB_TEST(several_commands_may_be_queued),
		URB_TEST(a_pending_urb_is_unlinked),
		URB_TEST(a_finished_urb_cannot_be_unlinked),
		URB_TEST(an_unlink_does_not_overtake_the_answer),
		URB_TEST(errors_have_their_codes),
		URB_TEST(trace_waits_without_holding_up_the_rest),
		URB_TEST(replies_are_due_when_their_transfer_is_over),
		URB_TEST(a_pending_urb_is_never_due),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
