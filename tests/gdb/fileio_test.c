/* Files by semihosting: in a directory, or through gdb's File-I/O. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "semihosting_rig.h"
#include "server/files.h"
#include "tests/prelude.h"

#define READ   0
#define WRITE  4
#define FAILED UINT32_MAX

static void open_file(struct desk *desk, const char *name, uint32_t mode)
{
	rig_put(desk, RIG_TEXT, name);
	rig_call_words(desk, 0x01, RIG_TEXT, mode, (uint32_t)strlen(name));
}

/* A session whose files are in a directory of their own. */
static void use_directory(struct desk *desk, char directory[64], struct files **files)
{
	(void)snprintf(directory, 64, "/tmp/fileio_test.XXXXXX");
	assert_non_null(mkdtemp(directory));
	assert_int_equal(files_create(directory, files), ERR_OK);
	desk_renew(desk, *files, false);
	desk_expect(desk, 1, "");
	desk_join(desk, 1);
	desk_packet(desk, 1, "vCont;c");
}

static void a_file_in_the_directory(void **state)
{
	struct desk *desk = *state;
	struct files *files;
	char directory[64];

	use_directory(desk, directory, &files);
	open_file(desk, "log.txt", WRITE);
	rig_expect_result(desk, 1);
	rig_put(desk, RIG_BUFFER, "0123456789");
	rig_call_words(desk, 0x05, 1, RIG_BUFFER, 10);
	rig_expect_result(desk, 0);
	rig_call_words(desk, 0x09, 1);
	rig_expect_result(desk, 0);
	rig_call_words(desk, 0x02, 1);
	rig_expect_result(desk, 0);
	rig_call_words(desk, 0x02, 1);
	rig_expect_result(desk, FAILED);

	open_file(desk, "log.txt", READ);
	rig_expect_result(desk, 1);
	rig_call_words(desk, 0x0c, 1);
	rig_expect_result(desk, 10);
	rig_call_words(desk, 0x0a, 1, 4);
	rig_expect_result(desk, 0);
	rig_put(desk, RIG_BUFFER, "................");
	rig_call_words(desk, 0x06, 1, RIG_BUFFER, 16);
	rig_expect_result(desk, 10);
	assert_string_equal(rig_text(desk, RIG_BUFFER), "456789..........");
	rig_call_words(desk, 0x06, 1, RIG_BUFFER, 16);
	rig_expect_result(desk, 16); /* the end */

	rig_put(desk, RIG_BUFFER, "new.txt");
	rig_call_words(desk, 0x0f, RIG_TEXT, 7, RIG_BUFFER, 7);
	rig_expect_result(desk, 0);
	rig_call_words(desk, 0x0e, RIG_TEXT, 7);
	rig_expect_result(desk, FAILED);
	rig_call(desk, 0x13, 0);
	rig_expect_result(desk, 2); /* ENOENT */
	rig_call_words(desk, 0x0e, RIG_BUFFER, 7);
	rig_expect_result(desk, 0);
	desk_expect_nothing(desk, 1);
	files_destroy(files);
	assert_int_equal(rmdir(directory), 0);
	desk_renew(desk, NULL, false);
}

static void nothing_outside_the_directory(void **state)
{
	struct desk *desk = *state;
	struct files *files;
	char directory[64];

	use_directory(desk, directory, &files);
	open_file(desk, "/etc/passwd", READ);
	rig_expect_result(desk, FAILED);
	open_file(desk, "../../etc/passwd", READ);
	rig_expect_result(desk, FAILED);
	rig_call(desk, 0x13, 0);
	rig_expect_result(desk, 13); /* EACCES */
	rig_put(desk, RIG_TEXT, "a\0b");
	rig_call_words(desk, 0x01, RIG_TEXT, WRITE, 3);
	rig_expect_result(desk, FAILED);
	files_destroy(files);
	assert_int_equal(rmdir(directory), 0);
	desk_renew(desk, NULL, false);
}

static unsigned descriptors(void)
{
	unsigned count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

/* What a program leaves open is closed when it starts anew. */
static void descriptors_do_not_leak(void **state)
{
	struct desk *desk = *state;
	struct files *files;
	char directory[64];

	use_directory(desk, directory, &files);
	unsigned before = descriptors();
	open_file(desk, "f", WRITE);
	for (unsigned i = 0; i < 100; i++)
		open_file(desk, "f", READ);
	rig_expect_result(desk, FAILED);
	desk_message(desk, MESSAGE_INTERRUPT, 1);
	desk_expect_prefix(desk, 1, "T02");
	desk_packet(desk, 1, "vRun;");
	desk_expect_prefix(desk, 1, "T05");
	assert_int_equal(descriptors(), before);
	desk_packet(desk, 1, "vCont;c");
	rig_put(desk, RIG_TEXT, "f");
	rig_call_words(desk, 0x0e, RIG_TEXT, 1);
	rig_expect_result(desk, 0);
	files_destroy(files);
	assert_int_equal(rmdir(directory), 0);
	desk_renew(desk, NULL, false);
}

static void the_console_is_a_file_too(void **state)
{
	struct desk *desk = *state;

	open_file(desk, ":tt", WRITE);
	rig_expect_result(desk, 1);
	open_file(desk, ":tt", READ);
	rig_expect_result(desk, 2);
	rig_call_words(desk, 0x09, 1);
	rig_expect_result(desk, 1);
	rig_put(desk, RIG_BUFFER, "to the console\n");
	rig_call_words(desk, 0x05, 1, RIG_BUFFER, 15);
	rig_expect_result(desk, 0);
	desk_expect_console(desk, 1, "to the console\n");
	rig_call_words(desk, 0x05, 2, RIG_BUFFER, 15);
	rig_expect_result(desk, FAILED);
	rig_call_words(desk, 0x0a, 1, 0);
	rig_expect_result(desk, FAILED);
	/* a write that is too long writes what there is */
	rig_call_words(desk, 0x05, 1, 0x2000fff0, 0x20);
	rig_expect_result(desk, 0x20);
}

static void the_features_are_a_file_too(void **state)
{
	struct desk *desk = *state;

	open_file(desk, ":semihosting-features", READ);
	rig_expect_result(desk, 1);
	rig_call_words(desk, 0x0c, 1);
	rig_expect_result(desk, 5);
	rig_call_words(desk, 0x06, 1, RIG_BUFFER, 4);
	rig_expect_result(desk, 0);
	assert_memory_equal(rig_text(desk, RIG_BUFFER), "SHFB", 4);
	rig_call_words(desk, 0x06, 1, RIG_BUFFER, 4);
	rig_expect_result(desk, 3);
	assert_int_equal(rig_text(desk, RIG_BUFFER)[0], 3);
	open_file(desk, ":semihosting-features", WRITE);
	rig_expect_result(desk, FAILED);
}

/* What gdb is asked, and its answer. */
static void expect_request(struct desk *desk, const char *request, const char *answer)
{
	desk_expect(desk, 1, request);
	assert_false(desk->target->running);
	desk_packet(desk, 1, answer);
}

static void a_file_of_gdbs(void **state)
{
	struct desk *desk = *state;

	open_file(desk, "log.txt", WRITE);
	/* it reads the name, as it reads any memory */
	desk_expect(desk, 1, "Fopen,20000300/8,601,1a4");
	desk_ask(desk, 1, "m20000300,8", "6c6f672e74787400");
	desk_packet(desk, 1, "F5");
	rig_expect_result(desk, 1);
	rig_call_words(desk, 0x05, 1, RIG_BUFFER, 10);
	expect_request(desk, "Fwrite,5,20000400,a", "F8");
	rig_expect_result(desk, 2);
	rig_call_words(desk, 0x06, 1, RIG_BUFFER, 10);
	expect_request(desk, "Fread,5,20000400,a", "F0");
	rig_expect_result(desk, 10);
	rig_call_words(desk, 0x0a, 1, 16);
	expect_request(desk, "Flseek,5,10,0", "F10");
	rig_expect_result(desk, 0);
	rig_call_words(desk, 0x0c, 1);
	expect_request(desk, "Flseek,5,0,1", "F10");
	expect_request(desk, "Flseek,5,0,2", "F123");
	expect_request(desk, "Flseek,5,10,0", "F10");
	rig_expect_result(desk, 0x123);
	rig_call_words(desk, 0x0e, RIG_TEXT, 7);
	expect_request(desk, "Funlink,20000300/8", "F-1,2");
	rig_expect_result(desk, FAILED);
	rig_call(desk, 0x13, 0);
	rig_expect_result(desk, 2);
	rig_call_words(desk, 0x0f, RIG_TEXT, 7, RIG_BUFFER, 0);
	expect_request(desk, "Frename,20000300/8,20000400/1", "F0");
	rig_expect_result(desk, 0);
	rig_call_words(desk, 0x12, RIG_TEXT, 7);
	expect_request(desk, "Fsystem,20000300/8", "F-1,1");
	rig_expect_result(desk, FAILED);
	rig_call_words(desk, 0x02, 1);
	expect_request(desk, "Fclose,5", "F0");
	rig_expect_result(desk, 0);
	desk_expect_nothing(desk, 1);
}

static void a_key_from_gdbs_terminal(void **state)
{
	struct desk *desk = *state;

	rig_put(desk, 0x20000ff8, "old");
	rig_call(desk, 0x07, 0);
	desk_expect(desk, 1, "Fread,0,20000ff8,1");
	desk_ask(desk, 1, "M20000ff8,1:71", "OK");
	desk_packet(desk, 1, "F1");
	rig_expect_result(desk, 'q');
	assert_string_equal(rig_text(desk, 0x20000ff8), "old");
	rig_call_words(desk, 0x01, RIG_BUFFER, READ, 0);
	expect_request(desk, "Fopen,20000400/1,0,1a4", "F-1,2");
}

static void ctrl_c_in_a_request(void **state)
{
	struct desk *desk = *state;

	rig_call(desk, 0x07, 0);
	desk_expect(desk, 1, "Fread,0,20000ff8,1");
	desk_packet(desk, 1, "F-1,4,C");
	desk_expect_prefix(desk, 1, "T02");
	desk_packet(desk, 1, "vCont;c");
	desk_run(desk, 5000);
	/* it did nothing, so it is made again */
	expect_request(desk, "Fread,0,20000ff8,1", "F0");
	assert_true(desk->target->running);
	desk_expect_nothing(desk, 1);
	/* 0x03 itself waits for the answer, the second one does not */
	rig_call(desk, 0x07, 0);
	desk_expect(desk, 1, "Fread,0,20000ff8,1");
	desk_message(desk, MESSAGE_INTERRUPT, 1);
	desk_expect_nothing(desk, 1);
	desk_message(desk, MESSAGE_INTERRUPT, 1);
	desk_expect_prefix(desk, 1, "T02");
	desk_ask(desk, 1, "F0", "E10");
}

static void answers_that_nobody_asked_for(void **state)
{
	static const char *const answers[] = {"F", "F-", "Fx", "F1,", "F-1,,C", "F123456789"};
	struct desk *desk = *state;

	desk_ask(desk, 1, "F0", "E10");
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		open_file(desk, "f", WRITE);
		desk_expect_prefix(desk, 1, "Fopen,");
		desk_packet(desk, 1, answers[i]);
		rig_expect_result(desk, FAILED);
	}
	desk_expect_nothing(desk, 1);
}

static void the_client_goes_in_the_midst_of_a_request(void **state)
{
	struct desk *desk = *state;

	open_file(desk, "f", WRITE);
	desk_expect_prefix(desk, 1, "Fopen,");
	desk_message(desk, MESSAGE_CLOSED, 1);
	assert_true(desk->target->running);
	assert_int_equal(desk->target->registers[TARGET_PC], RIG_PC + 2);
}

/* LLDB knows nothing of requests; and a user may not want them. */
static void nobody_to_ask(void **state)
{
	struct desk *desk = *state;

	desk_message(desk, MESSAGE_INTERRUPT, 1);
	desk_expect_prefix(desk, 1, "T02");
	desk_monitor(desk, 1, "semihosting fileio off");
	desk_expect_console(desk, 1, "gdb's files are not used");
	desk_expect(desk, 1, "OK");
	desk_packet(desk, 1, "vCont;c");
	open_file(desk, "f", WRITE);
	rig_expect_result(desk, FAILED);
	rig_call(desk, 0x13, 0);
	rig_expect_result(desk, 88); /* ENOSYS */
	rig_call(desk, 0x07, 0);
	rig_expect_result(desk, FAILED);
	desk_expect_nothing(desk, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(a_file_in_the_directory),
		RIG_TEST(nothing_outside_the_directory),
		RIG_TEST(descriptors_do_not_leak),
		RIG_TEST(the_console_is_a_file_too),
		RIG_TEST(the_features_are_a_file_too),
		RIG_TEST(a_file_of_gdbs),
		RIG_TEST(a_key_from_gdbs_terminal),
		RIG_TEST(ctrl_c_in_a_request),
		RIG_TEST(answers_that_nobody_asked_for),
		RIG_TEST(the_client_goes_in_the_midst_of_a_request),
		RIG_TEST(nobody_to_ask),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
