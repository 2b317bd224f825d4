/* Speakers of the control language and boards on the shelf (stlink_board/clients.c, shelf.c). */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"
#include "clients.h"

struct desk {
	struct shelf shelf;
	struct control_client client;
	int peer;
};

static struct desk desk;

static int setup(void **state)
{
	(void)state;
	int pair[2];
	const struct options options = {.boards = 3, .pace = PACE_FREE};
	if (shelf_fill(&desk.shelf, &options, 0) != ERR_OK)
		return -1;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) != 0)
		return -1;
	control_client_open(&desk.client, pair[0]);
	desk.peer = pair[1];
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	control_client_close(&desk.client);
	close(desk.peer);
	shelf_clear(&desk.shelf);
	return 0;
}

static const char *say(const char *bytes)
{
	static char answer[16384];
	assert_int_equal(send(desk.peer, bytes, strlen(bytes), 0), strlen(bytes));
	assert_true(control_client_read(&desk.client, &desk.shelf));
	ssize_t size = recv(desk.peer, answer, sizeof answer - 1, 0);
	answer[size > 0 ? size : 0] = 0;
	return answer;
}

static void lines_are_answered(void **state)
{
	(void)state;
	assert_string_equal(say("vdd 1800\n"), "{\"ok\":true}\n");
	assert_int_equal(fake_chip()->vdd_mv, 3300); /* that of the last board */
	assert_string_equal(say("@1-3 vdd 1900\r\n"), "{\"ok\":true}\n");
	assert_int_equal(fake_chip()->vdd_mv, 1900);
	assert_non_null(strstr(say("nonsense\n"), "{\"error\":"));
	assert_non_null(strstr(say("@1-4 vdd 1800\n"), "no such board"));
	assert_non_null(strstr(say("@\n"), "no such board"));
	assert_non_null(strstr(say("books\n"), "\"time_ns\":0"));
}

static void lines_may_come_in_pieces_or_together(void **state)
{
	(void)state;
	assert_string_equal(say("vdd"), "");
	assert_string_equal(say(" 18"), "");
	assert_string_equal(say("00\nvdd 1900\nv"), "{\"ok\":true}\n{\"ok\":true}\n");
	assert_string_equal(say("dd 2000\n"), "{\"ok\":true}\n");
}

static void a_line_without_end_closes_the_client(void **state)
{
	(void)state;
	char line[CONTROL_LINE_SIZE];
	memset(line, 'x', sizeof line);
	assert_int_equal(send(desk.peer, line, sizeof line, 0), sizeof line);
	assert_false(control_client_read(&desk.client, &desk.shelf));
}

static void a_client_that_leaves_is_closed(void **state)
{
	(void)state;
	shutdown(desk.peer, SHUT_WR);
	assert_false(control_client_read(&desk.client, &desk.shelf));
}

static void every_board_has_its_own_name(void **state)
{
	(void)state;
	const struct usbip_export *exports = desk.shelf.exports_of;
	assert_int_equal(desk.shelf.exports.count, 3);
	assert_string_equal(exports[0].busid, "1-1");
	assert_string_equal(exports[2].busid, "1-3");
	assert_int_not_equal(exports[0].devnum, exports[1].devnum);
	for (int i = 0; i < 3; i++)
		for (int j = 0; j < i; j++)
			assert_memory_not_equal(exports[i].device->serial,
				exports[j].device->serial, USB_DEVICE_SERIAL_MAX);
	assert_memory_equal(exports[0].device->serial, "0669FF505153898667161820", 24);
	assert_ptr_equal(shelf_find(&desk.shelf, "1-2"), desk.shelf.boards[1]);
	assert_null(shelf_find(&desk.shelf, "1-4"));
}

static void wrong_options_leave_an_empty_shelf_clean(void **state)
{
	(void)state;
	struct shelf shelf;
	const struct options options = {.boards = 2, .board.probe = "v9"};
	assert_int_equal(shelf_fill(&shelf, &options, 0), ERR_ARGUMENT);
	shelf_clear(&shelf);
}

#define CLIENT_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLIENT_TEST(lines_are_answered),
		CLIENT_TEST(lines_may_come_in_pieces_or_together),
		CLIENT_TEST(a_line_without_end_closes_the_client),
		CLIENT_TEST(a_client_that_leaves_is_closed),
		CLIENT_TEST(every_board_has_its_own_name),
		cmocka_unit_test(wrong_options_leave_an_empty_shelf_clean),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
