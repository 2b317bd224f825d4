/* A probe in memory: see fake_probe.h. Every access takes 100 us of its own clock. */
#include "fake_probe.h"

#include "probe/bytes.h"
#include "probe/probe.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX    512
#define ACCESSES_MAX 1024
#define BLOCK_SIZE   1024

struct word {
	uint32_t address, value;
};

struct probe {
	uint8_t ram[FAKE_RAM_SIZE];
	struct word words[WORDS_MAX];
	size_t word_count;
	struct fake_access accesses[ACCESSES_MAX];
	size_t access_count, batch_count;
	uint32_t fail_address;
	enum err fail_err;
	uint32_t flip_address, flip_bits;
	unsigned flips;
	uint64_t now_us;
};

struct probe *fake_probe_create(void)
{
	return calloc(1, sizeof(struct probe));
}

void fake_probe_destroy(struct probe *probe)
{
	free(probe);
}

uint8_t *fake_probe_ram(struct probe *probe)
{
	return probe->ram;
}

static struct word *word_at(struct probe *probe, uint32_t address)
{
	for (size_t i = 0; i < probe->word_count; i++)
		if (probe->words[i].address == address)
			return &probe->words[i];
	assert(probe->word_count < WORDS_MAX);
	probe->words[probe->word_count].address = address;
	return &probe->words[probe->word_count++];
}

static bool in_ram(uint32_t address)
{
	return address - FAKE_RAM < FAKE_RAM_SIZE;
}

void fake_probe_set_word(struct probe *probe, uint32_t address, uint32_t value)
{
	if (in_ram(address))
		put_le32(probe->ram + (address - FAKE_RAM), value);
	else
		word_at(probe, address)->value = value;
}

uint32_t fake_probe_word(struct probe *probe, uint32_t address)
{
	if (in_ram(address))
		return get_le32(probe->ram + (address - FAKE_RAM));
	return word_at(probe, address)->value;
}

void fake_probe_fail(struct probe *probe, uint32_t address, enum err err)
{
	probe->fail_address = address;
	probe->fail_err = err;
}

void fake_probe_flip(struct probe *probe, uint32_t address, unsigned times, uint32_t bits)
{
	probe->flip_address = address;
	probe->flips = times;
	probe->flip_bits = bits;
}

size_t fake_probe_count(const struct probe *probe)
{
	return probe->access_count;
}

size_t fake_probe_batches(const struct probe *probe)
{
	return probe->batch_count;
}

const struct fake_access *fake_probe_access(const struct probe *probe, size_t index)
{
	assert(index < probe->access_count);
	return &probe->accesses[index];
}

void fake_probe_forget(struct probe *probe)
{
	probe->access_count = probe->batch_count = 0;
}

static enum err note(struct probe *probe, struct fake_access access)
{
	assert(probe->access_count < ACCESSES_MAX);
	probe->accesses[probe->access_count++] = access;
	probe->now_us += 100;
	return probe->fail_err && probe->fail_address - access.address < access.size
		       ? probe->fail_err
		       : ERR_OK;
}

static uint8_t byte_at(struct probe *probe, uint32_t address)
{
	return (uint8_t)(fake_probe_word(probe, address & ~3u) >> 8 * (address & 3));
}

/* ---- probe.h ---- */

const struct probe_info *probe_info(const struct probe *probe)
{
	static const struct probe_info info = {.has_batches = true};
	(void)probe;
	return &info;
}

uint64_t probe_transfers(const struct probe *probe)
{
	return 2 * probe->access_count;
}

uint64_t probe_now_us(struct probe *probe)
{
	return probe->now_us;
}

void probe_sleep_us(struct probe *probe, uint64_t us)
{
	probe->now_us += us;
}

size_t probe_block_size(const struct probe *probe)
{
	(void)probe;
	return BLOCK_SIZE;
}

enum err probe_read_word(struct probe *probe, uint32_t address, uint32_t *value)
{
	*value = fake_probe_word(probe, address);
	return note(probe, (struct fake_access){false, 4, address, 4, *value});
}

enum err probe_write_word(struct probe *probe, uint32_t address, uint32_t value)
{
	enum err err = note(probe, (struct fake_access){true, 4, address, 4, value});
	if (!err)
		fake_probe_set_word(probe, address, value);
	return err;
}

enum err probe_read(
	struct probe *probe, unsigned width, uint32_t address, uint8_t *data, size_t size)
{
	assert(address % width == 0 && size % width == 0);
	enum err err = note(probe, (struct fake_access){false, width, address, size, 0});
	for (size_t i = 0; i < size && !err; i++)
		data[i] = byte_at(probe, address + (uint32_t)i);
	uint32_t flipped = probe->flip_address - address;
	if (probe->flips && flipped < size) {
		probe->flips--;
		put_le32(data + flipped, get_le32(data + flipped) ^ probe->flip_bits);
	}
	return err;
}

enum err probe_write(
	struct probe *probe, unsigned width, uint32_t address, const uint8_t *data, size_t size)
{
	assert(address % width == 0 && size % width == 0);
	enum err err = note(probe, (struct fake_access){true, width, address, size, 0});
	for (uint32_t i = 0; i < size && !err; i++) {
		uint32_t at = address + i, shift = 8 * (at & 3);
		uint32_t word = fake_probe_word(probe, at & ~3u) & ~(0xFFu << shift);
		fake_probe_set_word(probe, at & ~3u, word | (uint32_t)data[i] << shift);
	}
	return err;
}

enum err probe_batch(struct probe *probe, struct probe_item *items, size_t count, size_t *done)
{
	enum err err = ERR_OK;
	size_t i = 0;
	probe->batch_count++;
	for (; i < count && !err; i++)
		err = items[i].write ? probe_write_word(probe, items[i].address, items[i].value)
				     : probe_read_word(probe, items[i].address, &items[i].value);
	if (done)
		*done = err ? i - 1 : i;
	return err;
}

/* This probe has no core behind it. */

enum err probe_read_register(struct probe *probe, unsigned selector, uint32_t *value)
{
	(void)probe, (void)selector, (void)value;
	return ERR_UNSUPPORTED;
}

enum err probe_write_register(struct probe *probe, unsigned selector, uint32_t value)
{
	(void)probe, (void)selector, (void)value;
	return ERR_UNSUPPORTED;
}

enum err probe_read_registers(struct probe *probe, uint32_t values[PROBE_CORE_REGISTERS])
{
	(void)probe, (void)values;
	return ERR_UNSUPPORTED;
}

enum err probe_drive_nrst(struct probe *probe, bool low)
{
	(void)probe, (void)low;
	return ERR_UNSUPPORTED;
}

bool probe_plugged(struct probe *probe)
{
	(void)probe;
	return true;
}

enum err probe_read_voltage(struct probe *probe, unsigned *millivolts)
{
	(void)probe;
	*millivolts = 3300;
	return ERR_OK;
}

enum err probe_read_ctrl_stat(struct probe *probe, uint32_t *ctrl_stat)
{
	(void)probe;
	*ctrl_stat = 0xF0000040;
	return ERR_OK;
}

enum err probe_read_dpidr(struct probe *probe, uint32_t *dpidr)
{
	(void)probe;
	*dpidr = 0x2BA01477;
	return ERR_OK;
}
