/*
 * A USB/IP server with two boards, and peers that talk to it byte by byte.
 *
 * Used by the tests of usbip_session.c and usbip_urbs.c. Numbers are written out here, as the
 * kernel's usbip_protocol.rst has them. What cannot be done fails the test.
 */
#ifndef TESTS_VIRTUAL_USBIP_PEER_H
#define TESTS_VIRTUAL_USBIP_PEER_H

#include "bench.h"
#include "usbip_session.h"

#define DEVID     0x00010002U
#define BUSID     "1-1"
#define HEADER    48
#define FOREVER   UINT64_MAX
#define OUTPUT_SZ 65536

struct usbip_server {
	struct bench *bench;  /* exported as 1-1 */
	struct bench *second; /* as 1-2 */
	struct usbip_export exports[2];
	struct usbip_exports all;
};

extern struct usbip_server server;

int usbip_server_setup(void **state);
int usbip_server_teardown(void **state);

struct peer {
	struct usbip_session *session;
	uint8_t output[OUTPUT_SZ]; /* what the server has sent */
	size_t size;
};

struct peer *usbip_peer_connect(void);
struct peer *usbip_peer_imported(void); /* connected, with 1-1 imported */
void usbip_peer_close(struct peer *peer);

/* Sends, lets the server work, and collects what it answers whatever its time. */
enum err usbip_peer_feed(struct peer *peer, const void *bytes, size_t size);
void usbip_peer_collect(struct peer *peer);

/* The same, must succeed, and the output begins anew. */
void usbip_peer_ask(struct peer *peer, const void *bytes, size_t size);
void usbip_peer_import(struct peer *peer, const char *busid);

struct submit {
	uint32_t seqnum, endpoint;
	bool in;
	uint32_t length;
	const void *data; /* or the setup bytes on endpoint 0 */
	uint32_t flags;
};

/* Writes the message and returns its size. */
size_t usbip_put_submit(uint8_t *message, const struct submit *submit);
void usbip_peer_submit(struct peer *peer, const struct submit *submit);
void usbip_peer_send_out(struct peer *peer, uint32_t seqnum, const void *bytes, uint32_t size);
void usbip_peer_send_in(struct peer *peer, uint32_t seqnum, uint32_t size);
void usbip_peer_unlink(struct peer *peer, uint32_t seqnum, uint32_t victim);

void assert_usbip_returned(const uint8_t *reply, uint32_t seqnum, int32_t status, uint32_t actual);
void assert_usbip_unlinked(const uint8_t *reply, uint32_t seqnum, int32_t status);

extern const uint8_t usbip_get_version[16];

#endif
