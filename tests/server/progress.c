/* Progress of a load: one line per phase on a terminal, plain lines elsewhere. */
#include "server/progress.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char shown[4096];

static struct progress progress;

static void start(bool is_terminal)
{
	progress_init(&progress);
	progress.is_terminal = is_terminal;
}

/* Runs a load of two phases with stderr in a pipe. */
static void show(void)
{
	int pipes[2], saved = dup(STDERR_FILENO);

	assert_int_equal(pipe(pipes), 0);
	dup2(pipes[1], STDERR_FILENO);
	for (size_t done = 0; done <= 1000; done += 100)
		progress_show(&progress, &(struct target_progress){TARGET_ERASING, done, 1000});
	for (size_t done = 0; done <= 3000; done += 1500)
		progress_show(&progress, &(struct target_progress){TARGET_WRITING, done, 3000});
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(pipes[1]);
	ssize_t size = read(pipes[0], shown, sizeof(shown) - 1);
	assert_true(size > 0);
	shown[size] = '\0';
	close(pipes[0]);
}

static void plain_lines_elsewhere(void **state)
{
	(void)state;
	start(false);
	show();
	assert_string_equal(shown, "erasing 1000 bytes\nwriting 3000 bytes\n");
}

static void one_line_a_phase_on_a_terminal(void **state)
{
	size_t newlines = 0;

	(void)state;
	start(true);
	show();
	for (const char *at = shown; *at; at++)
		newlines += *at == '\n';
	assert_int_equal(newlines, 2);
	assert_non_null(strstr(shown, "\r\033[Kerasing 1000 bytes: 40 %\r"));
	assert_non_null(strstr(shown, "\r\033[Kerasing 1000 bytes: 100 %\n"));
	assert_non_null(strstr(shown, "\r\033[Kwriting 3000 bytes: 50 %\r"));
}

/* A second load shows its phases again. */
static void each_load_begins_anew(void **state)
{
	(void)state;
	start(false);
	show();
	char first[sizeof(shown)];
	(void)snprintf(first, sizeof(first), "%s", shown);
	show();
	assert_string_equal(shown, first);
}

static void nothing_to_do_is_done(void **state)
{
	(void)state;
	start(false);
	progress_show(&progress, &(struct target_progress){TARGET_VERIFYING, 0, 0});
	assert_int_equal(progress.percent, 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_lines_elsewhere),
		cmocka_unit_test(one_line_a_phase_on_a_terminal),
		cmocka_unit_test(each_load_begins_anew),
		cmocka_unit_test(nothing_to_do_is_done),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
