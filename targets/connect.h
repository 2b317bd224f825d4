/*
 * Connecting: the ways into a target that does not answer at once, from the quietest to the rudest.
 *
 * Called by target.c on the worker thread. Blocks for USB, and for at most 10 s when a person is
 * asked to press a button (it yields meanwhile). Source: RM0090 38.4 (SWD while NRST is low),
 * ARMv7-M ARM C1.4.1 (vector catch).
 */
#ifndef TARGETS_CONNECT_H
#define TARGETS_CONNECT_H

#include <stdbool.h>

#include "evidence.h"
#include "probe/probe.h"
#include "targets/target.h"

struct connect {
	struct probe *probe;
	const struct target_options *options;
	unsigned vdd_mv;         /* as measured; 0: unknown */
	bool quiet;              /* neither halt nor reset anything, whatever the options say */
	struct link_story *link; /* told what was tried, and what clock is in use */
	bool in_reset;           /* out: NRST is held low; the caller releases it */
	bool halted;             /* out: the core was caught and is halted */
};

/* Leaves the debug port entered and the access port answering. What is tried is announced, and what
 * worked is said in one line. Errors: that of the quiet try (ERR_TARGET_*), ERR_CANCELLED,
 * ERR_USB_*; nothing of the target is then held. */
enum err connect_run(struct connect *connect) MUST_USE;

#endif
