/* The margin of the link: see link_margin.h. Worker thread. Source: CoreSight Architecture
 * Specification, B2.2 (the end of a component's 4 KB). */
#include "link_margin.h"

#include "probe/bytes.h"
#include "probe/log.h"

#include <string.h>

#define ROM_TABLE_END 0xE0100000u
#define READ_WORDS    200u
#define READ_BYTES    ((size_t)4 * READ_WORDS)
#define PATTERN_WORDS (LINK_PATTERN_BYTES / 4)

/* ---- reading ---- */

/* CIDR0 to CIDR3 of a ROM table. */
static bool ends_as_rom_table(const uint8_t *bytes)
{
	static const uint8_t end[] = {0x0D, 0, 0, 0, 0x10, 0, 0, 0, 0x05, 0, 0, 0, 0xB1, 0, 0, 0};
	return memcmp(bytes + READ_BYTES - sizeof(end), end, sizeof(end)) == 0;
}

static enum err read_table(struct probe *probe, uint8_t bytes[READ_BYTES])
{
	return probe_read(probe, 4, ROM_TABLE_END - (uint32_t)READ_BYTES, bytes, READ_BYTES);
}

static enum err judge(enum err first_err, const uint8_t *first, enum err err, const uint8_t *bytes)
{
	if (first_err == ERR_TARGET_FAULT && err == ERR_TARGET_FAULT)
		return ERR_OK; /* nothing is there */
	if (first_err || err)
		return first_err ? first_err : err;
	if (memcmp(first, bytes, READ_BYTES) == 0)
		return ERR_OK; /* something else is there */
	log_error("two readings of the ROM table differ: check the SWD wires or lower --speed");
	return ERR_TARGET_UNKNOWN;
}

enum err link_margin_read(struct probe *probe)
{
	uint8_t first[READ_BYTES], again[READ_BYTES];
	enum err err = read_table(probe, first);
	if (!err && ends_as_rom_table(first))
		return ERR_OK;
	if (err && err != ERR_TARGET_FAULT)
		return err;
	return judge(err, first, read_table(probe, again), again);
}

/* ---- a pattern ---- */

/* Every line high and low beside its neighbours, each bit alone, and each word another. */
static uint32_t pattern_word(unsigned i)
{
	static const uint32_t edges[] = {0x00000000, 0xFFFFFFFF, 0xAAAAAAAA, 0x55555555};
	if (i % 2 == 0)
		return edges[i / 2 % 4];
	return i / 2 < 16 ? 1u << i / 2 | 1u << (31 - i / 2) : i * 0x9E3779B1;
}

static void fill(uint8_t bytes[LINK_PATTERN_BYTES])
{
	for (unsigned i = 0; i < PATTERN_WORDS; i++)
		put_le32(bytes + (size_t)4 * i, pattern_word(i));
}

static void write_and_read(struct bus *bus, uint32_t address, uint8_t back[LINK_PATTERN_BYTES])
{
	uint8_t pattern[LINK_PATTERN_BYTES];
	fill(pattern);
	bus_write_block(bus, address, pattern, sizeof(pattern));
	bus_read_block(bus, address, back, LINK_PATTERN_BYTES);
}

/* The first wrong word; true when there is none. */
static bool is_right(const uint8_t *back, struct link_flaw *flaw, uint32_t address)
{
	for (unsigned i = 0; i < PATTERN_WORDS; i++) {
		flaw->address = address + 4 * i;
		flaw->wanted = pattern_word(i);
		flaw->found = get_le32(back + (size_t)4 * i);
		if (flaw->found != flaw->wanted)
			return false;
	}
	return true;
}

void link_margin_write(struct bus *bus, uint32_t address, struct link_flaw *flaw)
{
	uint8_t first[LINK_PATTERN_BYTES], again[LINK_PATTERN_BYTES];
	*flaw = (struct link_flaw){.verdict = LINK_FINE};
	write_and_read(bus, address, first);
	if (bus->err || is_right(first, flaw, address))
		return;
	write_and_read(bus, address, again);
	if (bus->err)
		return;
	flaw->verdict = memcmp(first, again, sizeof(first)) == 0 ? LINK_BAD_RAM : LINK_NOISY;
}
