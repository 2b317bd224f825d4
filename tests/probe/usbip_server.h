/*
 * A USB/IP server that follows a script: on a thread of its own, over one end of a socket pair that
 * keeps messages apart, or over accepted TCP connections.
 *
 * The messages are built here from the words of the kernel's usbip_protocol.rst, and share nothing
 * with the client's own.
 */
#ifndef TESTS_PROBE_USBIP_SERVER_H
#define TESTS_PROBE_USBIP_SERVER_H

#include <stddef.h>
#include <stdint.h>

struct server;

struct server *server_create(void);

/* ---- the script; before it starts ---- */

/* The next message of the client, exactly, and as one write. */
void server_expect(struct server *server, const uint8_t *bytes, size_t size);
void server_send(struct server *server, const uint8_t *bytes, size_t size);

/* From now on what is sent goes in two messages, cut after `at` bytes of the whole. */
void server_split_at(struct server *server, size_t at);

/* Forgets all but the first `steps` of the script (an expectation or something sent is one), and
 * hangs up after them. */
void server_cut_after(struct server *server, size_t steps);

/* Closes the connection. With TCP the next one is waited for. */
void server_hang_up(struct server *server);

/* ---- messages ---- */

#define SERVER_DEVICE 0x00010002u /* what server_expect_import exports: bus 1, device 2 */
#define SERVER_SEQNUM 5u          /* of the first request after it */

#define SERVER_EPIPE      (-32)
#define SERVER_ENODEV     (-19)
#define SERVER_ESHUTDOWN  (-108)
#define SERVER_ECONNRESET (-104)
#define SERVER_EPROTO     (-71)

/* Appends USBIP_CMD_SUBMIT with its data (NULL for IN) to `message`; returns its new length. */
size_t server_put_submit(uint8_t *message, size_t length, uint32_t seqnum, unsigned endpoint,
	const uint8_t *data, size_t size);
void server_expect_control(struct server *server, uint32_t seqnum, const uint8_t setup[8]);
void server_expect_unlink(struct server *server, uint32_t seqnum, uint32_t unlinked);
void server_send_submitted(struct server *server, uint32_t seqnum, int32_t status, uint32_t actual,
	const uint8_t *data);
void server_send_unlinked(struct server *server, uint32_t seqnum, int32_t status);

/* The list, of three devices: a keyboard, the ST-LINK at "1-1", another at "1-2". */
void server_expect_list(struct server *server);

/* Import of "1-1" and everything up to the first command. */
void server_expect_import(struct server *server);

/* ---- running ---- */

/* Starts the script; returns the client's socket. */
int server_start(struct server *server);

/* The same over TCP: returns the port it listens on, on 127.0.0.1. */
unsigned server_start_tcp(struct server *server);

/* Waits for the script's end, fails the test if the client did not follow it, frees. */
void server_finish(struct server *server);

#endif
