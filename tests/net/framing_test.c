/*
 * Framing: every rule of the manual's "Overview" and "Notification Packets", streams split at every
 * byte, and seeded random streams.
 */
#include "framing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/prelude.h"

#define TRACE_MAX 1000

/* What a stream was read as: `P` packet in `<>`, `D` damaged, `F` faulty, `+`, `-`, `I`. */
struct trace {
	char text[TRACE_MAX];
	size_t size;
};

static void trace_add(struct trace *trace, const void *bytes, size_t size)
{
	assert_true(trace->size + size < TRACE_MAX);
	memcpy(trace->text + trace->size, bytes, size);
	trace->size += size;
	trace->text[trace->size] = 0;
}

static void trace_event(
	struct trace *trace, const struct frame_reader *reader, enum frame_event event)
{
	static const char letters[] = {
		[FRAME_DAMAGED] = 'D',
		[FRAME_FAULTY] = 'F',
		[FRAME_ACK] = '+',
		[FRAME_NAK] = '-',
		[FRAME_INTERRUPT] = 'I',
	};

	if (event == FRAME_NONE)
		return;
	if (event != FRAME_PACKET) {
		trace_add(trace, &letters[event], 1);
		return;
	}
	trace_add(trace, "<", 1);
	trace_add(trace, reader->payload, reader->size);
	trace_add(trace, ">", 1);
}

static void feed(
	struct frame_reader *reader, struct trace *trace, const uint8_t *bytes, size_t size)
{
	while (size > 0) {
		enum frame_event event;
		size_t used = frame_read(reader, bytes, size, &event);
		assert_true(used > 0 && used <= size);
		assert_true(event != FRAME_NONE || used == size);
		trace_event(trace, reader, event);
		bytes += used;
		size -= used;
	}
}

static struct frame_reader *reader_create(void)
{
	struct frame_reader *reader = calloc(1, sizeof *reader);

	assert_non_null(reader);
	return reader;
}

/* Reads `bytes` in one piece, in two pieces split everywhere, and byte by byte. */
static void assert_reads(const char *bytes, size_t size, const char *expected, size_t expected_size)
{
	for (size_t split = 0; split <= size + 1; split++) {
		struct frame_reader *reader = reader_create();
		struct trace trace = {.size = 0};
		const uint8_t *raw = (const uint8_t *)bytes;
		if (split <= size) {
			feed(reader, &trace, raw, split);
			feed(reader, &trace, raw + split, size - split);
		} else {
			for (size_t i = 0; i < size; i++)
				feed(reader, &trace, raw + i, 1);
		}
		assert_int_equal(trace.size, expected_size);
		assert_memory_equal(trace.text, expected, expected_size);
		free(reader);
	}
}

#define READS(bytes, expected) \
	assert_reads((bytes), sizeof(bytes) - 1, (expected), sizeof(expected) - 1)

static void reads_packets(void **state)
{
	(void)state;
	READS("$g#67", "<g>");
	READS("$#00", "<>");
	READS("$OK#9a$m0,4#fd", "<OK><m0,4>");
	READS("$OK#9A", "<OK>"); /* either case */
	READS("$O", "");
	READS("", "");
}

static void reads_acks_and_interrupts_between_packets(void **state)
{
	(void)state;
	READS("+$g#67-\x03+", "+<g>-I+");
	READS("\x03\x03", "II");
}

static void inside_a_packet_they_are_data(void **state)
{
	(void)state;
	READS("$X0,1:\x03#22\x03", "<X0,1:\x03>I");
	READS("$x+-%\x03#f8", "<x+-%\x03>");
}

static void counts_junk_between_packets(void **state)
{
	(void)state;
	struct frame_reader *reader = reader_create();
	struct trace trace = {.size = 0};

	feed(reader, &trace, (const uint8_t *)"\r\nab$g#67\r\n#00", 13);
	assert_string_equal(trace.text, "<g>");
	assert_int_equal(reader->junk, 8);
	free(reader);
}

static void undoes_escapes(void **state)
{
	(void)state;
	READS("$}\x03}\x04}]}\x0a#62", "<#$}*>");
	READS("$}]#da", "<}>");
	READS("$a}#de", "F"); /* escapes the end */
}

/* Run lengths are for replies; a client need not escape what is none. */
static void a_star_is_data(void **state)
{
	(void)state;
	READS("$0* #7a", "<0* >");
	READS("$X0,2:a*#ab", "<X0,2:a*>");
	READS("$*#2a", "<*>");
	READS("$}]* #24", "<}* >");
}

static void finds_wrong_checksums(void **state)
{
	(void)state;
	READS("$g#68", "D");
	READS("$g#77", "D");
	READS("$m0,4#fc$g#67", "D<g>");
	READS("$g#6x", "D");
	READS("$g#x$g#67", "D<g>");
	READS("$g# 67$g#67", "D<g>");
	READS("$a}#df", "D"); /* a damaged packet may be faulty for that very reason */
}

static void a_dollar_starts_anew(void **state)
{
	(void)state;
	READS("$m0800$g#67", "<g>");
	READS("$$$g#67", "<g>");
	READS("$g#$g#67", "<g>");
	READS("$g#6$g#67", "<g>");
	READS("$a}$g#67", "<g>");
	READS("%Sto$g#67", "<g>");
	READS("$0}$a#61", "<a>"); /* nothing of the old packet is left to escape */
}

static void drops_notifications(void **state)
{
	(void)state;
	READS("%Stop:\x03+-#3b+", "+");
	READS("%x#00+$g#67", "+<g>"); /* a damaged one too */
}

/* A packet of `size` bytes `x`, framed. */
static uint8_t *long_packet(size_t size, size_t *framed)
{
	uint8_t *payload = malloc(size);
	uint8_t *frame = malloc(frame_size_max(size));

	assert_non_null(payload);
	assert_non_null(frame);
	memset(payload, 'x', size);
	*framed = frame_write(frame, FRAME_AS_PACKET, payload, size);
	free(payload);
	return frame;
}

static void assert_length_gives(size_t size, enum frame_event expected, enum frame_fault fault)
{
	struct frame_reader *reader = reader_create();
	enum frame_event event;
	size_t framed;
	uint8_t *frame = long_packet(size, &framed);

	assert_int_equal(frame_read(reader, frame, framed, &event), framed);
	assert_int_equal(event, expected);
	assert_int_equal(reader->size, size);
	assert_int_equal(reader->fault, fault);
	assert_int_equal(frame_read(reader, (const uint8_t *)"$g#67", 5, &event), 5);
	assert_int_equal(event, FRAME_PACKET);
	free(frame);
	free(reader);
}

static void keeps_to_the_longest_packet(void **state)
{
	(void)state;
	assert_length_gives(FRAME_PAYLOAD_MAX, FRAME_PACKET, FRAME_SOUND);
	assert_length_gives(FRAME_PAYLOAD_MAX + 1, FRAME_FAULTY, FRAME_TOO_LONG);
	assert_length_gives(FRAME_PAYLOAD_MAX + 400000, FRAME_FAULTY, FRAME_TOO_LONG);
}

static void names_every_fault(void **state)
{
	(void)state;
	for (enum frame_fault fault = FRAME_SOUND; fault <= FRAME_BAD_ESCAPE; fault++)
		assert_true(strlen(frame_fault_text(fault)) > 0);
}

static void assert_writes(enum frame_kind kind, const char *payload, const char *expected)
{
	uint8_t out[100];
	size_t size = frame_write(out, kind, (const uint8_t *)payload, strlen(payload));

	assert_true(size <= frame_size_max(strlen(payload)));
	assert_int_equal(size, strlen(expected));
	assert_memory_equal(out, expected, size);
}

static void writes_frames(void **state)
{
	(void)state;
	assert_writes(FRAME_AS_PACKET, "", "$#00");
	assert_writes(FRAME_AS_PACKET, "OK", "$OK#9a");
	assert_writes(FRAME_AS_PACKET, "#$}*", "$}\x03}\x04}]}\x0a#62");
	assert_writes(FRAME_AS_PACKET, "50%", "$50%#8a");
	assert_writes(FRAME_AS_NOTIFICATION, "Stop:T05", "%Stop:T05#99");
	assert_writes(FRAME_AS_NOTIFICATION, "%", "%}\x05#82");
}

/* A generator of its own, so that every machine runs the same streams. */
static uint32_t random_next(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

/* What is written is read back, whatever the bytes. */
static void reads_what_it_writes(void **state)
{
	(void)state;
	struct frame_reader *reader = reader_create();
	uint32_t seed = 1;
	uint8_t payload[300];
	uint8_t frame[2 * sizeof payload + 4];

	for (int round = 0; round < 3000; round++) {
		enum frame_event event;
		size_t size = random_next(&seed) % sizeof payload;
		for (size_t i = 0; i < size; i++)
			payload[i] = (uint8_t)random_next(&seed);
		size_t framed = frame_write(frame, FRAME_AS_PACKET, payload, size);
		assert_int_equal(frame_read(reader, frame, framed, &event), framed);
		assert_int_equal(event, FRAME_PACKET);
		assert_int_equal(reader->size, size);
		assert_memory_equal(reader->payload, payload, size);
	}
	assert_int_equal(reader->junk, 0);
	free(reader);
}

/* Mostly characters that mean something, and often a packet that is right. */
static size_t random_stream(uint32_t *seed, uint8_t *stream, size_t size)
{
	static const char special[] = "$$##}}**%+-\x03\r09afAF ~x";
	static const char packet[] = "$0* }]#44";
	size_t at = 0;

	while (at + sizeof packet < size) {
		uint32_t dice = random_next(seed) % 16;
		if (dice == 0) {
			memcpy(stream + at, packet, sizeof packet - 1);
			at += sizeof packet - 1;
		} else if (dice == 1) {
			stream[at++] = (uint8_t)random_next(seed);
		} else {
			stream[at++] = (uint8_t)special[random_next(seed) % (sizeof special - 1)];
		}
	}
	return at;
}

static void feed_in_pieces(struct frame_reader *reader, struct trace *trace, const uint8_t *stream,
	size_t size, uint32_t *seed)
{
	while (size > 0) {
		size_t piece = 1 + random_next(seed) % 7;
		if (piece > size)
			piece = size;
		feed(reader, trace, stream, piece);
		stream += piece;
		size -= piece;
	}
}

/* However a stream is cut, it says the same; and after any stream a packet gets through. */
static void random_streams_read_the_same_in_any_pieces(void **state)
{
	(void)state;
	uint32_t seed = 42;
	struct frame_reader *whole = reader_create();
	struct frame_reader *pieces = reader_create();

	for (int round = 0; round < 3000; round++) {
		uint8_t stream[200];
		struct trace expected = {.size = 0};
		struct trace actual = {.size = 0};
		size_t size = random_stream(&seed, stream, sizeof stream);
		feed(whole, &expected, stream, size);
		feed_in_pieces(pieces, &actual, stream, size, &seed);
		feed(whole, &expected, (const uint8_t *)"$g#67", 5);
		feed(pieces, &actual, (const uint8_t *)"$g#67", 5);
		assert_int_equal(actual.size, expected.size);
		assert_memory_equal(actual.text, expected.text, expected.size);
		assert_memory_equal(actual.text + actual.size - 3, "<g>", 3);
		assert_int_equal(whole->junk, pieces->junk);
	}
	free(whole);
	free(pieces);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_packets),
		cmocka_unit_test(reads_acks_and_interrupts_between_packets),
		cmocka_unit_test(inside_a_packet_they_are_data),
		cmocka_unit_test(counts_junk_between_packets),
		cmocka_unit_test(undoes_escapes),
		cmocka_unit_test(a_star_is_data),
		cmocka_unit_test(finds_wrong_checksums),
		cmocka_unit_test(a_dollar_starts_anew),
		cmocka_unit_test(drops_notifications),
		cmocka_unit_test(keeps_to_the_longest_packet),
		cmocka_unit_test(names_every_fault),
		cmocka_unit_test(writes_frames),
		cmocka_unit_test(reads_what_it_writes),
		cmocka_unit_test(random_streams_read_the_same_in_any_pieces),
	};

	return cmocka_run_group_tests_name("framing", tests, NULL, NULL);
}
