/*
 * Several word accesses in one command (RW_MISC). On the worker thread of the board.
 *
 * Only the forms that two independent drivers use: code 5 (access port) first, and the address
 * again before each write. Whether the firmware goes on after an item that failed is not known, so
 * what may have been done is not done again. No other driver is known to rely on batches for all it
 * does, so they are tried against a single read before they are used at all.
 */
#include <string.h>

#include "probe/bytes.h"
#include "probe/log.h"
#include "stlink.h"
#include "stlink_command.h"

#define WORDS_PER_CODE 3 /* TAR, DRW, RDBUFF */
#define CODES_FIRST    1 /* select the access port */
#define CODES_READ     1
#define CODES_WRITE    2 /* set the address, write */
#define CODES_LEAST    (CODES_FIRST + CODES_WRITE)

/* A batch takes 4 transfers, a single access 2: up to here, singles are no worse. */
#define SINGLES_MAX 2

/* More than any V2 is known to take. */
#define V2_CODES_MAX 64

#define SCB_CPUID 0xE000ED00u /* the same in every core, and no read changes it */
#define PROOFS    3

/* ARMv7-M, B3.1: devices, inside the chip and outside. */
#define DEVICE_START 0x40000000u
#define DEVICE_END   0xE0000000u

static void give_batches_up(struct stlink *st)
{
	st->features &= ~(unsigned)STLINK_HAS_BATCHES;
	st->probe.info.has_batches = false;
}

/* Firmware without the command may answer with a bare status, which reads as 66 or 8 items. */
static size_t believe(const struct stlink *st, size_t claimed)
{
	size_t most = st->version.hardware < 3 ? V2_CODES_MAX : STLINK_BATCH_MAX;

	if (claimed == STLINK_UNKNOWN_COMMAND || claimed == STLINK_COMMAND_ERROR)
		return 0;
	return claimed < most ? claimed : most;
}

/* A firmware that does not answer as it should is served with single commands. */
enum err stlink_ask_batch_max(struct stlink *st)
{
	uint8_t command[USB_COMMAND_SIZE] = {STLINK_DEBUG, STLINK_RW_MISC_GET_MAX};
	uint8_t reply[2] = {0};
	enum err err = stlink_receive(st, command, reply, sizeof(reply), 0);

	if (err == ERR_USB_GONE)
		return err;
	st->batch_max = believe(st, get_le16(reply));
	if (err || st->batch_max < CODES_LEAST)
		give_batches_up(st);
	log_debug("RW_MISC takes %zu items", st->batch_max);
	return ERR_OK;
}

static size_t codes_of(const struct probe_item *item)
{
	return item->write ? CODES_WRITE : CODES_READ;
}

/* As many codes as the firmware takes and as the clock moves in 100 ms. */
static size_t codes_limit(const struct stlink *st)
{
	size_t limit = stlink_accesses_per_block(st) / WORDS_PER_CODE;

	if (limit < CODES_LEAST)
		limit = CODES_LEAST;
	return limit < st->batch_max ? limit : st->batch_max;
}

/* How many of the items go into the next command, and into how many codes. */
static size_t cut(
	const struct stlink *st, const struct probe_item *items, size_t count, size_t *codes)
{
	size_t taken = 0, limit = codes_limit(st);

	*codes = CODES_FIRST;
	while (taken < count && *codes + codes_of(&items[taken]) <= limit)
		*codes += codes_of(&items[taken++]);
	return taken;
}

/* Codes first, one byte each, filled up to a word; then one word of payload for each. */
struct packer {
	uint8_t *code, *payload;
};

static void pack(struct packer *packer, enum stlink_item code, uint32_t payload)
{
	*packer->code++ = (uint8_t)code;
	put_le32(packer->payload, payload);
	packer->payload += 4;
}

static enum err send_items(
	struct stlink *st, const struct probe_item *items, size_t count, size_t codes)
{
	uint8_t command[USB_COMMAND_SIZE] = {STLINK_DEBUG, STLINK_RW_MISC_OUT};
	size_t head = (codes + 3) / 4 * 4;
	struct packer packer = {st->batch_out, st->batch_out + head};
	struct usb_data data = {USB_OUT, st->batch_out, head + 4 * codes, 0};

	memset(st->batch_out, 0, head);
	pack(&packer, STLINK_ITEM_SELECT_AP, STLINK_AP_FIRST);
	for (size_t i = 0; i < count; i++) {
		if (items[i].write) {
			pack(&packer, STLINK_ITEM_SET_WRITE_ADDRESS, items[i].address);
			pack(&packer, STLINK_ITEM_WRITE, items[i].value);
		} else {
			pack(&packer, STLINK_ITEM_READ, items[i].address);
		}
	}
	put_le32(command + 2, (uint32_t)codes);
	return stlink_exchange(st, command, &data, WORDS_PER_CODE * codes);
}

/* ---- results ---- */

static bool is_busy(const struct stlink *st, uint8_t status)
{
	return stlink_status_find(status)->remedy == STLINK_RETRY ||
	       (status == STLINK_AP_FAULT && stlink_has(st, STLINK_HAS_WAIT_FAULT));
}

/* Reading a device twice is not the same as reading it once. */
static bool is_read_once(const struct probe_item *item)
{
	return !item->write && item->address >= DEVICE_START && item->address < DEVICE_END;
}

/* Whether the target was too busy for the first of these items, and nothing after it was done that
 * cannot be done again: WAIT does not tell how far an access came. */
static bool can_go_on(const struct stlink *st, const struct probe_item *items, size_t count,
	const uint8_t *status)
{
	if (stlink_status_find(status[4 * (codes_of(items) - 1)])->remedy != STLINK_RETRY)
		return false;
	for (size_t i = 0; i < count; i++) {
		uint8_t code = status[4 * (codes_of(&items[i]) - 1)];
		if (is_read_once(&items[i]) && (i == 0 || code == STLINK_OK))
			return false;
		if (!is_busy(st, code) && (items[i].write || code != STLINK_OK))
			return false;
		status += 4 * codes_of(&items[i]);
	}
	return true;
}

/* One word of result for each code, then one word of status for each. *busy: the first item that is
 * not done, and those after it, can be asked for again. */
static enum err fetch_results(struct stlink *st, struct probe_item *items, size_t count,
	size_t codes, size_t *done, bool *busy)
{
	uint8_t command[USB_COMMAND_SIZE] = {STLINK_DEBUG, STLINK_RW_MISC_IN};
	const uint8_t *result = st->batch_in, *status = st->batch_in + 4 * codes;
	enum err err = stlink_receive(st, command, st->batch_in, 8 * codes, WORDS_PER_CODE * codes);

	if (!err)
		err = stlink_judge(st, command, status[0], NULL);
	for (size_t i = 0, code = CODES_FIRST; i < count && !err; i++) {
		size_t end = code + codes_of(&items[i]);
		*busy = can_go_on(st, items + i, count - i, status + 4 * code);
		if (*busy)
			break;
		for (; code < end && !err; code++)
			err = stlink_judge(st, command, status[4 * code], &items[i].address);
		if (err)
			break;
		if (!items[i].write)
			items[i].value = get_le32(result + 4 * (end - 1));
		(*done)++;
	}
	return err;
}

/* ---- running them ---- */

static enum err run_singles(struct stlink *st, struct probe_item *items, size_t count, size_t *done)
{
	enum err err = ERR_OK;

	for (size_t i = 0; i < count && !err; i++) {
		if (items[i].write)
			err = stlink_write_word(&st->probe, items[i].address, items[i].value);
		else
			err = stlink_read_word(&st->probe, items[i].address, &items[i].value);
		if (!err)
			(*done)++;
	}
	return err;
}

/* Nothing may come between the two: the results wait in a buffer that other commands use. */
static enum err run_batch(struct stlink *st, struct probe_item *items, size_t count, size_t codes,
	size_t *done, bool *busy)
{
	enum err err = send_items(st, items, count, codes);
	if (!err)
		return fetch_results(st, items, count, codes, done, busy);
	if (err != ERR_USB_STALL)
		return err;
	give_batches_up(st);
	return run_singles(st, items, count, done);
}

static bool tells_of_target(enum err err)
{
	return err == ERR_USB_GONE || (err >= ERR_TARGET_POWER && err <= ERR_TARGET_UNKNOWN);
}

/* A batch of reads against a single one. What the target or the cable is to blame for proves
 * nothing, and is asked again the next time. */
static enum err prove_batches(struct stlink *st)
{
	struct probe_item items[PROOFS];
	uint32_t cpuid;
	size_t done = 0;
	bool busy = false;

	for (size_t i = 0; i < PROOFS; i++)
		items[i] = (struct probe_item){.address = SCB_CPUID};
	enum err err = stlink_read_word(&st->probe, SCB_CPUID, &cpuid);
	if (!err)
		err = run_batch(st, items, PROOFS, CODES_FIRST + PROOFS, &done, &busy);
	if (tells_of_target(err) || busy)
		return err ? err : ERR_TARGET_WAIT;
	bool same = !err && done == PROOFS;
	for (size_t i = 0; i < PROOFS; i++)
		same &= items[i].value == cpuid;
	if (!same) {
		log_info("%s: RW_MISC of firmware %s does not read what single commands read: it "
			 "is not used, which costs time",
			st->probe.info.model, st->probe.info.firmware);
		give_batches_up(st);
	}
	st->batches_proved = true;
	return ERR_OK;
}

static bool uses_batches(const struct stlink *st)
{
	return stlink_has(st, STLINK_HAS_BATCHES) && st->batch_max;
}

/* As many as fit into a command. What the target was too busy for goes as a single, which is
 * retried, and whatever comes after it into the next command. */
static enum err run_some(struct stlink *st, struct probe_item *items, size_t count, size_t *done)
{
	size_t codes, taken = cut(st, items, count, &codes), before = *done;
	bool busy = false;

	if (taken <= SINGLES_MAX || !uses_batches(st))
		return run_singles(st, items, taken, done);
	enum err err = run_batch(st, items, taken, codes, done, &busy);
	return busy ? run_singles(st, items + (*done - before), 1, done) : err;
}

enum err stlink_batch(struct probe *probe, struct probe_item *items, size_t count, size_t *done)
{
	struct stlink *st = stlink_from_probe(probe);
	enum err err = ERR_OK;

	if (!uses_batches(st) || count <= SINGLES_MAX)
		return run_singles(st, items, count, done);
	if (!st->batches_proved)
		err = prove_batches(st);
	while (*done < count && !err)
		err = run_some(st, items + *done, count - *done, done);
	return err;
}
