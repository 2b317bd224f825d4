/* Lines of Intel HEX. Pure; any thread. */
#include "hex_record.h"

#include <stdbool.h>

#define OVERHEAD 5 /* size, offset, type, checksum */

static int digit(uint8_t character)
{
	if (character >= '0' && character <= '9')
		return character - '0';
	if (character >= 'A' && character <= 'F')
		return character - 'A' + 10;
	if (character >= 'a' && character <= 'f')
		return character - 'a' + 10;
	return -1;
}

static bool is_space(uint8_t character)
{
	return character == ' ' || character == '\t';
}

/* The line without its end and without white space at both sides. */
static const uint8_t *take_line(const uint8_t *text, size_t size, size_t *length, size_t *used)
{
	size_t end = 0, start = 0;

	while (end < size && text[end] != '\n' && text[end] != '\r')
		end++;
	*used = end < size ? end + 1 : end;
	if (end + 1 < size && text[end] == '\r' && text[end + 1] == '\n')
		*used = end + 2;
	while (start < end && is_space(text[start]))
		start++;
	while (end > start && is_space(text[end - 1]))
		end--;
	*length = end - start;
	return text + start;
}

/* Pairs of digits; returns how many bytes there are before something else comes. */
static size_t decode(const uint8_t *digits, size_t count, uint8_t *bytes, size_t room)
{
	size_t size = 0;

	while (size < room && 2 * size + 1 < count) {
		int high = digit(digits[2 * size]), low = digit(digits[2 * size + 1]);
		if (high < 0 || low < 0)
			break;
		bytes[size++] = (uint8_t)(high << 4 | low);
	}
	return size;
}

enum hex_line hex_record_read(
	const uint8_t *text, size_t size, struct hex_record *record, size_t *used)
{
	uint8_t bytes[OVERHEAD + 255 + 1] = {0};
	uint8_t sum = 0;
	size_t length;
	const uint8_t *line = take_line(text, size, &length, used);

	if (!length)
		return HEX_BLANK;
	if (*line != ':')
		return HEX_NO_RECORD;
	size_t count = decode(line + 1, length - 1, bytes, sizeof(bytes));
	if (2 * count != length - 1 || count != OVERHEAD + (size_t)bytes[0])
		return HEX_CUT;
	for (size_t i = 0; i + 1 < count; i++)
		sum = (uint8_t)(sum + bytes[i]);
	*record = (struct hex_record){
		.size = bytes[0],
		.offset = (uint16_t)(bytes[1] << 8 | bytes[2]),
		.type = bytes[3],
		.sum = (uint8_t)-sum,
		.sent_sum = bytes[count - 1],
	};
	for (size_t i = 0; i < record->size; i++)
		record->data[i] = bytes[4 + i];
	return record->sum == record->sent_sum ? HEX_RECORD : HEX_DAMAGED;
}
