/*
 * Several word accesses in one command (RW_MISC). On the worker thread of the board.
 *
 * Only the forms that two independent drivers use: code 5 (access port) first, and
 * the address again before each write. Whether the firmware goes on after an item that failed is
 * not known, so no write is played again that may have been made. After a WAIT the rest goes as
 * single words, which are retried, if no write of the rest was made.
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

static void give_batches_up(struct stlink *st)
{
	st->features &= ~(unsigned)STLINK_HAS_BATCHES;
	st->probe.info.has_batches = false;
}

/* A firmware that does not answer as it should is served with single commands. */
enum err stlink_ask_batch_max(struct stlink *st)
{
	uint8_t command[USB_COMMAND_SIZE] = {STLINK_DEBUG, STLINK_RW_MISC_GET_MAX};
	uint8_t reply[2] = {0};
	enum err err = stlink_receive(st, command, reply, sizeof(reply), 0);

	if (err == ERR_USB_GONE)
		return err;
	st->batch_max = get_le16(reply);
	if (st->batch_max > STLINK_BATCH_MAX)
		st->batch_max = STLINK_BATCH_MAX;
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

/* What came back: one word of result for each code, then one word of status for each. */
struct answer {
	const uint8_t *result, *status;
	size_t code; /* of the item that is looked at */
};

static uint8_t status_of(const struct answer *answer, size_t code)
{
	return answer->status[4 * code];
}

static bool is_wait(uint8_t status)
{
	return stlink_status_find(status)->remedy == STLINK_RETRY;
}

/* Whether one of the items, which begin at the answer's code, was busy, and none after it wrote. */
static bool can_resume(
	const struct answer *answer, const struct probe_item *items, size_t count, size_t failed)
{
	size_t code = answer->code + codes_of(items);

	if (!is_wait(status_of(answer, failed)))
		return false;
	for (size_t i = 1; i < count; code += codes_of(&items[i++]))
		if (items[i].write && status_of(answer, code + 1) == STLINK_OK)
			return false;
	return true;
}

/* Takes the results of the items up to the first that failed; *busy: the rest may be asked again.
 */
static enum err take_results(struct stlink *st, const uint8_t *command, struct answer *answer,
	struct probe_item *items, size_t count, size_t *done, bool *busy)
{
	for (size_t i = 0; i < count; i++) {
		size_t end = answer->code + codes_of(&items[i]);
		for (size_t code = answer->code; code < end; code++) {
			*busy = can_resume(answer, &items[i], count - i, code);
			if (*busy)
				return ERR_OK;
			enum err err = stlink_judge(
				st, command, status_of(answer, code), &items[i].address);
			if (err)
				return err;
		}
		if (!items[i].write)
			items[i].value = get_le32(answer->result + 4 * (end - 1));
		answer->code = end;
		(*done)++;
	}
	return ERR_OK;
}

static enum err fetch_results(struct stlink *st, struct probe_item *items, size_t count,
	size_t codes, size_t *done, bool *busy)
{
	uint8_t command[USB_COMMAND_SIZE] = {STLINK_DEBUG, STLINK_RW_MISC_IN};
	struct answer answer = {st->batch_in, st->batch_in + 4 * codes, CODES_FIRST};
	enum err err = stlink_receive(st, command, st->batch_in, 8 * codes, WORDS_PER_CODE * codes);

	if (!err)
		err = stlink_judge(st, command, status_of(&answer, 0), NULL);
	return err ? err : take_results(st, command, &answer, items, count, done, busy);
}

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
static enum err run_batch(
	struct stlink *st, struct probe_item *items, size_t count, size_t codes, size_t *done)
{
	size_t before = *done;
	bool busy = false;
	enum err err = send_items(st, items, count, codes);
	if (!err)
		err = fetch_results(st, items, count, codes, done, &busy);
	else if (err == ERR_USB_STALL) {
		give_batches_up(st);
		return run_singles(st, items, count, done);
	}
	if (busy)
		err = run_singles(st, items + (*done - before), count - (*done - before), done);
	return err;
}

enum err stlink_batch(struct probe *probe, struct probe_item *items, size_t count, size_t *done)
{
	struct stlink *st = stlink_from_probe(probe);
	enum err err = ERR_OK;

	if (!stlink_has(st, STLINK_HAS_BATCHES) || !st->batch_max)
		return run_singles(st, items, count, done);
	while (count && !err) {
		size_t codes, taken = cut(st, items, count, &codes);
		if (taken <= SINGLES_MAX || !stlink_has(st, STLINK_HAS_BATCHES))
			err = run_singles(st, items, taken, done);
		else
			err = run_batch(st, items, taken, codes, done);
		items += taken;
		count -= taken;
	}
	return err;
}
