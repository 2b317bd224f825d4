/*
 * Why a probe cannot be opened, in words: the device node, who holds it, which rule is missing.
 *
 * Called by discover.c on any thread. Reads /proc and the device node, nothing else.
 */
#ifndef PROBE_DISCOVER_TROUBLE_H
#define PROBE_DISCOVER_TROUBLE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "probe/err.h"
#include "usb_libusb.h"

#define DISCOVER_RULES_FILE "/etc/udev/rules.d/70-stlink.rules"

struct usb_holder {
	pid_t pid;
	char name[32]; /* "openocd"; "" when it cannot be read */
};

/* Another process than `self` that has `node` open, by the links in `proc`/PID/fd ("/proc").
 * False when there is none, or none whose links we may read. */
bool discover_find_holder(
	const char *proc, const char *node, pid_t self, struct usb_holder *holder);

/* One sentence for `found`, which failed with `err`: what stands in the way and what to do. Cut at
 * `size`; "" for ERR_OK. */
void discover_explain(const struct usb_found *found, enum err err, char *text, size_t size);

#endif
