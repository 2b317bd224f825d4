/*
 * The memory packets: m M X and qCRC. Worker thread.
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

static size_t block_size(const struct session *session)
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

/* The bytes are read into the second half of the room for their digits, then spread over it. */
static enum err read_step(struct session *session)
{
	struct transfer *transfer = &session->transfer;
	uint32_t address = transfer->address + (uint32_t)transfer->done;
	size_t wanted = block_size(session), size = wanted;
	uint8_t *digits = transfer->reply->data + 2 * transfer->done;

	enum err err = read_block(session->gdb->target, address, digits + wanted, &size);
	if (err) {
		transfer->size = transfer->done;
		return transfer->done ? ERR_OK : err;
	}
	hex_encode((char *)digits, digits + wanted, size);
	transfer->done += size;
	if (size < wanted)
		transfer->size = transfer->done;
	return ERR_OK;
}

static enum err write_step(struct session *session)
{
	struct transfer *transfer = &session->transfer;
	uint32_t address = transfer->address + (uint32_t)transfer->done;
	size_t size = block_size(session);

	enum err err = target_write_memory(
		session->gdb->target, address, transfer->data + transfer->done, size);
	if (!err)
		transfer->done += size;
	return err;
}

static void send_result(struct session *session)
{
	struct transfer *transfer = &session->transfer;
	struct message *reply = transfer->reply;

	if (!reply) {
		session_send(session, MESSAGE_REPLY, "OK", 2);
		return;
	}
	transfer->reply = NULL;
	reply->size = 2 * transfer->done;
	reply->data[reply->size] = 0;
	session->gdb->options.send(session->gdb->options.context, reply);
}

/* One block; at the end the reply. On an error there is nothing left to do but to tell it. */
static enum err transfer_step(struct session *session)
{
	struct transfer *transfer = &session->transfer;

	enum err err = transfer->reply ? read_step(session) : write_step(session);
	if (!err && transfer->done < transfer->size)
		return ERR_OK;
	if (!err)
		send_result(session);
	transfer_end(session);
	return err;
}

static enum err transfer_begin(struct session *session)
{
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

enum err handle_read_memory(struct session *session, const struct args *args, struct text *reply)
{
	size_t size = args->number[1] < READ_MAX ? args->number[1] : READ_MAX;

	(void)reply;
	if (!size || wraps(args))
		return session_refuse(session, ERR_ARGUMENT, "no such range of addresses");
	session->transfer = (struct transfer){
		.address = args->number[0],
		.size = size,
		.reply = message_create(MESSAGE_REPLY, session->client, NULL, 2 * size),
	};
	return session->transfer.reply ? transfer_begin(session) : ERR_NO_MEMORY;
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
	session->transfer = (struct transfer){
		.address = args->number[0],
		.size = args->number[1],
		.data = data,
	};
	return transfer_begin(session);
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
