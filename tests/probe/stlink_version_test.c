/* Version words and features, from bytes that probes are known to answer. */
#include "probe/stlink_version.h"

#include <string.h>

#include "scripted_wire.h"
#include "tests/prelude.h"

static void words_are_decoded_by_product(void **state)
{
	(void)state;
	static const struct {
		const char *reply;
		uint16_t pid;
		const char *text;
	} rows[] = {
		{"29 47 83 04 48 37", 0x3748, "V2J37S7"},
		{"29 5A 83 04 4B 37", 0x374B, "V2J37M26"},
		{"23 84 83 04 48 37", 0x3748, "V2J14S4"},
		{"29 DB 83 04 52 37", 0x3752, "V2J39M27"},
		{"29 5A 83 04 4A 37", 0x374A, "V2J37M26"},
		/* STM8 boards: the second number tells */
		{"25 87 83 04 4B 37", 0x374B, "V2M22S7"},
		{"26 87 83 04 4B 37", 0x374B, "V2M26S7"},
		{"26 8C 83 04 4B 37", 0x374B, "V2M26S12"},
		{"26 8D 83 04 4B 37", 0x374B, "V2J26M13"},
		{"25 C7 83 04 4B 37", 0x374B, "V2J23M7"},
		/* the same numbers on a V2 are what they seem */
		{"26 87 83 04 48 37", 0x3748, "V2J26S7"},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		uint8_t reply[STLINK_VERSION_SIZE];
		struct stlink_version version;
		char text[24];

		script_bytes(rows[i].reply, reply, sizeof(reply));
		assert_true(stlink_version_decode(reply, rows[i].pid, &version));
		stlink_version_format(&version, text, sizeof(text));
		assert_string_equal(text, rows[i].text);
	}
}

static void extended_versions_are_decoded(void **state)
{
	(void)state;
	static const struct {
		const char *reply;
		const char *text;
	} rows[] = {
		{"03 00 07 02 00 00 00 00 83 04 4E 37", "V3J7M2"},
		{"03 01 08 03 04 00 00 00 83 04 4F 37", "V3J8M3B4S1"},
		{"04 00 05 00 01 05 00 00 83 04 57 37", "V4J5B1P5"},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		uint8_t reply[STLINK_VERSION_EX_SIZE];
		struct stlink_version version;
		char text[24];

		script_bytes(rows[i].reply, reply, sizeof(reply));
		assert_true(stlink_version_decode_ex(reply, &version));
		stlink_version_format(&version, text, sizeof(text));
		assert_string_equal(text, rows[i].text);
	}
}

static void replies_without_our_ids_make_no_sense(void **state)
{
	(void)state;
	static const char *const replies[] = {
		"80 00 00 00 00 00", "29 47 83 04 40 57", "29 47 84 04 48 37"};
	struct stlink_version version;
	uint8_t reply[STLINK_VERSION_EX_SIZE] = {0};

	for (size_t i = 0; i < COUNT_OF(replies); i++) {
		script_bytes(replies[i], reply, sizeof(reply));
		assert_false(stlink_version_decode(reply, 0x3748, &version));
	}
	assert_false(stlink_version_decode_ex(reply, &version));
}

static void the_longest_version_is_cut_not_overrun(void **state)
{
	(void)state;
	const struct stlink_version version = {255, 255, 255, 255, 255, 255};
	char text[24];

	stlink_version_format(&version, text, sizeof(text));
	assert_int_equal(strlen(text), sizeof(text) - 1);
	assert_memory_equal(text, "V255J255M255B255S255P25", sizeof(text));
}

#define SINCE_J13 STLINK_HAS_VOLTAGE
#define SINCE_J15 (SINCE_J13 | STLINK_HAS_STATUS2 | STLINK_HAS_FPU_REGISTERS)
#define SINCE_J22 (SINCE_J15 | STLINK_HAS_DIVISOR)
#define SINCE_J24 (SINCE_J22 | STLINK_HAS_DAP_REGISTERS)
#define SINCE_J26 (SINCE_J24 | STLINK_HAS_HALFWORDS)
#define SINCE_J28 (SINCE_J26 | STLINK_HAS_INIT_AP)
#define SINCE_J32 (SINCE_J28 | STLINK_HAS_BATCHES | STLINK_HAS_LONG_BLOCKS)
#define ANY_V2    STLINK_HAS_REENTER
#define ANY_V3 \
	((SINCE_J28 & ~(unsigned)STLINK_HAS_DIVISOR) | STLINK_HAS_COM_FREQ | STLINK_HAS_WAIT_FAULT)
#define SINCE_V3J2 (ANY_V3 | STLINK_HAS_BATCHES | STLINK_HAS_LONG_BLOCKS)
#define SINCE_V3J5 (SINCE_V3J2 | STLINK_HAS_REENTER)
#define SINCE_V3J6 (SINCE_V3J5 | STLINK_HAS_LONG_BYTES)

static void features_follow_the_firmware(void **state)
{
	(void)state;
	static const struct {
		unsigned hardware, jtag, features;
	} rows[] = {
		{2, 11, ANY_V2},
		{2, 14, ANY_V2 | SINCE_J13},
		{2, 15, ANY_V2 | SINCE_J15},
		{2, 21, ANY_V2 | SINCE_J15},
		{2, 22, ANY_V2 | SINCE_J22},
		{2, 24, ANY_V2 | SINCE_J24},
		{2, 25, ANY_V2 | SINCE_J24},
		{2, 26, ANY_V2 | SINCE_J26},
		{2, 27, ANY_V2 | SINCE_J26},
		{2, 28, ANY_V2 | SINCE_J28},
		{2, 31, ANY_V2 | SINCE_J28},
		{2, 32, ANY_V2 | SINCE_J32},
		{2, 37, ANY_V2 | SINCE_J32},
		{3, 1, ANY_V3},
		{3, 2, SINCE_V3J2},
		{3, 3, SINCE_V3J2},
		{3, 4, SINCE_V3J2},
		{3, 5, SINCE_V3J5},
		{3, 6, SINCE_V3J6},
		{3, 7, SINCE_V3J6},
		{3, 17, SINCE_V3J6},
		{4, 1, SINCE_V3J6},
		{4, 5, SINCE_V3J6},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct stlink_version version = {
			.hardware = rows[i].hardware, .jtag = rows[i].jtag};
		assert_int_equal(stlink_version_features(&version), rows[i].features);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_decoded_by_product),
		cmocka_unit_test(extended_versions_are_decoded),
		cmocka_unit_test(replies_without_our_ids_make_no_sense),
		cmocka_unit_test(the_longest_version_is_cut_not_overrun),
		cmocka_unit_test(features_follow_the_firmware),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
