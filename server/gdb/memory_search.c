/*
 * qSearch:memory, for gdb's `find`. Worker thread.
 *
 * Written from the GDB manual, appendix E.4, "qSearch memory".
 */
#include <stdlib.h>
#include <string.h>

#include "handlers.h"
#include "memory.h"

static enum err search_step(struct session *session)
{
	struct transfer *transfer = &session->transfer;
	uint32_t address = transfer->address + (uint32_t)transfer->done;
	size_t places = transfer_block(session);
	size_t size = places + transfer->pattern_size - 1;
	uint8_t *bytes = malloc(size);

	if (!bytes)
		return ERR_NO_MEMORY;
	enum err err = target_read_memory(session->gdb->target, address, bytes, size);
	const uint8_t *found =
		err ? NULL : memmem(bytes, size, transfer->data, transfer->pattern_size);
	transfer->done += found ? (size_t)(found - bytes) : places;
	transfer->found = found;
	free(bytes);
	return err;
}

static void search_end(struct session *session)
{
	const struct transfer *transfer = &session->transfer;
	struct text reply = {0};

	if (transfer->found)
		text_format(&reply, "1,%x", transfer->address + (uint32_t)transfer->done);
	else
		text_add(&reply, "0");
	session_send(session, MESSAGE_REPLY, text_string(&reply), reply.size);
	text_finish(&reply);
}

/* address;length;pattern. The pattern has to lie within the length. */
enum err handle_search(struct session *session, const struct args *args, struct text *reply)
{
	uint32_t address = args->number[0], length = args->number[1];
	size_t pattern_size = args->rest_size;

	if (!pattern_size || (length && address + (length - 1) < address))
		return session_refuse(session, ERR_ARGUMENT, "nothing can be found there");
	if (pattern_size > length) {
		text_add(reply, "0");
		return ERR_OK;
	}
	struct transfer transfer = {
		.step = search_step,
		.end = search_end,
		.address = address,
		.size = length - pattern_size + 1,
		.data = malloc(pattern_size),
		.pattern_size = pattern_size,
	};
	if (!transfer.data)
		return ERR_NO_MEMORY;
	memcpy(transfer.data, args->rest, pattern_size);
	return transfer_begin(session, &transfer);
}
