/* The command line of stlink-board (stlink_board/options.c). */
#include "bench.h"
#include "options.h"

#define PARSE(options, ...) parse(options, (char *[]){"stlink-board", __VA_ARGS__, NULL})

static enum options_outcome parse(struct options *options, char *argv[])
{
	int argc = 0;
	while (argv[argc])
		argc++;
	return board_options_parse(options, argc, argv);
}

static void the_defaults(void **state)
{
	(void)state;
	struct options options;
	assert_int_equal(
		board_options_parse(&options, 1, (char *[]){"stlink-board", NULL}), OPTIONS_RUN);
	assert_string_equal(options.listen, "127.0.0.1:3240");
	assert_int_equal(options.fd, -1);
	assert_int_equal(options.pace, PACE_REAL);
	assert_int_equal(options.boards, 1);
	assert_null(options.board.probe);
	assert_null(options.control);
}

static void every_option_is_taken(void **state)
{
	(void)state;
	struct options options;
	assert_int_equal(PARSE(&options, "--listen", "[::1]:0", "--probe", "v3", "--firmware",
				 "V3J7M3", "--serial=0669FF505153898667161820", "--board",
				 "stm32f401cc", "--state", "s", "--vdd", "2500", "--pace", "free",
				 "--boards", "3", "--control", "c", "--books", "b"),
		OPTIONS_RUN);
	assert_string_equal(options.listen, "[::1]:0");
	assert_string_equal(options.board.probe, "v3");
	assert_string_equal(options.board.firmware, "V3J7M3");
	assert_string_equal(options.board.serial, "0669FF505153898667161820");
	assert_string_equal(options.board.chip, "stm32f401cc");
	assert_string_equal(options.board.state_file, "s");
	assert_int_equal(options.board.vdd_mv, 2500);
	assert_int_equal(options.pace, PACE_FREE);
	assert_int_equal(options.boards, 3);
	assert_string_equal(options.control, "c");
	assert_string_equal(options.books, "b");
}

static void a_socket_takes_the_place_of_listening(void **state)
{
	(void)state;
	struct options options;
	assert_int_equal(PARSE(&options, "--fd", "5"), OPTIONS_RUN);
	assert_int_equal(options.fd, 5);
	assert_null(options.listen);
	assert_int_equal(PARSE(&options, "--fd", "5", "--listen", ":0"), OPTIONS_RUN);
	assert_non_null(options.listen);
}

static void what_cannot_be_meant_is_refused(void **state)
{
	(void)state;
	struct options options;
	assert_int_equal(PARSE(&options, "--listen", "3240"), OPTIONS_WRONG);
	assert_int_equal(PARSE(&options, "--fd", "-1"), OPTIONS_WRONG);
	assert_int_equal(PARSE(&options, "--fd", "x"), OPTIONS_WRONG);
	assert_int_equal(PARSE(&options, "--vdd", "0"), OPTIONS_WRONG);
	assert_int_equal(PARSE(&options, "--vdd", "3.3"), OPTIONS_WRONG);
	assert_int_equal(PARSE(&options, "--pace", "fast"), OPTIONS_WRONG);
	assert_int_equal(PARSE(&options, "--boards", "0"), OPTIONS_WRONG);
	assert_int_equal(PARSE(&options, "--boards", "17"), OPTIONS_WRONG);
	assert_int_equal(PARSE(&options, "board"), OPTIONS_WRONG);
	assert_int_equal(PARSE(&options, "--no-such-thing"), OPTIONS_WRONG);
	assert_int_equal(PARSE(&options, "--state"), OPTIONS_WRONG);
}

static void help_and_version_end_it(void **state)
{
	(void)state;
	struct options options;
	assert_int_equal(PARSE(&options, "--help"), OPTIONS_DONE);
	assert_int_equal(PARSE(&options, "--version"), OPTIONS_DONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_defaults),
		cmocka_unit_test(every_option_is_taken),
		cmocka_unit_test(a_socket_takes_the_place_of_listening),
		cmocka_unit_test(what_cannot_be_meant_is_refused),
		cmocka_unit_test(help_and_version_end_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
