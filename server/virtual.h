/*
 * The virtual board as a child process: `stlink-board`, started and ended with the server.
 *
 * Called by the main thread.
 */
#ifndef SERVER_VIRTUAL_H
#define SERVER_VIRTUAL_H

#include <sys/types.h>

#include "probe/err.h"

struct usb;

/* Starts `stlink-board --fd N`, found beside this executable, at the other end of a socket pair,
 * and opens a wire to it. The board ends when its socket is closed, so it never outlives us.
 * Errors: ERR_IO (logged), and those of usb_usbip_adopt. */
enum err virtual_start(struct usb **usb, pid_t *child) MUST_USE;

/* Waits for a board whose wire is closed to end, at most 2 s; then it is killed. */
void virtual_wait(pid_t child);

#endif
