/*
 * Any bytes at all for the frame reader: in one piece and in pieces it must say the same, and what
 * it hands over must survive being written and read again.
 */
#include <string.h>

#include "fuzz.h"
#include "server/net/framing.h"

static struct frame_reader whole, pieces, again;
static uint8_t frame[2 * FRAME_PAYLOAD_MAX + 4];

/* The next event of `reader`, fed one byte at a time; uses exactly `size` bytes or finds one. */
static enum frame_event read_bytewise(
	struct frame_reader *reader, const uint8_t *bytes, size_t size)
{
	enum frame_event event = FRAME_NONE;

	for (size_t i = 0; i < size; i++) {
		require(event == FRAME_NONE);
		require(frame_read(reader, bytes + i, 1, &event) == 1);
	}
	return event;
}

static void check_round_trip(const struct frame_reader *reader)
{
	enum frame_event event;
	size_t size = frame_write(frame, FRAME_AS_PACKET, reader->payload, reader->size);

	require(size <= frame_size_max(reader->size));
	require(frame_read(&again, frame, size, &event) == size);
	require(event == FRAME_PACKET);
	require(again.size == reader->size);
	require(memcmp(again.payload, reader->payload, reader->size) == 0);
}

static void reset(struct frame_reader *reader)
{
	memset(reader, 0, offsetof(struct frame_reader, payload));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	reset(&whole);
	reset(&pieces);
	reset(&again);
	while (size > 0) {
		enum frame_event event;
		size_t used = frame_read(&whole, bytes, size, &event);
		require(used > 0 && used <= size);
		require(event != FRAME_NONE || used == size);
		require(read_bytewise(&pieces, bytes, used) == event);
		require(whole.size == pieces.size && whole.junk == pieces.junk);
		require(whole.fault == pieces.fault);
		if (event == FRAME_PACKET) {
			require(whole.size <= FRAME_PAYLOAD_MAX);
			require(memcmp(whole.payload, pieces.payload, whole.size) == 0);
			check_round_trip(&whole);
		}
		bytes += used;
		size -= used;
	}
	return 0;
}
