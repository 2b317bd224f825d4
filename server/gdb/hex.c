/* Hexadecimal as the protocol uses it. Pure; any thread. */
#include "hex.h"

int hex_digit(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	if (digit >= 'a' && digit <= 'f')
		return digit - 'a' + 10;
	if (digit >= 'A' && digit <= 'F')
		return digit - 'A' + 10;
	return -1;
}

void hex_encode(char *digits, const void *bytes, size_t size)
{
	static const char alphabet[] = "0123456789abcdef";
	const uint8_t *from = bytes;

	for (size_t i = 0; i < size; i++) {
		digits[2 * i] = alphabet[from[i] >> 4];
		digits[2 * i + 1] = alphabet[from[i] & 15];
	}
}

bool hex_decode(void *bytes, const char *digits, size_t size)
{
	uint8_t *to = bytes;

	for (size_t i = 0; i < size; i++) {
		int high = hex_digit(digits[2 * i]);
		int low = hex_digit(digits[2 * i + 1]);
		if (high < 0 || low < 0)
			return false;
		to[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

bool hex_number(const char **at, const char *end, uint32_t *value)
{
	const char *first = *at;
	uint64_t number = 0;

	for (; *at < end && hex_digit(**at) >= 0; (*at)++) {
		number = number << 4 | (uint64_t)hex_digit(**at);
		if (number > UINT32_MAX)
			return false;
	}
	*value = (uint32_t)number;
	return *at > first;
}
