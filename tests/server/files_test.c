/* The files of one directory: nothing outside is reached. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/files.h"
#include "tests/prelude.h"

struct yard {
	char outside[64], inside[80];
	struct files *files;
};

static char *path(const char *directory, const char *name)
{
	static char joined[256];
	(void)snprintf(joined, sizeof(joined), "%s/%s", directory, name);
	return joined;
}

static void put(const char *where, const char *text)
{
	FILE *file = fopen(where, "w");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static int set_up(void **state)
{
	struct yard *yard = calloc(1, sizeof(*yard));

	assert_non_null(yard);
	(void)snprintf(yard->outside, sizeof(yard->outside), "/tmp/files_test.XXXXXX");
	assert_non_null(mkdtemp(yard->outside));
	(void)snprintf(yard->inside, sizeof(yard->inside), "%s/in", yard->outside);
	assert_int_equal(mkdir(yard->inside, 0755), 0);
	assert_int_equal(mkdir(path(yard->inside, "sub"), 0755), 0);
	put(path(yard->outside, "secret"), "secret");
	assert_int_equal(files_create(yard->inside, &yard->files), ERR_OK);
	*state = yard;
	return 0;
}

static int tear_down(void **state)
{
	static const char *const names[] = {"in/sub/made", "in/sub/link", "in/sub/up", "in/sub",
		"in/link", "in/dir", "in/made", "in/new", "in/fifo", "in", "secret"};
	struct yard *yard = *state;

	files_destroy(yard->files);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)remove(path(yard->outside, names[i]));
	assert_int_equal(rmdir(yard->outside), 0);
	free(yard);
	return 0;
}

static void files_are_made_read_renamed_and_removed(void **state)
{
	struct yard *yard = *state;
	char text[8] = "";

	int fd = files_open(yard->files, "made", O_WRONLY | O_CREAT | O_TRUNC);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "hello", 5), 5);
	close(fd);
	assert_int_equal(files_rename(yard->files, "made", "/sub//made"), 0);
	fd = files_open(yard->files, "/sub/./made", O_RDONLY);
	assert_true(fd >= 0);
	assert_int_equal(read(fd, text, sizeof(text)), 5);
	assert_string_equal(text, "hello");
	close(fd);
	assert_int_equal(access(path(yard->inside, "sub/made"), F_OK), 0);
	assert_int_equal(files_remove(yard->files, "sub/made"), 0);
	assert_int_equal(files_open(yard->files, "sub/made", O_RDONLY), -ENOENT);
}

static void names_do_not_lead_outside(void **state)
{
	static const char *const names[] = {
		"../secret", "sub/../../secret", "/../secret", "sub/../made", "..", "sub/.."};
	struct yard *yard = *state;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(files_open(yard->files, names[i], O_RDONLY), -EACCES);
		assert_int_equal(files_open(yard->files, names[i], O_WRONLY | O_CREAT), -EACCES);
		assert_int_equal(files_remove(yard->files, names[i]), -EACCES);
		assert_int_equal(files_rename(yard->files, names[i], "new"), -EACCES);
	}
	put(path(yard->inside, "made"), "x");
	assert_int_equal(files_rename(yard->files, "made", "../made"), -EACCES);
	assert_int_equal(files_open(yard->files, path(yard->outside, "secret"), O_RDONLY), -ENOENT);
}

static void links_do_not_lead_outside(void **state)
{
	struct yard *yard = *state;

	assert_int_equal(symlink("../secret", path(yard->inside, "link")), 0);
	assert_int_equal(symlink("..", path(yard->inside, "dir")), 0);
	assert_int_equal(symlink("../..", path(yard->inside, "sub/up")), 0);
	assert_int_equal(files_open(yard->files, "link", O_RDONLY), -ELOOP);
	assert_int_equal(files_open(yard->files, "link", O_WRONLY | O_CREAT | O_TRUNC), -ELOOP);
	assert_true(files_open(yard->files, "dir/secret", O_RDONLY) < 0);
	assert_true(files_open(yard->files, "sub/up/secret", O_RDONLY) < 0);
	assert_true(files_remove(yard->files, "dir/secret") < 0);
	assert_true(files_rename(yard->files, "dir/secret", "new") < 0);
	/* the link itself may go; what it points to stays */
	assert_int_equal(files_remove(yard->files, "link"), 0);
	assert_int_equal(access(path(yard->outside, "secret"), F_OK), 0);
}

static void what_is_no_file_is_refused(void **state)
{
	struct yard *yard = *state;
	char longest[400];

	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_int_equal(mkfifo(path(yard->inside, "fifo"), 0600), 0);
	assert_true(files_open(yard->files, "fifo", O_RDONLY) < 0);
	assert_true(files_open(yard->files, "fifo", O_WRONLY) < 0);
	assert_true(files_open(yard->files, "sub", O_RDONLY) < 0);
	assert_true(files_remove(yard->files, "sub") < 0);
	assert_int_equal(files_open(yard->files, "", O_RDONLY), -ENOENT);
	assert_int_equal(files_open(yard->files, "/", O_RDONLY), -ENOENT);
	assert_int_equal(files_open(yard->files, longest, O_RDONLY | O_CREAT), -ENAMETOOLONG);
}

static void a_directory_that_is_none(void **state)
{
	struct yard *yard = *state;
	struct files *files;

	assert_int_equal(files_create(path(yard->outside, "nowhere"), &files), ERR_IO);
	assert_int_equal(files_create(path(yard->outside, "secret"), &files), ERR_IO);
}

static unsigned descriptors(void)
{
	unsigned count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static void nothing_stays_open(void **state)
{
	struct yard *yard = *state;

	unsigned before = descriptors();
	for (int i = 0; i < 100; i++) {
		(void)files_open(yard->files, "sub/../x", O_RDONLY);
		(void)files_open(yard->files, "none", O_RDONLY);
		(void)files_open(yard->files, "sub", O_RDONLY);
		(void)files_rename(yard->files, "sub/a", "../b");
		(void)files_remove(yard->files, "nodir/x");
	}
	assert_int_equal(descriptors(), before);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(files_are_made_read_renamed_and_removed),
		TEST(names_do_not_lead_outside),
		TEST(links_do_not_lead_outside),
		TEST(what_is_no_file_is_refused),
		TEST(a_directory_that_is_none),
		TEST(nothing_stays_open),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
