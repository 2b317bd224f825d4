/*
 * qXfer: documents read in pieces. Worker thread.
 *
 * Written from the GDB manual, appendix E.4, "qXfer:object:read". A document is built when its
 * first piece is asked for, and kept: the description and the map do not change in a session, the
 * threads must not change between pieces.
 */
#include <string.h>

#include "documents.h"
#include "handlers.h"
#include "hex.h"
#include "session.h"

/* Escaping may double it; the client's buffer grows with what comes. */
#define PIECE_MAX (MESSAGE_PACKET_MAX / 2)

static const struct {
	const char *prefix; /* object, operation and annex */
	bool changes;
	void (*build)(const struct gdb *gdb, struct text *xml);
} documents[DOCUMENT_COUNT] = {
	[DOCUMENT_FEATURES] = {"features:read:target.xml:", false, documents_features},
	[DOCUMENT_MEMORY_MAP] = {"memory-map:read::", false, documents_memory_map},
	[DOCUMENT_THREADS] = {"threads:read::", true, documents_threads},
};

static bool has_prefix(const struct args *args, const char *prefix)
{
	size_t length = strlen(prefix);
	return args->rest_size >= length && memcmp(args->rest, prefix, length) == 0;
}

static bool parse_range(const char *at, const char *end, uint32_t *offset, uint32_t *length)
{
	return hex_number(&at, end, offset) && at < end && *at++ == ',' &&
	       hex_number(&at, end, length) && at == end;
}

static enum err read_piece(struct session *session, enum document which, uint32_t offset,
	uint32_t length, struct text *reply)
{
	struct text *xml = &session->documents[which];

	if (offset == 0 && documents[which].changes)
		text_clear(xml);
	if (!xml->size)
		documents[which].build(session->gdb, xml);
	if (xml->failed) {
		text_finish(xml);
		return ERR_NO_MEMORY;
	}
	if (offset > xml->size)
		return session_refuse(session, ERR_ARGUMENT, "the document ends before that");

	size_t left = xml->size - offset;
	size_t size = length < PIECE_MAX ? length : PIECE_MAX;
	text_add(reply, size < left ? "m" : "l");
	text_add_bytes(reply, xml->data + offset, size < left ? size : left);
	return ERR_OK;
}

/* An object that is not known gets the empty reply, as an unknown packet. */
static bool is_known_object(const struct args *args)
{
	return has_prefix(args, "features:read:") || has_prefix(args, "memory-map:read:") ||
	       has_prefix(args, "threads:read:");
}

enum err handle_xfer(struct session *session, const struct args *args, struct text *reply)
{
	const char *end = args->rest + args->rest_size;

	for (int i = 0; i < DOCUMENT_COUNT; i++) {
		uint32_t offset, length;
		if (!has_prefix(args, documents[i].prefix))
			continue;
		if (!parse_range(args->rest + strlen(documents[i].prefix), end, &offset, &length))
			return session_refuse(session, ERR_ARGUMENT, "malformed packet");
		return read_piece(session, (enum document)i, offset, length, reply);
	}
	if (is_known_object(args))
		text_add(reply, "E00");
	return ERR_OK;
}
