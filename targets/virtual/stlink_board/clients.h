/*
 * Connected clients of `stlink-board`: USB/IP peers and speakers of the control language.
 *
 * Used by the server's loop, which polls their sockets. A client that fails, ends or talks nonsense
 * closes alone.
 */
#ifndef TARGETS_VIRTUAL_STLINK_BOARD_CLIENTS_H
#define TARGETS_VIRTUAL_STLINK_BOARD_CLIENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shelf.h"

#define CONTROL_LINE_SIZE 512

/* ---- USB/IP ---- */

struct usb_client {
	int fd; /* -1: free */
	struct usbip_session *session;
	bool full; /* the socket takes no more at the moment */
};

/* Takes the socket. False when out of memory (the socket is closed). */
bool usb_client_open(struct usb_client *client, int fd, struct shelf *shelf);

/* Saves the board's state. */
void usb_client_close(struct usb_client *client, struct shelf *shelf);

/* Reads what has come. False: the client is to be closed. */
bool usb_client_read(struct usb_client *client);

/* Lets its URBs go on and sends what is due. False: the client is to be closed. */
bool usb_client_serve(struct usb_client *client, struct shelf *shelf, uint64_t wall_ns);

/* The wall time at which it must be served again; PACE_NEVER: not before something happens. */
uint64_t usb_client_due_ns(const struct usb_client *client, struct shelf *shelf);

/* ---- control ---- */

struct control_client {
	int fd; /* -1: free */
	char line[CONTROL_LINE_SIZE];
	size_t used;
};

void control_client_open(struct control_client *client, int fd);
void control_client_close(struct control_client *client);

/* Reads, obeys and answers whole lines; `@1-2 LINE` is for that board, any other for the first.
 * False: the client is to be closed. */
bool control_client_read(struct control_client *client, struct shelf *shelf);

#endif
