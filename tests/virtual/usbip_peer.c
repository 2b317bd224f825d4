/* The server and its peers. See the header. */
#include "usbip_peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct usbip_server server;

const uint8_t usbip_get_version[16] = {0xf1};

int usbip_server_setup(void **state)
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

int usbip_server_teardown(void **state)
{
	(void)state;
	bench_destroy(server.second);
	bench_destroy(server.bench);
	return 0;
}

struct peer *usbip_peer_connect(void)
{
	struct peer *peer = calloc(1, sizeof *peer);
	peer->session = usbip_session_create(&server.all);
	assert_non_null(peer->session);
	return peer;
}

void usbip_peer_close(struct peer *peer)
{
	usbip_session_destroy(peer->session);
	free(peer);
}

void usbip_peer_collect(struct peer *peer)
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

enum err usbip_peer_feed(struct peer *peer, const void *bytes, size_t size)
{
	enum err err = usbip_session_feed(peer->session, bytes, size);
	if (!err)
		err = usbip_session_pump(peer->session, FOREVER);
	usbip_peer_collect(peer);
	return err;
}

void usbip_peer_ask(struct peer *peer, const void *bytes, size_t size)
{
	peer->size = 0;
	assert_int_equal(usbip_peer_feed(peer, bytes, size), ERR_OK);
}

void usbip_peer_import(struct peer *peer, const char *busid)
{
	uint8_t message[40] = {0x01, 0x11, 0x80, 0x03};
	strncpy((char *)message + 8, busid, 31);
	usbip_peer_ask(peer, message, sizeof message);
}

struct peer *usbip_peer_imported(void)
{
	struct peer *peer = usbip_peer_connect();
	usbip_peer_import(peer, BUSID);
	assert_int_equal(peer->size, 8 + 312);
	return peer;
}

size_t usbip_put_submit(uint8_t *message, const struct submit *submit)
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

void usbip_peer_submit(struct peer *peer, const struct submit *submit)
{
	uint8_t message[HEADER + 1024];
	usbip_peer_ask(peer, message, usbip_put_submit(message, submit));
}

void usbip_peer_send_out(struct peer *peer, uint32_t seqnum, const void *bytes, uint32_t size)
{
	usbip_peer_submit(peer, &(struct submit){seqnum, 1, false, size, bytes, 0});
}

void usbip_peer_send_in(struct peer *peer, uint32_t seqnum, uint32_t size)
{
	usbip_peer_submit(peer, &(struct submit){seqnum, 1, true, size, NULL, 0});
}

void usbip_peer_unlink(struct peer *peer, uint32_t seqnum, uint32_t victim)
{
	uint8_t message[HEADER] = {0, 0, 0, 2};
	put_be32(message + 4, seqnum);
	put_be32(message + 8, DEVID);
	put_be32(message + 20, victim);
	usbip_peer_ask(peer, message, sizeof message);
}

void assert_usbip_returned(const uint8_t *reply, uint32_t seqnum, int32_t status, uint32_t actual)
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

void assert_usbip_unlinked(const uint8_t *reply, uint32_t seqnum, int32_t status)
{
	assert_int_equal(get_be32(reply), 4);
	assert_int_equal(get_be32(reply + 4), seqnum);
	assert_int_equal((int32_t)get_be32(reply + 20), status);
}
