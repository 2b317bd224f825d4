/* Latched and batched register access: see bus.h. Worker thread. */
#include "bus.h"

#include <assert.h>

void bus_begin(
	struct bus *bus, struct probe *probe, bool (*yield)(void *context), void *yield_context)
{
	bus->probe = probe;
	bus->err = ERR_OK;
	bus->yield = yield;
	bus->yield_context = yield_context;
	bus->count = 0;
	bus->flushes = 0;
}

enum err bus_end(struct bus *bus)
{
	bus_flush(bus);
	return bus->err;
}

void bus_fail(struct bus *bus, enum err err)
{
	if (!bus->err)
		bus->err = err;
	bus->count = 0;
}

void bus_yield(struct bus *bus)
{
	bus_flush(bus);
	if (!bus->err && bus->yield && bus->yield(bus->yield_context))
		bus_fail(bus, ERR_CANCELLED);
}

/* ---- queued ---- */

static size_t queue(struct bus *bus, struct probe_item item)
{
	if (bus->err)
		return 0;
	assert(bus->count < BUS_QUEUE);
	bus->items[bus->count] = item;
	return bus->count++;
}

void bus_write(struct bus *bus, uint32_t address, uint32_t value)
{
	queue(bus, (struct probe_item){.address = address, .value = value, .write = true});
}

struct bus_later bus_read_later(struct bus *bus, uint32_t address)
{
	size_t slot = queue(bus, (struct probe_item){.address = address});
	return (struct bus_later){.flush = bus->flushes, .slot = slot};
}

void bus_flush(struct bus *bus)
{
	if (bus->err || bus->count == 0)
		return;
	enum err err = probe_batch(bus->probe, bus->items, bus->count, &bus->done);
	for (size_t i = 0; i < bus->count; i++)
		bus->results[i] = bus->items[i].value;
	bus->count = 0;
	bus->flushes++;
	if (err)
		bus_fail(bus, err);
}

uint32_t bus_value(const struct bus *bus, struct bus_later later)
{
	if (bus->err)
		return 0;
	assert(later.flush + 1 == bus->flushes && later.slot < BUS_QUEUE);
	return bus->results[later.slot];
}

/* ---- at once ---- */

uint32_t bus_read(struct bus *bus, uint32_t address)
{
	struct bus_later later = bus_read_later(bus, address);
	bus_flush(bus);
	return bus_value(bus, later);
}

void bus_write_now(struct bus *bus, uint32_t address, uint32_t value)
{
	bus_flush(bus);
	if (bus->err)
		return;
	enum err err = probe_write_word(bus->probe, address, value);
	if (err)
		bus_fail(bus, err);
}

bool bus_poll(
	struct bus *bus, uint32_t address, uint32_t mask, uint32_t wanted, uint64_t timeout_us)
{
	uint64_t deadline = probe_now_us(bus->probe) + timeout_us;
	for (;;) {
		/* The clock is read first, so that a slow wire still gets a last look. */
		bool late = probe_now_us(bus->probe) >= deadline;
		uint32_t value = bus_read(bus, address);
		if (bus->err)
			return false;
		if ((value & mask) == wanted)
			return true;
		if (late) {
			bus_fail(bus, ERR_TARGET_TIMEOUT);
			return false;
		}
		bus_yield(bus);
	}
}

static size_t block(const struct bus *bus, size_t size)
{
	size_t most = probe_block_size(bus->probe);
	return size < most ? size : most;
}

void bus_read_block(struct bus *bus, uint32_t address, uint8_t *data, size_t size)
{
	bus_flush(bus);
	while (size > 0 && !bus->err) {
		size_t now = block(bus, size);
		enum err err = probe_read(bus->probe, 4, address, data, now);
		if (err)
			bus_fail(bus, err);
		address += (uint32_t)now;
		data += now;
		size -= now;
		bus_yield(bus);
	}
}

void bus_write_block(struct bus *bus, uint32_t address, const uint8_t *data, size_t size)
{
	bus_flush(bus);
	while (size > 0 && !bus->err) {
		size_t now = block(bus, size);
		enum err err = probe_write(bus->probe, 4, address, data, now);
		if (err)
			bus_fail(bus, err);
		address += (uint32_t)now;
		data += now;
		size -= now;
		bus_yield(bus);
	}
}
