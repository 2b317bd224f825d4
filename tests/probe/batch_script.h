/*
 * What the probe is to see of a batch, and to say, built from the document's words: codes first,
 * one byte each, filled up to a word, then a word for each code; results, then statuses.
 */
#ifndef TESTS_PROBE_BATCH_SCRIPT_H
#define TESTS_PROBE_BATCH_SCRIPT_H

#include <stddef.h>
#include <stdint.h>

#include "probe/probe.h"
#include "scripted_wire.h"

#define ITEMS_MAX 1300

extern struct probe_item items[ITEMS_MAX];

/* Reads, and a write in each third place. */
void make_items(size_t count);

/* What was read is the complement of its address. */
void assert_values(size_t count);

extern struct expected {
	uint8_t out[8000];
	size_t codes, size;
	uint8_t in[10000]; /* all is well */
} expected;

void build(struct expected *e, const struct probe_item *list, size_t count);
void put32(uint8_t *p, uint32_t value);

void expect_out(struct script *script, const struct expected *e);
void expect_batch(struct script *script, const struct expected *e);

/* What comes before the first batch: reads of CPUID, alone and in a batch. */
void expect_single_cpuid(struct script *script);
void expect_proof_out(struct script *script);
void expect_proof(struct script *script);

/* An entered probe whose next batch begins with the proof. */
struct probe *proved_probe(struct script **script, const char *firmware);

#endif
