/*
 * Carries commands to the ST-LINK and judges what comes back. On the worker thread of the board.
 *
 * Every status byte is looked at here. A busy target is asked again with back-off; an error is
 * logged once, with its fact and a next step, and then travels up as a code.
 */
#include <inttypes.h>
#include <stdio.h>

#include "probe/bytes.h"
#include "probe/log.h"
#include "stlink.h"
#include "stlink_command.h"

#define RETRY_LIMIT_US     300000
#define RETRY_FIRST_US     1000
#define TIMEOUT_BASE_MS    500
#define TIMEOUT_FACTOR     3
#define USB_TRANSFER_US    125 /* full speed, as on a V2; a V3 is quicker */
#define FIRMWARE_US        60
#define ABORT              0x0  /* debug port register */
#define CTRL_STAT_STICKY   0xB2 /* STICKYORUN, STICKYCMP, STICKYERR, WDATAERR */
#define ABORT_CLEAR_STICKY 0x1E /* STKCMPCLR, STKERRCLR, WDERRCLR, ORUNERRCLR */

/* ---- messages ---- */

static const char *next_step(enum err err)
{
	switch (err) {
	case ERR_TARGET_NO_LINK:
		return "check the SWD wires, the power of the target, and who holds NRST";
	case ERR_TARGET_WAIT:
		return "if it stays so, connect under reset";
	case ERR_PROBE_OLD:
		return "update the firmware of the probe";
	case ERR_UNSUPPORTED:
		return "ask for less";
	default:
		return "if it happens again, unplug the probe and plug it in again";
	}
}

_Static_assert(ERR_COUNT <= 32, "struct stlink keeps one bit for each");

/* A fault is the answer to a question of the user's (what is at this address?), so it is not worth
 * a warning; what is polled and keeps failing is worth one; and that the probe was unplugged is
 * told by whoever owns it. */
static void complain(struct stlink *st, enum err err, const uint8_t *command, const char *fact,
	const uint32_t *address)
{
	bool quiet = err == ERR_TARGET_FAULT || err == ERR_USB_GONE || (st->complained & 1u << err);
	char at[16] = "";

	if (address)
		snprintf(at, sizeof(at), " at %08" PRIx32, *address);
	log_line(quiet ? LOG_DEBUG : LOG_WARN, "%s %s: %s%s: %s; %s", st->probe.info.model,
		st->probe.usb->identity.serial, stlink_command_name(command), at, fact,
		next_step(err));
	st->complained |= 1u << err;
}

enum err stlink_nonsense(struct stlink *st, const uint8_t *command, size_t received, size_t wanted)
{
	char fact[64];

	snprintf(fact, sizeof(fact), "%zu of %zu bytes came", received, wanted);
	complain(st, ERR_PROBE_PROTOCOL, command, fact, NULL);
	st->stale = true;
	return ERR_PROBE_PROTOCOL;
}

/* ---- one command ---- */

static unsigned timeout_ms(const struct stlink *st, size_t bytes, size_t words)
{
	uint64_t us = 2 * USB_TRANSFER_US + USB_COMMAND_SIZE + bytes + FIRMWARE_US +
		      (uint64_t)words * st->word_ns / 1000;
	return (unsigned)(TIMEOUT_BASE_MS + (TIMEOUT_FACTOR * us + 999) / 1000);
}

static void show(const struct stlink *st, const uint8_t *command, const struct usb_data *data,
	enum err err, uint64_t us)
{
	struct probe_exchange exchange = {.command = command, .err = err, .duration_us = us};

	if (data && data->direction != USB_NONE) {
		exchange.is_in = data->direction == USB_IN;
		exchange.is_out = !exchange.is_in;
		exchange.data = data->data;
		exchange.size = exchange.is_in ? data->received : data->size;
	}
	st->probe.tracer(st->probe.tracer_context, &exchange);
}

static void trace(struct stlink *st, const uint8_t *command, const struct usb_data *data,
	enum err err, uint64_t us)
{
	char bytes[2 * USB_COMMAND_SIZE + 1];

	if (st->probe.tracer)
		show(st, command, data, err, us);
	if (!log_enabled(LOG_TRACE))
		return;
	for (size_t i = 0; i < USB_COMMAND_SIZE; i++)
		snprintf(bytes + 2 * i, 3, "%02x", command[i]);
	log_trace("%s: %s %s, %zu bytes: %s, %" PRIu64 " us", st->probe.usb->identity.path, bytes,
		stlink_command_name(command), data ? data->size : 0, err_text(err), us);
}

enum err stlink_exchange(
	struct stlink *st, const uint8_t *command, struct usb_data *data, size_t words)
{
	struct usb *usb = st->probe.usb;
	unsigned limit_ms = timeout_ms(st, data ? data->size : 0, words);

	if (st->stale) {
		enum err err = usb_drain(usb);
		if (err)
			return err;
		st->stale = false;
	}
	uint64_t start = usb_now_us(usb);
	enum err err = usb_command(usb, command, data, limit_ms);
	st->probe.transfers += data && data->direction != USB_NONE ? 2 : 1;
	trace(st, command, data, err, usb_now_us(usb) - start);
	if (err) {
		char fact[80];
		snprintf(fact, sizeof(fact), "%s (%" PRIu64 " of %u ms)", err_text(err),
			(usb_now_us(usb) - start) / 1000, limit_ms);
		complain(st, err, command, fact, NULL);
		st->stale = true;
	}
	return err;
}

static struct usb_data reply_phase(uint8_t *reply, size_t size)
{
	struct usb_data data = {.direction = USB_IN, .size = size};
	data.data = reply;
	return data;
}

enum err stlink_send(struct stlink *st, const uint8_t *command, size_t words)
{
	return stlink_exchange(st, command, NULL, words);
}

enum err stlink_receive(
	struct stlink *st, const uint8_t *command, uint8_t *reply, size_t size, size_t words)
{
	struct usb_data data = reply_phase(reply, size);
	enum err err = stlink_exchange(st, command, &data, words);

	if (!err && data.received < size)
		err = stlink_nonsense(st, command, data.received, size);
	return err;
}

/* Firmware may cut an error reply down to its status; one that says ok has to be whole. */
enum err stlink_try(
	struct stlink *st, const uint8_t *command, uint8_t *reply, size_t size, size_t words)
{
	struct usb_data data = reply_phase(reply, size);
	enum err err = stlink_exchange(st, command, &data, words);

	if (!err && (data.received < 2 || (data.received < size && reply[0] == STLINK_OK)))
		err = stlink_nonsense(st, command, data.received, size);
	return err;
}

enum err stlink_query(
	struct stlink *st, const uint8_t *command, uint8_t *reply, size_t size, size_t words)
{
	struct stlink_retry retry = stlink_retry_begin(st);

	do {
		enum err err = stlink_try(st, command, reply, size, words);
		if (err)
			return err;
	} while (stlink_retry_again(st, &retry, &reply[0]));
	return stlink_judge(st, command, reply[0], NULL);
}

enum err stlink_order(struct stlink *st, const uint8_t *command, size_t words)
{
	uint8_t reply[2];
	return stlink_query(st, command, reply, sizeof(reply), words);
}

/* ---- status ---- */

struct stlink_retry stlink_retry_begin(struct stlink *st)
{
	return (struct stlink_retry){
		.deadline_us = usb_now_us(st->probe.usb) + RETRY_LIMIT_US,
		.delay_us = RETRY_FIRST_US,
	};
}

/* After a WAIT a V3 may report AP FAULT for as long as the same access is still under way. */
bool stlink_retry_again(struct stlink *st, struct stlink_retry *retry, uint8_t *code)
{
	if (*code == STLINK_AP_FAULT && retry->waited && stlink_has(st, STLINK_HAS_WAIT_FAULT))
		*code = STLINK_AP_WAIT;
	retry->waited = stlink_status_find(*code)->remedy == STLINK_RETRY;

	uint64_t now = usb_now_us(st->probe.usb);
	if (!retry->waited || now >= retry->deadline_us)
		return false;
	uint64_t left = retry->deadline_us - now;
	usb_sleep_us(st->probe.usb, retry->delay_us < left ? retry->delay_us : left);
	retry->delay_us *= 2;
	return true;
}

/* Most firmware clears sticky errors by itself; where it does not, every later access would fail.
 * CTRL/STAT goes to the log as evidence. Failures in here change nothing. */
static void clear_sticky(struct stlink *st)
{
	uint8_t read[USB_COMMAND_SIZE] = {STLINK_DEBUG, STLINK_READ_DAP_REG};
	uint8_t write[USB_COMMAND_SIZE] = {STLINK_DEBUG, STLINK_WRITE_DAP_REG};
	uint8_t reply[8] = {0};

	put_le16(read + 2, STLINK_PORT_DP);
	put_le16(read + 4, STLINK_CTRL_STAT);
	if (stlink_try(st, read, reply, sizeof(reply), 2))
		return;
	st->cleared |= get_le32(reply + 4) & CTRL_STAT_STICKY;
	log_debug("CTRL/STAT %08" PRIx32 " (status %02x)", get_le32(reply + 4), reply[0]);

	put_le16(write + 2, STLINK_PORT_DP);
	put_le16(write + 4, ABORT);
	put_le32(write + 6, ABORT_CLEAR_STICKY);
	if (stlink_try(st, write, reply, 2, 2))
		log_debug("the sticky flags could not be cleared");
}

enum err stlink_judge(
	struct stlink *st, const uint8_t *command, uint8_t code, const uint32_t *address)
{
	const struct stlink_status *status = stlink_status_find(code);
	char fact[64];

	if (!status->err) {
		st->complained = 0;
		return ERR_OK;
	}
	snprintf(fact, sizeof(fact), "%s (status %02x)", status->name, code);
	complain(st, status->err, command, fact, address);
	if (status->remedy == STLINK_CLEAR && st->entered &&
		stlink_has(st, STLINK_HAS_DAP_REGISTERS))
		clear_sticky(st);
	return status->err;
}
