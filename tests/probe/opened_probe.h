/*
 * A probe of a given firmware, opened over a scripted wire, for tests of what comes after.
 */
#ifndef TESTS_PROBE_OPENED_PROBE_H
#define TESTS_PROBE_OPENED_PROBE_H

#include "probe/probe.h"
#include "scripted_wire.h"

/* The conversation by which a probe of this firmware ("V2J37M26", "V2J14S4", "V3J7M2", "V4J5B1P5")
 * is opened, and one by which it is entered at its default speed. */
void script_expect_identify(struct script *script, const char *firmware);
void script_expect_open(struct script *script, const char *firmware);
void script_expect_enter(struct script *script, const char *firmware);

/* Opens; enters too. The conversation so far is done and checked. */
struct probe *opened_probe(struct script **script, const char *firmware);
struct probe *entered_probe(struct script **script, const char *firmware);

/* Closes the probe (with EXIT if `entered`), and finishes the script. */
void close_probe(struct script *script, struct probe *probe, bool entered);

#endif
