/* Breakpoints in RAM by BKPT instructions: see patches.h. */
#include "patches.h"

#include "probe/bytes.h"
#include "probe/log.h"
#include "probe/probe.h"

#define BKPT 0xBE00u

/* ---- what is wanted ---- */

static struct patch *find(struct patches *patches, uint32_t address)
{
	for (size_t i = 0; i < patches->count; i++)
		if (patches->list[i].address == address)
			return &patches->list[i];
	return NULL;
}

enum err patches_add(struct patches *patches, uint32_t address)
{
	struct patch *patch = find(patches, address);
	if (!patch && patches->count == PATCHES_MAX) {
		log_warn("no breakpoint at 0x%08X: there are %d in RAM already; delete one",
			address, PATCHES_MAX);
		return ERR_UNSUPPORTED;
	}
	if (!patch) {
		patch = &patches->list[patches->count++];
		*patch = (struct patch){.address = address};
	}
	patch->wanted = true;
	return ERR_OK;
}

void patches_remove(struct patches *patches, uint32_t address)
{
	struct patch *patch = find(patches, address);
	if (!patch)
		return;
	patch->wanted = false;
	if (!patch->written)
		*patch = patches->list[--patches->count];
}

void patches_remove_all(struct patches *patches)
{
	for (size_t i = patches->count; i-- > 0;)
		patches_remove(patches, patches->list[i].address);
}

bool patches_has(const struct patches *patches, uint32_t address)
{
	for (size_t i = 0; i < patches->count; i++)
		if (patches->list[i].address == address && patches->list[i].wanted)
			return true;
	return false;
}

/* ---- writing ---- */

static unsigned shift_of(const struct patch *patch)
{
	return patch->address & 2 ? 16 : 0;
}

static uint16_t half_in(const struct patch *patch, uint32_t word)
{
	return (uint16_t)(word >> shift_of(patch));
}

/* As a whole word: every firmware of the probe can, and the core never meets half an instruction.
 */
static enum err write_half(
	const struct patch *patch, struct probe *probe, uint32_t word, uint16_t half)
{
	word &= ~(0xFFFFu << shift_of(patch));
	return probe_write_word(
		probe, patch->address & ~3u, word | (uint32_t)half << shift_of(patch));
}

/* A write that fails may have been done all the same: what was there is kept in any case. */
static enum err put_bkpt(struct patch *patch, struct probe *probe, uint32_t word)
{
	patch->original = half_in(patch, word);
	patch->written = patch->unsure = true;
	enum err err = write_half(patch, probe, word, BKPT);
	patch->unsure = err != ERR_OK;
	return err;
}

static enum err take_bkpt_away(struct patch *patch, struct probe *probe, uint32_t word)
{
	enum err err = write_half(patch, probe, word, patch->original);
	patch->written = err != ERR_OK;
	return err;
}

/* Makes one patch as it should be, knowing what stands in memory. */
static enum err settle(struct patch *patch, struct probe *probe, bool should)
{
	uint32_t word;
	if (should == patch->written && !patch->unsure)
		return ERR_OK;
	enum err err = probe_read_word(probe, patch->address & ~3u, &word);
	if (err)
		return err;
	bool stands = half_in(patch, word) == BKPT;
	patch->written &= stands;
	patch->unsure = false;
	if (should == patch->written)
		return ERR_OK;
	return should ? put_bkpt(patch, probe, word) : take_bkpt_away(patch, probe, word);
}

static void forget_unused(struct patches *patches)
{
	for (size_t i = patches->count; i-- > 0;)
		if (!patches->list[i].wanted && !patches->list[i].written)
			patches->list[i] = patches->list[--patches->count];
}

enum err patches_sync(struct patches *patches, struct probe *probe, uint32_t except)
{
	enum err err = ERR_OK;
	for (size_t i = 0; i < patches->count && !err; i++) {
		struct patch *patch = &patches->list[i];
		err = settle(patch, probe, patch->wanted && patch->address != except);
	}
	forget_unused(patches);
	return err;
}

void patches_doubt(struct patches *patches)
{
	for (size_t i = 0; i < patches->count; i++)
		patches->list[i].unsure = patches->list[i].written;
}

/* ---- readers and writers ---- */

/* The offset of a byte of the patch in a range; at least `size` when it is not in there. */
static size_t offset_in(const struct patch *patch, unsigned byte, uint32_t address, size_t size)
{
	uint32_t offset = patch->address + byte - address;
	return offset < size ? offset : size;
}

static uint8_t byte_of(uint16_t half, unsigned byte)
{
	return (uint8_t)(half >> 8 * byte);
}

/* Only where the BKPT still stands: else the firmware has put something else there. */
void patches_hide(struct patches *patches, uint32_t address, uint8_t *data, size_t size)
{
	for (size_t i = 0; i < patches->count; i++) {
		const struct patch *patch = &patches->list[i];
		size_t at[2] = {
			offset_in(patch, 0, address, size), offset_in(patch, 1, address, size)};
		bool stands = patch->written;
		for (unsigned byte = 0; byte < 2; byte++)
			stands &= at[byte] == size || data[at[byte]] == byte_of(BKPT, byte);
		for (unsigned byte = 0; byte < 2 && stands; byte++)
			if (at[byte] < size)
				data[at[byte]] = byte_of(patch->original, byte);
	}
}

bool patches_touch(const struct patches *patches, uint32_t address, size_t size)
{
	for (size_t i = 0; i < patches->count; i++) {
		const struct patch *patch = &patches->list[i];
		if (patch->written && (offset_in(patch, 0, address, size) < size ||
					      offset_in(patch, 1, address, size) < size))
			return true;
	}
	return false;
}

void patches_take(struct patches *patches, uint32_t address, uint8_t *data, size_t size)
{
	for (size_t i = 0; i < patches->count; i++) {
		struct patch *patch = &patches->list[i];
		for (unsigned byte = 0; byte < 2 && patch->written; byte++) {
			size_t at = offset_in(patch, byte, address, size);
			if (at == size)
				continue;
			uint16_t mask = (uint16_t)(0xFFu << 8 * byte);
			patch->original = (uint16_t)((patch->original & ~mask) |
						     (unsigned)data[at] << 8 * byte);
			data[at] = byte_of(BKPT, byte);
		}
	}
}
