/*
 * Finding probes: what is plugged in, and opening a wire to one of them.
 *
 * Called by the server's start-up and by a worker that lost its probe, each with a context of its
 * own. Listing changes no probe's mode.
 */
#ifndef PROBE_DISCOVER_H
#define PROBE_DISCOVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "probe/err.h"
#include "probe/usb.h"

#define DISCOVER_MAX 32

struct discovered {
	struct usb_identity identity;
	char model[24];
	enum err access; /* ERR_OK, or why it cannot be opened: ERR_USB_BUSY, ERR_USB_ACCESS, ... */
	char firmware[24];   /* "" when not accessible */
	unsigned millivolts; /* target voltage; 0 unknown */
	char problem[256];   /* what stands in the way and what to do, "" when nothing does */
};

/* Which probe: each field NULL or "" means any. */
struct probe_choice {
	const char *serial;   /* the whole serial or a prefix of it, any case */
	const char *usb_path; /* "1-2.3" */
};

/* Lists the ST-LINKs on this machine's USB. *count <= DISCOVER_MAX. With `ask`, each free one is
 * opened for its firmware version and target voltage. Errors: ERR_USB_IO, ERR_NO_MEMORY. */
enum err discover_list(struct discovered *found, size_t *count, bool ask) MUST_USE;

/* Prints the udev rules that let whoever sits at this machine use every ST-LINK there is. */
void discover_print_rules(FILE *file);

/* Opens the one probe that matches. Errors: ERR_USB_NOT_FOUND, ERR_USB_AMBIGUOUS, ERR_USB_ACCESS,
 * ERR_USB_BUSY (each logged with the remedy), ERR_UNSUPPORTED for an ST-LINK/V1. */
enum err discover_open(const struct probe_choice *choice, struct usb **usb) MUST_USE;

#endif
