/*
 * Latched and batched register access: what lets a driver read like the reference manual and still
 * cost few USB transfers.
 *
 * A job opens a bus, queues reads and writes, and flushes; the probe turns the queue into as few
 * commands as its firmware allows. The first failure latches: later operations do nothing, reads
 * give 0, and bus_end() returns the first error. So no decision and no message is made from a bus
 * whose error was not asked: a latched 0 must never look like "not busy".
 *
 * A batch is never replayed. Writes with side effects of their own (flash keys, AIRCR, STRT,
 * DHCSR) go through bus_write_now(), alone, or last, with nothing but a look behind them.
 *
 * Worker thread; a bus lives on the stack of the job that opened it and blocks for USB only.
 */
#ifndef TARGETS_BUS_H
#define TARGETS_BUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probe/err.h"
#include "probe/probe.h"

#define BUS_QUEUE 128 /* items between two flushes; more is the driver's mistake */

struct bus {
	struct probe *probe;
	enum err err; /* the first failure; latched */
	bool (*yield)(void *context);
	void *yield_context;
	size_t count;
	unsigned flushes;
	size_t done; /* of the last flush: how many items are known to be complete */
	struct probe_item items[BUS_QUEUE];
	uint32_t results[BUS_QUEUE]; /* of the last flush */
};

/* A word that a queued read will bring with the next flush. */
struct bus_later {
	unsigned flush;
	size_t slot;
};

/* `yield` may be NULL: the bus then cannot be cancelled, as a clean-up must be. */
void bus_begin(
	struct bus *bus, struct probe *probe, bool (*yield)(void *context), void *yield_context);

/* Flushes; returns the first error of the whole job. */
enum err bus_end(struct bus *bus) MUST_USE;

/* Latches `err` if nothing is latched yet: a driver's own finding. */
void bus_fail(struct bus *bus, enum err err);

/* Gives others a turn; latches ERR_CANCELLED when the job is to end. Flushes first. Call it between
 * blocks and while something is waited for. */
void bus_yield(struct bus *bus);

/* ---- queued ---- */

void bus_write(struct bus *bus, uint32_t address, uint32_t value);
struct bus_later bus_read_later(struct bus *bus, uint32_t address);
void bus_flush(struct bus *bus);

/* What a read of the last flush brought; 0 once the bus has failed. */
uint32_t bus_value(const struct bus *bus, struct bus_later later);

/* ---- at once (what is queued goes first) ---- */

uint32_t bus_read(struct bus *bus, uint32_t address);
void bus_write_now(struct bus *bus, uint32_t address, uint32_t value);

/* Reads until (value & mask) == wanted, yielding between reads. False, and ERR_TARGET_TIMEOUT
 * latched, when that has not come within `timeout_us` of the wire's time. */
bool bus_poll(
	struct bus *bus, uint32_t address, uint32_t mask, uint32_t wanted, uint64_t timeout_us);

/* Word-aligned blocks, yielding between commands. */
void bus_read_block(struct bus *bus, uint32_t address, uint8_t *data, size_t size);
void bus_write_block(struct bus *bus, uint32_t address, const uint8_t *data, size_t size);

#endif
