/* Operations and the stream of the USB/IP server (usbip_session.c) against the kernel's
 * usbip_protocol.rst. */
#include <stdlib.h>
#include <string.h>

#include "usbip_peer.h"

static const uint8_t enter[16] = {0xf2, 0x30, 0xa3};
static const uint8_t write_64[16] = {0xf2, 0x08, 0, 0, 0, 0x20, 64};

/* ---- operations ---- */

static const uint8_t devlist[8] = {0x01, 0x11, 0x80, 0x05};

static void devices_are_listed(void **state)
{
	(void)state;
	struct peer *peer = usbip_peer_connect();
	usbip_peer_ask(peer, devlist, sizeof devlist);
	assert_int_equal(peer->size, 12 + 2 * (312 + 4));
	const uint8_t head[12] = {0x01, 0x11, 0x00, 0x05, 0, 0, 0, 0, 0, 0, 0, 2};
	assert_memory_equal(peer->output, head, sizeof head);
	const uint8_t *first = peer->output + 12;
	assert_memory_equal(first, "/sys/", 5);
	assert_string_equal((const char *)first + 256, "1-1");
	assert_int_equal(get_be32(first + 288), 1);
	assert_int_equal(get_be32(first + 292), 2);
	assert_int_equal(get_be32(first + 296), 2);
	const uint8_t identity[] = {
		0x04, 0x83, 0x37, 0x4b, 0x01, 0x00, 239, 2, 1, 1, 1, 1, 255, 255, 255, 0};
	assert_memory_equal(first + 300, identity, sizeof identity);
	const uint8_t *second = first + 316;
	assert_string_equal((const char *)second + 256, "1-2");
	assert_int_equal(get_be32(second + 296), 3);
	assert_int_equal(get_be16(second + 302), 0x374e);
	/* the connection stays open: the list can be had again, and a device imported */
	usbip_peer_ask(peer, devlist, sizeof devlist);
	usbip_peer_import(peer, BUSID);
	assert_int_equal(peer->size, 320);
	usbip_peer_close(peer);
}

static void used_devices_are_listed_last(void **state)
{
	(void)state;
	struct peer *user = usbip_peer_imported();
	struct peer *peer = usbip_peer_connect();
	usbip_peer_ask(peer, devlist, sizeof devlist);
	assert_int_equal(get_be32(peer->output + 8), 2);
	assert_string_equal((const char *)peer->output + 12 + 256, "1-2");
	assert_string_equal((const char *)peer->output + 12 + 316 + 256, "1-1");
	usbip_peer_close(peer);
	usbip_peer_close(user);
}

static void a_device_is_imported_once(void **state)
{
	(void)state;
	struct peer *first = usbip_peer_imported();
	assert_int_equal(get_be32(first->output + 4), 0);
	assert_string_equal((const char *)first->output + 8 + 256, BUSID);
	assert_int_equal(get_be32(first->output + 8 + 292), 2);

	struct peer *other = usbip_peer_connect();
	usbip_peer_import(other, BUSID);
	const uint8_t busy[8] = {0x01, 0x11, 0x00, 0x03, 0, 0, 0, 2};
	assert_int_equal(other->size, 8);
	assert_memory_equal(other->output, busy, 8);
	usbip_peer_import(other, "1-9");
	assert_int_equal(other->size, 8);
	assert_int_equal(get_be32(other->output + 4), 4);

	usbip_peer_close(first);
	usbip_peer_import(other, BUSID);
	assert_int_equal(other->size, 320);
	assert_ptr_equal(usbip_session_export(other->session), &server.exports[0]);
	usbip_peer_close(other);
}

static void an_unplugged_device_is_not_there(void **state)
{
	(void)state;
	struct peer *peer = usbip_peer_connect();
	bench_control(server.bench, "usb unplug");
	usbip_peer_import(peer, BUSID);
	assert_int_equal(get_be32(peer->output + 4), 4);
	usbip_peer_ask(peer, devlist, sizeof devlist);
	assert_int_equal(get_be32(peer->output + 8), 1);
	bench_control(server.bench, "usb plug");
	usbip_peer_import(peer, BUSID);
	assert_int_equal(peer->size, 320);
	bench_control(server.bench, "usb unplug");
	assert_int_equal(usbip_session_pump(peer->session, FOREVER), ERR_USB_GONE);
	usbip_peer_close(peer);
	bench_control(server.bench, "usb plug");
}

static void nonsense_closes_the_client(void **state)
{
	(void)state;
	static const uint8_t wrong[][8] = {{0x01, 0x10, 0x80, 0x05}, {0x01, 0x11, 0x80, 0x06},
		{0x01, 0x11, 0x00, 0x05}, {'G', 'E', 'T', ' ', '/', ' ', 'H', 'T'}, {0}};
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct peer *peer = usbip_peer_connect();
		assert_int_equal(usbip_peer_feed(peer, wrong[i], 8), ERR_ARGUMENT);
		usbip_peer_close(peer);
	}
	static const struct {
		size_t at;
		uint32_t value;
	} fields[] = {{0, 0}, {0, 3}, {0, 5}, {8, 0x00010003}, {8, 0}, {12, 2}, {16, 16},
		{16, 0x81}, {24, (1U << 20) + 1}, {24, 0xffffffff}};
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
		struct peer *peer = usbip_peer_imported();
		uint8_t message[HEADER + 16];
		usbip_put_submit(message, &(struct submit){1, 1, false, 16, usbip_get_version, 0});
		put_be32(message + fields[i].at, fields[i].value);
		assert_int_equal(usbip_peer_feed(peer, message, sizeof message), ERR_ARGUMENT);
		usbip_peer_close(peer);
	}
	struct peer *healthy = usbip_peer_imported();
	usbip_peer_close(healthy);
}

/* ---- the stream ---- */

static size_t put_conversation(uint8_t *bytes)
{
	size_t size = 0;
	memcpy(bytes, devlist, 8);
	size += 8;
	memcpy(bytes + size, (uint8_t[40]){0x01, 0x11, 0x80, 0x03, 0, 0, 0, 0, '1', '-', '1'}, 40);
	size += 40;
	static const uint8_t configure[8] = {0, 9, 1};
	uint8_t data[64];
	memset(data, 0x5a, sizeof data);
	const struct submit submits[] = {{1, 0, false, 0, configure, 0},
		{2, 1, false, 16, enter, 0}, {3, 1, true, 2, NULL, 0},
		{4, 1, false, 16, write_64, 0}, {5, 1, false, 64, data, 0},
		{6, 1, false, 16, usbip_get_version, 0}, {7, 1, true, 64, NULL, 0}};
	for (size_t i = 0; i < sizeof submits / sizeof submits[0]; i++)
		size += usbip_put_submit(bytes + size, &submits[i]);
	return size;
}

static void messages_may_be_cut_anywhere(void **state)
{
	(void)state;
	uint8_t bytes[1024];
	size_t size = put_conversation(bytes);
	struct peer *whole = usbip_peer_connect();
	usbip_peer_ask(whole, bytes, size);
	assert_true(whole->size > 600);
	usbip_session_destroy(whole->session);
	for (size_t cut = 1; cut < size; cut++) {
		struct peer *peer = usbip_peer_connect();
		assert_int_equal(usbip_peer_feed(peer, bytes, cut), ERR_OK);
		assert_int_equal(usbip_peer_feed(peer, bytes + cut, size - cut), ERR_OK);
		assert_int_equal(peer->size, whole->size);
		assert_memory_equal(peer->output, whole->output, whole->size);
		usbip_peer_close(peer);
	}
	struct peer *peer = usbip_peer_connect();
	for (size_t i = 0; i < size; i++)
		assert_int_equal(usbip_peer_feed(peer, bytes + i, 1), ERR_OK);
	assert_int_equal(peer->size, whole->size);
	assert_memory_equal(peer->output, whole->output, whole->size);
	usbip_peer_close(peer);
	free(whole);
}

static void a_client_may_leave_in_any_phase(void **state)
{
	(void)state;
	uint8_t bytes[1024];
	size_t size = put_conversation(bytes);
	for (size_t cut = 1; cut <= size; cut++) {
		struct peer *peer = usbip_peer_connect();
		assert_int_equal(usbip_peer_feed(peer, bytes, cut), ERR_OK);
		usbip_peer_close(peer);
		assert_null(server.exports[0].user);
		peer = usbip_peer_imported();
		usbip_peer_send_out(peer, 1, usbip_get_version, 16);
		assert_usbip_returned(peer->output, 1, 0, 16);
		usbip_peer_send_in(peer, 2, 64);
		assert_usbip_returned(peer->output, 2, 0, 6);
		const uint8_t get_mode[16] = {0xf5};
		usbip_peer_send_out(peer, 3, get_mode, 16);
		usbip_peer_send_in(peer, 4, 64);
		assert_int_equal(peer->output[HEADER], 1);
		usbip_peer_close(peer);
	}
}

static void two_clients_have_two_devices(void **state)
{
	(void)state;
	struct peer *a = usbip_peer_imported();
	struct peer *b = usbip_peer_connect();
	usbip_peer_import(b, "1-2");
	assert_int_equal(b->size, 320);
	uint8_t message[HEADER + 16];
	usbip_put_submit(message, &(struct submit){1, 1, false, 16, usbip_get_version, 0});
	put_be32(message + 8, 0x00010003);
	usbip_peer_ask(b, message, sizeof message);
	usbip_put_submit(message, &(struct submit){2, 1, true, 64, NULL, 0});
	put_be32(message + 8, 0x00010003);
	usbip_peer_ask(b, message, HEADER);
	assert_int_equal(b->output[HEADER], 0x30);
	usbip_peer_send_out(a, 1, usbip_get_version, 16);
	usbip_peer_send_in(a, 2, 64);
	assert_int_equal(a->output[HEADER], 0x29);
	assert_int_equal(
		usbip_peer_feed(b, devlist, sizeof devlist), ERR_OK); /* 8 bytes of an URB */
	usbip_peer_close(b);
	usbip_peer_send_out(a, 3, usbip_get_version, 16);
	assert_usbip_returned(a->output, 3, 0, 16);
	usbip_peer_close(a);
}

static void greed_has_a_limit(void **state)
{
	(void)state;
	struct peer *peer = usbip_peer_imported();
	uint8_t message[HEADER];
	enum err err = ERR_OK;
	for (uint32_t i = 1; i <= 2000 && !err; i++) {
		usbip_put_submit(message, &(struct submit){i, 1, true, 64, NULL, 0});
		err = usbip_peer_feed(peer, message, sizeof message);
	}
	assert_int_equal(err, ERR_ARGUMENT);
	usbip_peer_close(peer);
	peer = usbip_peer_connect();
	err = ERR_OK;
	for (int i = 0; i < 100000 && !err; i++)
		err = usbip_session_feed(peer->session, devlist, sizeof devlist);
	assert_int_equal(err, ERR_ARGUMENT);
	usbip_peer_close(peer);
}

static void random_bytes_do_no_harm(void **state)
{
	(void)state;
	uint8_t bytes[1024];
	srand(1);
	for (int round = 0; round < 3000; round++) {
		size_t size = put_conversation(bytes);
		for (int flips = rand() % 4; flips >= 0; flips--)
			bytes[(size_t)rand() % size] = (uint8_t)rand();
		struct peer *peer = usbip_peer_connect();
		size_t cut = (size_t)rand() % size;
		if (usbip_peer_feed(peer, bytes, cut) == ERR_OK)
			(void)usbip_peer_feed(peer, bytes + cut, size - cut);
		usbip_peer_close(peer);
	}
	struct peer *peer = usbip_peer_imported();
	usbip_peer_send_out(peer, 1, usbip_get_version, 16);
	assert_usbip_returned(peer->output, 1, 0, 16);
	usbip_peer_close(peer);
}

#define SESSION_TEST(name) \
	cmocka_unit_test_setup_teardown(name, usbip_server_setup, usbip_server_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SESSION_TEST(devices_are_listed),
		SESSION_TEST(used_devices_are_listed_last),
		SESSION_TEST(a_device_is_imported_once),
		SESSION_TEST(an_unplugged_device_is_not_there),
		SESSION_TEST(nonsense_closes_the_client),
		SESSION_TEST(messages_may_be_cut_anywhere),
		SESSION_TEST(a_client_may_leave_in_any_phase),
		SESSION_TEST(two_clients_have_two_devices),
		SESSION_TEST(greed_has_a_limit),
		SESSION_TEST(random_bytes_do_no_harm),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
