/*
 * The memory packets: m x M X and qCRC. Worker thread.
 *
 * A packet that is long for the wire is worked off in blocks, one each turn of gdb_poll(), so that
 * a Ctrl-C, a stop of the core or another client never waits for more than a block.
 */
#include "memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "errors.h"
#include "handlers.h"
#include "hex.h"
#include "session.h"

/* 6,144 bytes are the longest read of an ST-LINK: a block is some of them, about 0.1 s on a slow
 * one. While others wait for a running core to stop, a block is short: about 10 ms. */
#define BLOCK_LONG  (4 * 6144)
#define BLOCK_SHORT 2048

/* A client that asks for more gets this much, as it would at the end of a memory. */
#define READ_MAX (MESSAGE_PACKET_MAX / 2)

size_t transfer_block(const struct session *session)
{
	const struct gdb *gdb = session->gdb;
	const struct transfer *transfer = &session->transfer;
	bool alone = gdb->sessions == session && !session->next;
	size_t size = alone || gdb->state != INFERIOR_RUNNING ? BLOCK_LONG : BLOCK_SHORT;
	size_t left = transfer->size - transfer->done;
	return left < size ? left : size;
}

static void transfer_end(struct session *session)
{
	message_destroy(session->transfer.reply);
	free(session->transfer.data);
	session->transfer = (struct transfer){0};
}

/* How much of [address, address + size) lies in the region where it begins. */
static size_t up_to_region_end(const struct target *target, uint32_t address, size_t size)
{
	size_t count;
	const struct target_region *regions = target_memory_map(target, &count);

	for (size_t i = 0; i < count; i++) {
		uint32_t inside = address - regions[i].start;
		if (address < regions[i].start || inside >= regions[i].size)
			continue;
		uint32_t left = regions[i].size - inside;
		return left < size ? left : size;
	}
	return size;
}

/* A read across the end of a memory gives what there is. */
static enum err read_block(struct target *target, uint32_t address, uint8_t *data, size_t *size)
{
	enum err err = target_read_memory(target, address, data, *size);
	if (err != ERR_TARGET_FAULT)
		return err;

	size_t there = up_to_region_end(target, address, *size);
	if (there == *size)
		return err;
	*size = there;
	return target_read_memory(target, address, data, there);
}

/* What follows the end of a memory is no error when something came before it. */
static enum err read_some(struct session *session, uint8_t *data, size_t wanted, size_t *got)
{
	struct transfer *transfer = &session->transfer;
	uint32_t address = transfer->address + (uint32_t)transfer->done;

	*got = wanted;
	enum err err = read_block(session->gdb->target, address, data, got);
	if (err)
		*got = 0;
	if (*got < wanted)
		transfer->size = transfer->done + *got;
	return transfer->done ? ERR_OK : err;
}

/* The bytes are read into the second half of the room for their digits, then spread over it. */
static enum err read_digits(struct session *session)
{
	struct transfer *transfer = &session->transfer;
	size_t wanted = transfer_block(session), size;
	uint8_t *digits = transfer->reply->data + 2 * transfer->done;

	enum err err = read_some(session, digits + wanted, wanted, &size);
	hex_encode((char *)digits, digits + wanted, size);
	transfer->done += size;
	return err;
}

static enum err read_binary(struct session *session)
{
	struct transfer *transfer = &session->transfer;
	size_t size;

	transfer->reply->data[0] = 'b';
	enum err err = read_some(session, transfer->reply->data + 1 + transfer->done,
		transfer_block(session), &size);
	transfer->done += size;
	return err;
}

static enum err write_step(struct session *session)
{
	struct transfer *transfer = &session->transfer;
	uint32_t address = transfer->address + (uint32_t)transfer->done;
	size_t size = transfer_block(session);

	enum err err = target_write_memory(
		session->gdb->target, address, transfer->data + transfer->done, size);
	if (!err)
		transfer->done += size;
	return err;
}

static void send_ok(struct session *session)
{
	session_send(session, MESSAGE_REPLY, "OK", 2);
}

/* The message was made for all that was asked for. */
static void send_data(struct session *session, size_t size)
{
	struct message *reply = session->transfer.reply;

	session->transfer.reply = NULL;
	reply->size = size;
	reply->data[size] = 0;
	session->gdb->options.send(session->gdb->options.context, reply);
}

static void send_digits(struct session *session)
{
	send_data(session, 2 * session->transfer.done);
}

static void send_binary(struct session *session)
{
	send_data(session, 1 + session->transfer.done);
}

/* One block; at the end the reply. On an error there is nothing left to do but to tell it. */
static enum err transfer_step(struct session *session)
{
	struct transfer *transfer = &session->transfer;

	enum err err = transfer->step(session);
	if (!err && transfer->done < transfer->size && !transfer->found)
		return ERR_OK;
	if (!err)
		transfer->end(session);
	transfer_end(session);
	return err;
}

enum err transfer_begin(struct session *session, const struct transfer *transfer)
{
	session->transfer = *transfer;
	session->answer = ANSWER_LATE;
	enum err err = transfer_step(session);
	if (!err && session_is_busy(session))
		gdb_schedule(session->gdb, SERVICE_TRANSFERS, gdb_now_us(session->gdb));
	return err;
}

void transfer_poll(struct gdb *gdb)
{
	bool busy = false;

	for (struct session *session = gdb->sessions; session; session = session->next) {
		if (!session_is_busy(session))
			continue;
		enum err err = transfer_step(session);
		if (err) {
			char reply[8];
			int length = snprintf(reply, sizeof(reply), "E%02x", errors_number(err));
			session_send(session, MESSAGE_REPLY, reply, (size_t)length);
		}
		busy |= session_is_busy(session);
		session_send_stop(session);
	}
	gdb_schedule(gdb, SERVICE_TRANSFERS, busy ? gdb_now_us(gdb) : NEVER);
}

static bool wraps(const struct args *args)
{
	return args->number[1] && args->number[0] + (args->number[1] - 1) < args->number[0];
}

static enum err begin_read(
	struct session *session, const struct args *args, struct transfer *transfer, size_t room)
{
	if (!transfer->size || wraps(args))
		return session_refuse(session, ERR_ARGUMENT, "no such range of addresses");
	transfer->address = args->number[0];
	transfer->reply = message_create(MESSAGE_REPLY, session->client, NULL, room);
	return transfer->reply ? transfer_begin(session, transfer) : ERR_NO_MEMORY;
}

enum err handle_read_memory(struct session *session, const struct args *args, struct text *reply)
{
	struct transfer transfer = {
		.step = read_digits,
		.end = send_digits,
		.size = args->number[1] < READ_MAX ? args->number[1] : READ_MAX,
	};

	(void)reply;
	return begin_read(session, args, &transfer, 2 * transfer.size);
}

/* gdb 16 and later. LLDB up to 20 has another packet of this name, whose data begins at once: to it
 * there is none. */
enum err handle_read_raw(struct session *session, const struct args *args, struct text *reply)
{
	struct transfer transfer = {
		.step = read_binary,
		.end = send_binary,
		.size = args->number[1] < READ_MAX ? args->number[1] : READ_MAX,
	};

	if (session->is_lldb)
		return ERR_OK;
	if (!transfer.size) {
		text_add(reply, "b");
		return ERR_OK;
	}
	return begin_read(session, args, &transfer, 1 + transfer.size);
}

/* Takes `data`. */
static enum err write_memory(
	struct session *session, const struct args *args, uint8_t *data, struct text *reply)
{
	if (wraps(args)) {
		free(data);
		return session_refuse(session, ERR_ARGUMENT, "no such range of addresses");
	}
	if (!args->number[1]) {
		free(data);
		text_add(reply, "OK");
		return ERR_OK;
	}
	const struct transfer transfer = {
		.step = write_step,
		.end = send_ok,
		.address = args->number[0],
		.size = args->number[1],
		.data = data,
	};
	return transfer_begin(session, &transfer);
}

enum err handle_write_hex(struct session *session, const struct args *args, struct text *reply)
{
	size_t size = args->number[1];

	if (args->rest_size != 2 * size)
		return session_refuse(
			session, ERR_ARGUMENT, "the data is not as long as announced");
	uint8_t *data = malloc(size + 1);
	if (!data)
		return ERR_NO_MEMORY;
	if (!hex_decode(data, args->rest, size)) {
		free(data);
		return session_refuse(session, ERR_ARGUMENT, "M carries what is no hex digit");
	}
	return write_memory(session, args, data, reply);
}

enum err handle_write_binary(struct session *session, const struct args *args, struct text *reply)
{
	size_t size = args->number[1];

	if (args->rest_size != size)
		return session_refuse(
			session, ERR_ARGUMENT, "the data is not as long as announced");
	uint8_t *data = malloc(size + 1);
	if (!data)
		return ERR_NO_MEMORY;
	memcpy(data, args->rest, size);
	return write_memory(session, args, data, reply);
}

enum err handle_crc(struct session *session, const struct args *args, struct text *reply)
{
	uint32_t crc;

	if (wraps(args))
		return session_refuse(session, ERR_ARGUMENT, "no such range of addresses");
	enum err err = target_crc(session->gdb->target, args->number[0], args->number[1], &crc);
	if (!err)
		text_format(reply, "C%08x", crc);
	return err;
}
