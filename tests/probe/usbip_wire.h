/*
 * The wire over USB/IP with the scripted server at its far end: what the tests of its parts share.
 */
#ifndef TESTS_PROBE_USBIP_WIRE_H
#define TESTS_PROBE_USBIP_WIRE_H

#include "probe/usb.h"
#include "usbip_server.h"

#define SHORT_MS 20   /* a time-out that is meant to come */
#define LONG_MS  5000 /* one that is not */

/* The command of all of them; and an answer to it, whose bytes go to usbip_wire_data. */
extern const uint8_t usbip_wire_command[USB_COMMAND_SIZE];
extern const uint8_t usbip_wire_answer[8];
extern uint8_t usbip_wire_data[8];

/* A server whose script begins with the import; and the wire to a server with such a script, which
 * is started. */
struct server *importing_server(void);
struct usb *open_wire(struct server *server);

/* The client's request of a command and an IN of 8, from `seqnum` on; the same with its answer. */
void expect_in(struct server *server, uint32_t seqnum);
void expect_answered(struct server *server, uint32_t seqnum);

/* Runs the command with an IN of 8; the same, which must bring the answer. */
enum err run_in(struct usb *usb, unsigned timeout_ms, size_t *received) MUST_USE;
void assert_answered(struct usb *usb);

#endif
