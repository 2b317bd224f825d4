/*
 * Packets on the wire: `$` data `#` two digits, `}` escapes. See framing.h.
 *
 * Run lengths (`*`) are for replies only, says the manual: in what a client sends, `*` is data. The
 * checksum is over the characters of the wire.
 */
#include "framing.h"

#define INTERRUPT   0x03
#define ESCAPE_FLIP 0x20

enum state { BETWEEN, IN_DATA, IN_SUM_HIGH, IN_SUM_LOW };

static const char *const fault_texts[] = {
	[FRAME_SOUND] = "nothing",
	[FRAME_TOO_LONG] = "longer than the PacketSize",
	[FRAME_BAD_ESCAPE] = "an escape (`}`) of nothing",
};

const char *frame_fault_text(enum frame_fault fault)
{
	return fault_texts[fault];
}

static void start(struct frame_reader *reader, uint8_t byte)
{
	reader->state = IN_DATA;
	reader->is_notification = byte == '%';
	reader->is_escaped = false;
	reader->sum = 0;
	reader->fault = FRAME_SOUND;
	reader->size = 0;
}

static enum frame_event between(struct frame_reader *reader, uint8_t byte)
{
	switch (byte) {
	case '%':
		start(reader, byte);
		return FRAME_NONE;
	case '+':
		return FRAME_ACK;
	case '-':
		return FRAME_NAK;
	case INTERRUPT:
		return FRAME_INTERRUPT;
	default:
		reader->junk++;
		return FRAME_NONE;
	}
}

/* The first fault is the one that counts. */
static void find_fault(struct frame_reader *reader, enum frame_fault fault)
{
	if (reader->fault == FRAME_SOUND)
		reader->fault = fault;
}

static void store(struct frame_reader *reader, uint8_t byte)
{
	if (reader->size < FRAME_PAYLOAD_MAX)
		reader->payload[reader->size] = byte;
	else
		find_fault(reader, FRAME_TOO_LONG);
	reader->size++;
}

static void unescape(struct frame_reader *reader, uint8_t byte)
{
	if (reader->is_escaped) {
		reader->is_escaped = false;
		store(reader, byte ^ ESCAPE_FLIP);
	} else if (byte == '}') {
		reader->is_escaped = true;
	} else {
		store(reader, byte);
	}
}

static void end_data(struct frame_reader *reader)
{
	if (reader->is_escaped)
		find_fault(reader, FRAME_BAD_ESCAPE);
	reader->state = IN_SUM_HIGH;
}

static enum frame_event in_data(struct frame_reader *reader, uint8_t byte)
{
	if (byte == '#') {
		end_data(reader);
		return FRAME_NONE;
	}
	reader->sum += byte;
	unescape(reader, byte);
	return FRAME_NONE;
}

/* -1: not a digit. */
static int digit_value(uint8_t digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	if (digit >= 'a' && digit <= 'f')
		return digit - 'a' + 10;
	if (digit >= 'A' && digit <= 'F')
		return digit - 'A' + 10;
	return -1;
}

static enum frame_event finish(struct frame_reader *reader, bool is_whole)
{
	reader->state = BETWEEN;
	/* Nobody answers a notification, and none is defined for gdb to send. */
	if (reader->is_notification)
		return FRAME_NONE;
	if (!is_whole)
		return FRAME_DAMAGED;
	return reader->fault == FRAME_SOUND ? FRAME_PACKET : FRAME_FAULTY;
}

static enum frame_event in_sum_high(struct frame_reader *reader, uint8_t byte)
{
	int value = digit_value(byte);

	if (value < 0)
		return finish(reader, false);
	reader->sent_sum = (uint8_t)(value << 4);
	reader->state = IN_SUM_LOW;
	return FRAME_NONE;
}

static enum frame_event in_sum_low(struct frame_reader *reader, uint8_t byte)
{
	int value = digit_value(byte);

	return finish(reader, value >= 0 && (reader->sent_sum | value) == reader->sum);
}

static enum frame_event (*const steps[])(struct frame_reader *reader, uint8_t byte) = {
	[BETWEEN] = between,
	[IN_DATA] = in_data,
	[IN_SUM_HIGH] = in_sum_high,
	[IN_SUM_LOW] = in_sum_low,
};

size_t frame_read(
	struct frame_reader *reader, const uint8_t *bytes, size_t size, enum frame_event *event)
{
	size_t used = 0;

	*event = FRAME_NONE;
	while (used < size && *event == FRAME_NONE) {
		uint8_t byte = bytes[used++];
		/* A `$` that is data comes escaped. */
		if (byte == '$')
			start(reader, byte);
		else
			*event = steps[reader->state](reader, byte);
	}
	return used;
}

size_t frame_size_max(size_t size)
{
	return 2 * size + 4;
}

/* The manual asks for `#`, `$`, `}` everywhere, `*` in replies (it is a run length there), and has
 * no `%` in notifications. */
static bool needs_escape(enum frame_kind kind, uint8_t byte)
{
	switch (byte) {
	case '#':
	case '$':
	case '*':
	case '}':
		return true;
	case '%':
		return kind == FRAME_AS_NOTIFICATION;
	default:
		return false;
	}
}

size_t frame_write(uint8_t *out, enum frame_kind kind, const uint8_t *payload, size_t size)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t *end = out;
	uint8_t sum = 0;

	*end++ = kind == FRAME_AS_NOTIFICATION ? '%' : '$';
	for (size_t i = 0; i < size; i++) {
		uint8_t byte = payload[i];
		if (needs_escape(kind, byte)) {
			*end++ = '}';
			sum += '}';
			byte ^= ESCAPE_FLIP;
		}
		*end++ = byte;
		sum += byte;
	}
	*end++ = '#';
	*end++ = (uint8_t)digits[sum >> 4];
	*end++ = (uint8_t)digits[sum & 0xf];
	return (size_t)(end - out);
}
