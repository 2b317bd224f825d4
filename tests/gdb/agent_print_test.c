/* The printf of agent expressions: what the C library would print, and what it would not. */
#include "server/gdb/agent_print.h"

#include <stdio.h>
#include <string.h>

#include "tests/prelude.h"

#define TEXT_AT 0x20000000U
#define TEXT_IN 4096

static struct {
	char memory[TEXT_IN]; /* of the target, at TEXT_AT */
	char printed[AGENT_PRINT_MAX + 1];
	size_t size;
	bool late;
} world;

static enum err read_memory(void *context, uint32_t address, void *data, size_t size)
{
	uint32_t offset = address - TEXT_AT;

	(void)context;
	if (address < TEXT_AT || offset > TEXT_IN || size > TEXT_IN - offset)
		return ERR_TARGET_FAULT;
	memcpy(data, world.memory + offset, size);
	return ERR_OK;
}

static void print(void *context, const char *text, size_t size)
{
	(void)context;
	assert_true(size <= AGENT_PRINT_MAX);
	memcpy(world.printed, text, size);
	world.printed[size] = '\0';
	world.size = size;
}

static bool is_late(void *context)
{
	(void)context;
	return world.late;
}

static const struct agent agent = {NULL, NULL, read_memory, print, is_late};

static void check(const char *format, uint64_t argument, const char *expected)
{
	assert_true(agent_print_count(format) <= 1);
	assert_int_equal(agent_print(&agent, format, &argument), AGENT_GOOD);
	if (strcmp(world.printed, expected) != 0)
		fail_msg("%s gives \"%s\", expected \"%s\"", format, world.printed, expected);
}

/* Flags, widths and precisions in every combination, against the C library. */
static void integers_are_as_in_c(void **state)
{
	static const char *const flags[] = {
		"", "-", "+", " ", "#", "0", "-0", "+0", "#0", "-#", "+ ", " 0", "-+#0"};
	static const char *const widths[] = {"", "1", "8", "20", "8.", "8.0", ".3", "8.3", "3.8"};
	static const int values[] = {0, 1, -1, 7, 8, 255, -128, 12345678, INT32_MAX, INT32_MIN};

	(void)state;
	for (size_t f = 0; f < sizeof(flags) / sizeof(flags[0]); f++)
		for (size_t w = 0; w < sizeof(widths) / sizeof(widths[0]); w++)
			for (size_t v = 0; v < sizeof(values) / sizeof(values[0]); v++)
				for (const char *c = "diuoxX"; *c; c++) {
					char format[32], expected[64];
					(void)snprintf(format, sizeof(format), "<%%%s%s%c>",
						flags[f], widths[w], *c);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
					(void)snprintf(
						expected, sizeof(expected), format, values[v]);
#pragma GCC diagnostic pop
					check(format, (uint64_t)(int64_t)values[v], expected);
				}
}

static void lengths_are_the_targets(void **state)
{
	(void)state;
	check("%hhd", 0x1ff, "-1");
	check("%hhu", 0x1ff, "255");
	check("%hd", 0x18000, "-32768");
	check("%hx", 0xabcdef, "cdef");
	check("%d", 0x180000000, "-2147483648");
	check("%ld", 0x180000000, "-2147483648");
	check("%lu", 0x180000000, "2147483648");
	check("%zu", UINT64_MAX, "4294967295");
	check("%td", UINT64_MAX, "-1");
	check("%lld", 0x8000000000000000, "-9223372036854775808");
	check("%llu", UINT64_MAX, "18446744073709551615");
	check("%llo", UINT64_MAX, "1777777777777777777777");
	check("%jx", 0x123456789abcdef0, "123456789abcdef0");
	check("%p", 0x20000000, "0x20000000");
	check("%p", 0, "0x0");
	check("%12p|", 0x2000, "      0x2000|");
}

static void characters_and_escapes(void **state)
{
	(void)state;
	check("%c", 'A', "A");
	check("%3c|", 'A', "  A|");
	check("%-3c|", 'A', "A  |");
	check("100%% of it", 0, "100% of it");
	check("\\a\\b\\e\\f\\n\\r\\t\\v\\\\\\\"\\'", 0, "\a\b\033\f\n\r\t\v\\\"'");
	check("", 0, "");
	/* a 0 character is printed, and ends nothing */
	uint64_t zero = 0;
	assert_int_equal(agent_print(&agent, "a%cb", &zero), AGENT_GOOD);
	assert_int_equal(world.size, 3);
	assert_memory_equal(world.printed, "a\0b", 3);
}

static void strings_are_read_from_the_target(void **state)
{
	(void)state;
	memset(world.memory, 0, sizeof(world.memory));
	memcpy(world.memory + 5, "hello", 6);
	check("<%s>", TEXT_AT + 5, "<hello>");
	check("<%8s>", TEXT_AT + 5, "<   hello>");
	check("<%-8s>", TEXT_AT + 5, "<hello   >");
	check("<%.2s>", TEXT_AT + 5, "<he>");
	check("<%.0s>", 0x10, "<>");
	check("<%s>", TEXT_AT, "<>");
	check("<%s>", 0, "<(null)>");
	/* % and \ of the target mean nothing */
	memcpy(world.memory, "%s%n\\n", 7);
	check("%s", TEXT_AT, "%s%n\\n");
	/* to the last byte of the memory, and not beyond */
	memcpy(world.memory + TEXT_IN - 3, "ab", 3);
	check("%s", TEXT_AT + TEXT_IN - 3, "ab");
}

static void strings_that_cannot_be_read(void **state)
{
	uint64_t argument = TEXT_AT + TEXT_IN - 2;

	(void)state;
	memset(world.memory, 'x', sizeof(world.memory));
	assert_int_equal(agent_print(&agent, "a%s", &argument), AGENT_MEMORY);
	assert_string_equal(world.printed, "a");
	argument = 0xffffffff;
	assert_int_equal(agent_print(&agent, "%s", &argument), AGENT_MEMORY);
	argument = TEXT_AT;
	world.late = true;
	assert_int_equal(agent_print(&agent, "%s", &argument), AGENT_ENDLESS);
	world.late = false;
}

static void what_is_long_is_cut(void **state)
{
	uint64_t arguments[8] = {0};
	uint64_t text = TEXT_AT;

	(void)state;
	memset(world.memory, 'x', sizeof(world.memory));
	assert_int_equal(agent_print(&agent, "%s", &text), AGENT_GOOD);
	assert_int_equal(world.size, AGENT_PRINT_MAX);
	assert_int_equal(agent_print(&agent, "%255d%255d%255d%255d%255d%255d%255d%255d", arguments),
		AGENT_GOOD);
	assert_int_equal(world.size, AGENT_PRINT_MAX);
}

static void what_is_not_understood(void **state)
{
	static const char *const formats[] = {"%", "%n", "%f", "%e", "%g", "%a", "%lc%", "%*d",
		"%.*d", "%1$d", "%256d", "%.256d", "%99999999999999999999d", "%q", "%S", "%C",
		"\\x41", "\\0", "\\", "%-", "%l", "%10", "%.", "a\\"};

	(void)state;
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (agent_print_count(formats[i]) != -1)
			fail_msg("%s is counted", formats[i]);
	}
	assert_int_equal(agent_print_count("%d%%%s%i\\n%c"), 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(integers_are_as_in_c),
		cmocka_unit_test(lengths_are_the_targets),
		cmocka_unit_test(characters_and_escapes),
		cmocka_unit_test(strings_are_read_from_the_target),
		cmocka_unit_test(strings_that_cannot_be_read),
		cmocka_unit_test(what_is_long_is_cut),
		cmocka_unit_test(what_is_not_understood),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
