/* Creating boards, their state file and their clock (board.c). */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench.h"

static char folder[32];
static char path[64];

static int setup(void **state)
{
	(void)state;
	snprintf(folder, sizeof folder, "/tmp/virtual-board-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof path, "%s/state", folder);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(folder);
}

static void unknown_options_are_refused(void **state)
{
	(void)state;
	const struct board_options wrong[] = {{.probe = "v4"}, {.firmware = "V3J7M3"},
		{.firmware = "new"}, {.serial = "123"}, {.chip = "avr"}};
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct board *board = NULL;
		assert_int_equal(board_create(&wrong[i], &board), ERR_ARGUMENT);
		assert_null(board);
	}
	board_destroy(NULL);
}

static void the_defaults_are_a_powered_v21(void **state)
{
	(void)state;
	struct board *board;
	assert_int_equal(board_create(&(struct board_options){0}, &board), ERR_OK);
	struct usb *usb = board_wire(board);
	assert_int_equal(usb->identity.pid, 0x374b);
	assert_int_equal(fake_chip()->vdd_mv, 3300);
	usb_close(usb);
	board_destroy(board);
	assert_int_equal(board_create(&(struct board_options){.vdd_mv = 2500}, &board), ERR_OK);
	assert_int_equal(fake_chip()->vdd_mv, 2500);
	board_destroy(board);
}

static void state_is_kept_in_the_file(void **state)
{
	(void)state;
	struct board_options options = {.state_file = path};
	struct board *board;
	assert_int_equal(board_create(&options, &board), ERR_OK);
	assert_false(board_is_dirty(board));
	fake_chip()->flash[7] = 0x77;
	fake_chip()->books.programmed[2]++;
	assert_true(board_is_dirty(board));
	assert_int_equal(board_save(board), ERR_OK);
	assert_int_equal(access(path, F_OK), 0);
	assert_false(board_is_dirty(board));
	fake_chip()->flash[8] = 0x88;
	board_destroy(board);

	assert_int_equal(board_create(&options, &board), ERR_OK);
	assert_int_equal(fake_chip()->flash[7], 0x77);
	assert_int_equal(fake_chip()->flash[8], 0x88);
	board_destroy(board);
}

static void a_wrong_state_file_is_an_error(void **state)
{
	(void)state;
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs("not a state", file);
	fclose(file);
	struct board *board = NULL;
	assert_int_equal(
		board_create(&(struct board_options){.state_file = path}, &board), ERR_ARGUMENT);
	assert_null(board);
}

static void a_failed_save_leaves_it_dirty(void **state)
{
	(void)state;
	char deep[80];
	snprintf(deep, sizeof deep, "%s/missing/state", folder);
	struct board *board;
	assert_int_equal(board_create(&(struct board_options){.state_file = deep}, &board), ERR_OK);
	fake_chip()->books.mass_erases++;
	assert_int_equal(board_save(board), ERR_IO);
	assert_true(board_is_dirty(board));
	board_destroy(board);
}

static void running_lets_time_pass(void **state)
{
	(void)state;
	struct board *board;
	assert_int_equal(board_create(&(struct board_options){0}, &board), ERR_OK);
	board_run(board, 42);
	board_run(board, 1000000);
	assert_int_equal(board_now_ns(board), 1000042);
	assert_int_equal(fake_chip()->ran_until_ns, 1000042);
	board_destroy(board);
}

static void two_boards_share_nothing(void **state)
{
	(void)state;
	struct bench *a = bench_create("v21", NULL, true);
	struct bench *b = bench_create("v3", NULL, false);
	bench_control(a, "fault voltage-zero");
	bench_control(a, "run 100");
	assert_true(board_now_ns(b->board) == 0);
	BENCH_ASK(b, 8, 0xf7);
	assert_int_not_equal(get_le32(b->reply), 0);
	BENCH_ASK(b, 2, 0xf5);
	assert_int_equal(b->reply[0], 1);
	bench_destroy(a);
	BENCH_ASK(b, 6, 0xf1);
	bench_destroy(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unknown_options_are_refused),
		cmocka_unit_test(the_defaults_are_a_powered_v21),
		cmocka_unit_test_setup_teardown(state_is_kept_in_the_file, setup, teardown),
		cmocka_unit_test_setup_teardown(a_wrong_state_file_is_an_error, setup, teardown),
		cmocka_unit_test_setup_teardown(a_failed_save_leaves_it_dirty, setup, teardown),
		cmocka_unit_test(running_lets_time_pass),
		cmocka_unit_test(two_boards_share_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
