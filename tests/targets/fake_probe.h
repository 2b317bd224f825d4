/*
 * A probe in memory that implements probe.h: 64 KiB of RAM at 0x20000000, and single words
 * elsewhere. It records every access, so that a test can tell widths, order and number.
 */
#ifndef TESTS_TARGETS_FAKE_PROBE_H
#define TESTS_TARGETS_FAKE_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probe/err.h"

#define FAKE_RAM      0x20000000u
#define FAKE_RAM_SIZE 0x10000u

struct probe;

struct fake_access {
	bool write;
	unsigned width;
	uint32_t address;
	size_t size;
	uint32_t value; /* of a single word */
};

struct probe *fake_probe_create(void);
void fake_probe_destroy(struct probe *probe);

uint8_t *fake_probe_ram(struct probe *probe);
void fake_probe_set_word(struct probe *probe, uint32_t address, uint32_t value);
uint32_t fake_probe_word(struct probe *probe, uint32_t address);

/* Accesses that cover this address fail with `err` from now on. */
void fake_probe_fail(struct probe *probe, uint32_t address, enum err err);

/* The next `times` block reads that cover this word bring these bits of it inverted. */
void fake_probe_flip(struct probe *probe, uint32_t address, unsigned times, uint32_t bits);

size_t fake_probe_count(const struct probe *probe);
size_t fake_probe_batches(const struct probe *probe);
const struct fake_access *fake_probe_access(const struct probe *probe, size_t index);
void fake_probe_forget(struct probe *probe);

#endif
