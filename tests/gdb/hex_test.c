/* Hexadecimal: strict reading, exact writing. */
#include "server/gdb/hex.h"

#include <string.h>

#include "desk.h"
#include "tests/prelude.h"

static void digits_of_both_cases(void **state)
{
	(void)state;
	assert_int_equal(hex_digit('0'), 0);
	assert_int_equal(hex_digit('f'), 15);
	assert_int_equal(hex_digit('F'), 15);
	assert_int_equal(hex_digit('g'), -1);
	assert_int_equal(hex_digit('/'), -1);
	assert_int_equal(hex_digit(':'), -1);
	assert_int_equal(hex_digit('\0'), -1);
}

static void encodes_in_place(void **state)
{
	char room[8] = {0, 0, 0, 0, 0x01, (char)0xfe, (char)0x80, 0x7f};

	(void)state;
	hex_encode(room, room + 4, 4);
	assert_memory_equal(room, "01fe807f", 8);
}

static void decodes_only_digits(void **state)
{
	uint8_t bytes[2];

	(void)state;
	assert_true(hex_decode(bytes, "Af09", 2));
	assert_int_equal(bytes[0], 0xaf);
	assert_int_equal(bytes[1], 0x09);
	assert_false(hex_decode(bytes, "0x09", 2));
	assert_false(hex_decode(bytes, "0 09", 2));
	assert_true(hex_decode(bytes, "zz", 0));
}

static bool number(const char *text, uint32_t *value, size_t *used)
{
	const char *at = text;
	bool good = hex_number(&at, text + strlen(text), value);
	*used = (size_t)(at - text);
	return good;
}

static void numbers_up_to_32_bits(void **state)
{
	uint32_t value;
	size_t used;

	(void)state;
	assert_true(number("8000000,4", &value, &used));
	assert_int_equal(value, 0x8000000);
	assert_int_equal(used, 7);
	assert_true(number("ffffffff", &value, &used));
	assert_int_equal(value, 0xffffffff);
	assert_true(number("00000000000012", &value, &used));
	assert_int_equal(value, 0x12);
	assert_false(number("100000000", &value, &used));
	assert_false(number("", &value, &used));
	assert_false(number(",4", &value, &used));
	assert_false(number("-1", &value, &used));
}

static void numbers_end_where_the_packet_ends(void **state)
{
	const char *text = "1234", *at = text;
	uint32_t value;

	(void)state;
	assert_true(hex_number(&at, text + 2, &value));
	assert_int_equal(value, 0x12);
	assert_ptr_equal(at, text + 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digits_of_both_cases),
		cmocka_unit_test(encodes_in_place),
		cmocka_unit_test(decodes_only_digits),
		cmocka_unit_test(numbers_up_to_32_bits),
		cmocka_unit_test(numbers_end_where_the_packet_ends),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
