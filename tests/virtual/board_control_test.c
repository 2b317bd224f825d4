/* The control language and the books (board_control.c, board_books.c). */
#include <string.h>

#include "bench.h"

static int setup(void **state)
{
	*state = bench_create("v21", NULL, true);
	return 0;
}

static int teardown(void **state)
{
	bench_destroy(*state);
	return 0;
}

static void assert_contains(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no %s in %s", part, text);
}

static void what_is_not_understood_is_told(void **state)
{
	struct bench *bench = *state;
	static const char *const wrong[] = {"", " ", "book", "bookss", "power", "power maybe",
		"power on off", "vdd", "vdd -1", "vdd 99999", "vdd 3300 mV", "nrst", "nrst high",
		"read", "read 0x20000000", "read 0x20000000 5000", "read 0x60000000 4",
		"read 0x20000000 4 4", "read 0x2000ffff 2", "word", "word 0x20000002",
		"word 0x20000000 1 2", "word 0x20000000 x", "word 0x60000000", "word 0x60000000 1",
		"run", "run x", "usb", "usb out", "trace", "trace 1", "trace zz", "fault",
		"fault no-such-switch", "fault status", "fault mode", "fault mode 5",
		"fault mode x", "fault stale-in x", "at", "at erase", "at erase:x vdd 1",
		"at eras vdd 1", "at erase +5s vdd 1", "at erase +5ms", "at program: vdd 1",
		"at program:1x vdd 1", "seen", "seen x"};
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		char reply[256] = "";
		if (board_control(bench->board, wrong[i], reply, sizeof reply) != ERR_ARGUMENT)
			fail_msg("'%s' was taken", wrong[i]);
		assert_contains(reply, "{\"error\":\"");
	}
}

static void a_done_command_says_ok(void **state)
{
	struct bench *bench = *state;
	static const char *const right[] = {"power off", "power on", "vdd 1800", "nrst low",
		"nrst open", "nrst wired", "run 5", "usb unplug", "usb plug", "trace 00ffAb",
		"fault status 10 x5", "fault none", "fault mode 0", "fault stale-in"};
	for (size_t i = 0; i < sizeof right / sizeof right[0]; i++) {
		char reply[64];
		if (board_control(bench->board, right[i], reply, sizeof reply) != ERR_OK)
			fail_msg("'%s' was not taken", right[i]);
		assert_string_equal(reply, "{\"ok\":true}");
	}
}

static void memory_is_shown(void **state)
{
	struct bench *bench = *state;
	char reply[128];
	memcpy(fake_chip()->ram + 16, "\x01\x02\xab\xff", 4);
	uint64_t before = board_now_ns(bench->board);
	assert_int_equal(
		board_control(bench->board, "read 0x20000010 4", reply, sizeof reply), ERR_OK);
	assert_string_equal(reply, "{\"address\":536870928,\"data\":\"0102abff\"}");
	assert_int_equal(board_now_ns(bench->board), before);
}

static void words_go_through_the_access_port(void **state)
{
	struct bench *bench = *state;
	char reply[128];
	bench_control(bench, "word 0x20000010 0x12345678");
	assert_memory_equal(fake_chip()->ram + 16, "\x78\x56\x34\x12", 4);
	assert_int_equal(
		board_control(bench->board, "word 0x20000010", reply, sizeof reply), ERR_OK);
	assert_string_equal(reply, "{\"address\":536870928,\"value\":305419896}");
	fake_chip()->answer = CHIP_WAIT;
	fake_chip()->answer_count = 1;
	assert_int_equal(
		board_control(bench->board, "word 0x20000010", reply, sizeof reply), ERR_ARGUMENT);
	assert_contains(reply, "stalled");
}

static void switches_of_the_chip_reach_it(void **state)
{
	struct bench *bench = *state;
	char reply[64];
	assert_int_equal(
		board_control(bench->board, "fault chip-thing erase:2 +120ms", reply, sizeof reply),
		ERR_OK);
	assert_string_equal(fake_chip()->fault_line, "chip-thing erase:2 +120ms");
}

static void supply_and_voltage(void **state)
{
	struct bench *bench = *state;
	bench_control(bench, "power off");
	assert_int_equal(fake_chip()->vdd_mv, 0);
	bench_control(bench, "vdd 2000");
	assert_int_equal(fake_chip()->vdd_mv, 0);
	bench_control(bench, "power on");
	assert_int_equal(fake_chip()->vdd_mv, 2000);
	bench_control(bench, "vdd 3000");
	assert_int_equal(fake_chip()->vdd_mv, 3000);
}

static void books_are_json_and_add_up(void **state)
{
	struct bench *bench = *state;
	char reply[4096];
	bench_memory(bench, 0x07, FAKE_RAM, 256, NULL);
	fake_chip()->books.erases[2] = 3;
	fake_chip()->books.programmed[1] = 9;
	fake_chip()->books.instructions = 1ULL << 40;
	assert_int_equal(board_control(bench->board, "books", reply, sizeof reply), ERR_OK);
	assert_contains(reply, "\"READMEM_32BIT\":1");
	assert_contains(reply, "\"ENTER\":1");
	assert_contains(reply, "\"erases\":{\"x8\":0,\"x16\":0,\"x32\":3}");
	assert_contains(reply, "\"programmed\":{\"x8\":0,\"x16\":9,\"x32\":0}");
	assert_contains(reply, "\"instructions\":1099511627776");
	assert_contains(reply, "\"usb_in_bytes\":258"); /* and the reply to ENTER */
	assert_int_equal(reply[0], '{');
	assert_int_equal(reply[strlen(reply) - 1], '}');
	assert_null(strstr(reply, ",}"));
	assert_null(strstr(reply, "\n"));
}

static void answers_are_cut_and_never_overrun(void **state)
{
	struct bench *bench = *state;
	char reply[32];
	memset(reply, 'x', sizeof reply);
	assert_int_equal(board_control(bench->board, "books", reply, 16), ERR_OK);
	assert_int_equal(strlen(reply), 15);
	assert_int_equal(reply[16], 'x');
	assert_int_equal(board_control(bench->board, "books", reply, 0), ERR_OK);
}

static void mode_and_stale_bytes_wait_for_the_plug(void **state)
{
	struct bench *bench = *state;
	usb_close(bench->usb);
	bench_control(bench, "fault mode 3");
	bench_control(bench, "fault stale-in 2");
	bench->usb = board_wire(bench->board);
	BENCH_ASK(bench, 2, 0xf5);
	assert_int_equal(bench->reply[0], 0);
	assert_int_equal(bench->usb->ops->drain(bench->usb), ERR_OK);
	BENCH_ASK(bench, 2, 0xf5);
	assert_int_equal(bench->reply[0], 3);
	usb_close(bench->usb);
	bench->usb = board_wire(bench->board);
	BENCH_ASK(bench, 2, 0xf5);
	assert_int_equal(bench->reply[0], 1);
}

static unsigned pick_vdd(struct bench *bench)
{
	BENCH_ASK(bench, 2, 0xf5); /* any command will do */
	return fake_chip()->vdd_mv;
}

static void a_line_waits_for_the_erase_of_its_sector(void **state)
{
	struct bench *bench = *state;
	char reply[128];
	bench_control(bench, "at erase:2 vdd 2000");
	bench_control(bench, "at erase +5ms vdd 2100");
	fake_chip()->erasing = true;
	fake_chip()->erasing_sector = 1;
	assert_int_equal(pick_vdd(bench), 3300);
	board_run(bench->board, 5000000);
	assert_int_equal(pick_vdd(bench), 2100);
	fake_chip()->erasing_sector = 2;
	assert_int_equal(pick_vdd(bench), 2000);
	bench_control(bench, "vdd 3300");
	assert_int_equal(pick_vdd(bench), 3300); /* each line once */
	assert_int_equal(board_control(bench->board, "moments", reply, sizeof reply), ERR_OK);
	assert_contains(reply, "{\"waiting\":0,\"first_ns\":");
	assert_contains(reply, "\"wrong\":false}");
}

static void a_line_waits_for_so_many_units(void **state)
{
	struct bench *bench = *state;
	char reply[128];
	fake_chip()->books.programmed[0] = 100;
	bench_control(bench, "at program:10 power maybe");
	fake_chip()->books.programmed[2] = 9;
	(void)pick_vdd(bench);
	assert_int_equal(board_control(bench->board, "moments", reply, sizeof reply), ERR_OK);
	assert_string_equal(reply, "{\"waiting\":1,\"first_ns\":0,\"last_ns\":0,\"wrong\":false}");
	fake_chip()->books.programmed[1] = 1;
	(void)pick_vdd(bench);
	assert_int_equal(board_control(bench->board, "moments", reply, sizeof reply), ERR_OK);
	assert_contains(reply, "{\"waiting\":0,");
	assert_contains(reply, "\"wrong\":true}");
}

static void no_more_lines_wait_than_there_is_room_for(void **state)
{
	struct bench *bench = *state;
	char reply[128];
	for (unsigned i = 0; i < MOMENTS_MAX; i++)
		bench_control(bench, "at erase vdd 2000");
	assert_int_equal(board_control(bench->board, "at erase vdd 2000", reply, sizeof reply),
		ERR_ARGUMENT);
}

static void what_was_read_of_registers_is_remembered(void **state)
{
	struct bench *bench = *state;
	char reply[256];
	fake_chip()->dhcsr = 0x00030003;
	assert_int_equal(BENCH_STATUS(bench, 8, 0xf2, 0x36, LE32(0xe000edf0)), 0x80);
	fake_chip()->dhcsr = 0x00010001;
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(BENCH_STATUS(bench, 8, 0xf2, 0x36, LE32(0xe000edf0)), 0x80);
	assert_int_equal(
		board_control(bench->board, "seen 0xE000EDF0", reply, sizeof reply), ERR_OK);
	assert_string_equal(reply, "{\"values\":[196611,65537]}");
	bench_control(bench, "at program:0 run 0"); /* what was seen before a moment is forgotten */
	(void)pick_vdd(bench);
	assert_int_equal(
		board_control(bench->board, "seen 0xE000EDF0", reply, sizeof reply), ERR_OK);
	assert_string_equal(reply, "{\"values\":[]}");
}

#define CONTROL_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTROL_TEST(what_is_not_understood_is_told),
		CONTROL_TEST(a_done_command_says_ok),
		CONTROL_TEST(memory_is_shown),
		CONTROL_TEST(words_go_through_the_access_port),
		CONTROL_TEST(switches_of_the_chip_reach_it),
		CONTROL_TEST(supply_and_voltage),
		CONTROL_TEST(books_are_json_and_add_up),
		CONTROL_TEST(mode_and_stale_bytes_wait_for_the_plug),
		CONTROL_TEST(a_line_waits_for_the_erase_of_its_sector),
		CONTROL_TEST(a_line_waits_for_so_many_units),
		CONTROL_TEST(no_more_lines_wait_than_there_is_room_for),
		CONTROL_TEST(what_was_read_of_registers_is_remembered),
		CONTROL_TEST(answers_are_cut_and_never_overrun),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
