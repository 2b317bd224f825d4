/* The USB/IP server, byte by byte (usbip_session.c, usbip_urbs.c, usbip_replies.c) against the
 * kernel's usbip_protocol.rst. Numbers are written out here, as the document has them. */
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "usbip_session.h"

#define DEVID     0x00010002U
#define BUSID     "1-1"
#define HEADER    48
#define FOREVER   UINT64_MAX
#define OUTPUT_SZ 65536

static struct {
	struct bench *bench;
	struct usbip_export exports[2];
	struct usbip_exports all;
	struct bench *second;
} server;

struct peer {
	struct usbip_session *session;
	uint8_t output[OUTPUT_SZ];
	size_t size;
};

static int setup(void **state)
{
	(void)state;
	server.bench = bench_create("v21", NULL, false);
	server.second = bench_create("v3", NULL, false);
	memset(server.exports, 0, sizeof server.exports);
	for (int i = 0; i < 2; i++) {
		struct usbip_export *export = &server.exports[i];
		snprintf(export->busid, sizeof export->busid, "1-%d", i + 1);
		export->devnum = 2 + (unsigned)i;
	}
	server.exports[0].device = &server.bench->board->device;
	server.exports[1].device = &server.second->board->device;
	server.all = (struct usbip_exports){server.exports, 2};
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	bench_destroy(server.second);
	bench_destroy(server.bench);
	return 0;
}

/* ---- a peer ---- */

static struct peer *connect_peer(void)
{
	struct peer *peer = calloc(1, sizeof *peer);
	peer->session = usbip_session_create(&server.all);
	assert_non_null(peer->session);
	return peer;
}

static void close_peer(struct peer *peer)
{
	usbip_session_destroy(peer->session);
	free(peer);
}

static void collect(struct peer *peer)
{
	const uint8_t *bytes;
	size_t size;
	while ((size = usbip_session_output(peer->session, FOREVER, &bytes)) > 0) {
		assert_true(peer->size + size <= OUTPUT_SZ);
		memcpy(peer->output + peer->size, bytes, size);
		peer->size += size;
		usbip_session_sent(peer->session, size);
	}
}

static enum err feed(struct peer *peer, const void *bytes, size_t size)
{
	enum err err = usbip_session_feed(peer->session, bytes, size);
	if (!err)
		err = usbip_session_pump(peer->session, FOREVER);
	collect(peer);
	return err;
}

static void ask(struct peer *peer, const void *bytes, size_t size)
{
	peer->size = 0;
	assert_int_equal(feed(peer, bytes, size), ERR_OK);
}

static void import(struct peer *peer, const char *busid)
{
	uint8_t message[40] = {0x01, 0x11, 0x80, 0x03};
	strncpy((char *)message + 8, busid, 31);
	ask(peer, message, sizeof message);
}

static struct peer *imported(void)
{
	struct peer *peer = connect_peer();
	import(peer, BUSID);
	assert_int_equal(peer->size, 8 + 312);
	return peer;
}

struct submit {
	uint32_t seqnum, endpoint;
	bool in;
	uint32_t length;
	const void *data; /* or the setup bytes on endpoint 0 */
	uint32_t flags;
};

static size_t put_submit(uint8_t *message, const struct submit *submit)
{
	memset(message, 0, HEADER);
	put_be32(message, 1);
	put_be32(message + 4, submit->seqnum);
	put_be32(message + 8, DEVID);
	put_be32(message + 12, submit->in);
	put_be32(message + 16, submit->endpoint);
	put_be32(message + 20, submit->flags);
	put_be32(message + 24, submit->length);
	put_be32(message + 32, 0xffffffff);
	if (submit->endpoint == 0)
		memcpy(message + 40, submit->data, 8);
	else if (!submit->in)
		memcpy(message + HEADER, submit->data, submit->length);
	return HEADER + (submit->in ? 0 : submit->length);
}

static void send_submit(struct peer *peer, const struct submit *submit)
{
	uint8_t message[HEADER + 1024];
	ask(peer, message, put_submit(message, submit));
}

static void send_out(struct peer *peer, uint32_t seqnum, const void *bytes, uint32_t size)
{
	send_submit(peer, &(struct submit){seqnum, 1, false, size, bytes, 0});
}

static void send_in(struct peer *peer, uint32_t seqnum, uint32_t size)
{
	send_submit(peer, &(struct submit){seqnum, 1, true, size, NULL, 0});
}

static void send_unlink(struct peer *peer, uint32_t seqnum, uint32_t victim)
{
	uint8_t message[HEADER] = {0, 0, 0, 2};
	put_be32(message + 4, seqnum);
	put_be32(message + 8, DEVID);
	put_be32(message + 20, victim);
	ask(peer, message, sizeof message);
}

static void assert_returned(const uint8_t *reply, uint32_t seqnum, int32_t status, uint32_t actual)
{
	assert_int_equal(get_be32(reply), 3);
	assert_int_equal(get_be32(reply + 4), seqnum);
	assert_int_equal(get_be32(reply + 8), 0);
	assert_int_equal(get_be32(reply + 12), 0);
	assert_int_equal(get_be32(reply + 16), 0);
	assert_int_equal((int32_t)get_be32(reply + 20), status);
	assert_int_equal(get_be32(reply + 24), actual);
	assert_int_equal(get_be32(reply + 32), 0xffffffff);
	assert_int_equal(get_be32(reply + 36), 0);
}

static void assert_unlinked(const uint8_t *reply, uint32_t seqnum, int32_t status)
{
	assert_int_equal(get_be32(reply), 4);
	assert_int_equal(get_be32(reply + 4), seqnum);
	assert_int_equal((int32_t)get_be32(reply + 20), status);
}

static const uint8_t get_version[16] = {0xf1};
static const uint8_t enter[16] = {0xf2, 0x30, 0xa3};
static const uint8_t write_64[16] = {0xf2, 0x08, 0, 0, 0, 0x20, 64};

/* ---- operations ---- */

static const uint8_t devlist[8] = {0x01, 0x11, 0x80, 0x05};

static void devices_are_listed(void **state)
{
	(void)state;
	struct peer *peer = connect_peer();
	ask(peer, devlist, sizeof devlist);
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
	ask(peer, devlist, sizeof devlist);
	import(peer, BUSID);
	assert_int_equal(peer->size, 320);
	close_peer(peer);
}

static void used_devices_are_listed_last(void **state)
{
	(void)state;
	struct peer *user = imported();
	struct peer *peer = connect_peer();
	ask(peer, devlist, sizeof devlist);
	assert_int_equal(get_be32(peer->output + 8), 2);
	assert_string_equal((const char *)peer->output + 12 + 256, "1-2");
	assert_string_equal((const char *)peer->output + 12 + 316 + 256, "1-1");
	close_peer(peer);
	close_peer(user);
}

static void a_device_is_imported_once(void **state)
{
	(void)state;
	struct peer *first = imported();
	assert_int_equal(get_be32(first->output + 4), 0);
	assert_string_equal((const char *)first->output + 8 + 256, BUSID);
	assert_int_equal(get_be32(first->output + 8 + 292), 2);

	struct peer *other = connect_peer();
	import(other, BUSID);
	const uint8_t busy[8] = {0x01, 0x11, 0x00, 0x03, 0, 0, 0, 2};
	assert_int_equal(other->size, 8);
	assert_memory_equal(other->output, busy, 8);
	import(other, "1-9");
	assert_int_equal(other->size, 8);
	assert_int_equal(get_be32(other->output + 4), 4);

	close_peer(first);
	import(other, BUSID);
	assert_int_equal(other->size, 320);
	assert_ptr_equal(usbip_session_export(other->session), &server.exports[0]);
	close_peer(other);
}

static void an_unplugged_device_is_not_there(void **state)
{
	(void)state;
	struct peer *peer = connect_peer();
	bench_control(server.bench, "usb unplug");
	import(peer, BUSID);
	assert_int_equal(get_be32(peer->output + 4), 4);
	ask(peer, devlist, sizeof devlist);
	assert_int_equal(get_be32(peer->output + 8), 1);
	bench_control(server.bench, "usb plug");
	import(peer, BUSID);
	assert_int_equal(peer->size, 320);
	bench_control(server.bench, "usb unplug");
	assert_int_equal(usbip_session_pump(peer->session, FOREVER), ERR_USB_GONE);
	close_peer(peer);
	bench_control(server.bench, "usb plug");
}

static void nonsense_closes_the_client(void **state)
{
	(void)state;
	static const uint8_t wrong[][8] = {{0x01, 0x10, 0x80, 0x05}, {0x01, 0x11, 0x80, 0x06},
		{0x01, 0x11, 0x00, 0x05}, {'G', 'E', 'T', ' ', '/', ' ', 'H', 'T'}, {0}};
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct peer *peer = connect_peer();
		assert_int_equal(feed(peer, wrong[i], 8), ERR_ARGUMENT);
		close_peer(peer);
	}
	static const struct {
		size_t at;
		uint32_t value;
	} fields[] = {{0, 0}, {0, 3}, {0, 5}, {8, 0x00010003}, {8, 0}, {12, 2}, {16, 16},
		{16, 0x81}, {24, (1U << 20) + 1}, {24, 0xffffffff}};
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
		struct peer *peer = imported();
		uint8_t message[HEADER + 16];
		put_submit(message, &(struct submit){1, 1, false, 16, get_version, 0});
		put_be32(message + fields[i].at, fields[i].value);
		assert_int_equal(feed(peer, message, sizeof message), ERR_ARGUMENT);
		close_peer(peer);
	}
	struct peer *healthy = imported();
	close_peer(healthy);
}

/* ---- URBs ---- */

static void control_transfers_are_answered(void **state)
{
	(void)state;
	struct peer *peer = imported();
	const uint8_t get_device[8] = {0x80, 6, 0, 1, 0, 0, 18, 0};
	send_submit(peer, &(struct submit){7, 0, true, 18, get_device, 0});
	assert_int_equal(peer->size, HEADER + 18);
	assert_returned(peer->output, 7, 0, 18);
	assert_int_equal(peer->output[HEADER], 18);
	assert_int_equal(get_le16(peer->output + HEADER + 10), 0x374b);
	/* a smaller buffer than wLength says */
	send_submit(peer, &(struct submit){8, 0, true, 8, get_device, 0});
	assert_int_equal(peer->size, HEADER + 8);
	assert_returned(peer->output, 8, 0, 8);
	const uint8_t set_configuration[8] = {0, 9, 1};
	send_submit(peer, &(struct submit){9, 0, false, 0, set_configuration, 0});
	assert_int_equal(peer->size, HEADER);
	assert_returned(peer->output, 9, 0, 0);
	const uint8_t qualifier[8] = {0x80, 6, 0, 6, 0, 0, 10, 0};
	send_submit(peer, &(struct submit){10, 0, true, 10, qualifier, 0});
	assert_int_equal(peer->size, HEADER);
	assert_returned(peer->output, 10, -32, 0);
	close_peer(peer);
}

static void a_command_and_its_reply(void **state)
{
	(void)state;
	struct peer *peer = imported();
	send_out(peer, 1, get_version, 16);
	assert_int_equal(peer->size, HEADER);
	assert_returned(peer->output, 1, 0, 16);
	send_in(peer, 2, 64);
	assert_int_equal(peer->size, HEADER + 6);
	assert_returned(peer->output, 2, 0, 6);
	assert_int_equal(peer->output[HEADER], 0x29);
	close_peer(peer);
}

static void a_reply_may_be_asked_for_first(void **state)
{
	(void)state;
	struct peer *peer = imported();
	send_in(peer, 1, 64);
	assert_int_equal(peer->size, 0);
	send_out(peer, 2, get_version, 16);
	assert_int_equal(peer->size, HEADER + HEADER + 6);
	assert_returned(peer->output, 2, 0, 16);
	assert_returned(peer->output + HEADER, 1, 0, 6);
	close_peer(peer);
}

static void several_commands_may_be_queued(void **state)
{
	(void)state;
	struct peer *peer = imported();
	uint8_t bytes[8 * (HEADER + 16)];
	size_t size = 0;
	for (uint32_t i = 0; i < 4; i++) {
		size += put_submit(
			bytes + size, &(struct submit){10 + i, 1, false, 16, get_version, 0});
		size += put_submit(bytes + size, &(struct submit){20 + i, 1, true, 6, NULL, 0});
	}
	ask(peer, bytes, size);
	assert_int_equal(peer->size, 4 * (HEADER + HEADER + 6));
	close_peer(peer);
}

static void a_pending_urb_is_unlinked(void **state)
{
	(void)state;
	struct peer *peer = imported();
	send_in(peer, 1, 64);
	send_unlink(peer, 2, 1);
	assert_int_equal(peer->size, HEADER);
	assert_unlinked(peer->output, 2, -104);
	/* it is really gone: the reply goes to the next one */
	send_out(peer, 3, get_version, 16);
	assert_int_equal(peer->size, HEADER);
	send_in(peer, 4, 64);
	assert_returned(peer->output, 4, 0, 6);
	close_peer(peer);
}

static void a_finished_urb_cannot_be_unlinked(void **state)
{
	(void)state;
	struct peer *peer = imported();
	send_out(peer, 1, get_version, 16);
	send_unlink(peer, 2, 1);
	assert_int_equal(peer->size, HEADER);
	assert_unlinked(peer->output, 2, 0);
	send_unlink(peer, 3, 77);
	assert_unlinked(peer->output, 3, 0);
	close_peer(peer);
}

static void an_unlink_does_not_overtake_the_answer(void **state)
{
	(void)state;
	struct peer *peer = imported();
	uint8_t message[HEADER + 16];
	const uint8_t *bytes;
	peer->size = 0;
	size_t size = put_submit(message, &(struct submit){1, 1, false, 16, get_version, 0});
	assert_int_equal(usbip_session_feed(peer->session, message, size), ERR_OK);
	assert_int_equal(usbip_session_pump(peer->session, FOREVER), ERR_OK);
	uint8_t unlink[HEADER] = {0, 0, 0, 2, 0, 0, 0, 2};
	put_be32(unlink + 8, DEVID);
	put_be32(unlink + 20, 1);
	assert_int_equal(usbip_session_feed(peer->session, unlink, sizeof unlink), ERR_OK);
	/* nothing is due before the transfer would have been over */
	assert_int_equal(usbip_session_output(peer->session, 0, &bytes), 0);
	collect(peer);
	assert_int_equal(peer->size, 2 * HEADER);
	assert_returned(peer->output, 1, 0, 16);
	assert_unlinked(peer->output + HEADER, 2, 0);
	close_peer(peer);
}

static void errors_have_their_codes(void **state)
{
	(void)state;
	struct peer *peer = imported();
	send_out(peer, 1, get_version, 15);
	assert_returned(peer->output, 1, -32, 0);
	send_out(peer, 2, get_version, 16);
	assert_returned(peer->output, 2, -32, 0);
	const uint8_t clear_halt[8] = {0x02, 1, 0, 0, 1, 0, 0, 0};
	send_submit(peer, &(struct submit){3, 0, false, 0, clear_halt, 0});
	send_out(peer, 4, get_version, 16);
	assert_returned(peer->output, 4, 0, 16);
	send_in(peer, 5, 4);
	assert_int_equal(peer->size, HEADER + 4);
	assert_returned(peer->output, 5, -75, 4);
	send_out(peer, 6, get_version, 16);
	send_submit(peer, &(struct submit){7, 1, true, 64, NULL, 1});
	assert_int_equal(peer->size, HEADER + 6);
	assert_returned(peer->output, 7, -121, 6);
	send_out(peer, 10, get_version, 16);
	send_submit(peer, &(struct submit){11, 1, true, 6, NULL, 1});
	assert_returned(peer->output, 11, 0, 6);
	send_submit(peer, &(struct submit){8, 5, true, 64, NULL, 0});
	assert_returned(peer->output, 8, -71, 0);
	send_submit(peer, &(struct submit){9, 2, false, 16, get_version, 0});
	assert_returned(peer->output, 9, -71, 0);
	close_peer(peer);
}

static void trace_waits_without_holding_up_the_rest(void **state)
{
	(void)state;
	struct peer *peer = imported();
	send_submit(peer, &(struct submit){1, 2, true, 64, NULL, 0});
	assert_int_equal(peer->size, 0);
	send_out(peer, 2, get_version, 16);
	assert_returned(peer->output, 2, 0, 16);
	send_unlink(peer, 3, 1);
	assert_unlinked(peer->output, 3, -104);
	close_peer(peer);
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
		{6, 1, false, 16, get_version, 0}, {7, 1, true, 64, NULL, 0}};
	for (size_t i = 0; i < sizeof submits / sizeof submits[0]; i++)
		size += put_submit(bytes + size, &submits[i]);
	return size;
}

static void messages_may_be_cut_anywhere(void **state)
{
	(void)state;
	uint8_t bytes[1024];
	size_t size = put_conversation(bytes);
	struct peer *whole = connect_peer();
	ask(whole, bytes, size);
	assert_true(whole->size > 600);
	usbip_session_destroy(whole->session);
	for (size_t cut = 1; cut < size; cut++) {
		struct peer *peer = connect_peer();
		assert_int_equal(feed(peer, bytes, cut), ERR_OK);
		assert_int_equal(feed(peer, bytes + cut, size - cut), ERR_OK);
		assert_int_equal(peer->size, whole->size);
		assert_memory_equal(peer->output, whole->output, whole->size);
		close_peer(peer);
	}
	struct peer *peer = connect_peer();
	for (size_t i = 0; i < size; i++)
		assert_int_equal(feed(peer, bytes + i, 1), ERR_OK);
	assert_int_equal(peer->size, whole->size);
	assert_memory_equal(peer->output, whole->output, whole->size);
	close_peer(peer);
	free(whole);
}

static void a_client_may_leave_in_any_phase(void **state)
{
	(void)state;
	uint8_t bytes[1024];
	size_t size = put_conversation(bytes);
	for (size_t cut = 1; cut <= size; cut++) {
		struct peer *peer = connect_peer();
		assert_int_equal(feed(peer, bytes, cut), ERR_OK);
		close_peer(peer);
		assert_null(server.exports[0].user);
		peer = imported();
		send_out(peer, 1, get_version, 16);
		assert_returned(peer->output, 1, 0, 16);
		send_in(peer, 2, 64);
		assert_returned(peer->output, 2, 0, 6);
		const uint8_t get_mode[16] = {0xf5};
		send_out(peer, 3, get_mode, 16);
		send_in(peer, 4, 64);
		assert_int_equal(peer->output[HEADER], 1);
		close_peer(peer);
	}
}

static void two_clients_have_two_devices(void **state)
{
	(void)state;
	struct peer *a = imported();
	struct peer *b = connect_peer();
	import(b, "1-2");
	assert_int_equal(b->size, 320);
	uint8_t message[HEADER + 16];
	put_submit(message, &(struct submit){1, 1, false, 16, get_version, 0});
	put_be32(message + 8, 0x00010003);
	ask(b, message, sizeof message);
	put_submit(message, &(struct submit){2, 1, true, 64, NULL, 0});
	put_be32(message + 8, 0x00010003);
	ask(b, message, HEADER);
	assert_int_equal(b->output[HEADER], 0x30);
	send_out(a, 1, get_version, 16);
	send_in(a, 2, 64);
	assert_int_equal(a->output[HEADER], 0x29);
	assert_int_equal(feed(b, devlist, sizeof devlist), ERR_OK); /* 8 bytes of an URB */
	close_peer(b);
	send_out(a, 3, get_version, 16);
	assert_returned(a->output, 3, 0, 16);
	close_peer(a);
}

static void greed_has_a_limit(void **state)
{
	(void)state;
	struct peer *peer = imported();
	uint8_t message[HEADER];
	enum err err = ERR_OK;
	for (uint32_t i = 1; i <= 2000 && !err; i++) {
		put_submit(message, &(struct submit){i, 1, true, 64, NULL, 0});
		err = feed(peer, message, sizeof message);
	}
	assert_int_equal(err, ERR_ARGUMENT);
	close_peer(peer);
	peer = connect_peer();
	err = ERR_OK;
	for (int i = 0; i < 100000 && !err; i++)
		err = usbip_session_feed(peer->session, devlist, sizeof devlist);
	assert_int_equal(err, ERR_ARGUMENT);
	close_peer(peer);
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
		struct peer *peer = connect_peer();
		size_t cut = (size_t)rand() % size;
		if (feed(peer, bytes, cut) == ERR_OK)
			(void)feed(peer, bytes + cut, size - cut);
		close_peer(peer);
	}
	struct peer *peer = imported();
	send_out(peer, 1, get_version, 16);
	assert_returned(peer->output, 1, 0, 16);
	close_peer(peer);
}

/* ---- time ---- */

static void replies_are_due_when_their_transfer_is_over(void **state)
{
	(void)state;
	struct peer *peer = imported();
	uint8_t message[2 * HEADER + 16];
	const uint8_t *bytes;
	uint64_t start = board_now_ns(server.bench->board);
	size_t size = put_submit(message, &(struct submit){1, 1, false, 16, get_version, 0});
	size += put_submit(message + size, &(struct submit){2, 1, true, 6, NULL, 0});
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
	close_peer(peer);
}

static void a_pending_urb_is_never_due(void **state)
{
	(void)state;
	struct peer *peer = imported();
	send_in(peer, 1, 64);
	assert_int_equal(usbip_session_due_ns(peer->session), USBIP_NEVER);
	close_peer(peer);
}

#define SESSION_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SESSION_TEST(devices_are_listed),
		SESSION_TEST(used_devices_are_listed_last),
		SESSION_TEST(a_device_is_imported_once),
		SESSION_TEST(an_unplugged_device_is_not_there),
		SESSION_TEST(nonsense_closes_the_client),
		SESSION_TEST(control_transfers_are_answered),
		SESSION_TEST(a_command_and_its_reply),
		SESSION_TEST(a_reply_may_be_asked_for_first),
		SESSION_TEST(several_commands_may_be_queued),
		SESSION_TEST(a_pending_urb_is_unlinked),
		SESSION_TEST(a_finished_urb_cannot_be_unlinked),
		SESSION_TEST(an_unlink_does_not_overtake_the_answer),
		SESSION_TEST(errors_have_their_codes),
		SESSION_TEST(trace_waits_without_holding_up_the_rest),
		SESSION_TEST(messages_may_be_cut_anywhere),
		SESSION_TEST(a_client_may_leave_in_any_phase),
		SESSION_TEST(two_clients_have_two_devices),
		SESSION_TEST(greed_has_a_limit),
		SESSION_TEST(random_bytes_do_no_harm),
		SESSION_TEST(replies_are_due_when_their_transfer_is_over),
		SESSION_TEST(a_pending_urb_is_never_due),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
